"""Instrument tracks and clips of notes: made on the timeline, and given another sound from the track's menu."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtWidgets import QMenu
from shiboken6 import isValid

from ...document.edits import clips, song, tracks
from ...document.edits.notes import make_note_clip
from ...document.edits.sampling import SAMPLER
from ...document.general_midi import FAMILIES, KITS, PROGRAMS
from ...document.instruments import DRUM_BANK, Instrument
from ...document.notes import NoteClip
from ...document.project import Project, Track
from ...document.time import bar_beat, bar_tick, signature_at

if TYPE_CHECKING:
    from .view import TimelineView

CLIP_BARS = 4
"""How long a new clip of notes is."""


def instrument_name(instrument: Instrument | None) -> str:
    """What an instrument is called."""
    if instrument is None:
        return ""
    if instrument.preset:
        return instrument.preset
    if instrument.bank == DRUM_BANK:
        return KITS.get(instrument.program, f"Drum Kit {instrument.program}")
    return PROGRAMS[instrument.program]


def add_instrument_track(view: TimelineView) -> None:
    """Adds an instrument track below the current one, or at the end, and makes it the current one."""
    view.editing.add_track("instrument")


def add_note_clip(view: TimelineView) -> None:
    """Adds a clip of notes at the playhead's bar of the current instrument track, or of a new one, and opens it."""
    stage = view.stage
    project = stage.project
    if project is None:
        return
    track = stage.track(stage.track_id)
    edits = []
    if track is None or track.kind != "instrument":
        ids = [one.id for one in project.tracks]
        index = ids.index(stage.track_id) + 1 if stage.track_id in ids else None
        track = tracks.fresh_track(project, kind="instrument")
        edits.append(tracks.add_tracks((track,), index))
    anchor = _free_bar(project, track, max(round(stage.playhead_tick), 0))
    length = CLIP_BARS * signature_at(project.signatures, anchor).bar_ticks
    clip = make_note_clip(track.name, anchor, length)
    edits.append(clips.add_clips(track.id, (clip,)))
    if stage.apply(song.sequence("New note clip", edits)):
        stage.pick_track(track.id)
        stage.select((clip.id,))
        view.navigation.reveal_track(track.id)
        view.notes_requested.emit(clip.id)


def _free_bar(project: Project, track: Track, tick: int) -> int:
    """The first tick of the bar at `tick`, or of the first one after it at which no clip of the track stands."""
    bar = bar_beat(project.signatures, tick).bar
    ends = [clip.end for clip in track.clips if isinstance(clip, NoteClip)]
    last = bar_beat(project.signatures, max(ends, default=0)).bar + 1
    for number in range(bar, max(last, bar) + 1):
        at = bar_tick(project.signatures, number)
        if not any(isinstance(c, NoteClip) and c.anchor <= at < c.end for c in track.clips):
            return at
    return bar_tick(project.signatures, max(last, bar))


def fill_instrument_menu(menu: QMenu, view: TimelineView, track: Track) -> None:
    """Lists our own instruments, plug-ins, the programs and kits of General MIDI, and what the SoundFont has."""
    from ...engine.audio.instruments.presets import KINDS

    for kind in KINDS.values():
        own = menu.addMenu(kind.title)
        for preset in kind.presets:
            made = Instrument(kind.name, preset, bank=DRUM_BANK if kind.name == "drums" else 0)
            _entry(own, view, track, made, preset)
    _list_plugins(menu, view, track)
    menu.addSeparator()
    for n, (family, names) in enumerate(FAMILIES):
        below = menu.addMenu(family)
        for m, name in enumerate(names):
            _entry(below, view, track, Instrument(program=8 * n + m), name)
    menu.addSeparator()
    kits = menu.addMenu("Drum Kits")
    for program, name in KITS.items():
        _entry(kits, view, track, Instrument(program=program, bank=DRUM_BANK), name)
    menu.addSeparator()
    fonts = menu.addMenu("Sounds of the SoundFont")
    fonts.aboutToShow.connect(lambda: _list_presets(fonts, view, track))


def _list_plugins(menu: QMenu, view: TimelineView, track: Track) -> None:
    """Adds a menu of the plug-ins that were found, by maker, and of those that are blocked, where there are any."""
    from ...engine.audio.instruments.plugins import KIND, catalogue

    plugins, blocked = catalogue.plugins(), catalogue.blocked()
    if not plugins and not blocked:
        return
    below = menu.addMenu("Plug-ins")
    makers = {maker: below.addMenu(maker or "Unknown maker") for maker in dict.fromkeys(p.maker for p in plugins)}
    for plugin in plugins:
        _entry(makers[plugin.maker], view, track, Instrument(KIND, plugin.identity), plugin.name)
    refused = below.addMenu("Blocked") if blocked else None
    for file in blocked:
        assert refused is not None
        refused.addAction(f"{Path(file.path).stem}: {file.blocked}").setEnabled(False)


def _entry(menu: QMenu, view: TimelineView, track: Track, instrument: Instrument, name: str) -> None:
    current = track.instrument
    action = menu.addAction(name)
    action.setCheckable(True)
    action.setChecked(current is not None and _sound(current) == _sound(instrument))
    action.triggered.connect(lambda _=False: choose(view, track.id, instrument))


def _sound(instrument: Instrument) -> tuple[object, ...]:
    """What tells sounds apart: a SoundFont's by their numbers, our own by their presets."""
    if instrument.kind == "soundfont":
        return instrument.kind, instrument.bank, instrument.program
    return instrument.kind, instrument.preset


def choose(view: TimelineView, track_id: str, instrument: Instrument) -> None:
    """Lets a track play another sound. Samples on keys of a kit stay there; those of a sampler go with it."""
    track = view.stage.track(track_id)
    before = track.instrument if track is not None else None
    if before is not None and before.zones and SAMPLER in {before.kind, instrument.kind}:
        kept = before.zones if instrument.kind == SAMPLER else ()
        bank = before.bank if before.kind == instrument.kind else instrument.bank
        instrument = replace(instrument, zones=kept, bank=bank)
    elif before is not None:
        instrument = replace(instrument, zones=before.zones)
    view.stage.apply(tracks.set_instrument(track_id, instrument))


def _list_presets(menu: QMenu, view: TimelineView, track: Track) -> None:
    """Fills the menu with what the font offers, once a worker thread has read it."""
    if menu.actions():
        return
    menu.addAction("Reading the SoundFont…").setEnabled(False)

    def fill(found: list[tuple[int, int, str]] | str) -> None:
        if not isValid(menu):  # closed meanwhile
            return
        menu.clear()
        if isinstance(found, str):
            menu.addAction(found).setEnabled(False)
            return
        for bank in sorted({bank for bank, _, _ in found}):
            below = menu.addMenu("Drum Kits" if bank == DRUM_BANK else f"Bank {bank}")
            for _, program, name in sorted(one for one in found if one[0] == bank):
                made = replace(Instrument(program=program, bank=bank), preset=name)
                _entry(below, view, track, made, f"{program + 1}  {name}")

    view.presets.ask(fill)
