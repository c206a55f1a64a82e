"""What ties the panel to a song: the place that a result is asked for, and results that wait for a hand to put them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ...actions.fromsong import Wish, settled
from .. import theme
from ..icons import IconButton

KEPT = 3
"""Offers that are shown at once; older ones wait in the library."""


class PlaceBar(QWidget):
    """The place of a song that what is made next belongs to. Main thread. Hidden while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.wish: Wish | None = None
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.forget = IconButton("close", "Make it for no place of a song", 24, flat=True)
        self.put = QCheckBox("Put it into the song when it is done")
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.said, 1)
        row.addWidget(self.forget, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.PAD)
        column.addLayout(row)
        column.addWidget(self.put)
        self.forget.clicked.connect(lambda: self.show_wish(None))
        self.hide()

    def show_wish(self, wish: Wish | None) -> None:
        """What is made next belongs to the place of this wish, or, for None, to none."""
        self.wish = wish
        if wish is not None:
            seconds = wish.place.length / wish.place.rate
            length = "" if wish.task == "music-extend" else f", {seconds:.2f} s"
            self.said.setText(f"For {wish.said} of “{wish.place.name}”{length}.")
        self.setVisible(wish is not None)

    def follow_task(self, task: str) -> None:
        """Another task is chosen: a place that was asked for otherwise is forgotten."""
        if self.wish is not None and self.wish.task != task:
            self.show_wish(None)

    def fields(self, task: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """What a request for this task says of its place: fields of `Making`."""
        if self.wish is None or self.wish.task != task:
            return {}
        place = settled(self.wish, values)
        return {"place": place, "put": self.put.isChecked() and place is not None}


@dataclass(eq=False)
class Offer:
    """Something that can be done now with a result: a sentence, what the button says, and what it does, which returns
    False where it could not be done. It is `taken` once."""

    text: str
    action: str
    run: Callable[[], object]
    taken: bool = False


class Offers(QWidget):
    """The newest offers, each until it is taken or dismissed. Main thread. `gone(text)`: one was."""

    gone = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[tuple[Offer, QWidget]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.PAD)
        self.hide()

    def all(self) -> tuple[Offer, ...]:
        """The offers that are shown."""
        return tuple(offer for offer, _ in self._rows)

    def add(self, offer: Offer) -> None:
        """Shows an offer; the oldest gives way to it, and can still be taken where else it is shown."""
        while len(self._rows) >= KEPT:
            self._hide(self._rows[0][0])
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.PAD)
        text = QLabel(offer.text)
        text.setWordWrap(True)
        take = QPushButton(offer.action)
        take.setAccessibleName(f"{offer.action}: {offer.text}")
        take.clicked.connect(lambda: self.take(offer))
        dismiss = IconButton("close", "Dismiss", 24, flat=True)
        dismiss.clicked.connect(lambda: self.remove(offer))
        line.addWidget(text, 1)
        line.addWidget(take)
        line.addWidget(dismiss)
        self._column.addWidget(row)
        self._rows.append((offer, row))
        self.show()

    def remove(self, offer: Offer) -> None:
        """Takes an offer off the list, if it is there, and everywhere else."""
        self._hide(offer)
        self.gone.emit(offer.text)

    def _hide(self, offer: Offer) -> None:
        for known, row in [pair for pair in self._rows if pair[0] is offer]:
            self._rows.remove((known, row))
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.setVisible(bool(self._rows))

    def take(self, offer: Offer) -> None:
        """Does what is offered; it stays where that could not be done."""
        if not offer.taken and offer.run() is not False:
            offer.taken = True
            self.remove(offer)
