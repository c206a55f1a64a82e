"""A field for each kind of parameter, and the form that a task's parameters make."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from ...engine.ai.forms import Agreement, Choice, Number, Parameter, Sound, Text
from .. import theme
from ..forms import Choice as ChoiceBox
from ..timeline.drops import paths_of

LINE = 20
"""Logical pixels of a line of text."""

SOUNDS = "Sounds (*.wav *.flac *.mp3 *.ogg *.opus *.aif *.aiff *.m4a);;All files (*)"


DRAWN = 2**31
"""Seeds that are drawn are below it: short enough to be read out."""

Sounds = Callable[[], Sequence[tuple[str, str]]]
"""Gives the sounds that are at hand: a name and a path each."""


class Form(QWidget):
    """The parameters of a task as fields. `changed` after each change, `entered` when Return ends a line, or a text
    with Ctrl; `values` has what stands in them."""

    changed = Signal()
    entered = Signal()

    def __init__(
        self,
        parameters: Iterable[Parameter],
        without: Iterable[str] = (),
        names: Mapping[str, Sequence[str]] = {},
        sounds: Sounds = tuple,
    ) -> None:
        """`without` are left out; `names` are what a text can only be one of; `sounds` are offered beside files."""
        super().__init__()
        self._fields: dict[str, tuple[QWidget, Callable[[], Any], Callable[[Any], None]]] = {}
        self._agreements: list[Agreement] = []
        self._rows = QFormLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setVerticalSpacing(theme.PAD)
        self._rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        left_out = set(without)
        for one in parameters:
            if one.name not in left_out:
                self._add(_as_choice(one, names.get(one.name, ())))
        for name in self._fields:
            field = self.field(name)
            if isinstance(field, SoundField):
                field.sounds = sounds
        self._heard()

    def _add(self, one: Parameter) -> None:
        field, read, write = _FIELDS[type(one)](one, self._heard)
        if isinstance(field, Lines):
            field.entered.connect(self.entered)
        elif isinstance(field, QLineEdit):
            field.returnPressed.connect(self.entered)
        elif isinstance(field, SeedField):
            field.line.returnPressed.connect(self.entered)
        field.setAccessibleName(one.label)
        field.setToolTip(one.help)
        label = one.label if not isinstance(one, Number) or not one.unit else f"{one.label} ({one.unit})"
        self._rows.addRow("" if isinstance(one, Agreement) else label, field)
        self._fields[one.name] = field, read, write
        if isinstance(one, Agreement):
            self._agreements.append(one)

    def _heard(self, *_: Any) -> None:
        """After each change: an agreement is asked for only where there is something to agree to."""
        for one in self._agreements:
            if one.of in self._fields:
                self._rows.setRowVisible(self.field(one.name), bool(self._fields[one.of][1]()))
        self.changed.emit()

    def draw(self, last: Any) -> None:
        """Draws another seed where the one that stands there is the last that was used, unless it is held."""
        for field, read, write in self._fields.values():
            if isinstance(field, SeedField) and not field.hold.isChecked() and read() == str(last):
                write(random.randrange(DRAWN))

    def names(self) -> frozenset[str]:
        """The names of the parameters that have a field."""
        return frozenset(self._fields)

    def field(self, name: str) -> QWidget:
        """The field of a parameter."""
        return self._fields[name][0]

    def typed_in(self) -> str:
        """The name of the field that has the keyboard, or will have it once the window has; empty for none."""
        focus = self.window().focusWidget()
        fields = {name: field for name, (field, *_) in self._fields.items()} if focus is not None else {}
        return next((name for name, field in fields.items() if field is focus or field.isAncestorOf(focus)), "")

    def go_on_typing(self, name: str) -> None:
        """Gives the keyboard to a field, if it is there; a text is gone on with at its end."""
        if name not in self._fields:
            return
        field = self.field(name)
        field.setFocus()
        if isinstance(field, Lines):
            field.moveCursor(QTextCursor.MoveOperation.End)

    def values(self) -> dict[str, Any]:
        """What stands in the fields, unchecked: numbers as text."""
        return {name: read() for name, (_, read, _) in self._fields.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Writes into the fields what they have a place for."""
        for name, value in values.items():
            if name in self._fields:
                self._fields[name][2](value)


Made = tuple[QWidget, Callable[[], Any], Callable[[Any], None]]
Heard = Callable[..., None]


def _as_choice(one: Parameter, names: Sequence[str]) -> Parameter:
    """A text that can only be one of some names as a choice among them."""
    if not isinstance(one, Text) or not names:
        return one
    options = (("", f"the first, {names[0]}"), *((name, name) for name in names))
    return Choice(one.name, one.label, options, "", one.help)


def _number(one: Number, heard: Heard) -> Made:
    if one.chance:
        return _seed(one, heard)
    field = QLineEdit("" if one.default is None else f"{one.default:.16g}")
    field.setPlaceholderText("left to the model" if one.default is None else "")
    field.textChanged.connect(heard)

    def write(value: Any) -> None:
        field.setText(f"{value:.16g}" if isinstance(value, int | float) else str(value or ""))

    return field, lambda: field.text().strip(), write


def _seed(one: Number, heard: Heard) -> Made:
    field = SeedField(one.label, f"{one.default:.0f}")
    field.line.textChanged.connect(heard)
    return field, lambda: field.line.text().strip(), lambda value: field.line.setText(str(value))


def _choice(one: Choice, heard: Heard) -> Made:
    field = ChoiceBox(one.label, one.options)
    field.setMinimumWidth(0)
    field.choose(one.default)
    field.currentIndexChanged.connect(heard)
    return field, lambda: field.value, field.choose


def _text(one: Text, heard: Heard) -> Made:
    if one.lines == 1:
        line = QLineEdit(one.default)
        line.textChanged.connect(heard)
        return line, line.text, line.setText
    field = Lines(one.default)
    field.setFixedHeight(one.lines * LINE + 12)
    field.setPlaceholderText(one.help)
    field.textChanged.connect(heard)
    return field, field.toPlainText, field.setPlainText


def _sound(one: Sound, heard: Heard) -> Made:
    field = SoundField(one.label)
    field.changed.connect(heard)
    return field, lambda: field.path, field.set_path


def _agreement(one: Agreement, heard: Heard) -> Made:
    field = QCheckBox(one.label)
    field.toggled.connect(heard)
    return field, field.isChecked, field.setChecked


class Lines(QPlainTextEdit):
    """A text of several lines. `entered` for Ctrl+Return. Files that are dropped are left to the panel around it."""

    entered = Signal()

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setTabChangesFocus(True)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return not paths_of(source) and super().canInsertFromMimeData(source)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.entered.emit()
        else:
            super().keyPressEvent(event)


class SeedField(QWidget):
    """The seed, and whether it is held; one that is not held is another for each request."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.PAD)
        self.line = QLineEdit(text)
        self.line.setAccessibleName(name)
        self.hold = QCheckBox("Hold")
        self.hold.setAccessibleName("Hold the seed")
        self.hold.setToolTip("Keep this seed; otherwise each request draws another")
        row.addWidget(self.line, 1)
        row.addWidget(self.hold)
        self.setFocusProxy(self.line)


class SoundField(QWidget):
    """A sound file, chosen by a dialog or from `sounds`, or dropped. `changed` when it is another."""

    changed = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.path = ""
        self.sounds: Sounds = tuple
        self.setAcceptDrops(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.PAD)
        self.name = QLineEdit()
        self.name.setReadOnly(True)
        self.name.setPlaceholderText("drop a sound here")
        self.name.setAccessibleName(name)
        self.button = QPushButton("Choose")
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._offer)
        self.button.setMenu(self.menu)
        row.addWidget(self.name, 1)
        row.addWidget(self.button)
        self.setFocusProxy(self.button)

    def set_path(self, path: str) -> None:
        """Shows another file, or none."""
        self.path = str(path)
        self.name.setText(Path(self.path).name)
        self.name.setToolTip(self.path)
        self.changed.emit()

    def _offer(self) -> None:
        self.menu.clear()
        self.menu.addAction("File…").triggered.connect(lambda _=False: self._choose())
        if self.path:
            self.menu.addAction("None").triggered.connect(lambda _=False: self.set_path(""))
        self.menu.addSeparator()
        for name, path in self.sounds():
            self.menu.addAction(name.replace("&", "&&")).triggered.connect(
                lambda _=False, path=path: self.set_path(path)
            )

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Choose a Sound", str(Path(self.path).parent), SOUNDS)
        if path:
            self.set_path(path)

    def dragEnterEvent(self, event: Any) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: Any) -> None:
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            self.set_path(files[0])
            event.acceptProposedAction()


_FIELDS: Mapping[type, Callable[[Any, Heard], Made]] = {
    Number: _number,
    Choice: _choice,
    Text: _text,
    Sound: _sound,
    Agreement: _agreement,
}
