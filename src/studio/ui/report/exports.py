"""Files of a report: asks where to, and writes them as a job."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from ...actions.coachreports import write_frames, write_json, write_notes, write_page
from ...actions.results import Result
from ...engine.jobs import Job
from ..export_dialog import safe_name

if TYPE_CHECKING:
    from ..shell import MainWindow

KINDS = {
    "page": ("Export the report", ".html", "Web pages (*.html)"),
    "json": ("Export the report", ".json", "JSON (*.json)"),
    "csv": ("Export the pitch", ".csv", "CSV (*.csv)"),
    "midi": ("Export the notes", ".mid", "MIDI (*.mid)"),
}


def export(window: MainWindow, result: Result, kind: str, folder: str) -> str:
    """Asks for a file, beginning in a folder, and writes it; returns the folder that was chosen, or empty."""
    title, suffix, filters = KINDS[kind]
    start = Path(folder) if folder and Path(folder).is_dir() else Path.home()
    name = f"{safe_name(result.coached.name)}{suffix}"
    chosen, _ = QFileDialog.getSaveFileName(window, title, str(start / name), filters)
    if not chosen:
        return ""
    out = Path(chosen)
    out = out if out.suffix else out.with_suffix(suffix)
    write = _writer(result, kind)

    def told(job: Job) -> None:
        if job.state == "done":
            window.notices.say(f"{out.name} is exported.", detail=str(out))

    window.workspace.jobs.start("export", f"Export {out.name}", lambda _: write(out), told)
    return str(out.parent)


def _writer(result: Result, kind: str) -> Callable[[Path], None]:
    done = result.coached
    return {
        "page": lambda out: write_page(done, out, result.tolerance),
        "json": lambda out: write_json(done, out),
        "csv": lambda out: write_frames(done.heard.track, out),
        "midi": lambda out: write_notes(done, out),
    }[kind]
