"""Pictures of single pixel columns, all there can be for a row's height and colour, so that a row is one lookup.

A column shows either empty ground (with or without a grid line) or a clip in some style with the waveform between two
of `LEVELS` amplitudes. `np.take(table, codes, axis=1)` then paints a whole row.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from .. import theme

EMPTY, BEAT, BAR = 0, 1, 2
"""The codes of columns without a clip."""

GROUNDS = 3
CACHED_BYTES = 128 << 20


class Style(IntEnum):
    """How a clip looks."""

    NORMAL = 0
    SELECTED = 1
    MUTED = 2
    MUTED_SELECTED = 3
    MISSING = 4
    MISSING_SELECTED = 5
    CHOSEN = 6
    PASSED_OVER = 7
    LIVE = 8


SELECTED_STYLES = frozenset({Style.SELECTED, Style.MUTED_SELECTED, Style.MISSING_SELECTED})


def rgb(color: QColor) -> int:
    """A colour as a pixel of the backing picture."""
    return color.rgb() | 0xFF000000


@dataclass(frozen=True)
class Shape:
    """The vertical layout of a row in device pixels: `top` to `bottom` the clip, its first `band` pixels the name.

    The waveform fills `wave_top` to `wave_bottom`. `line` pixels at the lower end separate the row from the next.
    """

    height: int
    top: int
    bottom: int
    band: int
    wave_top: int
    wave_bottom: int
    line: int
    hair: int

    @property
    def wave(self) -> int:
        """The height of the waveform."""
        return self.wave_bottom - self.wave_top


@lru_cache(maxsize=64)
def shape(height: int, ratio: float, lane: bool) -> Shape:
    """The layout of a row of `height` device pixels."""
    small = height < 24 * ratio
    pad = round(ratio) if small or lane else round(2 * ratio)
    hair = max(round(ratio), 1)
    top, bottom = pad, max(height - pad - hair, pad + 1)
    band = round(theme.CLIP_BAND * ratio) if not lane and bottom - top >= 34 * ratio else 0
    inset = min(round(2 * ratio), (bottom - top) // 6)
    return Shape(height, top, bottom, band, top + band + (0 if band else inset), bottom - inset, hair, hair)


def levels_for(height: int) -> int:
    """How many amplitudes are told apart in rows of up to `height` device pixels."""
    return 64 if height <= 100 else 96 if height <= 150 else 128


@lru_cache(maxsize=8)
def triangle(levels: int) -> npt.NDArray[np.int64]:
    """`triangle(n)[high] + low` numbers the pairs low <= high without gaps."""
    rows = np.arange(levels, dtype=np.int64)
    return rows * (rows + 1) // 2


def bare(levels: int) -> int:
    """The number of the column without a waveform."""
    return levels * (levels + 1) // 2


@lru_cache(maxsize=16)
def coverage(wave: int, levels: int, hair: int) -> npt.NDArray[np.uint8]:
    """How much of each pixel the waveform covers, 0..255: uint8 (wave, pairs). Silence is a line of `hair` pixels."""
    high, low = (part.astype(np.float32) for part in np.tril_indices(levels))
    top = (1 - high / (levels - 1)) * wave
    end = (1 - low / (levels - 1)) * wave
    thin = np.maximum(hair - (end - top), 0) / 2
    top, end = np.clip(top - thin, 0, wave - hair), np.clip(end + thin, hair, wave)
    rows = np.arange(wave, dtype=np.float32)[:, None]
    covered = np.minimum(end, rows + 1) - np.maximum(top, rows)
    return np.rint(np.clip(covered, 0, 1) * 255).astype(np.uint8)


@dataclass(frozen=True)
class Paint:
    """The colours of a style: of the clip's body, its name band, the waveform, the name, and the outline if any."""

    body: QColor
    band: QColor
    wave: QColor
    text: QColor
    edge: QColor | None = None


@lru_cache(maxsize=512)
def paint_of(color: str, style: int) -> Paint:  # noqa: PLR0911
    """The colours of a clip on a track of colour `color`."""
    mix = theme.mix
    match style:
        case Style.SELECTED:
            bright = mix("#ffffff", color, 0.35)
            return Paint(mix(color, "bg", 0.36), mix(color, "bg", 0.5), bright, mix("#ffffff", color, 0.8), bright)
        case Style.MUTED:
            grey = mix("faint", "bg", 0.75)
            return Paint(mix("faint", "bg", 0.16), mix("faint", "bg", 0.22), grey, theme.color("dim"))
        case Style.MUTED_SELECTED:
            grey = theme.color("dim")
            return Paint(mix("faint", "bg", 0.34), mix("faint", "bg", 0.46), grey, theme.color("text"), grey)
        case Style.MISSING:
            red = theme.color("rec_text")
            return Paint(mix("rec", "bg", 0.1), mix("rec", "bg", 0.18), mix("rec", "bg", 0.5), red)
        case Style.MISSING_SELECTED:
            red = theme.color("rec_text")
            return Paint(mix("rec", "bg", 0.2), mix("rec", "bg", 0.32), mix("rec", "bg", 0.7), red, red)
        case Style.CHOSEN:
            return Paint(mix(color, "bg", 0.42), mix(color, "bg", 0.42), QColor(color), QColor(color))
        case Style.PASSED_OVER:
            grey = mix("dim", "bg", 0.42)
            return Paint(mix(color, "bg", 0.12), mix(color, "bg", 0.12), grey, theme.color("dim"))
        case Style.LIVE:
            return Paint(mix("rec", "bg", 0.24), mix("rec", "bg", 0.34), theme.color("rec_text"), theme.color("text"))
    return Paint(mix(color, "bg", 0.19), mix(color, "bg", 0.25), QColor(color), mix("#ffffff", color, 0.12))


class Table:
    """The column pictures of one row height and colour: `pixels` (height, codes) uint32.

    Styles are added when they are first asked for, because most rows use one or two of them.
    """

    def __init__(self, form: Shape, color: str, levels: int) -> None:
        self.form, self.color, self.levels = form, color, levels
        self.offsets = np.full(len(Style), -1, np.int64)
        self.pixels = grounds(form)

    def need(self, styles: Iterable[int]) -> None:
        """Makes sure that the columns of these styles exist."""
        for style in styles:
            if self.offsets[style] < 0:
                self.offsets[style] = self.pixels.shape[1]
                self.pixels = np.hstack([self.pixels, self._columns(Style(style))])

    def _columns(self, style: Style) -> npt.NDArray[np.uint32]:
        """One column for each pair of amplitudes, and a last one without a waveform."""
        form, paint = self.form, paint_of(self.color, style)
        covered = coverage(form.wave, self.levels, form.hair)
        made = np.empty((form.height, covered.shape[1] + 1), np.uint32)
        made[:] = rgb(theme.color("bg"))
        made[form.top : form.bottom] = rgb(paint.body)
        made[form.top : form.top + form.band] = rgb(paint.band)
        made[form.wave_top : form.wave_bottom] = rgb(paint.body)
        made[form.wave_top : form.wave_bottom, :-1] = _blend(paint.body, paint.wave)[covered]
        if paint.edge is not None:
            made[form.top : form.top + form.hair] = rgb(paint.edge)
            made[form.bottom - form.hair : form.bottom] = rgb(paint.edge)
        made[form.height - form.line :] = rgb(theme.mix("line", "bg", 0.45))
        return made


def _blend(under: QColor, over: QColor) -> npt.NDArray[np.uint32]:
    """The 256 steps from one colour to another."""
    share = np.arange(256, dtype=np.float64) / 255
    parts = [
        np.rint(a + (b - a) * share).astype(np.uint32)
        for a, b in ((under.red(), over.red()), (under.green(), over.green()), (under.blue(), over.blue()))
    ]
    return np.uint32(0xFF000000) | parts[0] << 16 | parts[1] << 8 | parts[2]


@lru_cache(maxsize=64)
def ground_colors() -> tuple[int, int, int]:
    """The pixels of empty ground, a beat line and a bar line."""
    return rgb(theme.color("bg")), rgb(theme.mix("line", "bg", 0.38)), rgb(theme.mix("line", "bg", 0.85))


def grounds(form: Shape) -> npt.NDArray[np.uint32]:
    """The columns without a clip: uint32 (height, GROUNDS)."""
    made = np.empty((form.height, GROUNDS), np.uint32)
    made[:] = ground_colors()
    made[form.height - form.line :] = rgb(theme.mix("line", "bg", 0.45))
    return made


class Tables:
    """The tables in use, the least recently used dropped beyond `CACHED_BYTES`."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Shape, str, int], Table] = OrderedDict()

    def table(self, form: Shape, color: str, levels: int) -> Table:
        """The table of a row shape and colour."""
        key = (form, color, levels)
        table = self._kept.get(key)
        if table is None:
            table = self._kept[key] = Table(form, color, levels)
            self._trim()
        self._kept.move_to_end(key)
        return table

    def _trim(self) -> None:
        held = sum(table.pixels.nbytes for table in self._kept.values())
        while held > CACHED_BYTES and len(self._kept) > 1:
            _, old = self._kept.popitem(last=False)
            held -= old.pixels.nbytes
