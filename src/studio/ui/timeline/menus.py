"""Context menus of the canvas, the headers and the ruler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QPoint
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QMenu

from ...document.edits import song, takes, tracks
from ...document.project import Comp, Track
from .. import theme
from .generating import CLIP, GROUND
from .hit import Hit
from .instruments import fill_instrument_menu, instrument_name
from .producing import add_producing, clips_between
from .ruler_lanes import CHORDS, MARKERS, SECTIONS, TIME
from .zone_menu import add_zone_entries

if TYPE_CHECKING:
    from .view import TimelineView

HEIGHTS = (("Small", 32), ("Normal", theme.TRACK), ("Large", 112), ("Huge", 200))
COLOR_NAMES = ("Amber", "Blue", "Violet", "Coral", "Mint", "Olive")


def _show(menu: QMenu, where: QPoint) -> None:
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(where)


def show_canvas_menu(view: TimelineView, found: Hit, where: QPoint) -> None:
    """Opens the menu of a clip, of a take, or of empty ground."""
    if found.row is not None and found.row.lane >= 0 and found.clip_id:
        _show(take_menu(view, found.clip_id, found.take_id), where)
    elif found.clip_id:
        _show(clip_menu(view), where)
    else:
        _show(ground_menu(view), where)


def _add(menu: QMenu, view: TimelineView, ids: tuple[str, ...]) -> None:
    """Adds commands of the timeline by id; an empty id is a separator."""
    known = {command.id: command for command in view.commands()}
    for command_id in ids:
        if not command_id:
            menu.addSeparator()
            continue
        command = known[command_id]
        action = menu.addAction(command.text)
        action.setEnabled(command.enabled())
        if command.checked is not None:
            action.setCheckable(True)
            action.setChecked(command.checked())
        action.triggered.connect(lambda _=False, run=command.run: run())


def clip_menu(view: TimelineView) -> QMenu:
    """What can be done with the selected clips."""
    menu = QMenu(view)
    frame = view.stage.frame_at(view.pointer.at.x)
    split = menu.addAction("Split Here", lambda: view.editing.split(frame))
    split.setEnabled(bool(view.stage.document and not view.stage.document.read_only))
    _add(menu, view, ("clip.split", "clip.join", "edit.duplicate", "", "edit.cut", "edit.copy", "edit.delete", ""))
    _add(menu, view, ("clip.rename", "clip.mute", "clip.reset_gain", "clip.remove_fades", "clip.loop"))
    if view.editing.sound_clip():
        _add(menu, view, ("", "clip.coach", "clip.correct", "clip.voice_notes", "", "clip.sampler", "clip.slice"))
    menu.addSeparator()
    _add(menu.addMenu("Generate"), view, CLIP)
    add_producing(menu, view, frame)
    wanted = [view.editing.relink_wanted(clip) for clip in view.editing.chosen()]
    missing = next((media_id for media_id in wanted if media_id), "")
    if missing:
        menu.addSeparator()
        menu.addAction("Find the Missing File…", lambda: view.relink_requested.emit(missing))
    return menu


def take_menu(view: TimelineView, comp_id: str, take_id: str) -> QMenu:
    """What can be done with a take."""
    menu, apply = QMenu(view), view.stage.apply
    menu.addAction("Use This Take", lambda: apply(takes.choose_take(comp_id, take_id)))
    menu.addAction("Correct Pitch…", lambda: view.correction_requested.emit(comp_id, take_id))
    menu.addAction("Coach These Takes", lambda: view.coach_requested.emit(comp_id))
    delete = menu.addAction("Delete Take", lambda: apply(takes.delete_take(comp_id, take_id)))
    clip = view.stage.clip(comp_id)
    delete.setEnabled(isinstance(clip, Comp) and len(clip.takes) > 1)
    return menu


def ground_menu(view: TimelineView) -> QMenu:
    """What can be done on empty ground."""
    menu = QMenu(view)
    frame = max(view.stage.frame_at(view.pointer.at.x), 0)
    menu.addAction("Move Playhead Here", lambda: view.locate_requested.emit(frame))
    _add(menu, view, ("edit.paste", "edit.select_all", "", "track.add", "track.add_instrument", "track.add_notes"))
    _add(menu.addMenu("Generate"), view, GROUND)
    _add(menu, view, ("", "view.fit_song", "view.fit_tracks"))
    return menu


def show_track_menu(view: TimelineView, track_id: str, where: QPoint) -> None:
    """Opens the menu of a track header, or of the ground below the headers."""
    track = view.stage.track(track_id)
    _show(track_menu(view, track) if track else ground_menu(view), where)


def track_menu(view: TimelineView, track: Track) -> QMenu:
    """What can be done with a track."""
    menu = QMenu(view)
    _add(menu, view, ("track.rename",))
    colors = menu.addMenu("Colour")
    for n, value in enumerate(theme.track_palette(18)):
        swatch = QPixmap(32, 32)
        swatch.fill(theme.color(value))
        name = (("", "Light ", "Dark ")[n // 6] + COLOR_NAMES[n % 6].lower()).capitalize()
        action = colors.addAction(QIcon(swatch), name)
        action.triggered.connect(lambda _=False, v=value: view.stage.apply(tracks.recolor_track(track.id, v)))
    heights = menu.addMenu("Height")
    for text, height in HEIGHTS:
        heights.addAction(text).triggered.connect(lambda _=False, h=height: view.set_track_height(track.id, h))
    heights.addAction("Normal for All").triggered.connect(lambda: view.set_track_height(None, theme.TRACK))
    if track.kind == "instrument":
        sounds = menu.addMenu(f"Instrument: {instrument_name(track.instrument)}")
        fill_instrument_menu(sounds, view, track)
        _add(menu, view, ("track.instrument", "track.sample"))
        add_zone_entries(menu, view, track)
        _add(menu, view, ("track.add_notes",))
    _add(menu, view, ("", "track.mute", "track.solo"))
    if track.kind != "bus":
        _add(menu, view, ("track.arm",))
    _add(menu, view, ("track.takes", "track.base", "", "track.add", "track.add_instrument"))
    _add(menu, view, ("track.up", "track.down", "", "track.delete"))
    return menu


def show_ruler_menu(view: TimelineView, tick: float, y: int, where: QPoint) -> None:
    """Opens the menu of the ruler at a tick and a height."""
    menu = QMenu(view)
    section = view.ruler.section_at(tick) if SECTIONS[0] <= y < SECTIONS[1] else ""
    marker = view.ruler.marker_at(tick) if TIME[1] <= y < MARKERS[1] else ""
    chord = view.chords.at(tick) if y >= CHORDS[0] else ""
    if y >= CHORDS[0]:
        menu.addAction("Rename Chord…" if chord else "Add Chord Here…", lambda: view.chords.name(int(tick)))
        if chord:
            menu.addAction("Delete Chord", lambda: view.chords.delete(chord))
        menu.addAction("Type Chords Here…", lambda: view.chords_requested.emit(int(tick)))
    elif section:
        _section_menu(menu, view, section)
    elif marker:
        menu.addAction("Rename Marker…", lambda: view.ruler.rename_marker(marker))
        menu.addAction("Delete Marker", lambda: view.stage.apply(song.remove_marker(marker)))
    else:
        menu.addAction("Add Marker Here", lambda: view.editing.add_marker(round(tick), name=True))
        _add(
            menu, view, ("section.add", "", "clip.loop", "", "generate.music", "generate.repaint", "", "view.fit_song")
        )
    _show(menu, where)


def _section_menu(menu: QMenu, view: TimelineView, section_id: str) -> None:
    project = view.stage.project
    section = next((s for s in project.sections if s.id == section_id), None) if project else None
    if section is None:
        return
    end = section.start + section.length
    apply = view.stage.apply
    menu.addAction("Rename Section…", lambda: view.ruler.rename_section(section_id))
    menu.addAction("Loop Section", lambda: apply(song.set_loop(section.start, end, True)))
    colors = menu.addMenu("Colour")
    for name, value in zip(COLOR_NAMES, theme.TRACKS, strict=True):
        swatch = QPixmap(32, 32)
        swatch.fill(theme.color(value))
        action = colors.addAction(QIcon(swatch), name)
        action.triggered.connect(lambda _=False, v=value: apply(song.put_section(replace(section, color=v))))
    written = clips_between(view, section.start, end)
    if written:
        menu.addAction("Re-roll Section", lambda: view.rewrite_requested.emit(written, "reroll", None))
    menu.addAction("Delete Section", lambda: apply(song.remove_section(section_id)))
