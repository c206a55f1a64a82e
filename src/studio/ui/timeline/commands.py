"""The timeline's commands, for menus, keys and the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..commands import Command
from .generating import generating_commands
from .grid import GRID_MODES
from .instruments import add_instrument_track, add_note_clip
from .navigation import FOLLOW_MODES, STEP

if TYPE_CHECKING:
    from .view import TimelineView

_GRID_TEXTS = {"adaptive": "Adaptive Grid", "bar": "Grid of Bars", "off": "No Grid"}
_FOLLOW_TEXTS = {"page": "Follow by Page", "smooth": "Follow Smoothly", "off": "Do Not Follow"}


def timeline_commands(view: TimelineView) -> list[Command]:
    """All commands of a timeline."""
    made = generating_commands(view)
    return [*_edit(view), *_clip(view), *made, *_track(view), *_places(view), *_view(view), *_grid(view)]


class _Can:
    """What can be done now."""

    def __init__(self, view: TimelineView) -> None:
        self._view = view

    def song(self) -> bool:
        return self._view.stage.project is not None

    def write(self) -> bool:
        document = self._view.stage.document
        return document is not None and not document.read_only

    def chosen(self) -> bool:
        return bool(self._view.stage.selection)

    def change(self) -> bool:
        return self.chosen() and self.write()

    def paste(self) -> bool:
        return bool(self._view.editing.clipboard) and self.write()

    def split(self) -> bool:
        return self.write() and (self.chosen() or self.track())

    def sample(self) -> bool:
        return self.write() and bool(self._view.editing.sound_clip())

    def coach(self) -> bool:
        return bool(self._view.editing.sound_clip())

    def play_sample(self) -> bool:
        track = self._view.stage.track(self._view.stage.track_id)
        return self.write() and track is not None and track.instrument is not None

    def several(self) -> bool:
        return len(self._view.stage.selection) > 1 and self.write()

    def track(self) -> bool:
        return self._view.stage.track(self._view.stage.track_id) is not None

    def change_track(self) -> bool:
        return self.track() and self.write()


def _edit(view: TimelineView) -> list[Command]:
    do, can = view.editing, _Can(view)
    return [
        Command("edit.cut", "Cut", "Ctrl+X", do.cut, can.change, "Edit", group="clipboard"),
        Command("edit.copy", "Copy", "Ctrl+C", do.copy, can.chosen, "Edit", group="clipboard"),
        Command("edit.paste", "Paste at Playhead", "Ctrl+V", do.paste, can.paste, "Edit", group="clipboard"),
        Command("edit.delete", "Delete", "Del; Backspace", do.delete, can.change, "Edit", group="clipboard"),
        Command("edit.duplicate", "Duplicate", "Ctrl+D", do.duplicate, can.change, "Edit", group="clipboard"),
        Command("edit.select_all", "Select All", "Ctrl+A", do.select_all, can.song, "Edit", group="select"),
        Command("timeline.select_track_clips", "Select All on Track", "Ctrl+Shift+A", do.select_track_clips, can.track,
                "Edit", group="select"),
    ]  # fmt: skip


def _clip(view: TimelineView) -> list[Command]:
    do, can = view.editing, _Can(view)

    def all_muted() -> bool:
        chosen = do.chosen()
        return bool(chosen) and all(clip.muted for clip in chosen)

    return [
        Command("clip.split", "Split at Playhead", "S", do.split, can.split, "Clip", group="cut"),
        Command("clip.split_pointer", "Split at Pointer", "Shift+S", view.split_at_pointer, can.split, "Clip",
                group="cut"),
        Command("clip.join", "Join", "Ctrl+J", do.join, can.several, "Clip", group="cut"),
        Command("clip.trim_left", "Trim Start to Playhead", "J", lambda: do.trim_to_playhead("left"), can.change,
                "Clip", group="cut"),
        Command("clip.trim_right", "Trim End to Playhead", "K", lambda: do.trim_to_playhead("right"), can.change,
                "Clip", group="cut"),
        Command("clip.fade_in", "Fade In", "D", lambda: do.fade("in"), can.change, "Clip", group="fade"),
        Command("clip.fade_out", "Fade Out", "G", lambda: do.fade("out"), can.change, "Clip", group="fade"),
        Command("clip.remove_fades", "Remove Fades", "", do.remove_fades, can.change, "Clip", group="fade"),
        Command("clip.reset_gain", "Reset Clip Gain", "", do.reset_gain, can.change, "Clip", group="fade"),
        Command("clip.mute", "Mute Clip", "Alt+M", do.toggle_mute_clips, can.change, "Clip", all_muted, group="fade"),
        Command("clip.nudge_left", "Nudge Left", "Alt+Left", lambda: do.nudge(-1), can.change, "Clip", group="move"),
        Command("clip.nudge_right", "Nudge Right", "Alt+Right", lambda: do.nudge(1), can.change, "Clip", group="move"),
        Command("clip.nudge_left_fine", "Nudge Left by 1 ms", "Alt+Shift+Left", lambda: do.nudge(-1, True), can.change,
                "Clip", group="move"),
        Command("clip.nudge_right_fine", "Nudge Right by 1 ms", "Alt+Shift+Right", lambda: do.nudge(1, True),
                can.change, "Clip", group="move"),
        Command("clip.up", "Move to Track Above", "Alt+Up", lambda: do.move_rows(-1), can.change, "Clip", group="move"),
        Command("clip.down", "Move to Track Below", "Alt+Down", lambda: do.move_rows(1), can.change, "Clip",
                group="move"),
        Command("clip.correct", "Correct Pitch…", "Shift+P",
                lambda: view.correction_requested.emit(do.sound_clip(), ""), can.sample, "Clip", group="voice"),
        Command("clip.sampler", "Make Sampler from Clip", "", lambda: view.sampler_requested.emit(do.sound_clip()),
                can.sample, "Clip", group="sample"),
        Command("clip.slice", "Slice to Sampler…", "", lambda: view.slices_requested.emit(do.sound_clip()),
                can.sample, "Clip", group="sample"),
        Command("clip.coach", "Coach This Take", "Shift+V", lambda: view.coach_requested.emit(do.sound_clip()),
                can.coach, "Clip", group="voice"),
        Command("clip.voice_notes", "Make Notes of This Take", "",
                lambda: view.voice_notes_requested.emit(do.sound_clip()), can.sample, "Clip", group="voice"),
        Command("clip.rename", "Rename Clip…", "F2", do.rename_clip, can.change, "Clip", group="name"),
        Command("clip.loop", "Loop Selection", "Shift+L", do.loop_selection, can.change, "Clip", group="name"),
    ]  # fmt: skip


def _track(view: TimelineView) -> list[Command]:
    do, can = view.editing, _Can(view)

    def flag(of: str) -> bool:
        track = view.stage.track(view.stage.track_id)
        if track is None:
            return False
        flags = {"mute": track.strip.mute, "solo": track.strip.solo, "arm": track.armed, "takes": track.lanes_open}
        return flags.get(of, track.base == "musical")

    def plays() -> bool:
        track = view.stage.track(view.stage.track_id)
        return track is not None and track.instrument is not None

    switches = [
        ("mute", "Mute Track", "Shift+M"), ("solo", "Solo Track", "Alt+S"), ("arm", "Arm Track", "Shift+R"),
        ("takes", "Show Takes", "T"), ("base", "Clips Follow Tempo", ""),
    ]  # fmt: skip
    return [
        Command("track.add", "Add Track", "Ctrl+Shift+N", do.add_track, can.write, "Track", group="add"),
        Command("track.add_instrument", "Add Instrument Track", "Ctrl+Shift+I", lambda: add_instrument_track(view),
                can.write, "Track", group="add"),
        Command("track.instrument", "Edit Instrument", "", lambda: view.instrument_requested.emit(view.stage.track_id),
                plays, "Track", group="add"),
        Command("track.add_notes", "New Clip of Notes", "Ctrl+Shift+C", lambda: add_note_clip(view), can.write,
                "Track", group="add"),
        Command("track.sample", "Sample on Track…", "", lambda: view.sample_requested.emit(view.stage.track_id),
                can.play_sample, "Track", group="add"),
        Command("track.rename", "Rename Track…", "Shift+F2", do.rename_track, can.change_track, "Track", group="add"),
        Command("track.delete", "Delete Track", "Ctrl+Shift+Del", do.delete_track, can.change_track, "Track",
                group="add"),
        Command("track.up", "Move Track Up", "Ctrl+Shift+Up", lambda: do.move_track(-1), can.change_track, "Track",
                group="order"),
        Command("track.down", "Move Track Down", "Ctrl+Shift+Down", lambda: do.move_track(1), can.change_track,
                "Track", group="order"),
        *(
            Command(f"track.{what}", text, key, lambda w=what: do.toggle(w), can.change_track, "Track",
                    lambda w=what: flag(w), group="switch")
            for what, text, key in switches
        ),
    ]  # fmt: skip


def _places(view: TimelineView) -> list[Command]:
    do, can = view.editing, _Can(view)
    return [
        Command("marker.add", "Add Marker", "M", do.add_marker, can.write, "Transport", group="places"),
        Command("marker.next", "Next Marker", "W", lambda: do.go_to_marker(1), can.song, "Transport", group="places"),
        Command("marker.previous", "Previous Marker", "Q", lambda: do.go_to_marker(-1), can.song, "Transport",
                group="places"),
        Command("section.add", "Add Section from Loop", "Ctrl+Shift+L", do.add_section, can.write, "Transport",
                group="places"),
    ]  # fmt: skip


def _view(view: TimelineView) -> list[Command]:
    go, can = view.navigation, _Can(view)

    return [
        Command("view.zoom_in", "Zoom In", "+; =", lambda: go.zoom(STEP**2), can.song, "View", group="zoom"),
        Command("view.zoom_out", "Zoom Out", "-", lambda: go.zoom(STEP**-2), can.song, "View", group="zoom"),
        Command("view.fit_song", "Fit Song", "Z", go.fit_song, can.song, "View", group="zoom"),
        Command("view.fit_selection", "Fit Selection", "Shift+Z", go.fit_selection, can.song, "View", group="zoom"),
        Command("view.fit_tracks", "Fit All Tracks", "Ctrl+Alt+F", go.fit_tracks, can.song, "View",
                group="zoom"),
        Command("view.taller", "Taller Tracks", "Ctrl++; Ctrl+=", lambda: go.zoom_heights(1.2), can.song, "View",
                group="zoom"),
        Command("view.lower", "Lower Tracks", "Ctrl+-", lambda: go.zoom_heights(1 / 1.2), can.song, "View",
                group="zoom"),
        *(
            Command(f"view.follow_{mode}", _FOLLOW_TEXTS[mode], "", lambda m=mode: view.change_habit(follow=m),
                    can.song, "View/Playhead", lambda m=mode: go.follow_mode == m)
            for mode in FOLLOW_MODES
        ),
        Command("timeline.focus", "Go to Timeline", "F6", view.setFocus, can.song, "View", group="focus"),
    ]  # fmt: skip


def _grid(view: TimelineView) -> list[Command]:
    pointer, can = view.pointer, _Can(view)

    def step(by: int) -> None:
        at = GRID_MODES.index(pointer.grid) + by
        view.change_habit(grid=GRID_MODES[min(max(at, 0), len(GRID_MODES) - 1)])

    def snap_text() -> str:
        return "Snap" if pointer.grid in {"adaptive", "off"} else f"Snap {pointer.grid}"

    return [
        Command("view.snap", "Snap", "N", view.editing.toggle_snap, can.song, "View/Grid", lambda: pointer.snapping,
                label=snap_text),
        Command("view.grid_finer", "Finer Grid", "6", lambda: step(1), can.song, "View/Grid", group="step"),
        Command("view.grid_coarser", "Coarser Grid", "5", lambda: step(-1), can.song, "View/Grid", group="step"),
        *(
            Command(f"view.grid_{mode}", _GRID_TEXTS.get(mode, f"Grid of {mode}"), "",
                    lambda m=mode: view.change_habit(grid=m), can.song, "View/Grid", lambda m=mode: pointer.grid == m,
                    group="mode")
            for mode in GRID_MODES
        ),
    ]  # fmt: skip
