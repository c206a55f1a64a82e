"""Gestures on the ruler: moving the playhead, the loop, sections and markers. Positions in ticks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from ...document.document import Edit
from ...document.edits import song
from ...document.project import TRACK_COLORS, Section, new_id
from . import grid
from .snap import Snap

if TYPE_CHECKING:
    from .view import TimelineView

SECTION_COLORS = (TRACK_COLORS[1], TRACK_COLORS[0], TRACK_COLORS[2], TRACK_COLORS[4], TRACK_COLORS[3], TRACK_COLORS[5])


class RulerGesture:
    """A press, perhaps a drag, a release. What it changes is previewed and made on release as one undo step."""

    def __init__(self, view: TimelineView) -> None:
        self.view, self.stage = view, view.stage
        self.moved = False
        self.edit: Edit | None = None
        self._snap = Snap(view.stage, view.pointer.grid, view.pointer.snapping)

    def snapped(self, tick: float, free: bool) -> int:
        """The tick that `tick` is pulled to."""
        time = self.stage.time
        if time is None or free:
            return round(tick)
        found = self._snap.frame(time.frame(round(tick)))
        return int(time.tick(found.frame)) if found.caught else round(tick)

    def press(self, tick: float, free: bool) -> None:
        """The button went down."""

    def drag(self, tick: float, free: bool) -> None:
        """The pointer moved."""
        self.moved = True

    def show(self, edit: Edit) -> None:
        """Previews an edit."""
        if self.stage.preview(edit):
            self.edit = edit

    def release(self) -> None:
        """The button went up: makes the edit, or the click."""
        if self.edit is not None:
            self.stage.apply(self.edit)
        elif not self.moved:
            self.click()

    def click(self) -> None:
        """What a press without a drag does."""

    def cancel(self) -> None:
        """Esc was pressed."""
        self.stage.preview(None)


class LocateGesture(RulerGesture):
    """Puts the playhead somewhere; while dragging only its picture moves."""

    def __init__(self, view: TimelineView) -> None:
        super().__init__(view)
        self._before = self._frame = view.stage.playhead

    def press(self, tick: float, free: bool) -> None:
        """Moves the playhead at once."""
        self._go(tick, free)
        self.view.locate_requested.emit(self._frame)

    def drag(self, tick: float, free: bool) -> None:
        """Moves the picture of the playhead."""
        self.moved = True
        self._go(tick, free)

    def _go(self, tick: float, free: bool) -> None:
        if self.stage.time is not None:
            self._frame = max(int(self.stage.time.frame(self.snapped(tick, free))), 0)
            self.view.set_playhead(self._frame)

    def release(self) -> None:
        """Locates."""
        if self.moved:
            self.view.locate_requested.emit(self._frame)

    def cancel(self) -> None:
        """Goes back to where the playhead was."""
        self.view.set_playhead(self._before)
        self.view.locate_requested.emit(self._before)


class LoopGesture(RulerGesture):
    """Sets the loop, or moves one of its edges; a click turns it on or off."""

    def __init__(self, view: TimelineView, tick: float, reach: float) -> None:
        super().__init__(view)
        assert self.stage.project is not None
        self._loop = self.stage.project.loop
        self._fixed: int | None = None
        if abs(tick - self._loop.start) <= reach:
            self._fixed = self._loop.end
        elif abs(tick - self._loop.end) <= reach:
            self._fixed = self._loop.start

    def press(self, tick: float, free: bool) -> None:
        """The range begins here, unless an edge was taken."""
        self._begin = self.snapped(tick, free) if self._fixed is None else self._fixed

    def drag(self, tick: float, free: bool) -> None:
        """The range ends here."""
        self.moved = True
        to = self.snapped(tick, free)
        if to != self._begin:
            self.show(song.set_loop(self._begin, to, True))

    def click(self) -> None:
        """Turns the loop on or off."""
        self.stage.apply(song.set_loop(self._loop.start, self._loop.end, not self._loop.on))


class SectionGesture(RulerGesture):
    """Draws a section, moves one, or moves one of its edges."""

    def __init__(self, view: TimelineView, tick: float, reach: float) -> None:
        super().__init__(view)
        assert self.stage.project is not None
        sections = self.stage.project.sections
        self._section: Section | None = None
        self._part = "new"
        self._tick = tick
        for section in sections:
            for part, edge in (("left", section.start), ("right", section.start + section.length)):
                if abs(tick - edge) <= reach:
                    self._section, self._part = section, part
        if self._section is None:
            found = next((s for s in sections if s.start <= tick < s.start + s.length), None)
            if found is not None:
                self._section, self._part = found, "body"
        color = SECTION_COLORS[len(sections) % len(SECTION_COLORS)]
        self._new = Section(new_id("section"), 0, f"Section {len(sections) + 1}", 1, color)

    def press(self, tick: float, free: bool) -> None:
        """A new section begins here."""
        self._begin = self.snapped(tick, free)

    def drag(self, tick: float, free: bool) -> None:
        """The section follows the pointer."""
        self.moved = True
        changed = self._changed(tick, free)
        if changed is not None and changed.length > 0:
            self.show(song.put_section(changed))

    def _changed(self, tick: float, free: bool) -> Section | None:
        section = self._section
        if section is None:
            low, high = sorted((self._begin, self.snapped(tick, free)))
            return replace(self._new, start=low, length=high - low)
        end = section.start + section.length
        if self._part == "left":
            to = min(self.snapped(tick, free), end - grid.FINEST)
            return replace(section, start=to, length=end - to)
        if self._part == "right":
            return replace(section, length=max(self.snapped(tick, free) - section.start, grid.FINEST))
        return replace(section, start=max(self.snapped(section.start + tick - self._tick, free), 0))

    def release(self) -> None:
        """Makes the change; a new section gets its name at once."""
        super().release()
        if self._section is None and self.edit is not None:
            self.view.ruler.rename_section(self._new.id)

    def click(self) -> None:
        """The playhead goes to the section's beginning."""
        if self._section is not None and self.stage.time is not None:
            self.view.locate_requested.emit(int(self.stage.time.frame(self._section.start)))


class MarkerGesture(RulerGesture):
    """Moves a marker; a click moves the playhead there."""

    def __init__(self, view: TimelineView, marker_id: str) -> None:
        super().__init__(view)
        assert self.stage.project is not None
        self._marker = next(marker for marker in self.stage.project.markers if marker.id == marker_id)

    def drag(self, tick: float, free: bool) -> None:
        """The marker follows the pointer."""
        self.moved = True
        self.show(song.put_marker(replace(self._marker, start=max(self.snapped(tick, free), 0))))

    def click(self) -> None:
        """Locates."""
        if self.stage.time is not None:
            self.view.locate_requested.emit(int(self.stage.time.frame(self._marker.start)))
