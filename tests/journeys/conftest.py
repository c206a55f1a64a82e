"""What every journey leaves behind: nothing that runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from screen import App


@pytest.fixture(autouse=True)
def _nothing_left_running() -> Iterator[None]:
    """Ends the program of a test that failed before it could."""
    yield
    for app in tuple(App.running):
        app.kill()
