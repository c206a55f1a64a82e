"""The chord lane of the ruler: painted, and what mouse and keys do to its chords. Positions in ticks."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from ...document.edits.harmony import put_chord, remove_chord
from ...document.harmony import Chord, chord_at, key_at
from ...document.project import Project, new_id
from ...document.time import bar_beat, bar_tick, signature_at
from ...engine.music.chordnames import spell_chord
from ...engine.music.harmony.symbols import read_words, spell
from ...errors import StudioError
from .. import theme
from ..controls import InlineEdit
from . import grid
from .axis import Axis
from .labels import device_font
from .ruler_gestures import RulerGesture
from .ruler_lanes import CHORDS

if TYPE_CHECKING:
    from .view import TimelineView


def paint_chords(painter: QPainter, project: Project, axis: Axis, width: int) -> None:
    """Paints the chords between the edges of a picture as wide; the painter's origin is that of the ruler."""
    ratio, chords = axis.ratio, project.chords
    painter.setFont(device_font(theme.SMALL, ratio, "medium"))
    painter.setPen(theme.color("text"))
    top, height = round((CHORDS[0] + 3) * ratio), round((CHORDS[1] - CHORDS[0] - 4) * ratio)
    ground, gap = theme.mix("accent", "bg", 0.22), max(round(ratio), 1)
    at = bisect_left(chords, axis.tick(0), key=_end)
    while at < len(chords) and axis.x(chords[at].start) < width:
        chord = chords[at]
        left, right = round(axis.x(chord.start)), round(axis.x(chord.start + chord.length))
        following = bisect_left(chords, axis.tick(left + 1), at + 1, key=_end)
        at = following if right <= left + 1 else at + 1  # of many in one column the first is seen
        painter.fillRect(left, top, max(right - left - gap, 1), height, ground)
        begin = max(left, 0) + round(5 * ratio)
        room, name = right - begin - gap, spell_chord(chord)
        if room > 6 * ratio and painter.fontMetrics().horizontalAdvance(name) <= room:  # half a name is another chord
            box = QRectF(begin, top, room, height)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)


def _end(chord: Chord) -> int:
    return chord.start + chord.length


class ChordGesture(RulerGesture):
    """Draws a chord, moves one, or moves one of its edges; a click moves the playhead to its beginning."""

    def __init__(self, view: TimelineView, tick: float, reach: float) -> None:
        super().__init__(view)
        assert self.stage.project is not None
        chords = self.stage.project.chords
        self._tick = tick
        self._chord = chord_at(chords, int(tick))
        self._part = "body" if self._chord else "new"
        for chord in chords:
            for part, edge in (("left", chord.start), ("right", chord.start + chord.length)):
                if abs(tick - edge) <= reach and self._part in {"body", "new"}:
                    self._chord, self._part = chord, part
        self._new = likely_chord(self.stage.project, int(tick))

    def press(self, tick: float, free: bool) -> None:
        """A new chord begins here."""
        self._begin = self.snapped(tick, free)

    def drag(self, tick: float, free: bool) -> None:
        """The chord follows the pointer; others give way."""
        self.moved = True
        changed = self._changed(tick, free)
        if changed.length > 0:
            self.show(put_chord(changed))

    def _changed(self, tick: float, free: bool) -> Chord:
        chord = self._chord
        if chord is None:
            low, high = sorted((self._begin, self.snapped(tick, free)))
            return replace(self._new, start=low, length=high - low)
        end = chord.start + chord.length
        if self._part == "left":
            to = min(self.snapped(tick, free), end - grid.FINEST)
            return replace(chord, start=to, length=end - to)
        if self._part == "right":
            return replace(chord, length=max(self.snapped(tick, free) - chord.start, grid.FINEST))
        return replace(chord, start=max(self.snapped(chord.start + tick - self._tick, free), 0))

    def release(self) -> None:
        """Makes the change; a new chord gets its name at once."""
        super().release()
        if self._chord is None and self.edit is not None:
            self.view.chords.rename(self._new.id)

    def click(self) -> None:
        """The playhead goes to the chord's beginning."""
        if self._chord is not None and self.stage.time is not None:
            self.view.locate_requested.emit(int(self.stage.time.frame(self._chord.start)))


def likely_chord(project: Project, tick: int) -> Chord:
    """A chord to begin with at a tick, up to the next chord or bar line: the likeliest after those before it."""
    from ...actions.harmony import key_for, suggest_after

    found = suggest_after(project, max(tick, 0), 1)[0].chord
    following = next((other.start for other in project.chords if other.start > tick), found.start + found.length)
    length = min(found.start + found.length, following) - found.start
    symbol = spell(found, key_for(project, tick))
    return replace(found, id=new_id("chord"), length=max(length, 1), symbol=symbol)


class ChordLane:
    """What commands do to the chord at the playhead. Main thread; what is refused becomes the stage's `failed`."""

    def __init__(self, view: TimelineView) -> None:
        self._view = view
        self._stage = view.stage

    @property
    def current(self) -> Chord | None:
        """The chord under the playhead."""
        project = self._stage.project
        return chord_at(project.chords, self._tick) if project else None

    def at(self, tick: float) -> str:
        """The id of the chord at a tick, empty for none."""
        project = self._stage.project
        found = chord_at(project.chords, int(tick)) if project else None
        return found.id if found else ""

    def name(self, tick: int | None = None) -> None:
        """Lets the chord at a tick, by default the playhead, be typed; where there is none, adds a likely one first."""
        project = self._stage.project
        if project is None:
            return
        at = self._tick if tick is None else tick
        found = chord_at(project.chords, at)
        if found is None:
            found = likely_chord(project, self._beat(project, at))
            if not self._stage.apply(put_chord(found)):
                return
        self.rename(found.id)

    def rename(self, chord_id: str) -> None:
        """Edits the symbol of a chord in place."""
        chord = self._chord(chord_id)
        if chord is not None:
            ruler = self._view.ruler
            box = ruler.box(chord.start, chord.length, CHORDS)
            editor = InlineEdit(ruler, box, spell_chord(chord), "Chord, such as Am7 or F/C")
            editor.accepted.connect(lambda text: self._take(chord_id, text))

    def _take(self, chord_id: str, text: str) -> None:
        chord, project = self._chord(chord_id), self._stage.project
        if chord is None or project is None or text.strip() in {"", spell_chord(chord)}:
            return
        key = key_at(project.keys, chord.start)
        try:
            words = read_words(text, key)
            if len(words) != 1 or words[0].root is None:
                raise StudioError(
                    "This is not one chord; write one such as Am7, or several with Chords in the Clip menu."
                )
        except StudioError as error:
            self._stage.failed.emit(error)
            return
        word = words[0]
        fresh = replace(chord, root=word.root, quality=word.quality, bass=word.bass, symbol=word.symbol)
        self._stage.apply(put_chord(fresh))

    def delete(self, chord_id: str = "") -> None:
        """Removes a chord, by default the one under the playhead."""
        chord = self._chord(chord_id) if chord_id else self.current
        if chord is not None:
            self._stage.apply(remove_chord(chord.id))

    def resize(self, beats: int) -> None:
        """Moves the end of the chord under the playhead by beats."""
        chord, project = self.current, self._stage.project
        if chord is not None and project is not None:
            beat = signature_at(project.signatures, chord.start).beat_ticks
            length = max(chord.length + beats * beat, min(chord.length, beat))
            self._stage.apply(put_chord(replace(chord, length=length)))

    def move(self, beats: int) -> None:
        """Moves the chord under the playhead by beats, and the playhead with it."""
        chord, project = self.current, self._stage.project
        if chord is not None and project is not None:
            start = max(chord.start + beats * signature_at(project.signatures, chord.start).beat_ticks, 0)
            if self._stage.apply(put_chord(replace(chord, start=start))):
                self._go(start)

    def go(self, by: int) -> None:
        """Moves the playhead to the next or the previous chord."""
        project, here = self._stage.project, self._tick
        starts = [chord.start for chord in project.chords] if project else []
        found = [start for start in starts if start > here] if by > 0 else [s for s in reversed(starts) if s < here]
        if found:
            self._go(found[0])

    def spoken(self) -> str:
        """What a screen reader says about the lane."""
        project = self._stage.project
        if project is None or not project.chords:
            return "No chords"
        current = self.current
        here = f"{spell_chord(current)} at the playhead, " if current else ""
        count = len(project.chords)
        return f"{here}{count} chord{'' if count == 1 else 's'}"

    @property
    def _tick(self) -> int:
        return round(self._stage.playhead_tick)

    def _chord(self, chord_id: str) -> Chord | None:
        project = self._stage.project
        return next((chord for chord in project.chords if chord.id == chord_id), None) if project else None

    def _go(self, tick: int) -> None:
        time = self._stage.time
        if time is not None:
            frame = int(time.frame(tick))
            self._view.set_playhead(frame)
            self._view.locate_requested.emit(frame)
            self._view.navigation.reveal_frame(frame)
            self._view.ruler.setAccessibleDescription(self.spoken())

    @staticmethod
    def _beat(project: Project, tick: int) -> int:
        """The beginning of the beat in which a tick lies."""
        spot = bar_beat(project.signatures, tick)
        beat = signature_at(project.signatures, tick).beat_ticks
        return int(bar_tick(project.signatures, spot.bar)) + (spot.beat - 1) * beat
