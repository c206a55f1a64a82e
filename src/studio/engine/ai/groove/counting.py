"""What simple counting knows of performances: the baselines that the network is held against.

Each baseline predicts step, lane, fine timing and velocity in turn, each from a chain of contexts that grow more
special; what a context has not seen is left to the one before it in the measure of Witten and Bell (The zero-frequency
problem, IEEE Transactions on Information Theory 37, 1991).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from ....errors import StudioError
from .codes import BAR, NOTHING, codes_of, echoes_of
from .hits import FINES, LANES, STEPS, VELOCITIES, Ints, Performance, coded
from .judging import PARTS, Bits

SIZES = {"step": STEPS + 1, "lane": len(LANES), "fine": FINES, "velocity": VELOCITIES}

Chains = dict[str, tuple[tuple[str, ...], ...]]
"""For each part its contexts, each the names of what is known, from the most general one on."""

_HITS: Chains = {
    "step": ((), ("step1",), ("place1",), ("place1", "place2"), ("place1", "place2", "place3")),
    "lane": ((), ("step",), ("step", "place1"), ("step", "place1", "place2"), ("step", "place1", "place2", "place3")),
    "fine": ((), ("lane",), ("fine1",), ("fine1", "lane"), ("fine1", "lane", "fine2")),
    "velocity": ((), ("lane",), ("lane", "step"), ("lane", "step", "velocity1")),
}

BASELINES: dict[str, Chains] = {
    "unigram": dict.fromkeys(PARTS, ((),)),
    "hits": _HITS,
    "bars": {
        "step": (*_HITS["step"][:3], ("place1", "then1"), ("place1", "then1", "then2")),
        "lane": (*_HITS["lane"][:3], ("step", "place1", "then1"), ("step", "place1", "then1", "then2")),
        "fine": _HITS["fine"],
        "velocity": ((), ("lane",), ("lane", "loud1"), ("lane", "loud1", "loud2"), ("lane", "loud1", "loud2", "step")),
    },
}
"""Unigrams; an n-gram over the last hits; one that looks one and two bars back besides."""

TITLES = {
    "uniform": "every choice alike",
    "unigram": "unigram",
    "hits": "n-gram over hits",
    "bars": "n-gram that looks one and two bars back",
}

_WIDE = 512
"""More than any single number of a context."""

Table = dict[str, npt.NDArray[np.int64]]


class Counts(msgspec.Struct, frozen=True):
    """Counts of contexts with what followed them, by part and context (`_name`): sorted keys, and how many of each."""

    tables: Mapping[str, tuple[Ints, Ints]]

    def judge(self, name: str, performances: Sequence[Performance]) -> list[Bits]:
        """The bits that a baseline ("uniform" or one of BASELINES) spends on performances."""
        return [self._bits(name, one) for one in performances]

    def _bits(self, name: str, performance: Performance) -> Bits:
        known = _known(performance)
        spent = {}
        for part in PARTS:
            rows = _rows(known, part)
            if name == "uniform":
                spent[part] = float(rows.sum() * np.log2(SIZES[part]))
            else:
                spent[part] = float(-np.log2(self._likelihood(name, part, known)[rows]).sum())
        return Bits(performance.count, **spent)

    def _likelihood(self, name: str, part: str, known: Table) -> npt.NDArray[np.float64]:
        size = SIZES[part]
        likely = np.full(len(known[part]), 1.0 / size)
        for names in BASELINES[name][part]:
            context = _key(known, names)
            keys, counts = self.tables[_name(part, names)]
            contexts, begins = np.unique(keys // size, return_index=True)
            totals = np.add.reduceat(counts, begins) if len(counts) else counts
            kinds = np.diff(np.append(begins, len(keys)))
            seen = _found(keys, counts, context * size + known[part])
            total, kind = _found(contexts, totals, context), _found(contexts, kinds, context)
            likely = np.where(total > 0, (seen + kind * likely) / np.maximum(total + kind, 1), likely)
        return likely


def count(performances: Sequence[Performance]) -> Counts:
    """Counts performances for all baselines."""
    known = [_known(one) for one in performances if one.count]
    if not known:
        raise StudioError("There are no drum hits to count; choose a folder with drum MIDI files in 4/4.")
    joined = {name: np.concatenate([one[name] for one in known]) for name in known[0]}
    tables = {}
    for part in PARTS:
        rows = _rows(joined, part)
        for names in {names for chains in BASELINES.values() for names in chains[part]}:
            keys = (_key(joined, names) * SIZES[part] + joined[part])[rows]
            found, many = np.unique(keys, return_counts=True)
            tables[_name(part, names)] = (found, many)
    return Counts(tables)


def _name(part: str, names: tuple[str, ...]) -> str:
    return ".".join((part, *names))


def _rows(known: Table, part: str) -> npt.NDArray[np.bool_]:
    """Where a part is spoken: everywhere for the step, with which a bar may end, at hits for the others."""
    return np.ones(len(known["step"]), np.bool_) if part == "step" else known["step"] < STEPS


def _key(known: Table, names: tuple[str, ...]) -> Ints:
    """A number for what is known, unlike for unlike contexts."""
    key = np.zeros(len(known["step"]), np.int64)
    for name in names:
        key = key * _WIDE + known[name]
    return key


def _found(keys: Ints, values: Ints, wanted: Ints) -> Ints:
    """The value of each wanted key; 0 where it is not there."""
    if not len(keys):
        return np.zeros(len(wanted), np.int64)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, values[at], 0)


def _known(performance: Performance) -> Table:
    """For each code after the first what it is and what is known before it."""
    codes = codes_of(coded(performance))
    places, is_bar = codes.places, codes.places == BAR
    now = slice(1, None)
    known = {
        "step": np.where(is_bar, STEPS, places // len(LANES))[now],
        "lane": np.where(is_bar, 0, places % len(LANES))[now],
        "fine": np.where(is_bar, 0, codes.fines)[now],
        "velocity": np.where(is_bar, 0, codes.velocities)[now],
    }
    fines, loud = _last_of_hits(codes.fines, is_bar), _last_of_hits(codes.velocities, is_bar)
    for back in (1, 2, 3):
        known[f"place{back}"] = _earlier(places, back)
    known["step1"] = np.where(known["place1"] == BAR, STEPS, known["place1"] // len(LANES))
    known |= {"fine1": fines[:-1], "fine2": _earlier(fines, 2), "velocity1": loud[:-1]}
    echoes = echoes_of(codes)
    for back in (1, 2):
        known[f"then{back}"], known[f"loud{back}"] = echoes[f"then{back}"][:-1], echoes[f"loud{back}"][now]
    return known


def _earlier(array: Ints, back: int) -> Ints:
    """For each code after the first the value `back` codes before it, NOTHING where there is none."""
    begun = np.concatenate([np.full(back, NOTHING), array])
    return begun[1 : len(array)]


def _last_of_hits(array: Ints, is_bar: npt.NDArray[np.bool_]) -> Ints:
    """For each code the value of the last hit up to it, 30 where there is none."""
    last = np.maximum.accumulate(np.where(is_bar, -1, np.arange(len(array))))
    return np.where(last < 0, 30, array[np.maximum(last, 0)])


def save_counts(counts: Counts, file: Path) -> None:
    """Writes counts as a compressed file of arrays."""
    arrays = {}
    for name, (keys, many) in counts.tables.items():
        arrays[f"{name}.keys"] = np.diff(keys, prepend=0)
        arrays[f"{name}.counts"] = np.minimum(many, 65_535).astype(np.uint16)
    np.savez_compressed(file, allow_pickle=False, **arrays)


def load_counts(file: Path) -> Counts:
    """Reads counts. Raises StudioError where the file is not there or does not hold them."""
    try:
        with np.load(file, allow_pickle=False) as found:
            names = {name.rsplit(".", 1)[0] for name in found.files}
            tables = {
                name: (np.cumsum(found[f"{name}.keys"], dtype=np.int64), found[f"{name}.counts"].astype(np.int64))
                for name in names
            }
    except (OSError, ValueError, KeyError) as error:
        raise StudioError(
            f"“{file.name}” does not hold the counts of the baselines; install the studio again."
        ) from error
    return Counts(tables)
