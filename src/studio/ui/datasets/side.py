"""Beside the items: the figures of the draft, and the versions that were frozen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from ..forms import push
from ..theme import GAP, MARGIN, color
from .figures import Figures

WIDTH = 290
TAUGHT = frozenset({"music", "image"})
"""Types of datasets that models here can be taught by."""

NUMBER = int(Qt.ItemDataRole.UserRole)


class Side(QWidget):
    """Both pages. Main thread. `compare`, `revert`, `export` and `teach` carry the number of the chosen version."""

    compare = Signal(int)
    revert = Signal(int)
    export = Signal(int)
    teach = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(WIDTH)
        self._tabs, self._pages = QTabBar(), QStackedWidget()
        self.figures, self.versions = Figures(), QListWidget()
        self.buttons: list[QPushButton] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._tabs.setAccessibleName("Figures and versions")
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        for name in ("Figures", "Versions"):
            self._tabs.addTab(name)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(self.figures)
        self._pages.addWidget(scroll)
        self._pages.addWidget(self._version_page())
        self._tabs.currentChanged.connect(self._pages.setCurrentIndex)
        column.addWidget(self._tabs)
        column.addWidget(self._pages, 1)

    def show_contents(self, contents: Any) -> None:
        """Shows another dataset's figures and versions, None for none."""
        self.figures.show_figures(contents.figures if contents is not None else None)
        versions = contents.versions if contents is not None else ()
        self._teach.setVisible(contents is not None and contents.dataset.kind in TAUGHT)
        self._tabs.setTabText(1, f"Versions ({len(versions)})" if versions else "Versions")
        self._show_versions(versions, contents)

    def _show_versions(self, versions: Sequence[Any], contents: Any) -> None:
        before = self.number
        self.versions.clear()
        for about in reversed(versions):
            item = QListWidgetItem(_told(about, about.number == contents.latest, contents.dataset.base))
            item.setData(NUMBER, about.number)
            item.setForeground(color("text" if about.number == contents.latest else "dim"))
            self.versions.addItem(item)
            if about.number == before:
                self.versions.setCurrentItem(item)
        if self.versions.currentItem() is None and self.versions.count():
            self.versions.setCurrentRow(0)
        self._enable()

    @property
    def number(self) -> int:
        """The chosen version, 0 for none."""
        item = self.versions.currentItem()
        return int(item.data(NUMBER)) if item is not None else 0

    def _version_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, GAP)
        column.setSpacing(GAP)
        self.versions.setAccessibleName("Versions")
        self.versions.currentRowChanged.connect(lambda _: self._enable())
        column.addWidget(self.versions, 1)
        row = QHBoxLayout()
        row.setContentsMargins(MARGIN, 0, MARGIN, 0)
        row.setSpacing(GAP)
        offers = (
            ("Compare", self.compare, "What the draft has otherwise"),
            ("Revert…", self.revert, "Make this version the draft"),
            ("Export…", self.export, "Write this version with its files to a zip or folder"),
        )
        for words, signal, hint in offers:
            button = push(words, lambda signal=signal: signal.emit(self.number))
            button.setToolTip(hint)
            self.buttons.append(button)
            row.addWidget(button)
        column.addLayout(row)
        self._teach = push("Teach a model…", lambda: self.teach.emit(self.number))
        self._teach.setToolTip("Train an adapter on this version")
        below = QHBoxLayout()
        below.setContentsMargins(MARGIN, 0, MARGIN, 0)
        below.addWidget(self._teach)
        column.addLayout(below)
        return page

    def _enable(self) -> None:
        for button in self.buttons:
            button.setEnabled(bool(self.number))
        self._teach.setEnabled(bool(self.number))


def _told(about: Any, latest: bool, base: int) -> str:
    try:
        made = f"{datetime.fromisoformat(about.made).astimezone():%d %b %Y, %H:%M}"
    except ValueError:
        made = about.made
    marks = [word for word, is_so in (("latest", latest), ("draft stands on it", about.number == base)) if is_so]
    return f"v{about.number}   {about.items:,} items   {made}" + (f"\n{', '.join(marks)}" if marks else "")
