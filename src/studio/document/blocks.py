"""Runs of notes or controls: cut, found, exchanged, so that what an edit does not touch stays the same object."""

from __future__ import annotations

import bisect
import itertools
import operator
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, TypeVar

from .notes import Block, Control, Note, control_key, note_id, note_key

SIZE = 256
"""The most notes of a block. Encoded they take about 10 kB, which is what an edit of one note stores."""

T = TypeVar("T")


def note_blocks(notes: Iterable[Note]) -> tuple[Block[Note], ...]:
    """Notes in any order as blocks."""
    blocks = _numbered(_runs(sorted(notes, key=note_key)), 0)
    learn(blocks)
    return blocks


def control_blocks(controls: Iterable[Control]) -> tuple[Block[Control], ...]:
    """Controls in any order as blocks; those of one tick keep their order and never part."""
    return _numbered(_tick_runs(sorted(controls, key=control_key)), 0)


def find_notes(blocks: Sequence[Block[Note]], wanted: AbstractSet[str]) -> list[Note]:
    """The notes with these ids, in order."""
    found: list[Note] = []
    to_learn = LEARNED
    for block in blocks:
        ids = _ids.get(block)
        if ids is None and to_learn:
            ids, to_learn = _ids.learn(block), to_learn - 1
        if not wanted.isdisjoint(map(note_id, block.items) if ids is None else ids):
            found += [note for note in block.items if note.id in wanted]
    return found


def learn(blocks: Sequence[Block[Note]]) -> None:
    """Remembers the ids of the notes of a clip that has so many that its first edit would feel slow without."""
    if len(blocks) > LEARNED:
        for block in blocks:
            _ids.learn(block)


LEARNED = 64
"""How many blocks one search learns the ids of: a search that learned them all would take as long as three."""


class _KnownIds:
    """The ids of the notes of blocks seen lately. Reading them anew among 100,000 notes takes 10 ms of cache misses.

    Any thread: an entry that is lost is only learned again.
    """

    def __init__(self, room: int) -> None:
        self._room, self._known = room, dict[int, tuple[Block[Note], frozenset[str]]]()

    def get(self, block: Block[Note]) -> frozenset[str] | None:
        known = self._known.get(id(block))
        return known[1] if known is not None and known[0] is block else None

    def learn(self, block: Block[Note]) -> frozenset[str]:
        if len(self._known) >= self._room:
            self._known.clear()
        ids = frozenset(map(note_id, block.items))
        self._known[id(block)] = (block, ids)
        return ids


_ids = _KnownIds(2048)


def exchange_notes(
    blocks: tuple[Block[Note], ...], gone: Iterable[Note], come: Iterable[Note]
) -> tuple[Block[Note], ...]:
    """The blocks without the notes `gone`, which are in them, and with the notes `come`. Other blocks are shared."""
    if not blocks:
        return note_blocks(come)
    firsts = [note_key(block.items[0]) for block in blocks]
    out_of: dict[int, set[str]] = {}
    into: dict[int, list[Note]] = {}
    for note in gone:
        out_of.setdefault(_block_of(firsts, note), set()).add(note.id)
    for note in come:
        into.setdefault(_block_of(firsts, note), []).append(note)
    fresh = itertools.count(max(block.id for block in blocks) + 1)
    done: list[Block[Note]] = []
    for at, block in enumerate(blocks):
        if at not in out_of and at not in into:
            done.append(block)
            continue
        lost = out_of.get(at, set())
        kept = [note for note in block.items if note.id not in lost]
        _append(done, block.id, sorted([*kept, *into.get(at, ())], key=note_key), fresh)
    return tuple(done)


def _block_of(firsts: Sequence[tuple[int, str]], note: Note) -> int:
    return max(bisect.bisect_right(firsts, note_key(note)) - 1, 0)


def _append(done: list[Block[Note]], block_id: int, notes: list[Note], fresh: Iterable[int]) -> None:
    """Adds notes as one block or several; what is small joins the block before it."""
    if done and len(done[-1].items) + len(notes) <= SIZE // 2:
        done[-1] = Block(done[-1].id, (*done[-1].items, *notes))
        return
    ids = itertools.chain((block_id,), fresh)
    done.extend(Block(next(ids), tuple(run)) for run in _runs(notes))


def exchange_controls(blocks: tuple[Block[Control], ...], controls: Iterable[Control]) -> tuple[Block[Control], ...]:
    """Blocks of all these controls, in any order; the blocks at both ends that hold the same as before are shared."""
    items = sorted(controls, key=control_key)
    head = _alike(blocks, items)
    used = sum(len(block.items) for block in blocks[:head])
    rest = items[used:]
    tail = _alike(blocks[head:][::-1], rest[::-1], backwards=True)
    kept = blocks[len(blocks) - tail :]
    middle = rest[: len(rest) - sum(len(block.items) for block in kept)]
    if middle and kept and middle[-1].tick == kept[0].items[0].tick:
        middle, kept = rest, ()
    if middle and head and middle[0].tick == blocks[head - 1].items[-1].tick:
        middle, head = [*blocks[head - 1].items, *middle], head - 1
    fresh = max((block.id for block in blocks), default=-1) + 1
    return (*blocks[:head], *_numbered(_tick_runs(middle), fresh), *kept)


def _alike(blocks: Sequence[Block[Control]], items: Sequence[Control], backwards: bool = False) -> int:
    """How many blocks from the beginning hold the very objects that stand there in `items`."""
    at = 0
    for count, block in enumerate(blocks):
        run = block.items[::-1] if backwards else block.items
        there = items[at : at + len(run)]
        if len(there) < len(run) or not all(map(operator.is_, run, there)):
            return count
        at += len(run)
    return len(blocks)


def _numbered(runs: Iterable[Sequence[T]], first: int) -> tuple[Block[T], ...]:
    return tuple(Block(first + n, tuple(run)) for n, run in enumerate(runs))


def _runs(items: list[T]) -> list[list[T]]:
    """Runs of equal size, at most SIZE and with room to grow when there are several."""
    if len(items) <= SIZE:
        return [items] if items else []
    count = -(-len(items) // (SIZE * 3 // 4))
    bounds = [len(items) * n // count for n in range(count + 1)]
    return [items[a:b] for a, b in itertools.pairwise(bounds)]


def _tick_runs(items: list[Control], key: Callable[[Control], Any] = control_key) -> list[list[Control]]:
    """Runs of at most SIZE where the ticks allow: a run ends only where the tick changes."""
    runs: list[list[Control]] = []
    for _, group in itertools.groupby(items, key):
        together = list(group)
        if runs and len(runs[-1]) + len(together) <= SIZE:
            runs[-1] += together
        else:
            runs.append(together)
    return runs
