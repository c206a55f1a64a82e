"""The models that are in memory: loaded when needed, kept warm while there is room, given up the longest unused first.

All of it happens on the one thread that constructs and runs models. A model is used within a lease; what is leased is
never given up. When memory runs out while one works, others go, then it decodes in tiles, then its parts wait in the
machine's memory, and the work begins again: with the same seed it comes to the same result.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ...errors import StudioError
from .hardware import Accelerator, free_memory
from .loading import Loaded, is_memory_short, load, suitable_dtype
from .specs import Dtype, ModelSpec
from .weights import read_header

T = TypeVar("T")

IDLE_SECONDS = 600.0
"""After so long without use a model is given up."""

MARGIN = 1.15
"""What a model takes beside its weights while it works, at the least."""

_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
_STEPS = ("others", "tiles", "offload")
"""What is done against a lack of memory, in this order."""


class MemoryShort(StudioError):
    """A model that this machine's memory cannot hold."""


@dataclass
class Warm:
    """A model that is in memory: how many use it now, when it was used last (monotonic seconds), and by what it saves
    memory, of "tiles" and "offload"."""

    loaded: Loaded
    leases: int = 0
    used: float = 0.0
    savings: tuple[str, ...] = ()


class Runtime:
    """The warm models of one device. The thread that runs models only; `warm` may be read anywhere.

    `free` tells the free bytes of a device, `clock` monotonic seconds.
    """

    def __init__(
        self,
        device: Accelerator,
        idle: float = IDLE_SECONDS,
        compiled: bool = False,
        free: Callable[[str], int] = free_memory,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.device = device
        self._idle, self._compiled, self._free, self._clock = idle, compiled, free, clock
        self._warm: dict[str, Warm] = {}
        self._thread = 0

    @property
    def warm(self) -> Mapping[str, Warm]:
        """What is in memory, by name, the longest unused first."""
        return dict(sorted(self._warm.items(), key=lambda item: item[1].used))

    @contextmanager
    def lease(self, spec: ModelSpec, folder: Path, needed: Mapping[str, Path] = {}) -> Iterator[Loaded]:
        """The model, loaded if it is not there, for as long as this lasts. Raises StudioError, MemoryShort."""
        self._own()
        warm = self._warm.get(spec.name)
        if warm is None or warm.loaded.spec != spec:
            self._drop(spec.name)
            warm = self._load(spec, folder, needed)
        warm.leases += 1
        try:
            yield warm.loaded
        finally:
            warm.leases -= 1
            warm.used = self._clock()

    def run(self, spec: ModelSpec, folder: Path, task: Callable[[Loaded], T], needed: Mapping[str, Path] = {}) -> T:
        """What `task` makes with the model. It is called again where memory ran out, after something was done about it.

        Raises MemoryShort when nothing helps; what `task` raises otherwise passes through.
        """
        left = list(_STEPS)
        while True:
            try:
                with self.lease(spec, folder, needed) as loaded:
                    return task(loaded)
            except (RuntimeError, MemoryError) as error:
                if not is_memory_short(error):
                    raise
                why = error.with_traceback(None)  # its frames hold what did not fit
            if not self._save(spec.name, left):
                raise MemoryShort(
                    f"“{spec.title}” needs more memory than {self.device.name} has left, even in parts; make something"
                    " shorter or smaller, or choose a smaller model."
                ) from why

    def unload_idle(self) -> tuple[str, ...]:
        """Gives up what was not used for long; returns the names. To be called now and then."""
        now = self._clock()
        gone = [name for name, warm in self._warm.items() if not warm.leases and now - warm.used >= self._idle]
        for name in gone:
            self._drop(name)
        return tuple(gone)

    def unload(self, name: str = "") -> None:
        """Gives up one model, or all that nobody uses."""
        for known in [name] if name else list(self._warm):
            if known in self._warm and not self._warm[known].leases:
                self._drop(known)

    def generator(self, seed: int) -> Any:
        """The chance of one run. It is drawn on the CPU, so that a seed means the same on every machine."""
        import torch

        return torch.Generator("cpu").manual_seed(seed)

    def _own(self) -> None:
        here = threading.get_ident()
        self._thread = self._thread or here
        if self._thread != here:
            raise RuntimeError("models belong to the thread that loaded the first of them")

    def _load(self, spec: ModelSpec, folder: Path, needed: Mapping[str, Path]) -> Warm:
        kind = self.device.kind
        dtype = suitable_dtype(spec, kind)
        weights = sum(weights_bytes(place, dtype) for place in (folder, *needed.values()))
        whole = self._room(kind, max(round(weights * MARGIN), round(spec.comfortable * 2**30)))
        if not self._room("cpu", weights):
            raise MemoryShort(
                f"“{spec.title}” needs {weights / 2**30:.1f} GB of memory, and {self._free('cpu') / 2**30:.1f} GB are"
                " free; close other programs, or choose a smaller model."
            )
        loaded = load(spec, folder, "cpu", dtype, needed)
        warm = Warm(loaded, used=self._clock())
        try:
            if kind != "cpu":
                self._place(warm, whole)
        except (RuntimeError, MemoryError) as error:
            if not is_memory_short(error) or not _offload(loaded, kind):
                raise
            warm.savings = ("tiles", "offload")
        if self._compiled and kind == "cuda" and not warm.savings:
            _compile(loaded)
        self._warm[spec.name] = warm
        return warm

    def _place(self, warm: Warm, whole: bool) -> None:
        """Brings a model to the device: as a whole, or where that has too little room, part by part as it works."""
        kind = self.device.kind
        if not whole and _offload(warm.loaded, kind):
            _tile(warm.loaded, kind)
            warm.savings = ("tiles", "offload")
            return
        if hasattr(warm.loaded.model, "to"):
            warm.loaded.model.to(kind)
            codec = getattr(warm.loaded.processor, "audio_tokenizer", None)
            if codec is not None:
                codec.to(kind)
        warm.loaded.device = kind

    def _room(self, device: str, wanted: int) -> bool:
        """Gives up idle models, the longest unused first, until so many bytes are free; whether they are."""
        while self._free(device) < wanted:
            idle = next((name for name, warm in self.warm.items() if not warm.leases), "")
            if not idle:
                return False
            self._drop(idle)
        return True

    def _save(self, name: str, left: list[str]) -> bool:
        """Does the next thing against a lack of memory that can be done; False when there is none."""
        while left:
            if self._relieve(name, left.pop(0)):
                return True
        return False

    def _relieve(self, name: str, step: str) -> bool:
        warm = self._warm.get(name)
        if step == "others":
            done = self._drop_others(name)
        else:
            done = warm is not None and step not in warm.savings and _SAVERS[step](warm.loaded, self.device.kind)
        if done and warm is not None and step in _SAVERS:
            warm.savings = (*warm.savings, step)
        _collect()
        return done

    def _drop_others(self, name: str) -> bool:
        others = [known for known, warm in self._warm.items() if known != name and not warm.leases]
        for known in others:
            self._drop(known)
        return bool(others)

    def _drop(self, name: str) -> None:
        warm = self._warm.pop(name, None)
        if warm is not None:
            _unhook(warm.loaded.model)
            warm.loaded.model = warm.loaded.processor = None
            _collect()


def weights_bytes(folder: Path, dtype: Dtype) -> int:
    """What the weights of a folder take in memory as this type. Reads their headers only."""
    files = [folder] if folder.is_file() else [*folder.rglob("*.safetensors"), *folder.rglob("*.onnx")]
    return sum(
        read_header(file).parameters * _BYTES[dtype] if file.suffix == ".safetensors" else file.stat().st_size
        for file in files
    )


def _tile(loaded: Loaded, _: str) -> bool:
    """Has the decoder of a pipeline work in tiles; False where it has none that can."""
    vae: Any = getattr(loaded.model, "vae", None)
    if not hasattr(vae, "enable_tiling"):
        return False
    vae.enable_tiling()
    return True


def _offload(loaded: Loaded, device: str) -> bool:
    """Keeps the parts of a pipeline in the machine's memory until each is needed; False where that cannot be."""
    model = loaded.model
    if device == "cpu" or not hasattr(model, "enable_model_cpu_offload"):
        return False
    model.to("cpu")
    _collect()
    model.enable_model_cpu_offload(device=device)
    loaded.device = device
    return True


_SAVERS: dict[str, Callable[[Loaded, str], bool]] = {"tiles": _tile, "offload": _offload}


def _compile(loaded: Loaded) -> None:
    """Compiles the part that runs at every step; the first run takes a minute more, the next ones less."""
    part: Any = getattr(loaded.model, "transformer", None)
    if hasattr(part, "compile"):
        part.compile()


def _unhook(model: Any) -> None:
    if hasattr(model, "remove_all_hooks"):
        model.remove_all_hooks()


def _collect() -> None:
    """Gives back what Python and torch still hold."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    elif torch.backends.mps.is_available():
        torch.mps.empty_cache()
