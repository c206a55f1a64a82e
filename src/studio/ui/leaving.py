"""Before a song or the program is left: what would be lost is said, and the person decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMessageBox

if TYPE_CHECKING:
    from .shell import MainWindow


def may_end_jobs(window: MainWindow) -> bool:
    """Whether the jobs that still run may be cancelled; asks where there are some."""
    running = window.workspace.jobs.running() if window.workspace is not None else ()
    if not running:
        return True
    names = ", ".join(job.label for job in running[:3])
    box = _box(
        window,
        "Jobs are running",
        f"{len(running)} job{'s are' if len(running) > 1 else ' is'} not done yet: {names}.\n"
        "Quitting cancels what is left of them; the song itself is saved.",
    )
    quit_button = box.addButton("Cancel the jobs and quit", QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(box.addButton("Keep working", QMessageBox.ButtonRole.RejectRole))
    box.exec()
    return box.clickedButton() is quit_button


def may_leave_song(window: MainWindow) -> bool:
    """Whether the song may be closed; asks where that would lose what could not be written, and offers a copy."""
    session = window.session
    if session is None or not session.bundle.at_risk:
        return True
    name = session.document.project.name
    box = _box(
        window, "Changes are not saved", f"The last changes of “{name}” are not on the disk.\n{session.read_only}"
    )
    copy = box.addButton("Save a copy…", QMessageBox.ButtonRole.AcceptRole)
    lose = box.addButton("Lose the changes", QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(box.addButton("Keep the song open", QMessageBox.ButtonRole.RejectRole))
    box.exec()
    if box.clickedButton() is copy:
        window.song.save_copy()
    return box.clickedButton() is lose


def _box(window: MainWindow, title: str, text: str) -> QMessageBox:
    return QMessageBox(QMessageBox.Icon.NoIcon, title, text, parent=window)
