"""What a hand can do on the canvas. A gesture shows a preview of its edit while it lasts and makes it at its end, so
that each is one undo step and Esc leaves the song untouched."""

from __future__ import annotations

import math
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal, Protocol

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPen

from ...document.document import Edit
from ...document.edits import clips, takes
from ...document.project import MAX_GAIN, clip_start
from .. import theme
from .grid import GridMode
from .hit import Hit
from .snap import Snap
from .stage import Stage

DB_PER_PIXEL = 0.15


@dataclass(frozen=True)
class Point:
    """Where the pointer is, in device pixels of the canvas; `free` says that snapping is off for now."""

    x: float
    y: float
    free: bool = False


class Gesture(Protocol):
    """A movement from press to release."""

    @property
    def says(self) -> str:
        """What to show beside the pointer."""

    @property
    def guide(self) -> int | None:
        """The frame that pulled the gesture to it."""

    def move(self, at: Point) -> None:
        """The pointer moved."""

    def finish(self) -> None:
        """The button was released."""

    def cancel(self) -> None:
        """Esc was pressed."""

    def paint(self, painter: QPainter) -> None:
        """Draws what lies over the picture, in device pixels."""


class _Previewed:
    """A gesture that is an edit: the newest one that was not refused is made at the end."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.edit: Edit | None = None
        self.says = ""
        self.guide: int | None = None

    def show(self, edit: Edit | None, front: AbstractSet[str] = frozenset()) -> bool:
        """Previews an edit, with the clips `front` on top; keeps the last edit if this is refused."""
        if not self.stage.preview(edit, front):
            return False
        self.edit = edit
        return True

    def finish(self) -> None:
        """Makes the edit."""
        if self.edit is None:
            self.stage.preview(None)
        else:
            self.stage.apply(self.edit)

    def cancel(self) -> None:
        """Shows the song as it is."""
        self.edit = None
        self.stage.preview(None)

    def paint(self, painter: QPainter) -> None:
        """Nothing lies over the picture."""


class MoveClips(_Previewed):
    """Moves the selected clips, or copies of them, in time and between tracks."""

    def __init__(self, stage: Stage, hit: Hit, start: Point, mode: GridMode, snap: bool, copy: bool) -> None:
        super().__init__(stage)
        assert hit.row is not None and stage.project is not None
        self._grabbed, self._copy, self._start = hit.clip_id, copy, start
        self._ids = tuple(stage.selection)
        self._first = int(hit.row.plan.first[hit.index])
        self._length = int(hit.row.plan.last[hit.index]) - self._first
        self._begin = float(hit.row.plan.begin[hit.index])
        self._tick = stage.canvas.axis.tick(start.x)
        self._home = self._order(hit.row.track.id)
        self._rows = 0
        self._snap = Snap(stage, mode, snap, frozenset() if copy else frozenset(self._ids))
        self._block = clips.copy_clips(stage.project, self._ids) if copy else ()
        self._left = min(int(clip_start(item.clip, stage.project.time)) for item in self._block) if copy else 0
        self._pasted: tuple[str, ...] = ()

    def _order(self, track_id: str) -> int:
        project = self.stage.project
        return [track.id for track in project.tracks].index(track_id) if project else 0

    def move(self, at: Point) -> None:
        """Follows the pointer; a row that can hold no clips keeps the last one that could."""
        to, guide = self._target(at)
        row = self.stage.scene.row_at(round(at.y) + self.stage.canvas.top)
        wanted = self._order(row.track.id) - self._home if row else self._rows
        for rows in dict.fromkeys((wanted, self._rows)):
            edit = self._made(to, rows)
            if edit is not None and self.show(edit, frozenset(self._pasted if self._copy else self._ids)):
                self._rows = rows
                break
        self.guide = guide
        self.says = _signed_seconds(self.stage, to - self._first)

    def _target(self, at: Point) -> tuple[int, int | None]:
        """Where the grabbed clip goes, and what pulled it there."""
        time = self.stage.time
        assert time is not None
        tick = self._begin + self.stage.canvas.axis.tick(at.x) - self._tick
        to = round(float(time.seconds_of(tick)[0]) * time.rate)
        i, snapped = self._snap.best([to, to + self._length], at.free)
        return max(snapped.frame - (self._length if i else 0), 0), snapped.frame if snapped.caught else None

    def _made(self, to: int, rows: int) -> Edit | None:
        project = self.stage.project
        if not self._copy or project is None:
            return clips.move_clips(self._ids, self._grabbed, to, rows)
        top = self._home + rows - next(item.track for item in self._block if item.clip.id == self._grabbed)
        if not 0 <= top < len(project.tracks):
            return None
        at = max(self._left + to - self._first, 0)
        edit, self._pasted = clips.paste(project, self._block, project.tracks[top].id, at)
        return edit

    def finish(self) -> None:
        """Makes the edit and selects the copies."""
        if self.edit is not None and self.stage.apply(self.edit) and self._copy:
            self.stage.select(self._pasted)


class TrimClips(_Previewed):
    """Moves the left or right edge of a clip, and with it those of all selected ones."""

    def __init__(
        self, stage: Stage, hit: Hit, start: Point, edge: Literal["left", "right"], mode: GridMode, snap: bool
    ) -> None:
        super().__init__(stage)
        assert hit.row is not None
        plan = hit.row.plan
        self._ids = tuple(stage.selection) if hit.clip_id in stage.selection else (hit.clip_id,)
        self._edge = edge
        self._frame = int(plan.first[hit.index] if edge == "left" else plan.last[hit.index])
        self._grip = stage.x_of(self._frame) - start.x
        self._snap = Snap(stage, mode, snap, frozenset(self._ids))

    def move(self, at: Point) -> None:
        """Follows the pointer as far as the media allow."""
        frame = self.stage.frame_at(at.x + self._grip)
        snapped = self._snap.frame(frame, at.free)
        by = snapped.frame - self._frame
        self.guide = snapped.frame if snapped.caught else None
        self.show(clips.trim_clips(self._ids, self._edge, by) if by else None)
        self.says = _signed_seconds(self.stage, by)


class Fade(_Previewed):
    """Changes the length of a fade."""

    def __init__(self, stage: Stage, hit: Hit, edge: Literal["fade_in", "fade_out"]) -> None:
        super().__init__(stage)
        assert hit.row is not None
        plan = hit.row.plan
        self._id, self._edge = hit.clip_id, edge
        self._first, self._last = int(plan.first[hit.index]), int(plan.last[hit.index])

    def move(self, at: Point) -> None:
        """Follows the pointer inside the clip."""
        frame = self.stage.frame_at(at.x)
        if self._edge == "fade_in":
            length = max(min(frame, self._last) - self._first, 0)
            self.show(clips.set_fades(self._id, fade_in=length))
        else:
            length = max(self._last - max(frame, self._first), 0)
            self.show(clips.set_fades(self._id, fade_out=length))
        self.says = f"{length / self.stage.time.rate * 1000:.0f} ms" if self.stage.time else ""


class ClipGain(_Previewed):
    """Changes the gain of a clip, and with it of all selected ones, to the same level."""

    def __init__(self, stage: Stage, hit: Hit, start: Point) -> None:
        super().__init__(stage)
        assert hit.row is not None
        self._ids = tuple(stage.selection) if hit.clip_id in stage.selection else (hit.clip_id,)
        clip = stage.clip(hit.clip_id)
        self._level = 20 * math.log10(max(clip.gain if clip else 1.0, 1e-3))
        self._y = start.y

    def move(self, at: Point) -> None:
        """Up is louder."""
        by = (self._y - at.y) / self.stage.canvas.axis.ratio * DB_PER_PIXEL
        level = max(min(self._level + by, 20 * math.log10(MAX_GAIN)), -60.0)
        level = 0.0 if abs(level) < 0.25 else round(level, 1)
        self.show(clips.set_clip_gain(self._ids, 0.0 if level <= -60.0 else 10 ** (level / 20)))
        self.says = "−∞ dB" if level <= -60.0 else f"{level:+.1f} dB".replace("-", "−")


class SwipeTake(_Previewed):
    """Chooses a range of a take by swiping over it in its lane; a click chooses the whole take."""

    def __init__(self, stage: Stage, hit: Hit, start: Point) -> None:
        super().__init__(stage)
        assert hit.row is not None and stage.project is not None
        self._comp, self._take, self._start, self._moved = hit.clip_id, hit.take_id, start, False
        comp = stage.clip(self._comp)
        assert comp is not None
        self._origin = int(clip_start(comp, stage.project.time))

    def move(self, at: Point) -> None:
        """Shows the range chosen so far."""
        self._moved = True
        a, b = sorted((self.stage.frame_at(self._start.x), self.stage.frame_at(at.x)))
        self.show(takes.choose_range(self._comp, self._take, a - self._origin, b - self._origin))

    def finish(self) -> None:
        """Makes the choice."""
        if not self._moved:
            self.edit = takes.choose_take(self._comp, self._take)
        super().finish()


class RubberBand:
    """Selects what a rectangle touches, added to what was selected with `add`; `original` comes back on Esc."""

    def __init__(self, stage: Stage, start: Point, add: bool, original: frozenset[str]) -> None:
        self._stage, self._before = stage, stage.selection if add else frozenset[str]()
        canvas = stage.canvas
        self._tick, self._y = canvas.axis.tick(start.x), start.y + canvas.top
        self._original = original
        self._box = QRectF()
        self.says = ""
        self.guide: int | None = None

    def move(self, at: Point) -> None:
        """Selects what the rectangle touches now."""
        canvas = self._stage.canvas
        left, right = sorted((self._tick, canvas.axis.tick(at.x)))
        top, bottom = sorted((self._y, at.y + canvas.top))
        found = set(self._before)
        for row in self._stage.scene.rows_between(round(top), round(bottom) + 1):
            if row.lane < 0:
                plan = row.plan
                found.update(
                    plan.ids[i] for i in plan.clips_between(left, right) if plan.begin[i] < right and plan.end[i] > left
                )
        self._stage.select(found)
        x0, x1 = canvas.axis.x(left), canvas.axis.x(right)
        self._box = QRectF(x0, top - canvas.top, x1 - x0, bottom - top)

    def finish(self) -> None:
        """Keeps the selection."""

    def cancel(self) -> None:
        """Selects what was selected before."""
        self._stage.select(self._original)

    def paint(self, painter: QPainter) -> None:
        """Draws the rectangle."""
        painter.setPen(QPen(theme.color("accent", 0.9), self._stage.canvas.axis.ratio))
        painter.setBrush(theme.color("accent", 0.1))
        painter.drawRect(self._box)


def _signed_seconds(stage: Stage, frames: int) -> str:
    rate = stage.time.rate if stage.time else 48_000
    return f"{frames / rate:+.3f} s".replace("-", "−")
