"""The line below the coach's view that offers what can be done next: judge a take, or look at a result."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from .. import theme


class OfferBar(QWidget):
    """A sentence and one button; hidden while there is nothing to offer. Main thread."""

    def __init__(self) -> None:
        super().__init__()
        self._run: Callable[[], object] = lambda: None
        self.says = QLabel()
        self.says.setWordWrap(True)
        self.says.setProperty("role", "dim")
        self.button = QPushButton()
        self.button.clicked.connect(self._clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, theme.PAD, theme.MARGIN, theme.PAD)
        row.setSpacing(theme.PAD)
        row.addWidget(self.says, 1)
        row.addWidget(self.button)
        self.withdraw()

    def offer(self, sentence: str, button: str, run: Callable[[], object]) -> None:
        """Offers something in place of what was offered before."""
        self._run = run
        self.says.setText(sentence)
        self.button.setText(button)
        self.button.setAccessibleDescription(sentence)
        self.show()

    def _clicked(self) -> None:
        self._run()

    def withdraw(self) -> None:
        """Offers nothing."""
        self._run = lambda: None
        self.hide()
