import itertools
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt

from studio.document.document import Document
from studio.document.edits.song import rename_song
from studio.document.project import new_project
from studio.ui.history_graph import layout, path_to, tip_of
from studio.ui.history_panel import ROLE, HistoryPanel


@dataclass(frozen=True)
class Node:
    number: int
    parent: int


def tree(picks: list[int]) -> list[Node]:
    return [Node(0, -1), *(Node(n, pick % n) for n, pick in enumerate(picks, 1))]


trees = st.lists(st.integers(0, 1000), max_size=40).map(tree)
calm = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])


@calm
@given(trees, st.integers(0, 1000))
def test_every_line_of_the_graph_joins_a_child_to_its_parent(nodes: list[Node], pick: int) -> None:
    present = nodes[pick % len(nodes)].number
    tip = tip_of(nodes, present)
    rows = layout(sorted(nodes, key=lambda node: -node.number), tip)
    newest = sorted(nodes, key=lambda node: -node.number)
    for upper, lower in itertools.pairwise(rows):
        assert upper.below == lower.above
    assert rows[0].above == frozenset()
    assert rows[-1].below == frozenset()
    follow: dict[int, int] = {}
    for node, row in zip(newest, rows, strict=True):
        arriving = [child for child, lane in follow.items() if lane in (row.lane, *row.joins)]
        assert set(arriving) == {n.number for n in nodes if n.parent == node.number}
        for child in arriving:
            del follow[child]
        assert row.lane not in follow.values()
        if node.parent >= 0:
            follow[node.number] = row.lane
        assert row.below == frozenset(follow.values())


@calm
@given(trees, st.integers(0, 1000))
def test_the_present_branch_keeps_the_first_lane(nodes: list[Node], pick: int) -> None:
    present = nodes[pick % len(nodes)].number
    tip = tip_of(nodes, present)
    rows = layout(sorted(nodes, key=lambda node: -node.number), tip)
    lanes = {node.number: row.lane for node, row in zip(sorted(nodes, key=lambda n: -n.number), rows, strict=True)}
    assert {lanes[number] for number in path_to(nodes, tip)} == {0}
    assert present in path_to(nodes, tip)


class Bundle:
    """The named versions of a song that is not on disk."""

    def __init__(self) -> None:
        self.named: list[SimpleNamespace] = []

    def versions(self) -> list[SimpleNamespace]:
        return self.named


@pytest.fixture
def session():
    return SimpleNamespace(document=Document(new_project("Song")), bundle=Bundle(), read_only="")


@pytest.fixture
def panel(qtbot, session):
    made = HistoryPanel()
    qtbot.addWidget(made)
    made.show()
    for name in ("A", "B", "C"):
        session.document.apply(rename_song(name))
    made.set_session(session)
    return made


def shown(panel: HistoryPanel) -> list[tuple[int, bool, bool]]:
    return [(row.revision.number, row.present, row.reached) for row in panel.model.rows]


def test_revisions_are_listed_newest_first_with_the_present_marked(panel) -> None:
    assert shown(panel) == [(3, True, True), (2, False, True), (1, False, True), (0, False, True)]


def test_a_click_goes_to_a_state_and_back(panel, session, qtbot) -> None:
    index = panel.model.index(2, 0)
    place = panel.list.visualRect(index).center()
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert session.document.project.name == "A"
    qtbot.waitUntil(lambda: shown(panel)[2][1])
    assert [reached for _, _, reached in shown(panel)] == [False, False, True, True]
    panel.list.setFocus()
    panel.list.setCurrentIndex(panel.model.index(0, 0))
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    assert session.document.project.name == "C"


def test_branches_stay_visible(panel, session, qtbot) -> None:
    session.document.visit(1)
    session.document.apply(rename_song("D"))
    qtbot.waitUntil(lambda: len(panel.model.rows) == 5)
    lanes = {row.revision.number: row.lanes.lane for row in panel.model.rows}
    assert (lanes[4], lanes[1], lanes[0]) == (0, 0, 0)
    assert lanes[3] == lanes[2] == 1


def test_named_versions_are_shown_and_can_be_listed_alone(panel, session) -> None:
    session.bundle.named.append(SimpleNamespace(number=2, name="Rough mix"))
    panel.reload()
    assert [row.version for row in panel.model.rows] == ["", "Rough mix", "", ""]
    panel.only_versions.setChecked(True)
    assert [row.revision.number for row in panel.model.rows] == [2]


def test_screen_readers_hear_label_version_and_place(panel, session) -> None:
    session.bundle.named.append(SimpleNamespace(number=3, name="Final"))
    panel.reload()
    text = panel.model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert text.startswith("Rename song, today")
    assert text.endswith("version Final, present state")
    assert panel.model.index(1, 0).data(ROLE).text.startswith("Rename song, today")


def test_a_song_that_is_closed_leaves_an_empty_panel(panel, session) -> None:
    panel.set_session(None)
    assert panel.model.rowCount() == 0
    session.document.apply(rename_song("later"))
    assert panel.model.rowCount() == 0
