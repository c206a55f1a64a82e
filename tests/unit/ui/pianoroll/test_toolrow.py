"""The row of tools above the notes: in a narrow window what matters least gives way."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton

from studio.ui.pianoroll.toolrow import ToolRow


def test_what_matters_least_gives_way_and_comes_back(qtbot) -> None:
    row = ToolRow()
    qtbot.addWidget(row)
    tools = [QPushButton(f"Tool of rank {rank}") for rank in (2, 0, 1)]
    for tool, rank in zip(tools, (2, 0, 1), strict=True):
        row.add(tool, rank)
    row.show()
    one = tools[0].minimumSizeHint().width()
    assert row.minimumSizeHint().width() < 2 * one

    def shown(width: int) -> list[bool]:
        row.resize(width, row.minimumSizeHint().height())
        return [tool.isVisible() for tool in tools]

    assert shown(6 * one) == [True, True, True]
    assert shown(round(2.8 * one)) == [False, True, True]
    assert shown(row.minimumSizeHint().width()) == [False, True, False]
    assert shown(6 * one) == [True, True, True]
