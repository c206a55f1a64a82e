"""The row above a report: the take, what it is judged by, how severely, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QDoubleSpinBox, QMenu, QPushButton, QSizePolicy, QSpinBox, QWidget

from ...actions.results import Result
from ...engine.voice.aims import Aim
from ...engine.voice.grading import Tolerance
from .. import theme
from ..forms import Choice, text
from ..pianoroll.toolrow import ToolRow

FREELY = "Sung freely"
DIFFICULTIES = (("easy", "Easy"), ("medium", "Medium"), ("hard", "Hard"))
EXPORTS = (
    ("page", "Report as a Page…"),
    ("json", "Report as JSON…"),
    ("csv", "Pitch as CSV…"),
    ("midi", "Notes as MIDI…"),
)
NUDGE = 30.0
"""Seconds by which a target can be moved."""


class Name(QWidget):
    """A line of text that is cut off where there is no room."""

    def __init__(self) -> None:
        super().__init__()
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(60)

    def say(self, words: str) -> None:
        """Shows another text."""
        self._words = words
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setFont(theme.font(weight="semibold"))
            painter.setPen(theme.color("text"))
            fits = QFontMetrics(painter.font()).elidedText(self._words, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, fits)


class AimChoice(Choice):
    """What a take can be judged by; asks anew for what there is before it opens."""

    def __init__(self) -> None:
        super().__init__("Judged by")
        self.offered: Callable[[], list[Aim]] = list
        self.setMinimumWidth(150)
        self.setMaximumWidth(220)
        self.setToolTip("What the take is judged by")

    def show_aim(self, aim: Aim | None) -> None:
        """Shows an aim among those that are offered. Emits nothing."""
        aims: dict[str, Aim] = {}
        for one in [*([aim] if aim is not None else []), *self.offered()]:
            aims.setdefault(one.title, one)
        listed = sorted(aims.values(), key=lambda one: one.title != "")
        self.set_options([(one, one.title or FREELY) for one in listed])
        titles = [one.title for one in listed]
        blocked = self.blockSignals(True)
        self.setCurrentIndex(titles.index(aim.title) if aim is not None else 0)
        self.blockSignals(blocked)

    def showPopup(self) -> None:
        self.show_aim(self.value)
        super().showPopup()


class ReportHeader(ToolRow):
    """Main thread. `aimed(aim)`, `nudged(seconds)` and `allowed(tolerance)` ask for another judgement at once,
    `exported(kind)` for a file, `notes_wanted()` for notes of the take."""

    aimed = Signal(object)
    nudged = Signal(float)
    allowed = Signal(object)
    exported = Signal(str)
    notes_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.name = Name()
        self.judged_by = AimChoice()
        self.nudge = QDoubleSpinBox()
        self.nudge.setRange(-NUDGE, NUDGE)
        self.nudge.setSingleStep(0.01)
        self.nudge.setDecimals(2)
        self.nudge.setPrefix("Offset ")
        self.nudge.setSuffix(" s")
        self._described(self.nudge, "Offset of the target", "Move the target later or earlier")
        self.in_tune = self._cents("In tune ±", "In tune within", "Up to so many cents a note is in tune")
        self.close_by = self._cents("Close ±", "Close within", "Up to so many cents a note is worth all")
        self.difficulty = Choice("Difficulty", DIFFICULTIES)
        self.difficulty.setMinimumWidth(106)
        self.difficulty.setToolTip("Cents at which a note is worth nothing: 100, 75 or 50")
        self.make_notes = QPushButton("Make Notes")
        self.make_notes.setToolTip("Puts the notes that are heard on a track of their own, to be corrected and sung to")
        self.export = QPushButton("Export")
        self.export.setMenu(self._menu())
        self._arrange()
        self._join()
        self.show_result(None)

    def _described(self, widget: QWidget, name: str, tip: str) -> None:
        widget.setAccessibleName(name)
        widget.setToolTip(f"{name}. {tip}")

    def _cents(self, prefix: str, name: str, tip: str) -> QSpinBox:
        made = QSpinBox()
        made.setRange(1, 100)
        made.setPrefix(prefix)
        self._described(made, name, tip)
        return made

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        for kind, words in EXPORTS:
            menu.addAction(words).triggered.connect(lambda _=False, kind=kind: self.exported.emit(kind))
        return menu

    def _arrange(self) -> None:
        self.add(self.name, stretch=1)
        self.add(text("Judged by", "dim", wrap=False), 4)
        self.add(self.judged_by)
        self.add(self.nudge, 3)
        self.add(self.in_tune, 2)
        self.add(self.close_by, 2)
        self.add(self.difficulty, 1)
        self.add(self.make_notes, 1)
        self.add(self.export)

    def _join(self) -> None:
        self.judged_by.currentIndexChanged.connect(lambda _: self.aimed.emit(self.judged_by.value))
        self.nudge.valueChanged.connect(self.nudged)
        for number in (self.in_tune, self.close_by):
            number.valueChanged.connect(lambda _: self.allowed.emit(self.tolerance))
        self.difficulty.currentIndexChanged.connect(lambda _: self.allowed.emit(self.tolerance))
        self.make_notes.clicked.connect(self.notes_wanted)

    @property
    def tolerance(self) -> Tolerance:
        """What is chosen."""
        in_tune, close = float(self.in_tune.value()), float(self.close_by.value())
        return Tolerance(in_tune, max(close, in_tune), self.difficulty.value)

    def show_tolerance(self, tolerance: Tolerance) -> None:
        """Shows what counts. Emits nothing."""
        blocked = self.blockSignals(True)
        self.in_tune.setValue(round(tolerance.in_tune))
        self.close_by.setValue(round(tolerance.close))
        self.difficulty.choose(tolerance.difficulty)
        self.blockSignals(blocked)

    def show_result(self, result: Result | None) -> None:
        """Shows what a take is judged by. Emits nothing."""
        blocked = self.blockSignals(True)
        for widget in (self.judged_by, self.nudge, self.in_tune, self.close_by, self.difficulty, self.export):
            widget.setEnabled(result is not None)
        self.make_notes.setEnabled(result is not None and bool(result.clip) and bool(result.coached.judged.notes))
        if result is not None:
            self.name.say(result.coached.name)
            self.judged_by.setEnabled(bool(result.clip))
            self.judged_by.show_aim(result.aim)
            self.nudge.setValue(result.nudge)
            self.nudge.setEnabled(result.coached.aim.target is not None or result.coached.aim.beat > 0)
            self.show_tolerance(result.tolerance)
        else:
            self.name.say("No take was coached yet")
            self.judged_by.show_aim(None)
            self.show_tolerance(Tolerance())
        self.blockSignals(blocked)


def with_difficulty(tolerance: Tolerance, difficulty: str) -> Tolerance:
    """The same bands, judged as severely as was chosen last."""
    return replace(tolerance, difficulty=difficulty)
