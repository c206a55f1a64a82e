"""The tree of revisions as rows with lanes, newest first: what the history panel draws."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


class Node(Protocol):
    """What the graph needs of a revision."""

    @property
    def number(self) -> int: ...
    @property
    def parent(self) -> int: ...


@dataclass(frozen=True)
class Lanes:
    """How one row is drawn. `lane` holds its dot; `above` and `below` are the lanes with a line to the neighbour rows;
    `joins` are lanes from above that end in the dot."""

    lane: int
    above: frozenset[int]
    below: frozenset[int]
    joins: frozenset[int]


def tip_of(revisions: Iterable[Node], present: int) -> int:
    """The newest revision reached from `present` by always taking the newest child: the end of the present branch."""
    child: dict[int, int] = {}
    for revision in revisions:
        child[revision.parent] = max(child.get(revision.parent, -1), revision.number)
    while present in child:
        present = child[present]
    return present


def path_to(revisions: Iterable[Node], number: int) -> frozenset[int]:
    """The numbers of a revision and all its ancestors."""
    parents = {revision.number: revision.parent for revision in revisions}
    path = set()
    while number in parents and number not in path:
        path.add(number)
        number = parents[number]
    return frozenset(path)


def layout(newest_first: Iterable[Node], tip: int) -> list[Lanes]:
    """Gives every revision a lane. The branch that ends in `tip` keeps lane 0; linear in rows times branches."""
    waiting: list[int | None] = [tip]
    rows: list[Lanes] = []
    for revision in newest_first:
        mine = [n for n, number in enumerate(waiting) if number == revision.number]
        above = frozenset(n for n, number in enumerate(waiting) if number is not None and _begun(rows, n))
        lane = mine[0] if mine else _free(waiting)
        for other in mine:
            waiting[other] = None
        waiting[lane] = revision.parent if revision.parent >= 0 else None
        while len(waiting) > 1 and waiting[-1] is None:
            waiting.pop()
        below = frozenset(n for n, number in enumerate(waiting) if number is not None and (n == lane or n in above))
        rows.append(Lanes(lane, above, below, frozenset(mine) - {lane}))
    return rows


def _begun(rows: list[Lanes], lane: int) -> bool:
    """Whether a lane already has a dot above: the one kept for the tip has none before its tip is reached."""
    return bool(rows) and lane in rows[-1].below


def _free(waiting: list[int | None]) -> int:
    for lane in range(1, len(waiting)):
        if waiting[lane] is None:
            return lane
    waiting.append(None)
    return len(waiting) - 1
