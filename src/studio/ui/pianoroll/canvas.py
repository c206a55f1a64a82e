"""Paints rows, grid, ghosts and notes into one backing picture: codes first, then one lookup for each row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ...document.harmony import Key
from ...document.notes import NoteClip
from ...document.project import Project
from .. import theme
from ..timeline import grid
from ..timeline.axis import Axis
from ..timeline.backing import Backing
from ..timeline.columns import rgb
from ..timeline.notebars import bars
from ..timeline.stamps import stamp
from . import palette
from .names import name_picture
from .palette import Codes
from .rows import BLACK, Rows, pitch_name
from .snapping import NoteGrid
from .stage import Stage, plays_drums

Ints = npt.NDArray[np.int64]

NAMED = 30
"""Notes narrower than this, in logical pixels, are painted without their name."""

SUNG = 14
"""Notes with a syllable show as much of it as has room from this width on, in logical pixels."""

NAMES = 300
"""When more notes than this are seen none has its name: they would be unreadable, and slow."""

HIGH = 12
"""Rows lower than this, in logical pixels, show no names."""

LEAST_LINES = 6
"""Lines of the editor's own grid are left out when they would stand closer than this, in logical pixels."""


class Canvas:
    """The picture of the notes. Main thread. `top` is the height of the rows at its upper edge, in device pixels.

    After scrolling, what is there is moved and only the rest is painted.
    """

    def __init__(self, stage: Stage, rows: Rows) -> None:
        self._stage = stage
        self.rows, self.top = rows, 0
        self.backing = Backing(1, 1)
        self.stale, self.ghosts, self.scale = True, True, True
        self._axis, self._pixels = stage.axis, self.backing.pixels
        self._drawn: tuple[Axis, int] | None = None

    def resize(self, width: int, height: int) -> None:
        """Makes a picture of another size."""
        self.backing = Backing(width, height)
        self.stale = True

    def refresh(self, steps: NoteGrid | None) -> None:
        """Brings the picture up to date."""
        axis, backing = self._stage.axis, self.backing
        if self._stage.project is None or self._stage.clip is None or steps is None:
            backing.pixels[:] = rgb(theme.color("panel"))
            self._drawn, self.stale = None, False
            return
        before, self._drawn = self._drawn, (axis, self.top)
        stale, self.stale = self.stale, False
        if stale or before is None or before[0].per_tick != axis.per_tick or before[0].ratio != axis.ratio:
            self._part(steps, 0, backing.width, 0, backing.height)
            return
        dx, dy = axis.scroll - before[0].scroll, self.top - before[1]
        if abs(dx) >= backing.width or abs(dy) >= backing.height:
            self._part(steps, 0, backing.width, 0, backing.height)
            return
        backing.shift(dx, dy)
        if dx:
            left, right = (backing.width - dx, backing.width) if dx > 0 else (0, -dx)
            self._part(steps, left, right, 0, backing.height)
        if dy:
            upper, lower = (backing.height - dy, backing.height) if dy > 0 else (0, -dy)
            self._part(steps, 0, backing.width, upper, lower)

    def _part(self, steps: NoteGrid, left: int, right: int, upper: int, lower: int) -> None:
        """Paints the columns `left` to `right` of the heights `upper` to `lower`."""
        stage = self._stage
        project, clip = stage.project, stage.clip
        assert project is not None and clip is not None
        self._axis = replace(stage.axis, scroll=stage.axis.scroll + left)
        self._pixels = self.backing.pixels[:, left:right]
        first, last = self._seen(upper, lower)
        codes = self._grounds(project, clip, steps, first, last)
        if self.ghosts:
            self._ghosts(codes, project, first)
        self._repeats(codes, clip, first)
        shown, ink = self._notes(codes, first, last)
        color = stage.track.color if stage.track else theme.TRACKS[0]
        self._lay(codes, color, first, upper, lower)
        self._names(shown, ink, color, upper, lower)

    @property
    def _width(self) -> int:
        """How many columns are painted now."""
        return self._pixels.shape[1]

    def y(self, row: int) -> int:
        """The canvas height of a row's upper edge, in device pixels."""
        return row * self.rows.height - self.top

    def seen(self) -> tuple[int, int]:
        """The rows on the canvas, from the first up to but not including the last."""
        return self._seen(0, self.backing.height)

    def _seen(self, upper: int, lower: int) -> tuple[int, int]:
        last = min(-(-(self.top + lower) // self.rows.height), len(self.rows.rows))
        return min((self.top + upper) // self.rows.height, last), last

    def _grounds(self, project: Project, clip: NoteClip, steps: NoteGrid, first: int, last: int) -> Codes:
        lines = self._lines(project, clip, steps)
        codes = np.empty((last - first, self._width), np.uint8)
        pitches = self.rows.pitches[first:last]
        for key, left, right in self._keys(project, self._width):
            classes = _lanes(first, last) if self.rows.drums else _classes(pitches, key)
            codes[:, left:right] = classes[:, None] + palette.CLASSES * lines[None, left:right]
        return codes

    def _lines(self, project: Project, clip: NoteClip, steps: NoteGrid) -> Codes:
        """The kind of line in every column."""
        axis, width = self._axis, self._width
        lines = np.zeros(width, np.uint8)
        hair = max(round(axis.ratio), 1)
        from_tick, to_tick = axis.tick(-hair), axis.tick(width)
        step = steps.step(from_tick)
        if steps.mode != "off" and step * axis.logical_per_tick() >= LEAST_LINES:
            begin = steps.floor(from_tick)
            ticks = np.arange(begin, to_tick + step, step, dtype=np.float64)
            _draw(lines, axis.xs(ticks), palette.FINE, hair)
        ticks, strong = grid.lines(project.signatures, from_tick, to_tick, axis.logical_per_tick())
        beats = np.zeros(len(ticks), bool)
        for signature, begin_at, end_at in grid.spans(project.signatures, from_tick, to_tick):
            within = (ticks >= begin_at) & (ticks <= end_at)
            beats |= within & ((ticks - signature.tick) % signature.beat_ticks == 0)
        for mask, kind in ((~beats, palette.FINE), (beats, palette.BEAT), (strong, palette.BAR)):
            _draw(lines, axis.xs(ticks[mask].astype(np.float64)), kind, hair)
        left, right = axis.xs(np.array([clip.anchor, clip.end], np.float64)).tolist()
        lines[: max(left, 0)] += palette.OUTSIDE
        lines[max(right, left, 0) :] += palette.OUTSIDE
        return lines

    def _keys(self, project: Project, width: int) -> list[tuple[Key | None, int, int]]:
        """The keys in force, each from one column to another."""
        if not self.scale or not project.keys:
            return [(None, 0, width)]
        axis = self._axis
        edges = np.clip(axis.xs(np.array([key.tick for key in project.keys], np.float64)), 0, width).tolist()
        spans: list[tuple[Key | None, int, int]] = [(None, 0, edges[0])]
        spans += [(key, a, b) for key, a, b in zip(project.keys, edges, [*edges[1:], width], strict=True)]
        return [span for span in spans if span[2] > span[1]]

    def _ghosts(self, codes: Codes, project: Project, first: int) -> None:
        """What the other clips of the song play at the same time."""
        from_tick, to_tick = self._span()
        drums = plays_drums(self._stage.track)
        for track in project.tracks:
            if track.kind != "instrument" or plays_drums(track) != drums:  # a kick is no C, though it has its number
                continue
            for clip in track.clips:
                other = isinstance(clip, NoteClip) and clip.id != self._stage.clip_id and not clip.muted
                if other and clip.anchor < to_tick and clip.end > from_tick:
                    self._bars(codes, clip, from_tick, to_tick, palette.GHOST, first)

    def _repeats(self, codes: Codes, clip: NoteClip, first: int) -> None:
        """The repetitions of a pattern; those of its first turn are painted over by the notes themselves."""
        if clip.loop:
            self._bars(codes, clip, *self._span(), palette.REPEAT, first)

    def _bars(self, codes: Codes, clip: NoteClip, from_tick: float, to_tick: float, code: int, first: int) -> None:
        starts, ends, pitches, *_ = bars(clip, from_tick, to_tick)
        if len(starts):
            rows = self.rows.of_pitch[np.clip(pitches, 0, 127)] - first
            self._fill(codes, starts.astype(np.float64), ends.astype(np.float64), rows, np.full(len(rows), code))

    def _span(self) -> tuple[float, float]:
        """The ticks that are painted now, and a little before: the shortest notes are drawn wider than they are."""
        return self._axis.tick(-4 * self._axis.ratio), self._axis.tick(self._width)

    def _notes(self, codes: Codes, first: int, last: int) -> tuple[Ints, Codes]:
        """Paints the notes, selected ones on top; returns the indices and the codes of those that are seen."""
        table, (from_tick, to_tick) = self._stage.table, self._span()
        found = np.flatnonzero((table.start < to_tick) & (table.end > from_tick))
        rows = self.rows.of_pitch[table.pitch[found].astype(np.int64)]
        inside = (rows >= first) & (rows < last)
        found, rows = found[inside], rows[inside]
        chosen = table.chosen(self._stage.selection)[found]
        order = np.argsort(chosen, kind="stable")
        found, rows, chosen = found[order], rows[order], chosen[order]
        state = chosen + 2 * (table.muted[found] | (table.chance[found] <= 0)).astype(np.int64)
        state = np.where(table.inside[found] | chosen, state, palette.HIDDEN)
        ink = palette.code_of(state, table.velocity[found])
        self._fill(codes, table.start[found], table.end[found], rows - first, ink)
        return found, ink

    def _fill(
        self,
        codes: Codes,
        starts: npt.NDArray[np.float64],
        ends: npt.NDArray[np.float64],
        rows: Ints,
        ink: npt.NDArray[np.integer],
    ) -> None:
        """Writes codes over stretches of rows, in order, and the code after each at its ends."""
        axis, (height, width) = self._axis, codes.shape
        seen = (rows >= 0) & (rows < height)
        left, right = axis.xs(starts[seen]), axis.xs(ends[seen])
        rows, ink = rows[seen], ink[seen].astype(np.uint8)
        right = np.maximum(right, left + max(round(2 * axis.ratio), 2))
        x0, x1 = np.clip(left, 0, width), np.clip(right, 0, width)
        count = x1 - x0
        ends_at = np.cumsum(count)
        total = int(ends_at[-1]) if len(ends_at) else 0
        if not total:
            return
        flat = np.repeat(rows * width + x0 - (ends_at - count), count) + np.arange(total)
        painted = np.repeat(ink, count)
        hair = max(round(axis.ratio), 1)
        within = np.arange(total) - np.repeat(ends_at - count, count) + np.repeat(x0 - left, count)
        painted += ((within < hair) | (within >= np.repeat(right - left - hair, count))).astype(np.uint8)
        codes.ravel()[flat] = painted

    def _lay(self, codes: Codes, color: str, first: int, upper: int, lower: int) -> None:
        """Turns codes into the picture."""
        inside, border = palette.inks(color)
        pixels, hair = self._pixels, max(round(self._axis.ratio), 1)
        body, edge = inside[codes], border[codes]
        above = np.where(codes >= palette.GHOST, edge, body)

        def lay(colors: npt.NDArray[np.uint32], begin: int, end: int) -> None:
            pixels[min(max(begin, upper), lower) : min(max(end, upper), lower)] = colors

        for n in range(len(codes)):
            y = self.y(first + n)
            bottom = y + self.rows.height
            lay(above[n], y, y + hair)
            lay(body[n], y + hair, bottom - hair)
            lay(edge[n], bottom - hair, bottom)
        rest = self.y(first + len(codes))
        pixels[min(max(rest, upper), lower) : lower] = rgb(theme.color("panel"))

    def _names(self, shown: Ints, codes: Codes, color: str, upper: int, lower: int) -> None:
        """Writes syllables, or the pitches of wide notes; in the drum grid the chance of what does not always sound."""
        axis, height = self._axis, self.rows.height
        if height < HIGH * axis.ratio:
            return
        table, hair = self._stage.table, max(round(axis.ratio), 1)
        lefts, rights = axis.xs(table.start[shown]), axis.xs(table.end[shown])
        width = rights - lefts
        wide = np.flatnonzero((width >= NAMED * axis.ratio) | (table.sung[shown] & (width >= SUNG * axis.ratio)))
        if len(wide) > NAMES:
            return
        inside, _ = palette.inks(color)
        within = self._pixels[upper:lower]
        for n in wide.tolist():
            note = int(shown[n])
            chance, pitch = table.chance[note], int(table.pitch[note])
            text = f"{chance:.0%}" if chance < 1 else "" if self.rows.drums else pitch_name(pitch)
            text = table.texts.get(note, text)
            if text:
                ground = int(inside[codes[n]])
                ink = rgb(theme.color("on_accent" if _light(ground) else "text"))
                picture = name_picture(text, ink, ground, height - 2 * hair, axis.ratio)
                room = int(rights[n] - lefts[n]) - 6 * hair
                y = self.y(int(self.rows.of_pitch[pitch])) + hair - upper
                stamp(within, int(lefts[n]) + 4 * hair, y, picture[:, :room])


def _light(pixel: int) -> bool:
    """Whether dark ink is read better on a colour."""
    return 3 * (pixel >> 16 & 255) + 6 * (pixel >> 8 & 255) + (pixel & 255) > 10 * 120


def _lanes(first: int, last: int) -> Codes:
    """How named lanes are shaded: by fours."""
    return ((np.arange(first, last) // 4) % 2).astype(np.uint8)


def _classes(pitches: Ints, key: Key | None) -> Codes:
    """How the rows are shaded: by the scale of a key, else like the keys of a piano."""
    classes = pitches % 12
    if key is None:
        return np.isin(classes, list(BLACK)).astype(np.uint8)
    shaded = np.where(np.isin(classes, list(key.pitch_classes)), palette.PLAIN, palette.SHADED)
    return np.where(classes == key.tonic, palette.TONIC, shaded).astype(np.uint8)


def _draw(lines: Codes, columns: Ints, kind: int, hair: int) -> None:
    for n in range(hair):
        inside = columns[(columns + n >= 0) & (columns + n < len(lines))] + n
        lines[inside] = kind
