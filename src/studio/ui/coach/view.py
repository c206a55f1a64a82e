"""The coach's one painted widget: the reading above, the notes and the trace that scroll under a fixed now-line."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QSizePolicy, QWidget

from .paint import Ground, paint_reading, paint_sentence, paint_staff, paint_tuner, paint_words
from .picture import Picture
from .tiles import Tiles

SECONDS = (4.0, 12.0)
"""How many seconds the narrowest and the widest view show."""

PIXELS = 110.0
"""Pixels a second, between these."""

READ = 3
"""Frames after which the figures of the reading are painted anew."""

FOOT = 40
SPOKEN = 1.0
"""Seconds between changes of what a screen reader is told."""


class CoachView(QWidget):
    """Main thread. `painted(picture)` is called when a frame stands in the window's memory."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = Picture()
        self.painted: Callable[[Picture], None] = lambda _: None
        self._ground, self._tiles = Ground(), Tiles()
        self._frames = 0
        self._said = ("", 0.0)
        self.setAccessibleName("Voice")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumSize(280, 240)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(560, 480)

    @property
    def seconds(self) -> float:
        """How many seconds the width shows."""
        return max(SECONDS[0], min(self.width() / PIXELS, SECONDS[1]))

    @property
    def before(self) -> float:
        """Seconds that are shown of what has been."""
        return self.seconds / 3

    @property
    def after(self) -> float:
        """Seconds that are shown of what comes."""
        return self.seconds * 2 / 3

    def show_picture(self, picture: Picture) -> None:
        """Shows a frame with the next painting."""
        before, self.picture = self.picture, picture
        self._frames += 1
        if (
            picture.sentence != before.sentence
            or picture.tuner
            or before.tuner
            or self._foot(picture) != self._foot(before)
        ):
            self.update()
        elif not picture.sentence:
            self._update_parts(before, picture)
        self._tell()

    def _update_parts(self, before: Picture, picture: Picture) -> None:
        """Has what changed painted anew: the reading at once where the note is another one, else now and then, for
        nobody reads figures that change sixty times a second."""
        head, foot, width = self._head(), self._foot(picture), self.width()
        self.update(0, head, width, self.height() - head - foot)
        if picture.reading.name != before.reading.name or self._frames % READ == 0:
            self.update(0, 0, width, head)
        if foot and (picture.words, picture.score) != (before.words, before.score):
            self.update(0, self.height() - foot, width, foot)

    def _head(self) -> int:
        return round(max(96.0, min(self.height() * 0.27, 190.0)))

    @staticmethod
    def _foot(picture: Picture) -> int:
        return FOOT if picture.words or picture.score else 0

    def _tell(self) -> None:
        """Tells a screen reader the note, once a second at most."""
        said = describe(self.picture)
        before, when = self._said
        if said != before and time.monotonic() - when >= SPOKEN:
            self._said = (said, time.monotonic())
            self.setAccessibleDescription(said)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    def paintEvent(self, event: QPaintEvent) -> None:
        picture, width, height = self.picture, float(self.width()), float(self.height())
        with QPainter(self) as painter:
            if picture.sentence:
                paint_sentence(painter, QRectF(0, 0, width, height), picture.sentence)
                return
            if picture.tuner:
                paint_tuner(painter, QRectF(0, 0, width, height), picture)
            else:
                self._paint_parts(painter, event.region(), width, height)
        self.painted(picture)

    def _paint_parts(self, painter: QPainter, region: QRegion, width: float, height: float) -> None:
        picture, head, foot = self.picture, self._head(), self._foot(self.picture)
        reading, staff = QRectF(0, 0, width, head), QRectF(0, head, width, height - head - foot)
        if region.intersects(reading.toRect()):
            paint_reading(painter, reading, picture)
        if region.intersects(staff.toRect()):
            paint_staff(painter, staff, picture, self.seconds, self._ground, self._tiles)
        words = QRectF(0, height - foot, width, foot)
        if foot and region.intersects(words.toRect()):
            paint_words(painter, words, picture)


def describe(picture: Picture) -> str:
    """What the view shows, as one sentence for a screen reader."""
    if picture.sentence:
        return picture.sentence
    reading = picture.reading
    if reading.semitone is None:
        return "Nothing is sung."
    off = round(picture.cents)
    where = "in tune" if abs(off) <= picture.in_tune else f"{abs(off)} cents {'sharp' if off > 0 else 'flat'}"
    return f"{reading.name}, {where}."
