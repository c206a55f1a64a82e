"""A dataset in figures, painted: how much there is, its splits, lengths, tempos, keys and tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..theme import GAP, MARGIN, PAD, SMALL, color, font
from .model import length

SPLITS = (("train", "accent"), ("validation", "#5aa9e6"), ("test", "#7fd1ae"))
"""The splits and their colours, in the order of the figures."""

LINE, PLOT, NAMES = 18, 46, 5
"""Logical pixels of a line of text and of a plot; how many keys and tags are named."""


class Figures(QWidget):
    """Paints the figures of a draft. Main thread."""

    def __init__(self) -> None:
        super().__init__()
        self.figures: Any = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Figures of the dataset")

    def show_figures(self, figures: Any) -> None:
        """Shows other figures, None for none."""
        self.figures = figures
        self.setAccessibleDescription(told(figures) if figures is not None else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self._height())

    def _height(self) -> int:
        if self.figures is None or not self.figures.items:
            return LINE + 2 * PAD
        plots = sum(not bars.empty for bars in (self.figures.lengths, self.figures.tempos))
        lists = [self.figures.keys[:NAMES], self.figures.tags[:NAMES]]
        rows = sum(len(one) + 1 for one in lists if one)
        return 5 * LINE + 2 * PAD + plots * (PLOT + 2 * LINE) + rows * LINE + PAD

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(font(SMALL))
            figures, width = self.figures, self.width() - 2 * MARGIN
            if figures is None or not figures.items:
                _text(painter, MARGIN, PAD, width, "No items, no figures", "dim")
                return
            y = PAD
            for line in told(figures).split("\n"):
                _text(painter, MARGIN, y, width, line, "text")
                y += LINE
            y = self._splits(painter, y + GAP, width)
            for title, bars, unit in (("Lengths", figures.lengths, "s"), ("Tempos", figures.tempos, "BPM")):
                if not bars.empty:
                    y = _plot(painter, y, width, title, bars, unit)
            for title, counts in (("Keys", figures.keys), ("Tags", figures.tags)):
                if counts:
                    y = _names(painter, y, width, title, counts[:NAMES], figures.items)

    def _splits(self, painter: QPainter, y: int, width: int) -> int:
        """One bar that is divided as the items are, and what its colours mean."""
        at, whole = float(MARGIN), max(self.figures.items, 1)
        for name, tint in SPLITS:
            share = width * self.figures.splits[name].items / whole
            painter.fillRect(QRectF(at, y, share, 6), color(tint))
            at += share
        x = MARGIN
        for name, tint in SPLITS:
            words = f"{self.figures.splits[name].items:,} {name}"
            painter.fillRect(QRectF(x, y + 16, 8, 8), color(tint))
            _text(painter, x + 12, y + 11, width, words, "dim")
            x += 12 + QFontMetrics(painter.font()).horizontalAdvance(words) + MARGIN
        return y + 11 + LINE + GAP


def told(figures: Any) -> str:
    """The figures in words, two lines."""
    songs = "1 song" if figures.songs == 1 else f"{figures.songs:,} songs"
    items = "1 item" if figures.items == 1 else f"{figures.items:,} items"
    lasts = f", {length(figures.seconds)}" if figures.seconds else ""
    bare = f"{figures.bare:,} without a caption" if figures.bare else "each with a caption"
    return f"{items} of {songs}{lasts}\n{bare}, {figures.bytes / 1e6:,.1f} MB"


def _text(painter: QPainter, x: float, y: float, width: float, words: str, tint: str) -> None:
    painter.setPen(color(tint))
    cut = QFontMetrics(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, int(width))
    painter.drawText(QRectF(x, y, width, LINE), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, cut)


def _plot(painter: QPainter, y: int, width: int, title: str, bars: Any, unit: str) -> int:
    """A histogram from its first bar that is not empty to the last, the splits upon one another."""
    filled = [n for n, counts in enumerate(bars.counts) if any(counts)]
    first, last = filled[0], filled[-1]
    _text(painter, MARGIN, y, width, title, "dim")
    top, step = y + LINE, width / (last - first + 1)
    highest = max(sum(counts) for counts in bars.counts)
    for n in range(first, last + 1):
        at = float(top + PLOT)
        for (_, tint), count in zip(SPLITS, bars.counts[n], strict=True):
            high = PLOT * count / highest
            painter.fillRect(QRectF(MARGIN + (n - first) * step, at - high, max(step - 2, 1), high), color(tint))
            at -= high
    painter.fillRect(QRectF(MARGIN, top + PLOT, width, 1), color("line"))
    end = f"{bars.edges[last + 1]:g} {unit}" if last + 1 < len(bars.edges) else f"more than {bars.edges[last]:g} {unit}"
    _text(painter, MARGIN, top + PLOT, width, f"{bars.edges[first]:g}", "dim")
    painter.drawText(QRectF(MARGIN, top + PLOT, width, LINE), Qt.AlignmentFlag.AlignRight, end)
    return top + PLOT + LINE


def _names(painter: QPainter, y: int, width: int, title: str, counts: Sequence[tuple[str, int]], whole: int) -> int:
    """Names with how many items have each, as bars behind them."""
    _text(painter, MARGIN, y, width, title, "dim")
    highest = max(count for _, count in counts)
    for row, (name, count) in enumerate(counts, 1):
        at = y + row * LINE
        painter.fillRect(QRectF(MARGIN, at + 1, width * count / highest, LINE - 2), color("accent_soft"))
        _text(painter, MARGIN + GAP, at, width - 50, name, "text")
        painter.setPen(color("dim"))
        painter.drawText(QRectF(MARGIN, at, width - GAP, LINE), Qt.AlignmentFlag.AlignRight, f"{count:,}")
    return y + (len(counts) + 1) * LINE
