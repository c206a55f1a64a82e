"""The menus of a strip: name, colour, inputs, sends, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from ...document.edits import mix, song, tracks
from ...document.project import Project, Send, Track, new_id
from ..controls import decibels, level_text
from ..theme import color, track_palette
from .desk import Desk

if TYPE_CHECKING:
    from .strip import Strip

COLOR_NAMES = ("Amber", "Blue", "Violet", "Coral", "Mint", "Olive")
SEND_LEVELS = (0.0, -3.0, -6.0, -9.0, -12.0, -18.0, -24.0)


def input_text(inputs: tuple[int, ...]) -> str:
    """The input channels of a track, as a chip shows them: "In 1", "1+2"."""
    return ("In " if len(inputs) == 1 else "") + "+".join(str(channel + 1) for channel in inputs)


def strip_lines(strip_of: Track | None, project: Project) -> tuple[str, ...]:
    """The inserts and sends of a strip (None: the master), one line each; a level follows after a tab."""
    strip = strip_of.strip if strip_of else project.master
    names = {track.id: track.name for track in project.tracks}
    inserts = [f"{'(off) ' if i.bypassed else ''}{i.kind.replace('_', ' ').capitalize()}" for i in strip.inserts]
    sends = [
        f"→ {names.get(send.bus, '')}\t{level_text(decibels(send.gain)).removesuffix('.0')}" for send in strip.sends
    ]
    return (*inserts, *sends)


def show_inputs(desk: Desk, track_id: str, beside: QWidget) -> None:
    """Opens the choice of input channels under a widget."""
    menu = QMenu(beside)
    fill_inputs(menu, desk, track_id)
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(beside.mapToGlobal(QPoint(0, beside.height())))


def fill_inputs(menu: QMenu, desk: Desk, track_id: str) -> None:
    """Lists every input channel, then every neighbouring pair."""
    track = desk.project.track(track_id) if desk.project else None
    if track is None:
        return
    count = max(desk.channels, *(channel + 1 for channel in track.inputs))
    for pair in (False, True):
        if pair and count > 1:
            menu.addSeparator()
        for first in range(0, count - 1, 2) if pair else range(count):
            channels = (first, first + 1) if pair else (first,)
            text = f"Inputs {first + 1} + {first + 2} (stereo)" if pair else f"Input {first + 1}"
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(track.inputs == channels)
            action.triggered.connect(lambda _=False, c=channels: desk.apply(tracks.set_inputs(track_id, c)))


def show_strip_menu(desk: Desk, strip: Strip, where: QPoint) -> None:
    """Opens the context menu of a strip."""
    menu = strip_menu(desk, strip)
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(where)


def strip_menu(desk: Desk, strip: Strip) -> QMenu:
    """The context menu of a strip."""
    menu = QMenu(strip)
    track = desk.project.track(strip.id) if desk.project else None
    if track is not None:
        menu.addAction("Rename…", strip.rename)
        _fill_colors(menu.addMenu("Colour"), desk, track)
        if track.kind == "audio":
            fill_inputs(menu.addMenu("Input"), desk, track.id)
        _fill_sends(menu, desk, track)
        menu.addSeparator()
    menu.addAction("Reset level and pan", lambda: _reset(desk, strip.id))
    menu.addAction("Clear peak", strip.clear_peak)
    menu.addSeparator()
    menu.addAction("Add bus", lambda: add_bus(desk))
    if track is not None:
        menu.addAction(f"Delete “{track.name}”", lambda: desk.apply(tracks.remove_tracks((track.id,))))
    return menu


def _fill_colors(menu: QMenu, desk: Desk, track: Track) -> None:
    for n, value in enumerate(track_palette(18)):
        step = ("", "Light ", "Dark ")[n // 6]
        swatch = QPixmap(32, 32)
        swatch.fill(color(value))
        action = menu.addAction(QIcon(swatch), (step + COLOR_NAMES[n % 6].lower()).capitalize())
        action.triggered.connect(lambda _=False, v=value: desk.apply(tracks.recolor_track(track.id, v)))


def _fill_sends(menu: QMenu, desk: Desk, track: Track) -> None:
    buses = [bus for bus in desk.project.tracks if bus.kind == "bus" and bus.id != track.id] if desk.project else []
    if not buses:
        return
    under = menu.addMenu("Send to")
    for bus in buses:
        present = next((send for send in track.strip.sends if send.bus == bus.id), None)
        levels = under.addMenu(bus.name)
        off = levels.addAction("Off")
        off.setCheckable(True)
        off.setChecked(present is None)
        if present is not None:
            off.triggered.connect(lambda _=False, key=present.id: desk.apply(mix.remove_send(track.id, key)))
        for level in SEND_LEVELS:
            action = levels.addAction(f"{level_text(level)} dB")
            action.setCheckable(True)
            action.setChecked(present is not None and abs(decibels(present.gain) - level) < 0.05)
            key = present.id if present else new_id("send")
            send = Send(key, bus.id, 10 ** (level / 20), present.pre_fader if present else False)
            action.triggered.connect(lambda _=False, s=send: desk.apply(mix.set_send(track.id, s)))


def _reset(desk: Desk, strip_id: str) -> None:
    edits = [mix.set_gain(strip_id, 1.0), mix.set_pan(strip_id, 0.0)]
    desk.apply(song.sequence("Reset level and pan", edits))


def add_bus(desk: Desk) -> None:
    """Adds an empty bus at the end of the song."""
    if desk.project is not None:
        desk.apply(tracks.add_tracks((tracks.fresh_track(desk.project, kind="bus"),), label="Add bus"))
