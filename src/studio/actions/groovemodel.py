"""The groove model judged and trained: bits per hit of any folder of drum MIDI, and a training that can be repeated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ..engine.ai.groove.counting import BASELINES, Counts, count, load_counts, save_counts
from ..engine.ai.groove.judging import PARTS, Bits, judge
from ..engine.ai.groove.keeping import SHIPPED, Card, load_network, save_network
from ..engine.ai.groove.threads import one_thread
from ..errors import StudioError
from .drumfiles import DrumFile, DrumFolder, read_drums

if TYPE_CHECKING:
    from ..engine.ai.groove.training import Plan, Training

Report = dict[str, Any]
Progress = Callable[[float, str], None]

COUNTS = SHIPPED.with_name("groove-counts.npz")

CREDIT = (
    "Groove MIDI Dataset v1.0.0 (Jon Gillick, Adam Roberts, Jesse Engel, Douglas Eck, David Bamman: Learning to Groove "
    "with Inverse Sequence Transformations, ICML 2019), CC BY 4.0"
)
"""Whom to name for the model that ships."""

KEEP_EVERY, JUDGE_EVERY = 100, 500
"""Steps after which a training is kept, and after which the network is judged on the validation split."""


def evaluate(
    folder: Path,
    *,
    model: Path = SHIPPED,
    split: str = "",
    fit: Path | None = None,
    fills: bool = False,
    progress: Progress = lambda *_: None,
) -> Report:
    """Bits per hit of the drum MIDI of a folder, in parts and by style, with those of the baselines. Worker threads.

    Without a `split` a folder that tells its splits is judged on "validation", any other as a whole. Baselines are
    fitted on the folder `fit` (its train split where it tells them), or are those that ship. With `fills` the network
    is told which bars are fills. Raises StudioError where nothing can be judged.
    """
    found = read_drums(folder, lambda way: progress(0.2 * way, "Reading MIDI files"))
    chosen = split or ("validation" if found.has_splits and found.of("validation") else "all")
    files = found.of(chosen)
    if not files:
        why = found.skipped[0] if found.skipped and not found.files else f"It has none of the split “{chosen}”."
        raise StudioError(f"The folder {folder} holds no drum performance that can be judged. {why}")
    counts = _fitted(fit) if fit is not None else load_counts(COUNTS)
    network, card = load_network(model)
    performances = [file.performance for file in files]
    with one_thread():
        spent = judge(network, performances, fills=fills, progress=lambda way: progress(0.2 + 0.7 * way, "Judging"))
    report = {
        "folder": str(folder),
        "split": chosen,
        "model": msgspec.to_builtins(card) | {"file": str(model), "bytes": model.stat().st_size},
        "fills_told": fills,
        "files": len(files),
        "hits": sum(one.hits for one in spent),
        "bits_per_hit": per_hit(spent),
        "styles": _by_style(files, spent),
        "baselines": {},
        "skipped": list(found.skipped),
        "notices": list(found.notices),
    }
    for n, name in enumerate(("uniform", *BASELINES)):
        report["baselines"][name] = per_hit(counts.judge(name, performances))
        progress(0.9 + 0.1 * (n + 1) / (len(BASELINES) + 1), "Counting")
    return report


def per_hit(spent: Sequence[Bits]) -> dict[str, float]:
    """Bits per hit of performances together: the total and its parts."""
    hits = max(sum(one.hits for one in spent), 1)
    return {name: round(sum(getattr(one, name) for one in spent) / hits, 4) for name in ("total", *PARTS)}


def _by_style(files: Sequence[DrumFile], spent: Sequence[Bits]) -> dict[str, Report]:
    groups: dict[str, list[Bits]] = {}
    for file, bits in zip(files, spent, strict=True):
        groups.setdefault(file.group or "all", []).append(bits)
    return {
        name: {"files": len(bits), "hits": sum(one.hits for one in bits)} | per_hit(bits)
        for name, bits in sorted(groups.items())
    }


def _fitted(folder: Path) -> Counts:
    return count([file.performance for file in _to_train_on(read_drums(folder))])


def _to_train_on(found: DrumFolder) -> tuple[DrumFile, ...]:
    return found.of("train") if found.has_splits else found.files


def train(
    folder: Path,
    out: Path,
    plan: Plan,
    *,
    stop_after: int = 0,
    title: str = "Groove",
    progress: Progress = lambda *_: None,
) -> Report:
    """Trains a network on the drum MIDI of a folder and writes it to `out`, with the baselines' counts beside it.

    A folder that tells its splits is trained on "train" and judged on "validation"; of the judged states the best is
    written. What is kept in `out`'s name with ".training" lets an interrupted run go on as if it had not been; with
    `stop_after` it stops after that many steps of this run. Worker threads; torch takes one thread meanwhile.
    """
    from ..engine.ai.groove.training import Training

    if out.suffix != ".safetensors":
        raise StudioError(f"“{out.name}” must end in .safetensors.")
    found = read_drums(folder, lambda way: progress(0.0, "Reading MIDI files"))
    files = _to_train_on(found)
    judged = found.of("validation") if found.has_splits else ()
    with one_thread():
        training = Training([file.performance for file in files], plan)
        run = _Run(training, out, [file.performance for file in judged], title, progress)
        run.go(stop_after or plan.steps)
    report = {"out": str(out), "steps": training.done, "of": plan.steps, "seed": plan.seed, "files": len(files)}
    report |= {"hits": sum(file.performance.count for file in files), "skipped": list(found.skipped)}
    if training.done >= plan.steps:
        save_counts(count([file.performance for file in files]), out.with_name(f"{out.stem}-counts.npz"))
    return report | {"bits_per_hit": run.best, "best_step": run.best_step, "history": run.history}


def make_plan(wanted: dict[str, Any], shape: dict[str, int | None]) -> Plan:
    """The usual plan with what is wanted otherwise; None leaves a setting as it is."""
    from ..engine.ai.groove.network import Shape
    from ..engine.ai.groove.training import Plan

    form = Shape(**{name: value for name, value in shape.items() if value is not None})
    if form.width % (2 * form.heads):
        raise StudioError(
            f"A width of {form.width} cannot be shared by {form.heads} heads; choose a multiple of {2 * form.heads}."
        )
    return Plan(shape=form, **{name: value for name, value in wanted.items() if value is not None})


class _Run:
    """A training with what it keeps and judges on the way."""

    def __init__(self, training: Training, out: Path, judged: Sequence[Any], title: str, progress: Progress) -> None:
        self._training, self._out, self._judged, self._title, self._progress = training, out, judged, title, progress
        self._kept = out.with_name(f"{out.stem}.training.safetensors")
        self._notes = out.with_name(f"{out.stem}.training.json")
        self.history: list[Report] = []
        self._heard: list[float] = []
        if self._kept.is_file():
            training.resume(self._kept)
            self.history = _read_notes(self._notes, training.done)

    @property
    def best(self) -> dict[str, float] | None:
        """Bits per hit of the best state that was judged."""
        return min(self.history, key=_total)["bits_per_hit"] if self.history else None

    @property
    def best_step(self) -> int:
        """The step of the best state; the last one where none was judged."""
        return int(min(self.history, key=_total)["step"]) if self.history else self._training.done

    def go(self, steps: int) -> None:
        """Takes some steps."""
        training, plan = self._training, self._training.plan
        last = min(training.done + steps, plan.steps)
        while training.done < last:
            following = min(_next(training.done, KEEP_EVERY), _next(training.done, JUDGE_EVERY), last)
            training.run(following - training.done, self._hear)
            if training.done % JUDGE_EVERY == 0 or training.done == plan.steps:
                self._judge()
            if training.done % KEEP_EVERY == 0 or training.done == last:
                training.save(self._kept)
                self._write_notes()

    def _write_notes(self) -> None:
        try:
            self._notes.write_bytes(msgspec.json.encode(self.history))
        except OSError as error:
            raise StudioError(f"“{self._notes.name}” could not be written ({error.strerror}); make room.") from error

    def _hear(self, step: int, bits: float) -> None:
        self._heard.append(bits)
        self._progress(step / self._training.plan.steps, f"Step {step}, {bits:.2f} bits per hit")

    def _judge(self) -> None:
        training, plan = self._training, self._training.plan
        heard, self._heard = self._heard, []
        card = Card(self._title, steps=training.done, seed=plan.seed, licence="CC BY 4.0", credit=CREDIT)
        if not self._judged:
            save_network(training.network, self._out, card)
            return
        training.network.eval()
        bits = per_hit(judge(training.network, self._judged))
        mean = round(sum(heard) / max(len(heard), 1), 4)
        self.history.append({"step": training.done, "training": mean, "bits_per_hit": bits})
        if self.best_step == training.done:
            told = msgspec.structs.replace(card, bits=bits["total"], judged_on="validation split, Groove MIDI Dataset")
            save_network(training.network, self._out, told)


def _next(done: int, every: int) -> int:
    return (done // every + 1) * every


def _total(entry: Report) -> float:
    return float(entry["bits_per_hit"]["total"])


def _read_notes(file: Path, done: int) -> list[Report]:
    try:
        notes: list[Report] = msgspec.json.decode(file.read_bytes(), type=list[Report])
    except (OSError, msgspec.MsgspecError) as error:
        raise StudioError(
            f"“{file.name}” cannot be read; delete it and what was kept beside it to start anew."
        ) from error
    return [entry for entry in notes if entry["step"] <= done]
