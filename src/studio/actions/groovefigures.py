"""What the groove model plays beside what people play: statistics of both, and how much of each is known already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ..engine.ai.groove.copying import Known
from ..engine.ai.groove.hits import Hits, coded
from ..engine.ai.groove.keeping import SHIPPED, load_network
from ..engine.ai.groove.playing import Wish, go_on
from ..engine.ai.groove.statistics import figures
from ..engine.ai.groove.threads import one_thread
from ..errors import StudioError
from .drumfiles import DrumFile, read_drums

Report = dict[str, Any]
Progress = Callable[[float, str], None]

HEARD, BARS = 4, 8
"""Bars that the model hears of a performance, and that it then goes on for."""


def compare_figures(
    folder: Path,
    *,
    model: Path = SHIPPED,
    most: int = 40,
    seed: int = 1,
    temperature: float = 1.0,
    progress: Progress = lambda *_: None,
) -> Report:
    """Has the model go on from the first bars of performances, and tells its figures beside those of the people.

    Performances of the validation split where the folder tells its splits, else all, that last long enough; the train
    split is what either is compared with for copies. Worker threads. Raises StudioError where there are none.
    """
    found = read_drums(folder, lambda way: progress(0.1 * way, "Reading MIDI files"))
    chosen = _chosen(found.of("validation") if found.has_splits else found.files, most)
    if not chosen:
        raise StudioError(f"No performance in {folder} lasts {HEARD + BARS} bars; choose a folder with longer ones.")
    network, _ = load_network(model)
    human, made = [], []
    with one_thread():
        for n, file in enumerate(chosen):
            hits = coded(file.performance)
            wish = Wish(file.performance.style, file.performance.bpm, seed + n, temperature, temperature)
            human.append(hits.between(HEARD, HEARD + BARS))
            made.append(go_on(network, hits.between(0, HEARD), BARS, wish))
            progress(0.1 + 0.7 * (n + 1) / len(chosen), "Playing")
    report: Report = {"performances": len(chosen), "bars": BARS, "seed": seed, "temperature": temperature}
    report |= {"human": _told(human), "model": _told(made), "copies": None}
    trained = [coded(file.performance) for file in found.of("train")]
    if trained:
        progress(0.85, "Comparing")
        known = Known(trained)
        report["copies"] = {
            "human": msgspec.to_builtins(known.compare(human)),
            "model": msgspec.to_builtins(known.compare(made)),
        }
    return report


def _chosen(files: Sequence[DrumFile], most: int) -> list[DrumFile]:
    long = [file for file in files if coded(file.performance).bars >= HEARD + BARS]
    return long[:: max(len(long) // most, 1)][:most]


def _told(stretches: Sequence[Hits]) -> Report:
    told: Report = msgspec.to_builtins(figures([(hits, BARS) for hits in stretches]))
    return told
