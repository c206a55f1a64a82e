"""The menu of programs: those of General MIDI by family, or the kits of drums."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from ...document.general_midi import FAMILIES, KITS
from ...document.instruments import DRUM_BANK


def show_programs(parent: QWidget, bank: int, choose: Callable[[int], object], where: QPoint) -> QMenu:
    """Opens the menu at a place of the screen; `choose` gets the number of the program, 0 to 127."""
    menu = QMenu(parent)
    if bank == DRUM_BANK:
        for program, name in KITS.items():
            menu.addAction(name).triggered.connect(lambda _=False, n=program: choose(n))
    else:
        for n, (family, names) in enumerate(FAMILIES):
            below = menu.addMenu(family)
            for m, name in enumerate(names):
                below.addAction(f"{8 * n + m + 1}  {name}").triggered.connect(lambda _=False, n=8 * n + m: choose(n))
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(where)
    return menu
