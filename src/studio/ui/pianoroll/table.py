"""The notes of a clip as columns, so that twenty thousand of them are found and painted at once."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Set as AbstractSet

import numpy as np
import numpy.typing as npt

from ...document.notes import Block, Note, NoteClip

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

Texts = tuple[tuple[int, str], ...]
"""Syllables with the index of their note."""

REMEMBERED = 4096


class NoteTable:
    """All notes of a clip in its order, with song ticks. Columns are float64; nothing is changed after making.

    `inside` says which notes begin in what the clip shows: the window, and the pattern where there is one. `texts` has
    the syllables by index, `sung` says which notes have one.
    """

    def __init__(self, clip: NoteClip | None) -> None:
        known = [_columns.of(block) for block in clip.note_blocks] if clip else []
        self.ids: tuple[str, ...] = tuple(itertools.chain.from_iterable(ids for ids, _, _ in known))
        columns = np.concatenate([part for _, part, _ in known], axis=1) if known else np.zeros((6, 0))
        self.texts: dict[int, str] = {}
        first = 0
        for ids, _, texts in known:
            self.texts.update((first + n, text) for n, text in texts)
            first += len(ids)
        self.sung: Bools = np.zeros(len(self.ids), bool)
        self.sung[list(self.texts)] = True
        origin = clip.origin if clip else 0
        self.start: Floats = columns[0] + origin
        self.end: Floats = self.start + columns[1]
        self.pitch, self.velocity, self.muted, self.chance = columns[2], columns[3], columns[4] > 0, columns[5]
        if clip is not None and clip.loop:
            self.inside: Bools = (columns[0] >= 0) & (columns[0] < clip.loop)
        elif clip is not None:
            self.inside = (self.start >= clip.anchor) & (self.start < clip.end)
        else:
            self.inside = np.zeros(0, bool)
        self._chosen: tuple[AbstractSet[str], Bools] | None = None
        self._places: dict[str, int] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def chosen(self, selection: AbstractSet[str]) -> Bools:
        """Which notes are selected."""
        if self._chosen is None or self._chosen[0] is not selection:
            mask = np.fromiter(map(selection.__contains__, self.ids), bool, len(self.ids)) if selection else None
            self._chosen = (selection, np.zeros(len(self.ids), bool) if mask is None else mask)
        return self._chosen[1]

    def place(self, note_id: str) -> int:
        """The index of a note, -1 when it is not there."""
        if self._places is None:
            self._places = {key: n for n, key in enumerate(self.ids)}
        return self._places.get(note_id, -1)

    def at(self, tick: float, pitch: int) -> int:
        """The index of the note under a tick and pitch, the last one where several lie; -1 for none."""
        found = np.flatnonzero((self.pitch == pitch) & (self.start <= tick) & (self.end > tick))
        return int(found[-1]) if len(found) else -1

    def between(self, first: float, last: float) -> npt.NDArray[np.int64]:
        """The indices of the notes that touch a stretch of ticks."""
        return np.flatnonzero((self.start < last) & (self.end > first))

    def named(self, mask: npt.NDArray[np.int64]) -> frozenset[str]:
        """The ids of the notes at these indices."""
        return frozenset(self.ids[n] for n in mask.tolist())


class _Columns:
    """Ids and columns of blocks, kept for as long as they are shown: an edit changes one block of many."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[Block[Note], tuple[str, ...], Floats, Texts]] = OrderedDict()

    def of(self, block: Block[Note]) -> tuple[tuple[str, ...], Floats, Texts]:
        """The ids; start, length, pitch, velocity, mute and probability: float64 (6, notes); and the syllables."""
        known = self._kept.get(id(block))
        if known is None or known[0] is not block:
            rows = [(n.start, n.length, n.pitch, n.velocity, n.muted, n.probability) for n in block.items]
            texts = tuple((n, note.text.strip()) for n, note in enumerate(block.items) if note.text)
            known = (block, tuple(note.id for note in block.items), np.array(rows, np.float64).T, texts)
            self._kept[id(block)] = known
            while len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
        return known[1], known[2], known[3]


_columns = _Columns()
