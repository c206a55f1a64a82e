"""The command palette: every command by a few of its letters, with its key, keyboard only if one likes."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from . import theme
from .commands import Commands

WIDTH, ROWS, ROW = 560, 11, 34
WEAK = 0.75
"""What fits less than this share of the best is not listed."""
_ID = int(Qt.ItemDataRole.UserRole)
_DETAIL = _ID + 1


@dataclass(frozen=True)
class Match:
    """How well a text fits what was typed: higher is better. `at` are the positions of the letters found."""

    score: float
    at: tuple[int, ...]


def fuzzy(query: str, text: str) -> Match | None:
    """Finds the letters of `query` in order in `text`; None if they are not all there.

    Letters at the start of words and runs of letters count more, gaps and long texts less.
    """
    wanted, within = query.casefold().replace(" ", ""), text.casefold()
    if not wanted:
        return Match(0.0, ())
    best: Match | None = None
    for start in (n for n, letter in enumerate(within) if wanted[0] == letter):
        found = _match_from(wanted, within, start)
        if found and (best is None or found.score > best.score):
            best = found
    return best


def _match_from(wanted: str, within: str, start: int) -> Match | None:
    at: list[int] = []
    score, position = 0.0, start
    for letter in wanted:
        nearest = within.find(letter, position)
        if nearest < 0:
            return None
        heads = (n for n in range(nearest, len(within)) if within[n] == letter and _head(within, n))
        head = next(heads, -1)
        follows = bool(at) and nearest == at[-1] + 1
        chosen = nearest if follows or head < 0 or not _rest_fits(wanted[len(at) + 1 :], within, head + 1) else head
        score += 3.0 if at and chosen == at[-1] + 1 else 2.5 if _head(within, chosen) else 1.0
        score -= 0.02 * (chosen - position)
        at.append(chosen)
        position = chosen + 1
    return Match(score - 0.01 * len(within), tuple(at))


def _head(text: str, at: int) -> bool:
    return at == 0 or not text[at - 1].isalnum()


def _rest_fits(wanted: str, within: str, start: int) -> bool:
    for letter in wanted:
        start = within.find(letter, start) + 1
        if start == 0:
            return False
    return True


class Palette(QFrame):
    """A field and a list over the window. Arrows choose, Enter runs, Escape or a click elsewhere closes."""

    def __init__(self, commands: Commands, window: QWidget) -> None:
        super().__init__(window, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self._commands, self._window = commands, window
        self._recent: list[str] = []
        self.setAccessibleName("Command palette")
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.PAD] * 4)
        column.setSpacing(theme.PAD)
        self.field = QLineEdit()
        self.field.setPlaceholderText("Type what you want to do")
        self.field.setAccessibleName("Search commands")
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list = QListView()
        self.list.setAccessibleName("Commands")
        self.list.setItemDelegate(_Row(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.clicked.connect(self._run)
        self._model = QStandardItemModel(self)
        self.list.setModel(self._model)
        self.list.setFixedHeight(ROWS * ROW)
        column.addWidget(self.field)
        column.addWidget(self.list)

    def open(self) -> None:
        """Shows the palette in the upper middle of the window, with the commands used last on top."""
        self._commands.refresh()
        self._enabled = {c.id: c.enabled() for c in self._commands.all()}
        self.field.clear()
        self._search("")
        width = min(WIDTH, self._window.width() - 2 * theme.MARGIN)
        corner = self._window.mapToGlobal(self._window.rect().topLeft())
        self.setFixedWidth(width)
        self.adjustSize()
        self.move(corner.x() + (self._window.width() - width) // 2, corner.y() + 96)
        self.show()
        self.field.setFocus()

    def _search(self, query: str) -> None:
        self._model.clear()
        for command_id, text in self._found(query):
            item = QStandardItem(text)
            item.setData(command_id, _ID)
            item.setData(self._commands.keys(command_id), _DETAIL)
            item.setEditable(False)
            item.setEnabled(self._enabled.get(command_id, False))
            keys = self._commands.keys(command_id)
            item.setAccessibleText(f"{text}, {keys}" if keys else text)
            self._model.appendRow(item)
        self._select(0)

    def _found(self, query: str) -> list[tuple[str, str]]:
        """The ids and texts of the commands that fit, best first; commands that cannot run now come last."""
        rows: list[tuple[bool, float, int, str, str]] = []
        for order, command in enumerate(self._commands.all()):
            if command.id == "view.palette":
                continue
            name = self._commands.action(command.id).text().replace("&", "").rstrip("…")
            text = f"{command.menu.split('/')[0]}: {name}" if command.menu else name
            match = fuzzy(query, name) or fuzzy(query, text)
            if match is not None:
                used = self._recent.index(command.id) if command.id in self._recent else -1
                score = match.score + 0.1 * (used + 1)
                rows.append((not self._enabled.get(command.id, False), -score, order, command.id, text))
        least = WEAK * max((-score for _, score, *_ in rows), default=0.0) if query.strip() else -1.0
        return [(command_id, text) for _, score, _, command_id, text in sorted(rows) if -score >= least]

    def _select(self, row: int) -> None:
        count = self._model.rowCount()
        if count:
            index = self._model.index(max(0, min(row, count - 1)), 0)
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)

    def _run(self, index: QModelIndex | QPersistentModelIndex | None = None) -> None:
        chosen = self.list.currentIndex() if index is None else index
        command_id = chosen.data(_ID) if chosen.isValid() else None
        if command_id is None or not self._enabled.get(command_id, False):
            return
        self._recent = [*(known for known in self._recent if known != command_id), command_id][-8:]
        self.hide()
        self._commands.run(command_id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        row = self.list.currentIndex().row()
        steps = {
            Qt.Key.Key_Down: row + 1,
            Qt.Key.Key_Up: row - 1,
            Qt.Key.Key_PageDown: row + ROWS - 1,
            Qt.Key.Key_PageUp: row - ROWS + 1,
        }
        if event.key() in steps:
            self._select(steps[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run()
        elif event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            return False
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme.color("line"))
            painter.setBrush(theme.color("panel"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
            if not self._model.rowCount():
                painter.setPen(theme.color("dim"))
                where = QRectF(self.rect()).adjusted(0, 40, 0, 0)
                painter.drawText(where, Qt.AlignmentFlag.AlignCenter, "No command has these letters.")


class _Row(QStyledItemDelegate):
    """A command on the left, its key on the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        view = self.parent()
        current = isinstance(view, QListView) and view.currentIndex() == index
        enabled = bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)
        box = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_soft"))
            painter.drawRoundedRect(box.adjusted(0, 1, 0, -1), theme.RADIUS, theme.RADIUS)
        inner = box.adjusted(theme.MARGIN, 0, -theme.MARGIN, 0)
        painter.setFont(theme.font())
        painter.setPen(theme.color("faint" if not enabled else "text"))
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, index.data())
        self._paint_key(painter, inner, index.data(_DETAIL), enabled)
        painter.restore()

    @staticmethod
    def _paint_key(painter: QPainter, inner: QRectF, keys: str, enabled: bool) -> None:
        if not keys:
            return
        face = theme.font(theme.SMALL, mono=True)
        width = QFontMetricsF(face).horizontalAdvance(keys) + theme.MARGIN
        box = QRectF(inner.right() - width, inner.center().y() - 10, width, 20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(box, 4, 4)
        painter.setFont(face)
        painter.setPen(theme.color("dim" if enabled else "faint"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, keys)
