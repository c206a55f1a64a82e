"""What a person does to chosen things of the library that models made: decide, rate, describe, throw away, make again.

A few are changed at once, many as a job; either way each is tried, and what fails is told in one notice at the end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from ...engine.jobs import Job, JobRunner, Work
from ...errors import StudioError
from ...storage.library.library import Library
from ...storage.library.records import Approval, Asset, Mark
from ...storage.preferences import Preferences
from .asking import ask_text
from .background import Background
from .wording import counted

FEW = 20
"""Up to so many are changed at once, without a job."""

MOST_COMPARED = 4

Pick = Callable[[Callable[[list[int]], None]], None]
"""Hands the ids of all that is chosen to a function, at once or when the library has told them."""

DONE = {"approved": "Approve", "rejected": "Reject", "open": "Take back the decision on"}


class Making(Protocol):
    """What the curator needs of the workspace."""

    @property
    def library(self) -> Library:
        """The open library."""

    @property
    def jobs(self) -> JobRunner:
        """Runs what takes a while."""

    @property
    def preferences(self) -> Preferences:
        """What is remembered between starts."""

    @property
    def neural(self) -> Any:
        """The queue of what models are to make."""

    def update_preferences(self, **changes: Any) -> None:
        """Remembers something."""


class Curator(QObject):
    """Changes what is chosen. Main thread.

    `changed()` follows each change that was made at once (a job's end is heard elsewhere), `told(sentence, kind,
    detail)` what should be known. `details(generation)`, `compare(assets)` and `vary(generation)` ask for windows.
    """

    changed = Signal()
    told = Signal(str, str, str)
    failed = Signal(object)
    details = Signal(int)
    compare = Signal(list)
    vary = Signal(int)

    def __init__(self, workspace: Making, background: Background, pick: Pick, widget: QWidget) -> None:
        super().__init__(widget)
        self._workspace, self._background, self._pick, self._widget = workspace, background, pick, widget

    # -- changes -------------------------------------------------------------------------------------------------

    def decide(self, approval: Approval, reason: str = "") -> None:
        """Approves or rejects, or takes that back."""
        from ...actions import curating

        self._change(DONE[approval], lambda ids, work: curating.decide(self._library, ids, approval, reason, work))

    def ask_reject(self, before: str = "") -> None:
        """Rejects for a reason that is asked for; it may be left empty."""
        dialog = ask_text(
            self._widget, "Reject", "Why? (may be left empty)", lambda text: self.decide("rejected", text), before, True
        )
        dialog.setOkButtonText("Reject")

    def rate(self, stars: int) -> None:
        """Gives 0 (none) to 5 stars."""
        from ...actions import curating

        self._change("Rate", lambda ids, work: curating.rate(self._library, ids, stars, work))

    def ask_category(self) -> None:
        """Puts into a category that is asked for; an empty one takes out of it."""
        from ...actions import curating

        def put(text: str) -> None:
            self._change("Categorise", lambda ids, work: curating.categorise(self._library, ids, text, work))

        ask_text(self._widget, "Category", "Category (empty for none)", put, "", True)

    def tag(self, name: str, on: bool) -> None:
        """Puts a tag on all that is chosen, or takes it off."""
        from ...actions import curating

        self._change("Tag", lambda ids, work: curating.tag(self._library, ids, name, on, work))

    def trash(self) -> None:
        """Throws away what models made; the files stay until the trash is emptied."""
        from ...actions import curating

        def said(count: int) -> None:
            if count:
                self.told.emit(f"{counted(count, 'result')} thrown away; the Trash page gives them back.", "info", "")

        self._change("Throw away", lambda ids, work: curating.trash(self._library, ids, work), said)

    def export(self) -> None:
        """Copies the files to a folder that is asked for."""
        from ...actions import curating

        before = self._workspace.preferences.export_folder
        chosen = QFileDialog.getExistingDirectory(self._widget, "Copy the files to", before)
        if chosen:
            self._workspace.update_preferences(export_folder=chosen)
            self._job(
                "Copy",
                lambda ids, work: curating.export_copies(self._library, ids, Path(chosen), work),
                lambda job: self._said(job, f"copied to {chosen}"),
            )

    def verify(self) -> None:
        """Looks whether every file is there and holds what it held; says so at the end."""
        from ...actions import curating

        self._job(
            "Verify",
            lambda ids, work: curating.verify(self._library, ids, work),
            lambda job: self._said(job, "verified: every one is as it was"),
        )

    def _said(self, job: Job, what: str) -> None:
        """Tells what a job has done; what it has not is told for every job."""
        if job.state == "done" and not job.failures:
            self.told.emit(f"{counted(job.result, 'file')} {what}.", "info", "")

    # -- making --------------------------------------------------------------------------------------------------

    def again(self, generation: int) -> None:
        """Queues the same once more."""
        self._queue(generation, "again", lambda making: making)

    def new_seed(self, generation: int) -> None:
        """Queues the same with another seed."""
        from ...actions.again import varied

        self._queue(generation, "varied", varied)

    def _queue(self, generation: int, what: str, change: Callable[[Any], Any]) -> None:
        from ...actions.again import label_of, making_of

        library, neural = self._library, self._workspace.neural

        def ready(found: Any, error: StudioError | None) -> None:
            if error is not None:
                self.failed.emit(error)
                return
            neural.generate(*found)
            self.told.emit(f"“{found[1]}” is in the queue (F7).", "info", "")

        neural.look_up(lambda: (change(making_of(library, generation)), label_of(library, generation, what)), ready)

    # -- how -----------------------------------------------------------------------------------------------------

    @property
    def _library(self) -> Library:
        return self._workspace.library

    def _change(
        self, verb: str, task: Callable[[list[int], Work], int], said: Callable[[int], None] = lambda _: None
    ) -> None:
        """Changes what is chosen; `said` gets for how many that worked."""

        def at_once(found: tuple[int, list[str]]) -> None:
            self._over(verb, found[1])
            said(found[0])

        def picked(ids: list[int]) -> None:
            if len(ids) > FEW:
                self._start(verb, ids, task, lambda job: said(job.result) if job.state == "done" else None)
            elif ids:
                self._background.do(lambda: _quietly(task, ids), at_once)

        self._pick(picked)

    def _job(
        self, verb: str, task: Callable[[list[int], Work], int], then: Callable[[Job], None] | None = None
    ) -> None:
        self._pick(lambda ids: self._start(verb, ids, task, then) if ids else None)

    def _start(
        self,
        verb: str,
        ids: list[int],
        task: Callable[[list[int], Work], int],
        then: Callable[[Job], None] | None = None,
    ) -> None:
        label = f"{verb} {counted(len(ids), 'thing')} of the library"
        self._workspace.jobs.start("library", label, lambda work: task(ids, work), then)

    def _over(self, verb: str, failures: Sequence[str]) -> None:
        self.changed.emit()
        if failures:
            rest = "" if len(failures) == 1 else f" {len(failures)} did not work in all."
            self.told.emit(f"{verb}: {failures[0]}{rest}", "warning", "\n".join(failures))

    # -- the menu ------------------------------------------------------------------------------------------------

    def fill_menu(self, menu: QMenu, marks: Sequence[Mark]) -> None:
        """Adds what can be done to things that models made; `marks` are theirs."""
        decided = {mark.approval for mark in marks}
        for text, approval, run in (
            ("Approve", "approved", lambda: self.decide("approved")),
            ("Reject…", "rejected", lambda: self.ask_reject(marks[0].reason)),
            ("Undecided", "open", lambda: self.decide("open")),
        ):
            action = menu.addAction(text, run)
            action.setCheckable(True)
            action.setChecked(decided == {approval})
        self._fill_stars(menu.addMenu("Stars"), {mark.rating for mark in marks})
        menu.addAction("Category…", self.ask_category)
        if len(marks) == 1:
            key = marks[0].generation
            menu.addSeparator()
            menu.addAction("Make it again", lambda: self.again(key))
            vary = menu.addMenu("Vary")
            vary.addAction("With another seed", lambda: self.new_seed(key))
            vary.addAction("With other values…", lambda: self.vary.emit(key))

    def _fill_stars(self, menu: QMenu, ratings: set[int]) -> None:
        for stars in range(5, -1, -1):
            action = menu.addAction(counted(stars, "star") if stars else "None")
            action.setCheckable(True)
            action.setChecked(ratings == {stars})
            action.triggered.connect(lambda _=False, stars=stars: self.rate(stars))

    def fill_file_menu(self, menu: QMenu) -> None:
        """Adds what can be done to the files of anything."""
        menu.addAction("Copy files to…", self.export)
        menu.addAction("Verify files", self.verify)


def comparable(assets: Sequence[Asset]) -> bool:
    """Whether these can be compared: two to four sounds."""
    return 2 <= len(assets) <= MOST_COMPARED and all(is_sound(asset) for asset in assets)


def is_sound(asset: Asset) -> bool:
    """Whether something can be listened to."""
    return asset.kind in {"audio", "recording", "generated"}


def _quietly(task: Callable[[list[int], Work], int], ids: list[int]) -> tuple[int, list[str]]:
    """Does a small task; returns for how many it worked, and what did not. The library's thread."""
    work = Work(lambda *_: None, threading.Event())
    return task(ids, work), work.failures
