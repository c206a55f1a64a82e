"""The scores of a take, what they are drawn from, advice, and what to practise: the column at the left."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from ...actions.results import Result
from ...engine.voice.advice import Practice
from ...engine.voice.evidence import Tip
from ...engine.voice.pitchtrack import name_of
from .. import theme
from ..forms import text
from ..icons import IconButton
from .wording import consistency, facts, summary

LEFT = 92
"""Pixels for the overall score, left of its parts."""

LOW = 0.5
"""Confidence below which the scores are shown with a warning."""


class ScoreCard(QWidget):
    """The overall score, large, and its three parts as bars."""

    def __init__(self) -> None:
        super().__init__()
        self._result: Result | None = None
        self.setFixedHeight(104)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(260, 104)

    def show_result(self, result: Result) -> None:
        """Shows the scores of a take."""
        self._result = result
        scores = result.coached.judged.graded.scores
        self.setAccessibleName(f"Score: {summary(result)} {scores.confidence:.0%} sure.")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._result is None:
            return
        judged = self._result.coached.judged
        scores = judged.graded.scores
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._overall(painter, scores.overall, scores.confidence)
            rows = [("Pitch", scores.pitch), ("Rhythm", scores.rhythm), ("Consistency", scores.consistency)]
            for n, (name, value) in enumerate(rows):
                self._bar(painter, QRectF(LEFT, 6 + 22 * n, self.width() - LEFT - 4, 18), name, value)
            if judged.karaoke is not None:
                painter.setFont(theme.font(theme.SMALL))
                painter.setPen(theme.color("dim"))
                told = f"UltraStar {judged.karaoke.points:,}: {judged.karaoke.rank}"
                painter.drawText(QRectF(LEFT, 76, self.width() - LEFT - 4, 18), Qt.AlignmentFlag.AlignVCenter, told)

    def _overall(self, painter: QPainter, overall: float, sure: float) -> None:
        painter.setFont(theme.font(46, "semibold"))
        painter.setPen(theme.color(_tint(overall)))
        painter.drawText(QRectF(0, 2, LEFT - 8, 56), Qt.AlignmentFlag.AlignCenter, f"{overall:.0f}")
        painter.setFont(theme.font(theme.SMALL))
        painter.setPen(theme.color("warn" if sure < LOW else "dim"))
        told = f"of 100\n{sure:.0%} sure"
        painter.drawText(QRectF(0, 58, LEFT - 8, 36), Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, told)

    def _bar(self, painter: QPainter, box: QRectF, name: str, value: float | None) -> None:
        painter.setFont(theme.font(theme.TEXT))
        painter.setPen(theme.color("text" if value is not None else "dim"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | middle, name)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | middle, f"{value:.0f}" if value is not None else "–")
        line = QRectF(box.left() + 78, box.center().y() - 2, max(box.width() - 112, 8), 5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("well"))
        painter.drawRoundedRect(line, 2.5, 2.5)
        if value:
            painter.setBrush(theme.color(_tint(value)))
            painter.drawRoundedRect(QRectF(line.left(), line.top(), line.width() * value / 100, 5), 2.5, 2.5)


def _tint(score: float) -> str:
    return "ok" if score >= 85 else "warn" if score >= 60 else "rec_text"


class Figures(QScrollArea):
    """Main thread. `times_asked(seconds)` asks to hear the first of these places, `practice_asked(practice)`
    to sing an exercise of the plan."""

    times_asked = Signal(object)
    practice_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setAccessibleName("Scores and advice")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(210)

    def sizeHint(self) -> QSize:
        return QSize(310, 240)

    def show_result(self, result: Result) -> None:
        """Shows a take."""
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(theme.MARGIN, theme.PAD, theme.MARGIN, theme.MARGIN)
        column.setSpacing(theme.GAP)
        card = ScoreCard()
        card.show_result(result)
        column.addWidget(card)
        for notice in result.coached.notices:
            column.addWidget(_tinted(notice, "warn"))
        advice = result.coached.judged.advice
        self._section(column, "What to work on", (self._tip(tip, bool(result.clip)) for tip in advice.hints))
        self._section(column, "What went well", (self._tip(tip, bool(result.clip)) for tip in advice.praise))
        self._section(column, "Figures", (_figure(name, told) for name, told in facts(result)))
        self._section(column, "Compared with other takes", (text(told) for told in consistency(result)))
        self._section(column, "To practise", (self._practice(one) for one in advice.plan))
        column.addStretch(1)
        page.setStyleSheet(".QWidget { background: transparent; }")
        self.setWidget(page)

    def _section(self, column: QVBoxLayout, title: str, rows: Iterable[QWidget]) -> None:
        made = list(rows)
        if made:
            column.addSpacing(theme.PAD)
            column.addWidget(text(title, "heading"))
            for row in made:
                column.addWidget(row)

    def _tip(self, tip: Tip, can_hear: bool) -> QWidget:
        if not (can_hear and tip.times):
            return text(tip.text)
        hear = IconButton("play", f"Hear the first of these places: {tip.text}", 22, flat=True)
        hear.clicked.connect(lambda: self.times_asked.emit(tip.times))
        return _row(hear, text(tip.text))

    def _practice(self, one: Practice) -> QWidget:
        told = f"{one.kind.capitalize()}, {name_of(one.low)} to {name_of(one.high)}, {one.bpm:g} BPM. {one.why}"
        sing = QPushButton("Sing")
        sing.setAccessibleName(f"Sing {told}")
        sing.clicked.connect(lambda: self.practice_asked.emit(one))
        return _row(sing, text(told))


def _row(button: QWidget, label: QLabel) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.PAD)
    row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(label, 1)
    return made


def _figure(name: str, told: str) -> QWidget:
    head = text(name, "dim", wrap=False)
    head.setFixedWidth(72)
    label = text(told)
    label.setAccessibleName(f"{name}: {told}")
    return _row(head, label)


def _tinted(words: str, tint: str) -> QLabel:
    label = text(words)
    label.setStyleSheet(f"color: {theme.TOKENS[tint]};")
    return label
