"""A small window that asks for one line of text, without stopping the rest."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QWidget


def ask_text(
    parent: QWidget, title: str, label: str, then: Callable[[str], None], text: str = "", empty: bool = False
) -> QInputDialog:
    """Asks for a name; `then` gets it, stripped, unless the person changed their mind or it is empty, which `empty`
    allows."""
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.setLabelText(label)
    dialog.setTextValue(text)
    dialog.textValueSelected.connect(lambda typed: then(typed.strip()) if typed.strip() or empty else None)
    dialog.open()
    return dialog
