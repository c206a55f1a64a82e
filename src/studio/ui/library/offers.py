"""The commands for what models made: the same as in the list's menu, with keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...storage.library.records import Asset, Mark
from ..commands import Command
from .curator import Curator, comparable
from .wording import counted

Marks = Callable[[], Sequence[Mark]]


def curating_commands(
    curator: Curator, menu: str, marks: Marks, assets: Callable[[], Sequence[Asset]], throw_away: Callable[[], None]
) -> list[Command]:
    """The commands; `marks` and `assets` tell what is chosen now."""
    some, one = lambda: bool(marks()), lambda: len(marks()) == 1
    kept, pair = lambda: bool(assets()), lambda: comparable(assets())

    def first(run: Callable[[int], object]) -> Callable[[], object]:
        return lambda: run(marks()[0].generation)

    def offer(
        name: str, text: str, key: str, run: Callable[[], object], enabled: Callable[[], bool], group: str
    ) -> Command:
        return Command(f"library.{name}", text, key, run, enabled, menu, group=group)

    return [
        offer("details", "Details…", "Alt+Return", first(curator.details.emit), one, "look"),
        offer("compare", "Compare at One Loudness…", "Ctrl+Alt+C", lambda: _compare(curator, assets), pair, "look"),
        offer("approve", "Approve", "Alt+A", lambda: curator.decide("approved"), some, "decide"),
        offer("reject", "Reject…", "Alt+R", lambda: curator.ask_reject(marks()[0].reason), some, "decide"),
        offer("undecided", "Undecided", "", lambda: curator.decide("open"), some, "decide"),
        offer("category", "Category…", "", curator.ask_category, some, "decide"),
        *_stars(curator, f"{menu}/Stars", some),
        offer("again", "Make It Again", "", first(curator.again), one, "make"),
        offer("vary", "Vary with Another Seed", "", first(curator.new_seed), one, "make"),
        offer("change", "Vary with Other Values…", "", first(curator.vary.emit), one, "make"),
        offer("copy", "Copy Files to…", "", curator.export, kept, "files"),
        offer("verify", "Verify Files", "", curator.verify, kept, "files"),
        offer("throw", "Move to the Trash", "", throw_away, some, "files"),
    ]


def _compare(curator: Curator, assets: Callable[[], Sequence[Asset]]) -> None:
    curator.compare.emit(list(assets()))


def _stars(curator: Curator, menu: str, enabled: Callable[[], bool]) -> list[Command]:
    def offer(stars: int) -> Command:
        text = counted(stars, "Star") if stars else "No Stars"
        return Command(f"library.stars.{stars}", text, f"Alt+{stars}", lambda: curator.rate(stars), enabled, menu)

    return [offer(stars) for stars in range(5, -1, -1)]
