"""Help: the keys in force, and what the program is."""

from __future__ import annotations

import platform

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from . import theme
from .commands import MENUS, Commands
from .forms import button_row, dialog_frame, push, text
from .icons import app_icon

GESTURES = (
    ("Zoom at the pointer", "Ctrl+wheel, pinch"),
    ("Scroll sideways", "Shift+wheel, middle button drag"),
    ("Copy a clip while dragging", "Alt+drag"),
    ("Finer steps of a control", "Shift or Ctrl+drag"),
    ("Back to a control's rest", "Double-click"),
    ("Give up what is being dragged", "Escape"),
    ("Press a focused button", "Enter"),
)


class ShortcutsDialog(QDialog):
    """All keys by menu, with a search field."""

    def __init__(self, commands: Commands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = dialog_frame(self, "Keyboard shortcuts", 520, 620)
        search = QLineEdit(placeholderText="Search", clearButtonEnabled=True)
        search.setAccessibleName("Search shortcuts")
        search.textChanged.connect(self._search)
        column.addWidget(search)
        inner = QWidget()
        self._rows = QVBoxLayout(inner)
        self._rows.setSpacing(theme.GAP)
        self._rows.setContentsMargins(0, 0, theme.PAD, 0)
        self._lines: list[tuple[str, QWidget]] = []
        for menu in MENUS:
            listed = [c for c in commands.all() if c.menu.split("/")[0] == menu and commands.keys(c.id)]
            self._add_group(menu, [(c.text.rstrip("…"), commands.keys(c.id)) for c in listed])
        self._add_group("Mouse and controls", list(GESTURES))
        self._rows.addStretch(1)
        area = QScrollArea(widgetResizable=True)
        area.setWidget(inner)
        area.setAccessibleName("Shortcuts")
        column.addWidget(area, 1)
        hint = text("Keys can be changed in Preferences, page Keys.", "dim")
        row = QHBoxLayout()
        row.addWidget(hint, 1)
        row.addLayout(button_row(push("Close", self.accept)))
        column.addLayout(row)

    def _add_group(self, title: str, rows: list[tuple[str, str]]) -> None:
        if not rows:
            return
        heading = text(title, "heading")
        self._rows.addSpacing(theme.PAD)
        self._rows.addWidget(heading)
        self._lines.append((" ".join(name for name, _ in rows).casefold(), heading))
        for name, keys in rows:
            line = QWidget()
            row = QHBoxLayout(line)
            row.setContentsMargins(0, 0, 0, 0)
            row.addWidget(QLabel(name), 1)
            shown = QLabel(keys)
            shown.setFont(theme.font(theme.SMALL, mono=True))
            shown.setStyleSheet(f'font-family: "JetBrains Mono"; font-size: 11px; color: {theme.TOKENS["dim"]};')
            row.addWidget(shown)
            self._lines.append((f"{name} {keys}".casefold(), line))
            self._rows.addWidget(line)

    def _search(self, query: str) -> None:
        wanted = query.casefold().strip()
        for words, line in self._lines:
            line.setVisible(wanted in words)


class AboutDialog(QDialog):
    """Name, version, licence, and what it is made with."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = dialog_frame(self, "About Studio", 440)
        picture = QLabel()
        picture.setPixmap(app_icon().pixmap(72, 72))
        column.addWidget(picture)
        column.addWidget(text("Studio", "title"))
        column.addWidget(text(f"Version {version()}", "dim"))
        column.addWidget(
            text(
                "Record, edit, mix and export music. Free software under the GNU General Public License, version 3 or"
                " later: you may use, study, share and change it, and it comes without any warranty."
            )
        )
        column.addWidget(
            text(
                f"Python {platform.python_version()}, Qt {qVersion()}. Faces: Inter and JetBrains Mono, both under the"
                " SIL Open Font License.",
                "dim",
            )
        )
        column.addSpacing(theme.PAD)
        column.addLayout(button_row(push("Close", self.accept)))


def version() -> str:
    """The version of the installed package, or that of the source it runs from."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("studio")
    except PackageNotFoundError:
        return "from source"
