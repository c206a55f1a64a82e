"""The chord lane of the ruler: drawn, moved, sized, typed and deleted."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from studio.document.edits.harmony import set_chords, set_key
from studio.document.harmony import Chord
from studio.errors import StudioError
from studio.ui import theme
from studio.ui.timeline.menus import QMenu, show_ruler_menu
from studio.ui.timeline.ruler_lanes import CHORDS

from .conftest import RATE, Hand, Shown

Y = CHORDS[0] + 10
BAR = 3840


def _x(shown: Shown, tick: float) -> float:
    return shown.view.stage.canvas.axis.x(tick)


def chords(shown: Shown) -> list[tuple[int, int, str]]:
    return [(chord.start, chord.length, chord.symbol) for chord in shown.song.document.project.chords]


def put(shown: Shown) -> None:
    shown.song.document.apply(
        set_chords([Chord("a", 0, BAR, 9, "m", symbol="Am"), Chord("b", BAR, BAR, 5, symbol="F")])
    )


def write(shown: Shown, text: str) -> None:
    editor = next(field for field in shown.view.ruler.findChildren(QLineEdit) if field.isVisible())
    assert editor.accessibleName().startswith("Chord")
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)


@pytest.fixture
def told(shown: Shown) -> list[StudioError]:
    found: list[StudioError] = []
    shown.view.failed.connect(found.append)
    return found


def test_chords_are_drawn_typed_moved_and_sized(shown: Shown) -> None:
    hand, document = Hand(shown.view.ruler), shown.song.document
    before = len(document.revisions)
    hand.drag((_x(shown, 0), Y), (_x(shown, BAR), Y))
    assert chords(shown) == [(0, BAR, "C")]
    write(shown, "am7/g")
    chord = document.project.chords[0]
    assert (chord.root, chord.quality, chord.bass, chord.symbol) == (9, "m7", 7, "Am7/g")
    hand.drag((_x(shown, BAR) - 1, Y), (_x(shown, 2 * BAR), Y))
    assert chords(shown) == [(0, 2 * BAR, "Am7/g")]
    hand.drag((_x(shown, 1000), Y), (_x(shown, 1000 + BAR), Y))
    assert chords(shown) == [(BAR, 2 * BAR, "Am7/g")]
    hand.drag((_x(shown, BAR) + 1, Y), (_x(shown, 0), Y))
    assert chords(shown) == [(0, 3 * BAR, "Am7/g")]
    assert len(document.revisions) == before + 5


def test_a_moved_chord_makes_others_give_way_and_escape_leaves_them(shown: Shown) -> None:
    put(shown)
    hand = Hand(shown.view.ruler)
    hand.drag((_x(shown, 1000), Y), (_x(shown, 1000 + 1920), Y), release=False)
    QTest.keyClick(shown.view, Qt.Key.Key_Escape)
    hand.release(_x(shown, 2020), Y)
    assert chords(shown) == [(0, BAR, "Am"), (BAR, BAR, "F")]
    hand.drag((_x(shown, 1000), Y), (_x(shown, 1000 + 1920), Y))
    assert chords(shown) == [(1920, BAR, "Am"), (1920 + BAR, 1920, "F")]


def test_a_double_click_types_a_chord(shown: Shown) -> None:
    put(shown)
    hand = Hand(shown.view.ruler)
    hand.double_click(_x(shown, BAR + 500), Y)
    write(shown, "Dm9")
    assert chords(shown) == [(0, BAR, "Am"), (BAR, BAR, "Dm9")]
    hand.double_click(_x(shown, 2 * BAR + 1000), Y)
    write(shown, "G7")
    assert chords(shown)[2] == (2 * BAR + 960, BAR - 960, "G7")


def test_numerals_are_read_in_the_key(shown: Shown) -> None:
    put(shown)
    shown.song.document.apply(set_key(0, 7))
    shown.view.chords.rename("a")
    write(shown, "V7/V")
    assert chords(shown)[0] == (0, BAR, "A7")


@pytest.mark.parametrize(("text", "sentence"), [("Xm", "“Xm” in bar 1 is not a chord"), ("C | F", "This is not one")])
def test_what_is_no_chord_is_told_and_changes_nothing(
    shown: Shown, told: list[StudioError], text: str, sentence: str
) -> None:
    put(shown)
    shown.view.chords.rename("a")
    write(shown, text)
    assert chords(shown)[0] == (0, BAR, "Am") and str(told[-1]).startswith(sentence)


def test_a_click_locates_and_keys_move_size_and_delete(shown: Shown) -> None:
    put(shown)
    found: list[int] = []
    shown.view.locate_requested.connect(found.append)
    Hand(shown.view.ruler).click(_x(shown, BAR + 500), Y)
    assert found == [2 * RATE]
    lane = shown.view.chords
    shown.view.set_playhead(0)
    lane.go(1)
    assert found[-1] == 2 * RATE and lane.current is not None and lane.current.symbol == "F"
    assert shown.view.ruler.accessibleDescription() == "F at the playhead, 2 chords"
    lane.resize(-1)
    lane.move(1)
    assert chords(shown) == [(0, BAR, "Am"), (BAR + 960, BAR - 960, "F")]
    lane.go(-1)
    lane.delete()
    assert chords(shown) == [(BAR + 960, BAR - 960, "F")]
    for _ in range(9):
        shown.view.set_playhead(int(shown.song.document.project.time.frame(BAR + 960)))
        lane.resize(-1)
    assert chords(shown)[0][1] == 960


def test_a_typed_chord_at_the_playhead_begins_on_its_beat(shown: Shown) -> None:
    shown.view.set_playhead(int(shown.song.document.project.time.frame(1000)))
    shown.view.chords.name()
    write(shown, "Ebmaj7")
    assert chords(shown) == [(960, BAR - 960, "Ebmaj7")]


def test_the_menu_of_a_chord_deletes_it_and_asks_to_type(shown: Shown) -> None:
    put(shown)
    asked: list[int] = []
    shown.view.chords_requested.connect(asked.append)
    show_ruler_menu(shown.view, BAR + 10.0, Y, shown.view.mapToGlobal(shown.view.rect().center()))
    menu = shown.view.findChildren(QMenu)[-1]
    actions = {action.text(): action for action in menu.actions()}
    actions["Type Chords Here…"].trigger()
    actions["Delete Chord"].trigger()
    menu.close()
    assert asked == [BAR + 10] and chords(shown) == [(0, BAR, "Am")]


def test_chords_are_seen_in_their_lane(shown: Shown) -> None:
    def ground(tick: int) -> QColor:
        shown.view.ruler.refresh()
        picture = shown.view.ruler.grab().toImage()
        ratio = picture.devicePixelRatio()
        return picture.pixelColor(round(_x(shown, tick)), round((CHORDS[1] - 4) * ratio))

    before = ground(2 * BAR - 100)
    put(shown)
    assert ground(2 * BAR - 100) == theme.mix("accent", "bg", 0.22) != before
    assert ground(2 * BAR + 100) == before


def test_a_chord_without_room_for_its_name_shows_none(shown: Shown) -> None:
    def inks(ticks: int) -> set[str]:
        """The colours in the middle of the lane, of a chord so long."""
        shown.song.document.apply(set_chords([Chord("narrow", BAR, ticks, 9, "m7", symbol="Am7")]))
        shown.view.ruler.refresh()
        picture = shown.view.ruler.grab().toImage()
        ratio = picture.devicePixelRatio()
        y = round((CHORDS[0] + CHORDS[1]) / 2 * ratio)
        xs = range(round(_x(shown, BAR)), round(_x(shown, BAR + ticks)) - 2)
        return {picture.pixelColor(x, y).name() for x in xs}

    narrow = round(shown.view.stage.canvas.axis.tick(_x(shown, BAR) + 20 * shown.view.devicePixelRatioF())) - BAR
    assert inks(narrow) == {theme.mix("accent", "bg", 0.22).name()}
    assert len(inks(2 * BAR)) > 3
