"""What the neural engine does on this machine's accelerator, with an ACE-Step of random weights: how fast, in how much
memory, compiled and not, and out of memory.

    PYTHONPATH=src:tests python tests/bench/gpu_neural.py --size mid --seconds 120 --json

Random weights sound like noise and take as long as trained ones. Nothing is downloaded; the model is written to a
temporary folder. `--size small` runs on a CPU in half a minute.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from models import AceSize, build_ace_step
from studio.actions.generating import Making, Workshop
from studio.actions.models import open_store
from studio.engine.ai.catalogue import Catalogue
from studio.engine.ai.hardware import Accelerator, accelerator
from studio.engine.ai.loading import Loaded, prepare
from studio.engine.ai.runtime import Runtime
from studio.engine.ai.specs import ModelSpec
from studio.engine.interpreter import share_finely
from studio.engine.jobs import Work

SIZES = {
    "small": AceSize(hidden=128, layers=4, heads=4),
    "mid": AceSize(1024, 16, 16, 4, 64, 128, 64, (1, 2, 4, 8, 16), 512, 8),
    "large": AceSize(2048, 24, 16, 8, 64, 128, 128, (1, 2, 4, 8, 16), 1024, 28),
}
"""The last is about as large as ACE-Step 1.5: two thousand million numbers."""

ACE = "AceStepPipeline"
TURNS = 3


class Rig:
    """A workshop with the model on disk, whose results go to a temporary folder."""

    def __init__(self, home: Path, seconds: float, steps: int, compiled: bool = False) -> None:
        self.seconds, self.steps = seconds, steps
        self.device = accelerator()
        self.spec = ModelSpec(
            name="random", title="Random", task="music", loader=ACE, licence="MIT", commercial=True,
            attribution="nobody", folder=str(home / "model"),
        )  # fmt: skip
        catalogue, runtime = Catalogue({"random": self.spec}), Runtime(self.device, compiled=compiled)
        self.shop = Workshop(catalogue, open_store(), runtime, None, home / "made")

    def job(self, seed: int) -> float:
        """Seconds that a job takes, its file included."""
        values = {"prompt": "slow dub", "seconds": self.seconds, "steps": self.steps, "seed": seed}
        begun = time.perf_counter()
        self.shop.make(Making(task="music", model="random", values=values), Work(lambda *_: None, threading.Event()))
        return time.perf_counter() - begun

    def bare(self, seed: int) -> float:
        """Seconds of the pipeline's own call."""
        import torch

        with self.shop.runtime.lease(self.spec, Path(self.spec.folder)) as loaded, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            begun = time.perf_counter()
            with torch.inference_mode():
                sound = loaded.model(
                    prompt="slow dub",
                    lyrics="[Instrumental]",
                    audio_duration=self.seconds,
                    num_inference_steps=self.steps,
                    guidance_scale=1.0,
                    generator=torch.Generator("cpu").manual_seed(seed),
                ).audios
            float(sound[0].float().abs().max())  # waits for the device
            return time.perf_counter() - begun

    def close(self) -> None:
        """Gives the memory back."""
        self.shop.runtime.unload()
        gc.collect()


def peak(device: Accelerator) -> float:
    """The most GB that were taken: of the device's memory, else of the process."""
    if device.kind == "cuda":
        import torch

        return float(torch.cuda.max_memory_allocated()) / 1e9
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def speed(rig: Rig) -> dict[str, Any]:
    """Load, bare call and job, each after one to warm up."""
    begun = time.perf_counter()
    with rig.shop.runtime.lease(rig.spec, Path(rig.spec.folder)) as loaded:
        size = loaded.bytes
    load = time.perf_counter() - begun
    rig.bare(0)
    first = rig.job(0)
    pairs = [(rig.bare(seed), rig.job(seed)) for seed in range(1, TURNS + 1)]
    bare, job = (statistics.median(one) for one in zip(*pairs, strict=True))
    return {
        "model_gb": round(size / 1e9, 3),
        "load_s": round(load, 3),
        "first_job_s": round(first, 3),
        "bare_s": round(bare, 3),
        "job_s": round(job, 3),
        "job_over_bare": round(job / bare - 1, 4),
        "times_real_time": round(rig.seconds / job, 2),
        "peak_gb": round(peak(rig.device), 3),
    }


@contextmanager
def little_memory(rig: Rig, loaded: Loaded) -> Iterator[None]:
    """Memory that holds the model and hardly anything beside it."""
    if rig.device.kind != "cuda":  # its memory cannot be made small: the first call of each part is refused
        _fail_once(loaded.model.transformer, "forward")
        _fail_once(loaded.model.vae, "decode")
        yield
        return
    import torch

    torch.cuda.empty_cache()
    held = torch.cuda.memory_allocated() * 1.03 + 2**26
    torch.cuda.set_per_process_memory_fraction(min(held / rig.device.memory, 1.0))
    try:
        yield
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


def _fail_once(part: Any, name: str) -> None:
    works = getattr(part, name)

    def refuse(*_: Any, **__: Any) -> None:
        setattr(part, name, works)
        raise RuntimeError("out of memory")

    setattr(part, name, refuse)


def ladder(rig: Rig) -> dict[str, Any]:
    """A job in too little memory: whether it was done, and by what memory was saved."""
    with rig.shop.runtime.lease(rig.spec, Path(rig.spec.folder)) as loaded:
        pass
    with little_memory(rig, loaded):
        try:
            took, error = rig.job(1), ""
        except Exception as refused:  # the sentence is what is reported
            took, error = 0.0, str(refused)
    warm = rig.shop.runtime.warm.get(rig.spec.name)
    return {"done": not error, "error": error, "job_s": round(took, 3), "savings": list(warm.savings if warm else ())}


def compiled(home: Path, rig: Rig) -> dict[str, Any]:
    """The job with the transformer compiled: the first, which pays for that, and the next ones."""
    if rig.device.kind != "cuda":
        return {"skipped": "compiled on a GPU only"}
    other = Rig(home, rig.seconds, rig.steps, compiled=True)
    first = other.job(0)
    later = statistics.median(other.job(seed) for seed in range(1, TURNS + 1))
    other.close()
    return {"first_job_s": round(first, 3), "job_s": round(later, 3)}


def lateness(work: Callable[[], Any]) -> dict[str, float]:
    """By how many milliseconds a timer of 5 ms on the main thread is late while `work` runs beside it."""
    from PySide6.QtCore import QCoreApplication, QEventLoop, Qt, QTimer

    app = QCoreApplication.instance() or QCoreApplication([])
    late: list[float] = []
    last = [time.perf_counter()]

    def turn() -> None:
        now = time.perf_counter()
        late.append(max((now - last[0]) * 1e3 - 5.0, 0.0))
        last[0] = now

    timer = QTimer(interval=5, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(turn)
    timer.start()
    last[0] = time.perf_counter()
    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive():
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    timer.stop()
    late.sort()
    return {"worst_ms": round(late[-1], 1), "p99_ms": round(late[len(late) * 99 // 100], 1), "turns": len(late)}


def measure(home: Path, size: str, seconds: float, steps: int) -> dict[str, Any]:
    """All of it. The models belong to one thread beside that of the timer, as in the program."""
    share_finely()
    found: dict[str, Any] = {"imports": lateness(prepare)}
    import torch

    torch.manual_seed(1)
    build_ace_step(home / "model", SIZES[size])
    rig: list[Rig] = []

    def everything() -> None:
        rig.append(Rig(home, seconds, steps))
        found["speed"] = speed(rig[0])
        found["out_of_memory"] = ladder(rig[0])
        rig[0].close()
        found["compiled"] = compiled(home, rig[0])

    found["window"] = lateness(everything)
    device = rig[0].device
    return {"device": device.name, "kind": device.kind, "torch": torch.__version__, "size": size, "seconds": seconds,
            "steps": steps, **found}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("--size", choices=SIZES, default="mid")
    parser.add_argument("--seconds", type=float, default=60.0, help="of music")
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="neural-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.environ["STUDIO_HOME"] = folder
        found = measure(Path(folder), options.size, options.seconds, options.steps)
    if options.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        parts = value.items() if isinstance(value, dict) else [("", value)]
        for part, told in parts:
            print(f"| {name} {part}".rstrip(), "|", told, "|")


if __name__ == "__main__":
    main()
