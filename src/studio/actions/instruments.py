"""Instruments by the headless door: listed, and chosen for a track. Each returns a JSON-ready report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from ..document.edits.song import sequence
from ..document.edits.tracks import add_tracks, fresh_track, set_instrument
from ..document.general_midi import KITS, PROGRAMS
from ..document.instruments import DRUM_BANK, Instrument
from ..document.project import Project, Track
from ..engine.audio.instruments.changing import kind_of, make_instrument, with_values
from ..engine.audio.instruments.fluidlib import Fluid
from ..engine.audio.instruments.plugins import KIND as PLUGIN
from ..engine.audio.instruments.plugins import catalogue, missing
from ..engine.audio.instruments.presets import KINDS, InstrumentKind, values_of
from ..engine.audio.instruments.soundfont import NO_FONT, find_fonts
from ..errors import StudioError
from ..storage.preferences import Preferences
from .describing import instrument_report
from .plugins import remember_plugins
from .recording import open_to_write

Report = dict[str, Any]
Sound = tuple[int, int, str]
"""Bank, program and name."""

SOUNDFONT = "soundfont"
GENERAL_MIDI: tuple[Sound, ...] = (
    *((0, program, name) for program, name in enumerate(PROGRAMS)),
    *((DRUM_BANK, program, name) for program, name in KITS.items()),
)
RATE = 48_000


def list_instruments() -> Report:
    """The kinds of instruments with presets and parameters, the plug-ins, and the sounds of the SoundFont.

    Without a SoundFont its sounds are the names of General MIDI, and `notice` says why.
    """
    remember_plugins()
    sounds, notice = _sounds()
    return {
        "kinds": [_kind(kind) for kind in KINDS.values()],
        "plugins": [plugin.identity for plugin in catalogue.plugins()],
        "sounds": [{"bank": bank, "program": program, "name": name} for bank, program, name in sounds],
        "notice": notice,
    }


def choose_instrument(
    folder: Path,
    track: str,
    kind: str = "",
    preset: str = "",
    program: int | None = None,
    bank: int | None = None,
    values: Mapping[str, float] | None = None,
    add: bool = False,
) -> Report:
    """Chooses what a track plays on, or changes its parameters where neither kind nor sound is named.

    With `add` an instrument track that is not there is made. Raises StudioError with what does not exist.
    """
    remember_plugins()
    song = open_to_write(folder)
    try:
        project = song.project
        found = instrument_track(project, track, add)
        before = (found.instrument if found else None) or Instrument()
        wanted = _wanted(before, kind, preset, program, bank)
        if values:
            wanted = _changed(wanted, values)
        if found is None:
            found = fresh_track(project, track, "instrument", instrument=wanted)
            song.document.apply(sequence("Instrument", [add_tracks((found,))]))
        else:
            song.document.apply(set_instrument(found.id, wanted))
        song.save()
        return {"project": str(song.bundle.folder), "track": found.name, "instrument": _whole(wanted)}
    finally:
        song.close()


def instrument_track(project: Project, name: str, add: bool) -> Track | None:
    """The instrument track of a name, None where it is to be made. Raises StudioError where there is none."""
    players = [track for track in project.tracks if track.kind == "instrument"]
    found = next((track for track in players if track.name == name), None)
    if found is None and any(track.name == name for track in project.tracks):
        raise StudioError(f"The track “{name}” plays no instrument; choose an instrument track.")
    if found is None and not add:
        there = ", ".join(track.name for track in players)
        raise StudioError(
            f"There is no instrument track “{name}”; "
            + (f"choose one of {there}, or add --add." if there else "make it with --add.")
        )
    return found


def _wanted(before: Instrument, kind: str, preset: str, program: int | None, bank: int | None) -> Instrument:
    """The instrument that is asked for; zones of samples stay on their keys."""
    numbered = program is not None or bank is not None
    if not kind and not preset and not numbered:
        return before
    kind = kind or (SOUNDFONT if numbered else before.kind)
    if kind == SOUNDFONT:
        made = _sound(preset, program, bank)
    elif numbered:
        raise StudioError(
            "--program and --bank choose a sound of the SoundFont; leave them out, or give --kind soundfont."
        )
    elif kind == PLUGIN:
        if catalogue.find(preset) is None:
            raise StudioError(missing(preset))
        made = Instrument(PLUGIN, preset)
    else:
        made = make_instrument(kind, preset)
    return replace(made, zones=before.zones)


def _sound(name: str, program: int | None, bank: int | None) -> Instrument:
    """A sound of the SoundFont, by its name or its numbers."""
    sounds, _ = _sounds()
    if not name:
        numbers = (bank or 0, program or 0)
        known = next((sound[2] for sound in sounds if sound[:2] == numbers), "")
        return Instrument(preset=known, bank=numbers[0], program=numbers[1])
    fits = [one for one in (*sounds, *GENERAL_MIDI) if one[2].casefold() == name.casefold()]
    fits = [one for one in fits if bank in {None, one[0]} and program in {None, one[1]}]
    if not fits:
        raise StudioError(f"The SoundFont has no sound “{name}”; `studio instruments` lists them.")
    return Instrument(preset=fits[0][2], bank=fits[0][0], program=fits[0][1])


def _sounds() -> tuple[list[Sound], str]:
    """What the SoundFont offers, sorted, and why it is only General MIDI's names where there is none."""
    chosen = Preferences.load().font
    fonts = [chosen] if chosen is not None else find_fonts()
    if not fonts:
        return sorted(GENERAL_MIDI), NO_FONT
    try:
        fluid = Fluid(fonts[0], RATE)
    except StudioError as error:
        return sorted(GENERAL_MIDI), str(error)
    try:
        return sorted((preset.bank, preset.program, preset.name) for preset in fluid.presets()), ""
    finally:
        fluid.close()


def _changed(instrument: Instrument, values: Mapping[str, float]) -> Instrument:
    if kind_of(instrument) is None:
        raise StudioError("This instrument has no parameters that can be set; choose one with --kind.")
    return with_values(instrument, values)


def _kind(kind: InstrumentKind) -> Report:
    return {
        "kind": kind.name,
        "title": kind.title,
        "presets": list(kind.presets),
        "parameters": [
            {
                "name": one.name,
                "title": one.title,
                "unit": one.unit,
                "low": one.low,
                "high": one.high,
                "default": one.default,
                "choices": list(kind.choices.get(one.name, ())),
            }
            for one in kind.parameters
        ],
    }


def _whole(instrument: Instrument) -> Report:
    """An instrument with the value of every parameter."""
    kind = kind_of(instrument)
    return instrument_report(instrument) | {"values": values_of(instrument, kind) if kind is not None else {}}
