"""Adapters laid over the model: which, and how strongly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QLineEdit, QSizePolicy, QWidget

from ...engine.ai.attaching import MAX_STRENGTH
from ...engine.ai.forms import Number
from ...engine.ai.recipes import AdapterUse
from .. import theme

STRENGTH = Number("weight", "Strength", 0.0, MAX_STRENGTH, 1.0)
WIDTH = 64


class Tick(QCheckBox):
    """A box to tick whose text is shortened where there is little room."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self._words = words
        self.setAccessibleName(words)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.HIT, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        room = self.width() - theme.HIT - theme.GAP
        self.setText(self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, room).replace("&", "&&"))
        super().resizeEvent(event)


class AdapterRows(QWidget):
    """A row for each adapter that fits the model: a tick and its strength. `changed` after each change."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.PAD)
        self._grid.setVerticalSpacing(theme.GAP)
        self._grid.setColumnStretch(0, 1)
        self.rows: dict[str, tuple[QCheckBox, QLineEdit]] = {}
        self.hide()

    def show_adapters(self, adapters: Sequence[Mapping[str, Any]], chosen: Mapping[str, float]) -> None:
        """Offers these adapters, as `actions.models.describe_model` tells of them, and ticks those that are chosen."""
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.setParent(None)
                widget.deleteLater()
        self.rows = {}
        if adapters:
            heading = QLabel("Adapters, and how strongly each is applied")
            heading.setProperty("role", "dim")
            self._grid.addWidget(heading, 0, 0, 1, 2)
        for n, adapter in enumerate(adapters, 1):
            self._add(n, adapter, chosen.get(adapter["name"]))
        self.setVisible(bool(adapters))

    def _add(self, place: int, adapter: Mapping[str, Any], weight: float | None) -> None:
        there = adapter["state"] in {"ready", "local"}
        tick = Tick(adapter["title"] if there else f"Not here: {adapter['title']}")
        tick.setEnabled(there)
        tick.setChecked(there and weight is not None)
        way = "" if there else "; it is fetched under Models"
        tick.setToolTip(f"{adapter['title']}{way}\n{adapter['licence']} · {adapter['attribution']}")
        field = QLineEdit(f"{1.0 if weight is None else weight:g}")
        field.setFixedWidth(WIDTH)
        field.setAlignment(Qt.AlignmentFlag.AlignRight)
        field.setAccessibleName(f"Strength of {adapter['title']}")
        field.setToolTip(f"0 not at all, 1 as it was trained, {MAX_STRENGTH:g} at the most")
        field.setEnabled(tick.isChecked())
        tick.toggled.connect(field.setEnabled)
        tick.toggled.connect(self.changed)
        field.textChanged.connect(self.changed)
        self._grid.addWidget(tick, place, 0)
        self._grid.addWidget(field, place, 1)
        self.rows[adapter["name"]] = tick, field

    def uses(self) -> tuple[AdapterUse, ...]:
        """What is ticked. Raises StudioError for a strength that is none."""
        return tuple(
            AdapterUse(name, "", float(STRENGTH.read(field.text().strip()) or 0.0))
            for name, (tick, field) in self.rows.items()
            if tick.isChecked()
        )
