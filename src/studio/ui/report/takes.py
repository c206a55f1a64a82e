"""The takes of a comp beside one another: what each is worth in each phrase, and the comp that is best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QFont, QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...actions.coaching import propose_comp
from ...actions.results import Result
from ...document.document import Edit
from ...document.project import Comp
from ...engine.voice.bestcomp import Proposal
from ...engine.voice.phrases import clock
from ...errors import StudioError
from .. import theme
from ..forms import push, text
from ..icons import icon

NO_TAKES = (
    "Record over a place, or round and round in the loop: the takes are kept in one clip. Coach it, and here each take "
    "has its score for each phrase, and the best comp of them is proposed."
)
READY = "Bold is the best take of a phrase. Propose a comp, or choose in the take lanes on the timeline (T)."
STRIP = 24


class CompStrip(QWidget):
    """Which take sounds where: pieces in the colour of their take."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._pieces: list[tuple[float, float, int, str]] = []
        self.setFixedHeight(STRIP)
        self.setAccessibleName(name)

    def sizeHint(self) -> QSize:
        return QSize(300, STRIP)

    def show_pieces(self, pieces: Sequence[tuple[float, float, int, str]]) -> None:
        """Shows stretches: where they begin and end as shares of the whole, the take's number, its name."""
        self._pieces = list(pieces)
        said = ", ".join(f"{name} to {100 * end:.0f} %" for _, end, _, name in pieces)
        self.setAccessibleDescription(said or "Nothing")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setFont(theme.font(theme.SMALL))
            painter.setPen(theme.color("dim"))
            painter.drawText(QRectF(0, 0, 66, STRIP), Qt.AlignmentFlag.AlignVCenter, self._name)
            line = QRectF(70, 2, self.width() - 70, STRIP - 4)
            painter.fillRect(line, theme.color("well"))
            for start, end, number, name in self._pieces:
                box = QRectF(
                    line.left() + start * line.width(), line.top(), (end - start) * line.width(), line.height()
                )
                color = theme.TRACKS[number % len(theme.TRACKS)]
                painter.fillRect(box.adjusted(0, 0, -1, 0), theme.mix(color, "well", 0.5))
                painter.setPen(theme.color("text"))
                fits = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, max(int(box.width()) - 8, 0))
                painter.drawText(box.adjusted(5, 0, -3, 0), Qt.AlignmentFlag.AlignVCenter, fits)


class TakesPage(QWidget):
    """Main thread. `span_clicked(start, end)` asks to hear a phrase, seconds of the take; `accepted()` follows a comp
    that was taken over; `failed(error)` carries what was refused."""

    span_clicked = Signal(float, float)
    accepted = Signal()
    failed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.session: Any = None
        self._result: Result | None = None
        self._proposal: tuple[Proposal, Edit] | None = None
        self.table = QTableWidget()
        self.table.setAccessibleName("Takes, phrase by phrase")
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.cellClicked.connect(lambda row, _: self._hear(row))
        self.table.cellActivated.connect(lambda row, _: self._hear(row))
        self.says = text("", "dim")
        self.now, self.proposed = CompStrip("Now"), CompStrip("Proposed")
        self.propose = push("Propose a Comp", self.make_proposal)
        self.accept = push("Use It", self.take_over, primary=True)
        self.accept.setAccessibleName("Use the proposed comp")
        row = QHBoxLayout()
        row.addWidget(self.says, 1)
        row.addWidget(self.propose)
        row.addWidget(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, theme.PAD, theme.MARGIN, theme.PAD)
        column.setSpacing(theme.GAP)
        column.addLayout(row)
        column.addWidget(self.now)
        column.addWidget(self.proposed)
        column.addWidget(self.table, 1)
        self.show_result(None)

    def show_result(self, result: Result | None) -> None:
        """Shows the takes of a comp, or how to come by some."""
        self._result = result if result is not None and result.is_comp else None
        self._proposal = None
        there = self._result is not None
        for widget in (self.table, self.propose, self.now):
            widget.setVisible(there)
        self.says.setText(READY if there else NO_TAKES)
        self._fill()
        self.refresh()

    def refresh(self) -> None:
        """Shows the comp as it is now."""
        for widget in (self.accept, self.proposed):
            widget.setVisible(self._proposal is not None)
        comp, result = self._comp(), self._result
        if comp is None or result is None:
            self.now.show_pieces(())
            return
        number = {take.id: n for n, take in enumerate(result.takes)}
        pieces, at = [], 0.0
        for span in comp.spans:
            end = min(max((span.end - comp.lead) / comp.length, 0.0), 1.0)
            take = comp.take(span.take)
            if end > at and take is not None:
                pieces.append((at, end, number.get(span.take, 0), take.name))
            at = max(at, end)
        self.now.show_pieces(pieces)

    def _comp(self) -> Comp | None:
        found = self.session.document.clip(self._result.clip) if self.session and self._result else None
        return found if isinstance(found, Comp) else None

    def _fill(self) -> None:
        """The table: a row for each phrase, a column for each take."""
        result = self._result
        self.table.clear()
        self.table.setRowCount(0)
        if result is None:
            self.table.setColumnCount(0)
            return
        worth = result.worth
        self.table.setColumnCount(1 + len(result.takes))
        self.table.setHorizontalHeaderLabels(["Phrase", *(take.name for take in result.takes)])
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeaderItem(0).setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.setRowCount(len(worth.spans))
        for row, ((start, end), scores) in enumerate(zip(worth.spans, worth.scores, strict=True)):
            self.table.setItem(row, 0, QTableWidgetItem(self._phrase(start, end)))
            best = max((score for score in scores if score is not None), default=None)
            for column, score in enumerate(scores):
                self.table.setItem(row, column + 1, _cell(score, score is not None and score == best))

    def _phrase(self, start: float, end: float) -> str:
        """What is sung in a span: its words, and when it begins."""
        assert self._result is not None
        phrases = self._result.takes[0].coached.judged.phrases
        words = [one.words for one in phrases if one.words and start <= (one.start + one.end) / 2 < end]
        return f"{clock(start + self._result.start)}  {' '.join(words)}".rstrip()

    def _hear(self, row: int) -> None:
        if self._result is not None and row < len(self._result.worth.spans):
            self.span_clicked.emit(*self._result.worth.spans[row])

    # -- the best comp -------------------------------------------------------------------------------------------

    def make_proposal(self) -> None:
        """Proposes the best comp and shows which take it uses where."""
        result = self._result
        if result is None or self.session is None:
            return
        judged = {take.id: take.coached for take in result.takes}
        try:
            proposal, edit = propose_comp(self.session.document.project, result.clip, judged)
        except StudioError as error:
            self.failed.emit(error)
            return
        self._proposal = (proposal, edit)
        names = {take.id: (n, take.name) for n, take in enumerate(result.takes)}
        seconds = result.coached.heard.sound.seconds
        self.proposed.show_pieces(
            [(one.start / seconds, one.end / seconds, *names[one.take]) for one in proposal.choices]
        )
        alone = ", ".join(f"{names[key][1]} {score:.0f}" for key, score in proposal.alone.items())
        self.says.setText(f"The proposed comp reaches {proposal.score:.0f} of 100; alone: {alone}.")
        self._mark(proposal)
        self.refresh()

    def _mark(self, proposal: Proposal) -> None:
        """Lights up the cells that the proposal uses."""
        assert self._result is not None
        column = {take.id: n + 1 for n, take in enumerate(self._result.takes)}
        for row, (start, end) in enumerate(self._result.worth.spans):
            middle = (start + end) / 2
            used = next((column[one.take] for one in proposal.choices if one.start <= middle < one.end), 0)
            for n in range(1, self.table.columnCount()):
                item = self.table.item(row, n)
                item.setIcon(icon("check", "accent") if n == used else QIcon())
                score = item.data(Qt.ItemDataRole.UserRole)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{score}, proposed" if n == used else score)

    def take_over(self) -> None:
        """Makes the comp as proposed, one undo step."""
        if self._proposal is None or self.session is None:
            return
        try:
            self.session.document.apply(self._proposal[1])
        except StudioError as error:
            self.failed.emit(error)
            return
        self._proposal = None
        self.says.setText("The comp is as proposed; Undo brings back what was.")
        self.refresh()
        self.accepted.emit()


def _cell(score: float | None, best: bool) -> QTableWidgetItem:
    item = QTableWidgetItem("–" if score is None else f"{score:.0f}")
    item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
    item.setData(Qt.ItemDataRole.UserRole, f"{item.text()}, best" if best else item.text())
    item.setData(Qt.ItemDataRole.AccessibleTextRole, item.data(Qt.ItemDataRole.UserRole))
    if best:
        bold = QFont(theme.font(weight="semibold"))
        item.setFont(bold)
        item.setForeground(QBrush(theme.color("ok")))
    else:
        item.setForeground(QBrush(theme.color("dim")))
    return item
