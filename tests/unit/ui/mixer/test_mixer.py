"""The mixer with a real document."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from studio.document.document import Document
from studio.document.edits import mix, tracks
from studio.document.project import Insert, Send, Strip, Track, new_id, new_project
from studio.engine.audio.status import EngineStatus
from studio.errors import StudioError
from studio.ui.controls import InlineEdit, gain_of
from studio.ui.mixer import menu as menus
from studio.ui.mixer.geometry import LEAST_HEIGHT, places
from studio.ui.mixer.panel import MixerPanel
from studio.ui.theme import HIT, STRIP, color


class Song:
    """An open song whose engine remembers what was set live."""

    def __init__(self, count: int = 3) -> None:
        self.document = Document(new_project("Song"))
        for n in range(count):
            self.document.apply(tracks.add_tracks((tracks.fresh_track(self.document.project, f"Track {n}"),)))
        self.live: list[tuple[str, float | None, float | None]] = []

    def set_strip_live(self, strip_id: str, *, gain: float | None = None, pan: float | None = None) -> None:
        self.live.append((strip_id, gain, pan))

    def track(self, row: int) -> Track:
        return self.document.project.tracks[row]

    def strip(self, row: int) -> Strip:
        return self.track(row).strip


@pytest.fixture
def opened() -> Song:
    return Song()


@pytest.fixture
def mixer(qtbot: QtBot, opened: Song) -> Iterator[MixerPanel]:
    panel = MixerPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 260)
    panel.show()
    panel.set_session(opened)
    yield panel
    panel.set_session(None)


def drag_fader(qtbot: QtBot, mixer: MixerPanel, key: str, by: int) -> None:
    fader = mixer.strip(key).fader
    middle = fader.rect().center()
    qtbot.mousePress(fader, Qt.MouseButton.LeftButton, pos=middle)
    for way in (by // 2, by):
        qtbot.mouseMove(fader, middle + QPoint(0, way))
    qtbot.mouseRelease(fader, Qt.MouseButton.LeftButton, pos=middle + QPoint(0, by))


def test_a_strip_for_every_track_in_order_and_the_master(mixer: MixerPanel, opened: Song) -> None:
    assert mixer.order == tuple(track.id for track in opened.document.project.tracks)
    assert [mixer.strip(key).name for key in (*mixer.order, "master")] == ["Track 0", "Track 1", "Track 2", "Master"]
    assert [mixer.strip(key).x() for key in mixer.order] == [0, STRIP, 2 * STRIP]


def test_strips_follow_added_moved_and_removed_tracks(mixer: MixerPanel, opened: Song) -> None:
    first = mixer.strip(opened.track(0).id)
    opened.document.apply(tracks.move_track(opened.track(0).id, 2))
    opened.document.apply(tracks.add_tracks((tracks.fresh_track(opened.document.project, "New"),), 0))
    assert [mixer.strip(key).name for key in mixer.order] == ["New", "Track 1", "Track 2", "Track 0"]
    assert mixer.strip(mixer.order[3]) is first
    opened.document.apply(tracks.remove_tracks([opened.track(1).id]))
    assert [mixer.strip(key).name for key in mixer.order] == ["New", "Track 2", "Track 0"]
    opened.document.undo()
    assert [mixer.strip(key).name for key in mixer.order] == ["New", "Track 1", "Track 2", "Track 0"]


def test_a_fader_drag_is_heard_at_once_and_is_one_undo_step(qtbot: QtBot, mixer: MixerPanel, opened: Song) -> None:
    key, revisions = opened.track(1).id, len(opened.document.revisions)
    drag_fader(qtbot, mixer, key, 40)
    assert len(opened.live) == 2
    assert all(strip == key and pan is None for strip, _, pan in opened.live)
    assert len(opened.document.revisions) == revisions + 1
    assert opened.strip(1).gain == opened.live[-1][1] < 1.0
    opened.document.undo()
    assert opened.strip(1).gain == 1.0
    assert mixer.strip(key).fader.amount() == 1.0


def test_a_run_of_keys_is_one_undo_step(qtbot: QtBot, mixer: MixerPanel, opened: Song) -> None:
    strip = mixer.strip(opened.track(0).id)
    for _ in range(4):
        qtbot.keyClick(strip.fader, Qt.Key.Key_Down)
    assert opened.strip(0).gain == pytest.approx(gain_of(-2.0))
    opened.document.undo()
    assert opened.strip(0).gain == 1.0


def test_the_masters_fader(qtbot: QtBot, mixer: MixerPanel, opened: Song) -> None:
    drag_fader(qtbot, mixer, "master", 30)
    assert opened.document.project.master.gain < 1.0
    assert opened.live[-1][0] == "master"


def test_mute_solo_and_arm_are_edits_at_once(qtbot: QtBot, mixer: MixerPanel, opened: Song) -> None:
    strip = mixer.strip(opened.track(0).id)
    for button in (strip.mute, strip.solo, strip.arm):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert (opened.strip(0).mute, opened.strip(0).solo, opened.track(0).armed) == (True, True, True)
    for _ in range(3):
        opened.document.undo()
    assert not (strip.mute.isChecked() or strip.solo.isChecked() or strip.arm.isChecked())


def test_ctrl_click_solos_one_alone_in_one_step(qtbot: QtBot, mixer: MixerPanel, opened: Song) -> None:
    for row in (0, 1):
        opened.document.apply(mix.set_solo(opened.track(row).id, True))
    mixer.desk.solo(opened.track(2).id, True, alone=True)
    assert [opened.strip(row).solo for row in range(3)] == [False, False, True]
    opened.document.undo()
    assert [opened.strip(row).solo for row in range(3)] == [True, True, False]
    assert mixer.desk.end_solos()
    assert not any(opened.strip(row).solo for row in range(3))
    assert not mixer.desk.end_solos()


def test_a_refused_change_says_so_and_the_controls_go_back(qtbot: QtBot, mixer: MixerPanel, opened: Song) -> None:
    errors: list[StudioError] = []
    mixer.failed.connect(errors.append)
    opened.document.read_only = "This song can only be read; save a copy to change it."
    strip = mixer.strip(opened.track(0).id)
    qtbot.mouseClick(strip.mute, Qt.MouseButton.LeftButton)
    assert not strip.mute.isChecked()
    drag_fader(qtbot, mixer, opened.track(0).id, 30)
    assert strip.fader.amount() == 1.0
    assert opened.live[-1] == (opened.track(0).id, 1.0, None)
    assert [str(error) for error in errors] == [opened.document.read_only] * 2


def test_renaming_in_place(qtbot: QtBot, mixer: MixerPanel, opened: Song) -> None:
    strip = mixer.strip(opened.track(0).id)
    qtbot.mouseDClick(strip, Qt.MouseButton.LeftButton, pos=places(STRIP, strip.height(), 0).name.center())
    edit = strip.findChild(InlineEdit)
    qtbot.keyClicks(edit, "Drums")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert opened.track(0).name == "Drums"
    assert strip.accessibleName() == "Strip Drums"
    assert strip.fader.accessibleName().startswith("Level of Drums")


def test_escape_leaves_the_name(qtbot: QtBot, mixer: MixerPanel, opened: Song) -> None:
    strip = mixer.strip(opened.track(0).id)
    strip.rename()
    edit = strip.findChild(InlineEdit)
    qtbot.keyClicks(edit, "Drums")
    qtbot.keyClick(edit, Qt.Key.Key_Escape)
    assert opened.track(0).name == "Track 0"


def test_a_track_removed_while_it_is_renamed_takes_the_editor_with_it(mixer: MixerPanel, opened: Song) -> None:
    errors: list[StudioError] = []
    mixer.failed.connect(errors.append)
    strip = mixer.strip(opened.track(0).id)
    strip.rename()
    strip.findChild(InlineEdit).setText("Ghost")
    opened.document.undo()
    opened.document.undo()
    opened.document.undo()
    assert mixer.order == ()
    assert errors == []


def test_typing_a_level(qtbot: QtBot, mixer: MixerPanel, opened: Song) -> None:
    strip = mixer.strip(opened.track(0).id)
    qtbot.keyClicks(strip.fader, "-")
    edit = strip.findChild(InlineEdit)
    qtbot.keyClicks(edit, "7.5")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert opened.strip(0).gain == pytest.approx(gain_of(-7.5))
    assert opened.live[-1][1] == pytest.approx(gain_of(-7.5))


def test_typing_a_pan(qtbot: QtBot, mixer: MixerPanel, opened: Song) -> None:
    strip = mixer.strip(opened.track(0).id)
    qtbot.keyClick(strip.pan, Qt.Key.Key_Return)
    edit = strip.findChild(InlineEdit)
    qtbot.keyClicks(edit, "L40")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert opened.strip(0).pan == -0.4


def test_selection_is_told_once_and_follows_from_elsewhere(qtbot: QtBot, mixer: MixerPanel, opened: Song) -> None:
    heard: list[str] = []
    mixer.track_selected.connect(heard.append)
    qtbot.mouseClick(mixer.strip(opened.track(1).id), Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    qtbot.mouseClick(mixer.strip(opened.track(1).id), Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert heard == [opened.track(1).id]
    mixer.select_track(opened.track(2).id)
    assert heard == [opened.track(1).id]
    qtbot.mouseClick(mixer.strip("master"), Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert heard == [opened.track(1).id]


def test_selecting_brings_a_far_strip_into_view(qtbot: QtBot) -> None:
    song = Song(40)
    panel = MixerPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 260)
    panel.show()
    panel.set_session(song)
    far = panel.strip(song.track(39).id)
    assert far.visibleRegion().isEmpty()
    panel.select_track(song.track(39).id)
    qtbot.waitUntil(lambda: not far.visibleRegion().isEmpty())
    panel.set_session(None)


def test_meters_follow_the_status_and_a_click_clears(qtbot: QtBot, mixer: MixerPanel, opened: Song) -> None:
    key = opened.track(0).id
    mixer.tick(EngineStatus(meters={key: (0.5, 1.25), "master": (0.1, 0.2)}))
    strip = mixer.strip(key)
    assert (strip.meter.levels, strip.meter.highest, strip.meter.clipped) == ([0.5, 1.25], 1.25, True)
    assert mixer.strip("master").meter.highest == 0.2
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=places(STRIP, strip.height(), 0).meter.center())
    assert (strip.meter.highest, strip.meter.clipped) == (0.0, False)


def test_an_armed_track_shows_its_inputs(mixer: MixerPanel, opened: Song) -> None:
    key = opened.track(0).id
    opened.document.apply(tracks.arm(key, True))
    opened.document.apply(tracks.set_inputs(key, (1,)))
    mixer.tick(EngineStatus(meters={key: (0.9, 0.9)}, inputs=(0.1, 0.3)))
    assert mixer.strip(key).meter.levels == [0.3, 0.3]


def action(menu: QMenu, *path: str) -> QAction:
    found = next(entry for entry in menu.actions() if entry.text() == path[0])
    return action(found.menu(), *path[1:]) if len(path) > 1 else found


def test_the_menu_changes_colour_inputs_and_sends(mixer: MixerPanel, opened: Song) -> None:
    menus.add_bus(mixer.desk)
    strip, bus = mixer.strip(opened.track(0).id), opened.track(3)
    menu = menus.strip_menu(mixer.desk, strip)
    action(menu, "Colour", "Light violet").trigger()
    action(menu, "Input", "Inputs 1 + 2 (stereo)").trigger()
    action(menu, "Send to", bus.name, "−6.0 dB").trigger()
    assert opened.track(0).color != "#c792ea"
    assert opened.track(0).inputs == (0, 1)
    assert strip.input.text() == "1+2"
    assert [(send.bus, round(send.gain, 3)) for send in opened.strip(0).sends] == [(bus.id, 0.501)]
    assert strip.line_count == 1
    menu = menus.strip_menu(mixer.desk, strip)
    assert action(menu, "Send to", bus.name, "−6.0 dB").isChecked()
    action(menu, "Send to", bus.name, "Off").trigger()
    assert opened.strip(0).sends == ()


def test_the_menu_resets_and_deletes(mixer: MixerPanel, opened: Song) -> None:
    key = opened.track(0).id
    opened.document.apply(mix.set_gain(key, 0.2))
    opened.document.apply(mix.set_pan(key, 0.2))
    menu = menus.strip_menu(mixer.desk, mixer.strip(key))
    action(menu, "Reset level and pan").trigger()
    assert (opened.strip(0).gain, opened.strip(0).pan) == (1.0, 0.0)
    action(menu, "Delete “Track 0”").trigger()
    assert key not in mixer.order


def test_inputs_offered_are_those_of_the_device(mixer: MixerPanel, opened: Song) -> None:
    mixer.tick(EngineStatus(inputs=(0.0,) * 4))
    menu = QMenu()
    menus.fill_inputs(menu, mixer.desk, opened.track(0).id)
    names = [entry.text() for entry in menu.actions() if entry.text()]
    assert names == [*(f"Input {n}" for n in range(1, 5)), "Inputs 1 + 2 (stereo)", "Inputs 3 + 4 (stereo)"]
    assert [entry.text() for entry in menu.actions() if entry.isChecked()] == ["Input 1"]


def test_room_for_inserts_is_the_same_in_every_strip(mixer: MixerPanel, opened: Song) -> None:
    before = mixer.strip(opened.track(1).id).fader.geometry()
    opened.document.apply(mix.add_insert(opened.track(0).id, Insert(new_id("insert"), "compressor")))
    tops = {mixer.strip(key).fader.y() for key in mixer.order}
    assert len(tops) == 1
    assert tops.pop() > before.y()
    opened.document.undo()
    assert mixer.strip(opened.track(1).id).fader.geometry() == before


def test_a_renamed_bus_is_renamed_where_it_is_fed(mixer: MixerPanel, opened: Song) -> None:
    menus.add_bus(mixer.desk)
    bus = opened.track(3).id
    opened.document.apply(mix.set_send(opened.track(0).id, Send(new_id("send"), bus)))
    opened.document.apply(tracks.rename_track(bus, "Plate"))
    assert mixer.strip(opened.track(0).id).view.lines == ("→ Plate\t0",)


def test_others_show_that_they_are_not_heard_while_one_is_soloed(mixer: MixerPanel, opened: Song) -> None:
    opened.document.apply(mix.set_solo(opened.track(1).id, True))
    assert [mixer.strip(key).view.silent for key in mixer.order] == [True, False, True]
    opened.document.undo()
    assert [mixer.strip(key).view.silent for key in mixer.order] == [False] * 3


def test_every_control_can_be_hit_and_has_a_name(mixer: MixerPanel) -> None:
    for key in (*mixer.order, "master"):
        for control in mixer.strip(key).controls():
            assert control.accessibleName(), control
            assert control.height() >= HIT
            assert control.width() >= HIT
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_nothing_overlaps_at_the_least_height() -> None:
    for lines in (0, 3, 40):
        for height in (LEAST_HEIGHT, 200, 260, 600):
            at = places(STRIP, height, lines)
            rows = [at.inserts, at.buttons, at.pan, at.level, at.fader, at.name]
            assert all(above.bottom() < below.top() for above, below in pairwise(rows))
            assert at.name.bottom() < height


def test_the_tab_key_goes_through_a_strip_from_top_to_bottom(mixer: MixerPanel) -> None:
    strip = mixer.strip(mixer.order[0])
    order = [strip]
    while len(order) < 7:
        order.append(order[-1].nextInFocusChain())
    assert order[1:] == strip.controls()


def test_commands_do_what_they_say(mixer: MixerPanel, opened: Song) -> None:
    commands = {command.id: command for command in mixer.commands()}
    assert not commands["mixer.end_solos"].enabled()
    opened.document.apply(mix.set_solo(opened.track(0).id, True))
    commands["mixer.end_solos"].run()
    assert not opened.strip(0).solo
    mixer.tick(EngineStatus(meters={"master": (2.0, 2.0)}))
    commands["mixer.clear_peaks"].run()
    assert not mixer.strip("master").meter.clipped
    heard: list[str] = []
    mixer.track_selected.connect(heard.append)
    for step in ("next", "next", "previous"):
        commands[f"mixer.{step}_strip"].run()
    assert heard == [opened.track(0).id, opened.track(1).id, opened.track(0).id]


def test_the_hint_goes_when_the_first_strip_comes(qtbot: QtBot) -> None:
    song, panel = Song(0), MixerPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 260)
    panel.show()
    without_song = panel.grab().toImage()
    panel.set_session(song)
    empty = panel.grab().toImage()
    song.document.apply(tracks.add_tracks((tracks.fresh_track(song.document.project),)))
    full = panel.grab().toImage()

    def written(picture: QImage) -> int:
        ground = color("panel").rgb()
        return sum(picture.pixel(x, y) != ground for x in range(300, 700) for y in range(110, 150))

    assert written(without_song) > 100
    assert written(empty) > 100
    assert written(full) == 0
    panel.set_session(None)


def test_without_a_song_there_is_nothing_to_touch(qtbot: QtBot) -> None:
    panel = MixerPanel()
    qtbot.addWidget(panel)
    panel.show()
    panel.tick(EngineStatus(meters={"master": (1.0, 1.0)}))
    assert panel.strip("master").isHidden()
    assert not any(command.enabled() for command in panel.commands())


def test_an_instrument_track_is_armed_too_and_shows_no_inputs(qtbot: QtBot, mixer: MixerPanel, opened: Song) -> None:
    synth = tracks.fresh_track(opened.document.project, "Synth", "instrument")
    opened.document.apply(tracks.add_tracks((synth,), 0))
    strip = mixer.strip(synth.id)
    qtbot.mouseClick(strip.arm, Qt.MouseButton.LeftButton)
    assert opened.track(0).armed and strip.arm.isChecked() and strip.listening == ()
