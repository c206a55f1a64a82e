"""Sounds on keys: a sampler made of sounds or of a clip, and a sound on one key of any instrument."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from ..document import Edit, EditRefused
from ..instruments import DRUM_BANK, Instrument, Zone
from ..notes import NoteClip
from ..project import Clip, Media, Project, Track
from ..segments import Segment, segments
from ._parts import change_track, find_clips
from .song import sequence
from .tracks import add_tracks, fresh_track

SAMPLER = "sampler"
"""The kind of instrument that has nothing but zones."""

MIDDLE = 60
"""The key that plays a sound as it is where nothing says which one it is."""

FIRST_KEY, MAX_KEYS = 36, 92
"""The key of the first of several sounds, and how many there is room for from it on."""

HATS = (42, 44, 46)
"""Hi-hats of one group: a foot or a closed one ends an open one."""


def whole_zone(media: Media, root: int = MIDDLE) -> Zone:
    """A sound on all keys, held as long as its note."""
    return Zone(media.id, 0, 127, root, 0, media.frames, one_shot=False)


def key_zone(media: Media, pitch: int) -> Zone:
    """A sound on one key, played to its end."""
    return Zone(media.id, pitch, pitch, pitch, 0, media.frames, choke=1 if pitch in HATS else 0)


def kit_zones(media: Sequence[Media]) -> tuple[Zone, ...]:
    """A key for each of several sounds, from FIRST_KEY up. Raises EditRefused where there is no room for them."""
    if len(media) > MAX_KEYS:
        raise EditRefused(f"A sampler has room for {MAX_KEYS} sounds on keys of their own; choose fewer.")
    return tuple(replace(key_zone(item, FIRST_KEY + n), choke=0) for n, item in enumerate(media))


def has_sample(track: Track | None, pitch: int) -> bool:
    """Whether a key of a track has a sound of its own."""
    zones = track.instrument.zones if track is not None and track.instrument is not None else ()
    return any(zone.low == zone.high == pitch for zone in zones)


def is_sampler(track: Track | None) -> bool:
    """Whether a track plays samples and nothing else."""
    return track is not None and track.instrument is not None and track.instrument.kind == SAMPLER


def set_zones(track_id: str, zones: Sequence[Zone], name: str = "") -> Edit:
    """Lets an instrument track play these zones and nothing else; what the sampler was set to stays."""

    def change(track: Track) -> Track:
        before = _instrument(track)
        sampler = before if before.kind == SAMPLER else Instrument(SAMPLER, "Sampler")
        lone = len(zones) > 1 and all(zone.low == zone.high for zone in zones)
        return replace(track, instrument=replace(sampler, zones=tuple(zones), bank=DRUM_BANK if lone else 0))

    return Edit(f"Sample {name}".rstrip(), lambda project: change_track(project, track_id, change))


def set_root(track_id: str, root: int) -> Edit:
    """Chooses the key that plays the sounds of a track's wide zones as they are; zones of one key are left alone."""

    def change(zone: Zone) -> Zone:
        return zone if zone.low == zone.high else replace(zone, root=root)

    return Edit("Root key", lambda project: change_track(project, track_id, lambda t: _with_zones(t, change)))


def set_one_shot(track_id: str, one_shot: bool) -> Edit:
    """Lets all zones of a track play to their end, or as long as their notes."""

    def change(zone: Zone) -> Zone:
        return replace(zone, one_shot=one_shot)

    label = "Play samples to their end" if one_shot else "Hold samples as long as notes"
    return Edit(label, lambda project: change_track(project, track_id, lambda t: _with_zones(t, change)))


def _with_zones(track: Track, change: Callable[[Zone], Zone]) -> Track:
    """The track with each zone changed. Raises EditRefused where there is none."""
    instrument = _instrument(track)
    if not instrument.zones:
        raise EditRefused("This track plays no samples; drop a sound on its name first.")
    return replace(track, instrument=replace(instrument, zones=tuple(map(change, instrument.zones))))


def put_sample(track_id: str, pitch: int, media: Media) -> Edit:
    """Plays a sound on one key of an instrument track of any kind, in place of what it played there."""

    def change(track: Track) -> Track:
        instrument = _instrument(track)
        zones = (*_without(instrument.zones, pitch), key_zone(media, pitch))
        return replace(track, instrument=replace(instrument, zones=zones))

    return Edit(f"Sample {media.name}", lambda project: change_track(project, track_id, change))


def remove_sample(track_id: str, pitch: int) -> Edit:
    """Lets a key of an instrument track play what it would without its own sound."""

    def change(track: Track) -> Track:
        instrument = _instrument(track)
        kept = tuple(zone for zone in instrument.zones if not (zone.low == zone.high == pitch))
        if kept == instrument.zones:
            raise EditRefused("This key has no sound of its own.")
        return replace(track, instrument=replace(instrument, zones=kept))

    return Edit("Remove sample", lambda project: change_track(project, track_id, change))


def _instrument(track: Track) -> Instrument:
    if track.instrument is None:
        raise EditRefused("Only an instrument track plays samples; make one and drop the sound on its name.")
    return track.instrument


def _without(zones: Iterable[Zone], pitch: int) -> tuple[Zone, ...]:
    """The zones with a key taken out of them."""
    kept: list[Zone] = []
    for zone in zones:
        if not zone.covers(pitch):
            kept.append(zone)
            continue
        if zone.low < pitch:
            kept.append(replace(zone, high=pitch - 1))
        if zone.high > pitch:
            kept.append(replace(zone, low=pitch + 1))
    return tuple(kept)


def stretch_of(project: Project, clip: Clip) -> Segment:
    """What a clip plays of the one sound that it shows. Raises EditRefused for notes and for takes put together."""
    parts = segments(clip, project.rate)
    if len(parts) != 1:
        what = "has no sound" if isinstance(clip, NoteClip) else "is put together from several takes"
        raise EditRefused(f"“{clip.name}” {what}; choose a clip that shows one sound.")
    return parts[0]


def sampler_from_clip(project: Project, clip_id: str, root: int = MIDDLE) -> tuple[Edit, str]:
    """The edit that makes an instrument track of what a clip plays, on all keys, and the new track's id."""
    row, clip = find_clips(project, (clip_id,))[clip_id]
    part = stretch_of(project, clip)
    gain = clip.gain * part.gain
    zone = Zone(part.media, 0, 127, root, part.source, part.length, gain, one_shot=False)
    instrument = Instrument(SAMPLER, "Sampler", zones=(zone,))
    track = fresh_track(project, clip.name, "instrument", instrument=instrument)
    return sequence("Make sampler", [_still_there(clip_id), add_tracks((track,), row + 1)]), track.id


def _still_there(clip_id: str) -> Edit:
    def change(project: Project) -> Project:
        find_clips(project, (clip_id,))
        return project

    return Edit("", change)
