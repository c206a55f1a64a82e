"""The look in one place: colours, faces, spacing, and the style sheet made from them.

Sizes are logical pixels; Qt scales them by the screen's pixel ratio. Only PySide6 is imported here, because the first
paint waits for it.
"""

from __future__ import annotations

import colorsys
from functools import cache
from pathlib import Path
from string import Template
from typing import Literal

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette

RESOURCES = Path(__file__).resolve().parents[3] / "resources"
"""The folder of icons, faces and the style sheet."""

TOKENS: dict[str, str] = {
    "bg": "#15161a",
    "panel": "#1c1e24",
    "raised": "#24272f",
    "hover": "#2c303a",
    "well": "#101115",
    "line": "#2e323c",
    "text": "#e6e8ee",
    "dim": "#9aa1af",
    "faint": "#626a79",
    "accent": "#f2a33a",
    "accent_hover": "#f7b65f",
    "accent_soft": "#3b3024",
    "on_accent": "#1b1409",
    "rec": "#e5484d",
    "rec_text": "#ff7b7f",
    "rec_soft": "#43242a",
    "ok": "#3fb68b",
    "ok_soft": "#1f3833",
    "warn": "#f2d33a",
    "warn_soft": "#3b3824",
}
"""Named colours as `#rrggbb`. `faint` is for decoration only: it is too weak for text that must be read."""

TRACKS = ("#f2a33a", "#5aa9e6", "#c792ea", "#ef767a", "#7fd1ae", "#a3b86c")
"""The colours of tracks, in the order in which new tracks take them."""

GRID = 4
"""Every distance is a multiple of this."""

GAP, PAD, MARGIN = GRID, GRID * 2, GRID * 3
"""Between neighbours, inside controls, around panels."""

ROW, TRACK, LANE, STRIP, HIT, CLIP_BAND, RADIUS = 44, 66, 30, 104, 22, 16, 5
"""List row, track and take lane heights; strip width; smallest hit area; a clip's name band; corners."""

TEXT, SMALL, TITLE = 12, 11, 20
"""Sizes of text."""

Weight = Literal["regular", "medium", "semibold"]
_WEIGHTS = {"regular": QFont.Weight.Normal, "medium": QFont.Weight.Medium, "semibold": QFont.Weight.DemiBold}
_FILES = (
    "Inter-Regular.otf",
    "Inter-Medium.otf",
    "Inter-SemiBold.otf",
    "JetBrainsMono-Regular.ttf",
    "JetBrainsMono-Medium.ttf",
    "JetBrainsMono-SemiBold.ttf",
)


@cache
def color(name: str, alpha: float = 1.0) -> QColor:
    """The colour of a token, or of any `#rrggbb`, at an opacity of 0..1. Shared: copy it before changing it."""
    found = QColor(TOKENS.get(name, name))
    if not found.isValid():
        raise KeyError(name)
    found.setAlphaF(alpha)
    return found


def mix(over: str, under: str, amount: float) -> QColor:
    """The opaque colour that `over` gives on `under` at an opacity of 0..1: painting without alpha is faster."""
    a, b = color(over), color(under)
    return QColor(
        round(b.red() + (a.red() - b.red()) * amount),
        round(b.green() + (a.green() - b.green()) * amount),
        round(b.blue() + (a.blue() - b.blue()) * amount),
    )


def font(size: int = TEXT, weight: Weight = "regular", mono: bool = False) -> QFont:
    """The program's face at `size` pixels. Figures are tabular, so that changing numbers do not jitter."""
    families = ["JetBrains Mono", "monospace"] if mono else ["Inter", "sans-serif"]
    made = QFont(families)
    made.setPixelSize(size)
    made.setWeight(_WEIGHTS[weight])
    made.setFeature(QFont.Tag("tnum"), 1)
    if mono:
        made.setFeature(QFont.Tag("calt"), 0)
        made.setStyleHint(QFont.StyleHint.Monospace)
    return made


def track_palette(count: int = 18) -> tuple[str, ...]:
    """The colours a track can have: the six, then lighter steps of them, then darker ones."""
    steps = (0.0, 0.13, -0.13, 0.2, -0.2)
    return tuple(_step(TRACKS[n % len(TRACKS)], steps[n // len(TRACKS) % len(steps)]) for n in range(count))


def _step(value: str, by: float) -> str:
    hue, light, full = colorsys.rgb_to_hls(*(int(value[n : n + 2], 16) / 255 for n in (1, 3, 5)))
    return "#" + "".join(f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue, light + by, full))


def load_fonts() -> list[str]:
    """Registers the bundled faces with the application; returns the files that could not be loaded.

    Where one is missing the system's face takes its place. Main thread, after QGuiApplication exists.
    """
    folder = RESOURCES / "fonts"
    return [name for name in _FILES if QFontDatabase.addApplicationFont(str(folder / name)) < 0]


@cache
def style_sheet() -> str:
    """The application's style sheet, made from the tokens."""
    text = (RESOURCES / "theme" / "studio.qss").read_text(encoding="utf-8")
    return Template(text).substitute(TOKENS, icons=(RESOURCES / "icons").as_posix())


def palette() -> QPalette:
    """The colours of what the style sheet does not reach: text selections, links, disabled text."""
    made = QPalette()
    role = QPalette.ColorRole
    for where, name in (
        (role.Window, "panel"),
        (role.Base, "well"),
        (role.AlternateBase, "panel"),
        (role.Button, "raised"),
        (role.WindowText, "text"),
        (role.Text, "text"),
        (role.ButtonText, "text"),
        (role.BrightText, "text"),
        (role.PlaceholderText, "dim"),
        (role.ToolTipBase, "raised"),
        (role.ToolTipText, "text"),
        (role.Highlight, "accent"),
        (role.HighlightedText, "on_accent"),
        (role.Link, "accent"),
        (role.LinkVisited, "accent"),
        (role.Accent, "accent"),
    ):
        made.setColor(where, color(name))
    for where in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, where, color("faint"))
    return made
