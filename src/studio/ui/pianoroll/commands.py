"""The commands of the note editor, for its menu, for keys and for the palette."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...document.edits import pitches, timing, velocities
from ..commands import Command
from .grooving import BUILT_IN, MPC
from .lines import COMMON, line_title
from .snapping import SNAP_MODES, snap_text
from .view import LANES, STEP

if TYPE_CHECKING:
    from .panel import NotePanel

MENU = "Clip/Notes"


class _Can:
    """What can be done now."""

    def __init__(self, panel: NotePanel) -> None:
        self._stage = panel.stage

    def clip(self) -> bool:
        return self._stage.clip is not None

    def write(self) -> bool:
        return self._stage.may_write

    def notes(self) -> bool:
        return self.write() and len(self._stage.table) > 0

    def chosen(self) -> bool:
        return bool(self._stage.selection)

    def change(self) -> bool:
        return self.chosen() and self.write()

    def several(self) -> bool:
        return len(self._stage.selection) > 1 and self.write()


def note_commands(panel: NotePanel) -> list[Command]:
    """All commands of the editor."""
    return [
        *_edit(panel), *_time(panel), *_groove(panel), *_lyrics(panel), *_pitch(panel), *_velocity(panel),
        *_look(panel), *_snap(panel), *_lanes(panel),
    ]  # fmt: skip


def _do(panel: NotePanel, name: str, *arguments: object) -> Callable[[], object]:
    """Runs a command of the editor that is shown when it is wanted."""
    return lambda: getattr(panel.view.editing, name)(*arguments)


def _edit(panel: NotePanel) -> list[Command]:
    can = _Can(panel)

    def may_paste() -> bool:
        return can.write() and bool(panel.view.editing.clipboard)

    def all_muted() -> bool:
        found = panel.stage.table.chosen(panel.stage.selection)
        return bool(found.any() and panel.stage.table.muted[found].all())

    return [
        Command("edit.cut", "Cut", "Ctrl+X", _do(panel, "cut"), can.change, "Edit"),
        Command("edit.copy", "Copy", "Ctrl+C", _do(panel, "copy"), can.chosen, "Edit"),
        Command("edit.paste", "Paste at Playhead", "Ctrl+V", _do(panel, "paste"), may_paste, "Edit"),
        Command("edit.delete", "Delete", "Del; Backspace", _do(panel, "delete"), can.change, "Edit"),
        Command("edit.duplicate", "Duplicate", "Ctrl+D", _do(panel, "duplicate"), can.change, "Edit"),
        Command("edit.select_all", "Select All", "Ctrl+A", _do(panel, "select_all"), can.clip, "Edit"),
        Command("clip.split", "Split at Playhead", "S", _do(panel, "split"), can.notes, "Clip"),
        Command("clip.join", "Join", "Ctrl+J", _do(panel, "join"), can.several, "Clip"),
        Command("notes.draw", "Draw Note at Playhead", "", _do(panel, "draw_at_playhead"), can.write, MENU,
                group="draw"),
        Command("notes.chord", "Stamp Chord of the Song", "Shift+C", _do(panel, "stamp_chord"), can.write, MENU,
                group="draw"),
        Command("notes.mute", "Mute Notes", "", _do(panel, "toggle_mute"), can.change, MENU, all_muted, group="draw"),
    ]  # fmt: skip


def _time(panel: NotePanel) -> list[Command]:
    can = _Can(panel)

    def run(edit: Callable[..., object]) -> Callable[[], object]:
        return lambda: panel.view.editing.run(edit)  # type: ignore[arg-type]

    return [
        Command("notes.quantise", "Quantise", "Ctrl+U", _do(panel, "quantise"), can.notes, MENU, group="time"),
        Command("notes.quantise_half", "Quantise by Half", "Ctrl+Shift+U", _do(panel, "quantise", 0.5), can.notes, MENU,
                group="time"),
        Command("notes.quantise_ends", "Quantise Starts and Ends", "", _do(panel, "quantise", 1.0, 0.5, True),
                can.notes, MENU, group="time"),
        *(
            Command(f"notes.swing_{round(swing * 100)}", f"Quantise with {swing:.0%} Swing", "",
                    _do(panel, "quantise", 1.0, swing), can.notes, f"{MENU}/Swing", group="time")
            for swing in (0.54, 0.58, 0.62, 0.67)
        ),
        Command("notes.humanise", "Humanise", "", _do(panel, "humanise"), can.notes, MENU, group="time"),
        Command("notes.straighten", "Straighten (Remove Feel)", "", run(timing.straighten), can.notes, MENU,
                group="time"),
        Command("notes.legato", "Legato", "Ctrl+L", run(timing.legato), can.notes, MENU, group="time"),
    ]  # fmt: skip


def _groove(panel: NotePanel) -> list[Command]:
    can, grooves, menu = _Can(panel), panel.grooves, f"{MENU}/Groove"
    return [
        Command("notes.groove_take", "Take Groove from Notes", "", grooves.take_from_notes, can.clip, menu,
                group="groove"),
        Command("notes.groove_take_sound", "Take Groove from Selected Sound", "", grooves.take_from_sound,
                lambda: bool(panel.sound_clip), menu, group="groove"),
        Command("notes.groove_accents", "Grooves Change Velocities", "", grooves.toggle_accents, can.clip, menu,
                lambda: grooves.accents, group="groove"),
        *(
            Command(f"notes.groove_mpc_{percent}", one.name, "", lambda one=one: grooves.apply(one), can.notes, menu,
                    group="mpc")
            for percent, one in zip(MPC, BUILT_IN, strict=True)
        ),
    ]  # fmt: skip


def _lyrics(panel: NotePanel) -> list[Command]:
    can, menu = _Can(panel), f"{MENU}/Lyrics"

    def has_lyrics() -> bool:
        return can.notes() and bool(panel.stage.table.texts)

    def sing(name: str, *arguments: object) -> Callable[[], object]:
        return lambda: getattr(panel.view.syllables, name)(*arguments)

    return [
        Command("clip.rename", "Type Syllable", "F2", sing("type"), can.notes, "Clip"),
        Command("notes.syllable", "Type Syllables (F2)", "", sing("type"), can.notes, menu, group="lyrics"),
        Command("notes.lyrics", "Write Lyrics…", "", sing("write", panel), can.notes, menu, group="lyrics"),
        Command("notes.no_lyrics", "Remove Lyrics", "", sing("remove"), has_lyrics, menu, group="lyrics"),
    ]


def _pitch(panel: NotePanel) -> list[Command]:
    can = _Can(panel)

    def by(semitones: int) -> Callable[[], object]:
        return lambda: panel.view.editing.run(lambda clip, ids: pitches.transpose(clip, ids, semitones))

    def steps(count: int) -> Callable[[], object]:
        return lambda: panel.view.editing.run(lambda clip, ids: pitches.transpose_in_key(clip, ids, count))

    def in_key() -> bool:
        return can.notes() and bool(panel.stage.project and panel.stage.project.keys)

    up = f"{MENU}/Transpose"
    return [
        Command("notes.semitone_up", "Semitone Up", "", by(1), can.notes, up, group="semitones"),
        Command("notes.semitone_down", "Semitone Down", "", by(-1), can.notes, up, group="semitones"),
        Command("notes.octave_up", "Octave Up", "", by(12), can.notes, up, group="semitones"),
        Command("notes.octave_down", "Octave Down", "", by(-12), can.notes, up, group="semitones"),
        Command("notes.step_up", "Step of the Key Up", "", steps(1), in_key, up, group="key"),
        Command("notes.step_down", "Step of the Key Down", "", steps(-1), in_key, up, group="key"),
        Command("notes.snap_to_key", "Move into the Key", "",
                lambda: panel.view.editing.run(pitches.snap_to_key), in_key, up, group="key"),
    ]  # fmt: skip


def _velocity(panel: NotePanel) -> list[Command]:
    can = _Can(panel)
    edits: tuple[tuple[str, str, Callable[..., object]], ...] = (
        ("louder", "Louder by 10", lambda clip, ids: velocities.add_velocity(clip, ids, 10)),
        ("softer", "Softer by 10", lambda clip, ids: velocities.add_velocity(clip, ids, -10)),
        ("even", "All to 96", lambda clip, ids: velocities.set_velocity(clip, ids, 96)),
        ("compress", "Halve the Differences", lambda clip, ids: velocities.compress_velocities(clip, ids, 2.0)),
        ("widen", "Double the Differences", lambda clip, ids: velocities.compress_velocities(clip, ids, 0.5)),
        ("crescendo", "Crescendo", lambda clip, ids: velocities.ramp_velocities(clip, ids, 40, 120)),
        ("diminuendo", "Diminuendo", lambda clip, ids: velocities.ramp_velocities(clip, ids, 120, 40)),
    )
    return [
        Command(f"notes.{name}", text, "", lambda edit=edit: panel.view.editing.run(edit), can.notes,
                f"{MENU}/Velocity", group="velocity")
        for name, text, edit in edits
    ]  # fmt: skip


def _look(panel: NotePanel) -> list[Command]:
    can, pointer = _Can(panel), lambda: panel.view.pointer
    return [
        Command("view.zoom_in", "Zoom In", "+; =", lambda: panel.view.zoom(STEP**2), can.clip, "View"),
        Command("view.zoom_out", "Zoom Out", "-", lambda: panel.view.zoom(STEP**-2), can.clip, "View"),
        Command("view.fit_selection", "Fit Selection", "Shift+Z", panel.fit, can.clip, "View"),
        Command("view.fit_song", "Fit Song", "Z", panel.fit, can.clip, "View"),
        Command("view.taller", "Taller Tracks", "Ctrl++; Ctrl+=", lambda: panel.view.zoom_rows(1.2), can.clip, "View"),
        Command("view.lower", "Lower Tracks", "Ctrl+-", lambda: panel.view.zoom_rows(1 / 1.2), can.clip, "View"),
        Command("notes.pen", "Pen", "B", panel.toggle_pen, can.clip, MENU, lambda: pointer().pen, group="look"),
        Command("notes.steps", "Step Entry", "Shift+E", panel.toggle_steps, can.write, MENU,
                lambda: panel.steps.on, group="look"),
        Command("notes.ghosts", "Show Notes of Other Clips", "", panel.toggle_ghosts, can.clip, MENU,
                lambda: panel.view.canvas.ghosts, group="look"),
        Command("notes.scale", "Show Scale", "", panel.toggle_scale, can.clip, MENU,
                lambda: panel.view.canvas.scale, group="look"),
        Command("notes.follow", "Follow Playhead", "", panel.toggle_follow, can.clip, MENU,
                lambda: panel.view.follows, group="look"),
        Command("notes.zoom", "Zoom to Notes", "", panel.fit, can.clip, MENU, group="look"),
    ]  # fmt: skip


def _snap(panel: NotePanel) -> list[Command]:
    can = _Can(panel)
    return [
        Command(f"notes.grid_{mode}", f"Grid of Notes: {snap_text(mode)}", "", lambda m=mode: panel.change_snap(m),
                can.clip, f"{MENU}/Grid", lambda m=mode: panel.view.snap == m, group="grid")
        for mode in SNAP_MODES
    ]  # fmt: skip


def _lanes(panel: NotePanel) -> list[Command]:
    can = _Can(panel)
    titles = {lane: lane.capitalize() for lane in LANES} | {line: line_title(line) for line in COMMON}
    return [
        *(
            Command(f"notes.lane_{lane}", f"Lane: {title}", "", lambda lane=lane: panel.show_lane(lane), can.clip,
                    f"{MENU}/Lane", lambda lane=lane: panel.view.shown_lane == lane, group="lane")
            for lane, title in titles.items()
        ),
        Command("notes.go_to_lane", "Go to Controllers", "", panel.go_to_lane, can.clip, f"{MENU}/Lane", group="go"),
    ]  # fmt: skip
