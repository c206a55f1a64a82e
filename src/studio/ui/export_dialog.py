"""Exporting the mix: what, as what, and where. The last choices are the first ones next time."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLineEdit, QWidget

from ..actions.exporting import PICTURED, Request
from ..errors import StudioError
from . import theme
from .cover_field import CoverField
from .forms import Choice, add_row, button_row, dialog_frame, form, push, set_role, text
from .values import clock_text

if TYPE_CHECKING:
    from .shell import MainWindow

FORMATS = (
    ("wav", "WAV"),
    ("flac", "FLAC, lossless and smaller"),
    ("mp3", "MP3, 320 kbit/s"),
    ("ogg", "Ogg Vorbis"),
    ("opus", "Opus"),
)
BITS = {
    "wav": (("24", "24 bit"), ("16", "16 bit with dither"), ("32f", "32 bit float")),
    "flac": (("24", "24 bit"), ("16", "16 bit with dither")),
}
NOTE = "Mutes and solos are in force. The whole song ends when its last sound has died away."
STEMS_NOTE = "Into the folder “{} stems”, each track through its effects and buses but not those of the master."
SUFFIXES = {"wav": ".wav", "flac": ".flac", "mp3": ".mp3", "ogg": ".ogg", "opus": ".opus"}


Range = tuple[int, int | None]
"""Song frames; None is where the last sound has died away."""


def ranges(project: Any) -> list[tuple[Range, str]]:
    """The stretches of a song that can be exported and their names: all, the loop, each section."""
    from ..document.project import song_end

    end = int(song_end(project))
    rate = project.rate
    found: list[tuple[Range, str]] = [((0, None), f"The whole song, {clock_text(end, rate)}")] if end else []
    loop = (project.time.frame(project.loop.start), project.time.frame(project.loop.end))
    found.append(((int(loop[0]), int(loop[1])), f"The loop, {clock_text(loop[1] - loop[0], rate)}"))
    for section in project.sections:
        first, last = (int(project.time.frame(tick)) for tick in (section.start, section.start + section.length))
        found.append(((first, last), f"{section.name}, {clock_text(last - first, rate)}"))
    return found


class ExportDialog(QDialog):
    """Asks and starts the export as a job."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        preferences = window.workspace.preferences
        self._project = window.session.document.project
        self._has_clips = any(track.clips for track in self._project.tracks)
        column = dialog_frame(self, "Export mix", 520)
        column.addWidget(text("Export mix", "title"))
        rows = form()
        self.what = Choice("What", (("mix", "The mix"), ("stems", "Stems: a file for each track")))
        self.range = Choice("Range", ranges(self._project))
        self.format = Choice("Format", FORMATS)
        self.bits = Choice("Depth")
        self.path = QLineEdit()
        self.path.setAccessibleName("File")
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.PAD)
        row.addWidget(self.path, 1)
        row.addWidget(push("Choose…", self._choose))
        self.cover = CoverField(window.session.bundle)
        for name, field in (
            ("What", self.what),
            ("Range", self.range),
            ("Format", self.format),
            ("Depth", self.bits),
            ("Cover", self.cover),
            ("File", line),
        ):
            add_row(rows, name, field)
        column.addLayout(rows)
        self.hint = text(NOTE, "dim")
        self.hint.setMinimumHeight(2 * self.hint.fontMetrics().lineSpacing())  # else two lines squeeze the rows above
        column.addWidget(self.hint)
        column.addSpacing(theme.PAD)
        self.go = push("Export", self._export, primary=True)
        column.addLayout(button_row(push("Cancel", self.reject), self.go))
        self.format.choose(preferences.export_format)
        folder = Path(preferences.export_folder) if preferences.export_folder else Path.home() / "Music"
        self.path.setText(str((folder if folder.is_dir() else Path.home()) / f"{safe_name(self._project.name)}.wav"))
        self._follow_format()
        self.bits.choose(preferences.export_bits)
        self.format.currentIndexChanged.connect(self._follow_format)
        self.path.textEdited.connect(self._follow_suffix)
        self.path.textChanged.connect(self._check)
        self.range.currentIndexChanged.connect(self._check)
        self.what.choose(preferences.export_what)
        self.what.currentIndexChanged.connect(self._check)
        self.cover.changed.connect(self._check)
        self._check()

    @property
    def choice(self) -> Request:
        """What is chosen now."""
        start, end = self.range.value
        path = Path(self.path.text().strip()).expanduser()
        if path.name and path.suffix.lower() not in SUFFIXES.values():
            path = path.with_name(path.name + SUFFIXES[self.format.value])
        return Request(path, self.format.value, self.bits.value or "24", start, end, self.cover.picture)

    def _follow_format(self) -> None:
        kept = self.bits.value
        self.bits.set_options(BITS.get(self.format.value, ()), kept)
        self.bits.setEnabled(self.bits.count() > 0)
        path = Path(self.path.text().strip())
        if path.suffix.lower() in SUFFIXES.values():
            self.path.setText(str(path.with_suffix(SUFFIXES[self.format.value])))

    def _follow_suffix(self, typed: str) -> None:
        """A name that ends like another format means that format."""
        meant = next((kind for kind, suffix in SUFFIXES.items() if typed.strip().lower().endswith(suffix)), None)
        if meant is not None and meant != self.format.value:
            self.format.choose(meant)

    def _choose(self) -> None:
        suffix = SUFFIXES[self.format.value]
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Export to", self.path.text(), f"{suffix[1:].upper()} (*{suffix})"
        )
        if chosen:
            self.path.setText(chosen if Path(chosen).suffix.lower() in SUFFIXES.values() else chosen + suffix)
            self._follow_suffix(chosen)

    def _check(self) -> None:
        problem = self._problem()
        self.cover.offer(self.format.value in PICTURED and self.what.value == "mix")
        note = STEMS_NOTE.format(self.choice.out.stem) if self.what.value == "stems" else NOTE
        with contextlib.suppress(OSError):
            if not problem and self.what.value == "mix" and self.choice.out.exists():
                note = "There is a file of this name; it will be replaced."
        self.hint.setText(problem or note)
        set_role(self.hint, "error" if problem else "dim")
        self.go.setEnabled(not problem)

    def _problem(self) -> str:
        choice = self.choice
        if not self._has_clips or (choice.end is not None and choice.end <= choice.start):
            return "There is nothing to export yet; put sounds on the timeline first."
        if not self.path.text().strip() or choice.out.is_dir():
            return "Name a file to export to."
        if not choice.out.parent.is_dir():
            return f"The folder {choice.out.parent} does not exist; choose another."
        if self.cover.problem:
            return self.cover.problem
        return ""

    def _export(self) -> None:
        choice = self.choice
        self._window.remember(
            export_what=self.what.value,
            export_format=choice.format,
            export_folder=str(choice.out.parent),
            **({"export_bits": choice.bits} if self.bits.count() else {}),
        )
        try:
            self._window.song.start_export(choice, stems=self.what.value == "stems")
        except StudioError as error:
            self.hint.setText(str(error))
            set_role(self.hint, "error")
            return
        self.accept()


def safe_name(name: str) -> str:
    """A song's name as a file name."""
    kept = "".join(letter if letter.isprintable() and letter not in '/\\:*?"<>|' else " " for letter in name)
    return " ".join(kept.split()).strip(". ")[:120] or "Mix"
