"""A row of tools that fits into any width: what matters least gives way first."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from .. import theme


class ToolRow(QWidget):
    """Tools side by side. Those of the highest rank are hidden first where there is no room; rank 0 always stays."""

    def __init__(self) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(theme.MARGIN, theme.GAP, theme.MARGIN, theme.GAP)
        self._row.setSpacing(theme.PAD)
        self._row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        self._tools: list[tuple[QWidget, int]] = []

    def add(self, tool: QWidget, rank: int = 0, stretch: int = 0) -> None:
        """Puts a tool at the right end. One with a stretch takes what is left over and may vanish."""
        self._row.addWidget(tool, stretch)
        if not stretch:
            self._tools.append((tool, rank))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._needed(0), self._row.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._settle()

    def _settle(self) -> None:
        """Shows as many ranks as there is room for."""
        ranks = sorted({rank for _, rank in self._tools})
        fits = max((rank for rank in ranks if self._needed(rank) <= self.width()), default=0)
        for tool, rank in self._tools:
            tool.setVisible(rank <= fits)

    def _needed(self, rank: int) -> int:
        """The width of all tools up to a rank."""
        tools = [tool for tool, its in self._tools if its <= rank]
        widths = [max(tool.minimumSizeHint().width(), tool.minimumWidth()) for tool in tools]
        return sum(widths) + theme.PAD * len(widths) + 2 * theme.MARGIN
