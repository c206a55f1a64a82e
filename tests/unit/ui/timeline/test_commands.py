"""What the timeline offers to menus, keys and the palette."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu

from studio.ui.commands import Command
from studio.ui.timeline import menus
from studio.ui.timeline.hit import Hit

from .conftest import RATE, Shown


def _commands(shown: Shown) -> dict[str, Command]:
    return {command.id: command for command in shown.view.commands()}


def _starts(shown: Shown, row: int) -> list[float]:
    return sorted(shown.song.start(clip.id) / RATE for clip in shown.song.document.project.tracks[row].clips)


def test_ids_and_keys_are_unique(shown: Shown) -> None:
    listed = shown.view.commands()
    keys = [key.toString() for command in listed for key in QKeySequence.listFromString(command.key)]
    keys = [key for key in keys if key]
    assert len({command.id for command in listed}) == len(listed)
    assert len(set(keys)) == len(keys)


def test_every_command_runs_on_a_selection_and_undoes(shown: Shown) -> None:
    document = shown.song.document
    before = document.project
    for command in shown.view.commands():
        shown.view.stage.select([clip.id for clip in before.tracks[0].clips])
        shown.view.stage.pick_track(before.tracks[0].id)
        shown.view.set_playhead(2 * RATE)
        if command.enabled():
            command.run()
        while document.project != before:
            document.undo()
    assert shown.view.paint_failures == 0


def test_split_at_the_playhead(shown: Shown) -> None:
    run = _commands(shown)
    shown.view.stage.pick_track(shown.song.document.project.tracks[0].id)
    shown.view.set_playhead(2 * RATE)
    run["clip.split"].run()
    assert _starts(shown, 0) == [1.0, 2.0, 5.0]


def test_copy_and_paste_at_the_playhead_on_the_current_track(shown: Shown) -> None:
    run = _commands(shown)
    document = shown.song.document
    shown.view.stage.select(clip.id for track in document.project.tracks[:2] for clip in track.clips)
    run["edit.copy"].run()
    shown.view.stage.pick_track(document.project.tracks[1].id)
    shown.view.set_playhead(10 * RATE)
    assert run["edit.paste"].enabled()
    run["edit.paste"].run()
    assert _starts(shown, 1) == [2.0, 10.0, 14.0]
    assert _starts(shown, 2) == [11.0]
    assert len(shown.view.stage.selection) == 3
    run["edit.cut"].run()
    assert _starts(shown, 2) == []


def test_duplicate_delete_nudge_and_rows(shown: Shown) -> None:
    run = _commands(shown)
    first = shown.song.document.project.tracks[0].clips[0].id
    shown.view.stage.select((first,))
    run["edit.duplicate"].run()
    assert _starts(shown, 0) == [1.0, 3.0, 5.0]
    run["edit.delete"].run()
    assert _starts(shown, 0) == [1.0, 5.0]
    shown.view.stage.select((first,))
    shown.view.pointer.grid = "1/4"
    run["clip.nudge_right"].run()
    assert _starts(shown, 0) == [1.5, 5.0]
    run["clip.nudge_left_fine"].run()
    assert _starts(shown, 0) == [1.499, 5.0]
    run["clip.down"].run()
    assert _starts(shown, 1) == [1.499, 2.0]


def test_trim_and_fade_to_the_playhead(shown: Shown) -> None:
    run = _commands(shown)
    first = shown.song.document.project.tracks[0].clips[0].id
    shown.view.stage.select((first,))
    shown.view.set_playhead(3 * RATE // 2)
    run["clip.trim_left"].run()
    assert (shown.song.start(first), shown.song.end(first)) == (3 * RATE // 2, 3 * RATE)
    shown.view.set_playhead(2 * RATE)
    run["clip.fade_in"].run()
    run["clip.fade_out"].run()
    assert (shown.song.clip(first).fade_in, shown.song.clip(first).fade_out) == (RATE // 2, RATE)
    run["clip.trim_right"].run()
    assert shown.song.end(first) == 2 * RATE


def test_tracks_are_added_below_the_current_one_and_deleted(shown: Shown) -> None:
    run = _commands(shown)
    one, two, three = (track.id for track in shown.song.document.project.tracks)
    shown.view.stage.pick_track(one)
    run["track.add"].run()
    ids = [track.id for track in shown.song.document.project.tracks]
    assert [ids[0], *ids[2:]] == [one, two, three]
    assert shown.view.stage.track_id == ids[1]
    run["track.delete"].run()
    assert shown.view.stage.track_id == two
    run["track.mute"].run()
    assert run["track.mute"].checked is not None
    assert run["track.mute"].checked()


def test_markers_are_added_and_visited(shown: Shown) -> None:
    run, found = _commands(shown), list[int]()
    shown.view.locate_requested.connect(found.append)
    shown.view.set_playhead(RATE)
    run["marker.add"].run()
    shown.view.set_playhead(0)
    run["marker.next"].run()
    shown.view.set_playhead(3 * RATE)
    run["marker.previous"].run()
    assert found == [RATE, RATE]


def test_fit_song_and_selection(shown: Shown) -> None:
    run = _commands(shown)
    run["view.fit_song"].run()
    width = shown.view.stage.canvas.backing.width
    assert shown.view.stage.x_of(RATE) >= 0
    assert width * 0.85 < shown.view.stage.x_of(7 * RATE) < width
    shown.view.stage.select((shown.song.document.project.tracks[1].clips[0].id,))
    run["view.fit_selection"].run()
    assert shown.view.stage.x_of(2 * RATE) < width * 0.1
    assert shown.view.stage.x_of(4 * RATE) > width * 0.9


def test_context_menus_offer_what_works(shown: Shown) -> None:
    document = shown.song.document
    shown.view.stage.select((document.project.tracks[0].clips[0].id,))
    shown.view.stage.pick_track(document.project.tracks[0].id)
    made = [
        menus.clip_menu(shown.view),
        menus.ground_menu(shown.view),
        menus.track_menu(shown.view, document.project.tracks[0]),
    ]
    texts = [[action.text() for action in menu.actions() if action.text()] for menu in made]
    assert "Split Here" in texts[0]
    assert "Move Playhead Here" in texts[1]
    assert {"Rename Track…", "Colour", "Height", "Delete Track"} <= set(texts[2])
    assert all(isinstance(menu, QMenu) for menu in made)
    assert Hit(None).clip_id == ""
