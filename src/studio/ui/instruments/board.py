"""The knobs of one kind of instrument, in groups that flow from left to right and wrap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ...engine.audio.effects import Parameter
from ...engine.audio.instruments.presets import Group, InstrumentKind
from .. import theme
from ..controls import Knob

REST = "More"
"""The group of the parameters that no group names."""


def groups_of(kind: InstrumentKind) -> tuple[Group, ...]:
    """The groups of a kind: as it says, then by what stands before a colon in the titles, then the rest."""
    named = {name for group in kind.groups for name in group.parameters}
    others: dict[str, list[str]] = {}
    for parameter in kind.parameters:
        if parameter.name not in named:
            head, colon, _ = parameter.title.partition(":")
            others.setdefault(head if colon else REST, []).append(parameter.name)
    rest = others.pop(REST, None)
    found = [*kind.groups, *(Group(title, tuple(names)) for title, names in others.items())]
    if rest:
        found.append(Group(REST if found else kind.title, tuple(rest)))
    return tuple(found)


def short_title(parameter: Parameter, group: Group) -> str:
    """What a knob is called within its group: "Kick: tune" is "Tune" there, "Filter envelope: attack" is "Attack"."""
    title = parameter.title
    for head in (group.title, *group.title.split()):
        if title.casefold().startswith(head.casefold() + ":"):
            title = title[len(head) + 1 :].strip()
    return title[:1].upper() + title[1:]


class _Title(QAbstractButton):
    """The name of a group; where the group has a key of its own, a press sounds it."""

    def __init__(self, text: str, sounds: bool) -> None:
        super().__init__()
        self.setText(text)
        self.setEnabled(sounds)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if sounds else Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(f"Play {text}" if sounds else text)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        if sounds:
            self.setToolTip(f"Press to hear: {text}")

    def sizeHint(self) -> QSize:
        return QSize(48, theme.HIT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setFont(theme.font(theme.SMALL, "semibold"))
            warm = self.isEnabled() and (self.underMouse() or self.isDown() or self.hasFocus())
            painter.setPen(theme.color("accent" if warm else "text"))
            left = 0
            if self.isEnabled():
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setBrush(theme.color("accent" if warm else "dim"))
                y = self.height() / 2
                painter.save()
                painter.setPen(Qt.PenStyle.NoPen)
                painter.drawPolygon(QPolygonF([QPointF(1, y - 4), QPointF(8, y), QPointF(1, y + 4)]))
                painter.restore()
                left = 14
            painter.drawText(self.rect().adjusted(left, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.text())


class GroupBox(QFrame):
    """One group of knobs."""

    def __init__(self, group: Group, knobs: Iterable[Knob]) -> None:
        super().__init__()
        self.group = group
        self.setAccessibleName(group.title)
        self.setObjectName("group")
        self.setStyleSheet(f"#group {{ background: {theme.TOKENS['raised']}; border-radius: {theme.RADIUS}px; }}")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.PAD, theme.GAP, theme.PAD, theme.GAP)
        column.setSpacing(0)
        self.title = _Title(group.title, group.pitch >= 0)
        column.addWidget(self.title)
        row = QHBoxLayout()
        row.setSpacing(0)
        for knob in knobs:
            row.addWidget(knob)
        column.addLayout(row)


class Board(QScrollArea):
    """All groups of a kind. Main thread.

    `turned(name, value)`: a knob is being turned. `settled(name, value, gesture)`: a gesture with it is over; a run of
    keys is one gesture. `sounded(pitch)`: a group is to be heard, -1 when it is let go.
    """

    turned = Signal(str, float)
    settled = Signal(str, float, str)
    sounded = Signal(int)

    def __init__(self, kind: InstrumentKind) -> None:
        super().__init__()
        self.kind = kind
        self.knobs: dict[str, Knob] = {}
        self._pitches: dict[str, int] = {}
        self._ground = QWidget()
        self._boxes = [self._box(group) for group in groups_of(kind)]
        self.setWidget(self._ground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._ground.setStyleSheet("background: transparent;")
        self.setAccessibleName(f"Parameters of the {kind.title}")

    def _box(self, group: Group) -> GroupBox:
        made = [self._knob(name, group) for name in group.parameters]
        box = GroupBox(group, [knob for knob in made if knob is not None])
        box.setParent(self._ground)
        box.title.pressed.connect(lambda: self.sounded.emit(group.pitch))
        box.title.released.connect(lambda: self.sounded.emit(-1))
        return box

    def _knob(self, name: str, group: Group) -> Knob | None:
        parameter = self.kind.parameter(name)
        if parameter is None:
            return None
        knob = self.knobs[name] = Knob(parameter, short_title(parameter, group), self.kind.choices.get(name, ()))
        self._pitches[name] = group.pitch
        knob.live.connect(lambda value: self.turned.emit(name, value))
        knob.settled.connect(lambda value, gesture: self.settled.emit(name, value, gesture))
        return knob

    @property
    def busy(self) -> bool:
        """Whether a hand is on a knob."""
        return any(knob.busy for knob in self.knobs.values())

    def pitch_of(self, name: str) -> int:
        """The key that a parameter is heard on, -1 where any will do."""
        return self._pitches.get(name, -1)

    def show_values(self, values: Mapping[str, float], usual: Mapping[str, float]) -> None:
        """Follows the song: the values, and those of the preset."""
        for name, knob in self.knobs.items():
            knob.show_amount(values[name], usual[name], values[name] != usual[name])

    def set_editable(self, editable: bool) -> None:
        """Lets the knobs be turned, or only looked at."""
        for knob in self.knobs.values():
            knob.setEnabled(editable)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._flow()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._flow()
        return super().event(event)

    def _flow(self) -> None:
        """Places the groups in rows as wide as there is room, each of them as wide as its knobs need."""
        x, y, high, room = 0, 0, 0, self.viewport().width()
        for box in self._boxes:
            size = box.sizeHint()
            if x and x + size.width() > room:
                x, y = 0, y + high + theme.PAD
                high = 0
            box.setGeometry(QRect(x, y, size.width(), size.height()))
            x, high = x + size.width() + theme.PAD, max(high, size.height())
        self._ground.resize(room, y + high)
