"""The benchmark table: each benchmark adds rows with what was measured and its budget or peer."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable

import pytest

Row = tuple[str, str, str, str]
_rows: list[Row] = []


@pytest.fixture
def row() -> Callable[..., None]:
    """`row(what, measured, budget="", verdict=None)`: adds a line to the table printed at the end.

    `measured` and `budget` are texts with units; `verdict` is True or False where the budget can be judged.
    """

    def add(what: str, measured: str, budget: str = "", verdict: bool | None = None) -> None:
        _rows.append((what, measured, budget, {True: "within", False: "OVER", None: ""}[verdict]))

    return add


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the table, in Markdown so that it can stand in docs/performance.md as it is."""
    if not _rows:
        return
    table = [("what", "measured", "budget", ""), ("---", "---", "---", "---"), *_rows]
    terminalreporter.write_line("")
    terminalreporter.write_line(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    terminalreporter.write_line("")
    for line in table:
        terminalreporter.write_line("| " + " | ".join(line) + " |")
