"""Adding, removing, ordering and naming tracks, and what they record from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from ..document import Edit, EditRefused
from ..instruments import Instrument, Lane
from ..project import TRACK_COLORS, Clip, Project, TimeBase, Track, TrackKind, clip_start, new_id, placed
from ._parts import change_track, find_track, with_clips


def fresh_track(
    project: Project,
    name: str = "",
    kind: TrackKind = "audio",
    base: TimeBase = "time",
    instrument: Instrument | None = None,
) -> Track:
    """A new track, not yet in the song, with the next colour and a name that no other track has.

    An instrument track gets `instrument`, by default a plain one, and always follows the tempo.
    """
    taken = {track.name for track in project.tracks}
    wanted = name.strip() or {"audio": "Track", "instrument": "Instrument", "bus": "Bus"}[kind]
    numbered = (f"{wanted} {n}" for n in range(1 if not name else 2, len(taken) + 3))
    unique = wanted if name and wanted not in taken else next(text for text in numbered if text not in taken)
    color = TRACK_COLORS[len(project.tracks) % len(TRACK_COLORS)]
    if kind == "instrument":
        return Track(new_id("track"), unique, color, kind=kind, base="musical", instrument=instrument or Instrument())
    return Track(new_id("track"), unique, color, kind=kind, base=base)


def add_tracks(tracks: Sequence[Track], index: int | None = None, label: str = "Add track") -> Edit:
    """Puts tracks into the song before row `index`, at the end for None."""

    def change(project: Project) -> Project:
        at = len(project.tracks) if index is None else max(0, min(index, len(project.tracks)))
        return replace(project, tracks=(*project.tracks[:at], *tracks, *project.tracks[at:]))

    return Edit(label, change)


def remove_tracks(track_ids: Iterable[str]) -> Edit:
    """Removes tracks with their clips, and the sends that fed them if they were buses. Media stay in the song."""
    gone = set(track_ids)

    def change(project: Project) -> Project:
        for track_id in gone:
            find_track(project, track_id)
        return replace(project, tracks=tuple(_without_sends(t, gone) for t in project.tracks if t.id not in gone))

    return Edit("Delete track" if len(gone) == 1 else f"Delete {len(gone)} tracks", change)


def _without_sends(track: Track, buses: set[str]) -> Track:
    sends = tuple(send for send in track.strip.sends if send.bus not in buses)
    return track if sends == track.strip.sends else replace(track, strip=replace(track.strip, sends=sends))


def move_track(track_id: str, index: int, merge: str = "") -> Edit:
    """Moves a track to row `index` of the list without it."""

    def change(project: Project) -> Project:
        track = find_track(project, track_id)
        others = [other for other in project.tracks if other.id != track_id]
        others.insert(max(0, min(index, len(others))), track)
        return replace(project, tracks=tuple(others))

    return Edit("Move track", change, merge)


def rename_track(track_id: str, name: str) -> Edit:
    """Gives a track a name."""
    return Edit("Rename track", lambda p: change_track(p, track_id, lambda t: replace(t, name=name)))


def recolor_track(track_id: str, color: str) -> Edit:
    """Gives a track a colour, `#rrggbb`."""
    return Edit("Track colour", lambda p: change_track(p, track_id, lambda t: replace(t, color=color)))


def arm(track_id: str, armed: bool) -> Edit:
    """Makes a track ready to record, or not."""
    label = "Arm track" if armed else "Disarm track"
    return Edit(label, lambda p: change_track(p, track_id, lambda t: replace(t, armed=armed)))


def set_inputs(track_id: str, inputs: tuple[int, ...]) -> Edit:
    """Chooses the device channels (0-based, one or two) that a track records from."""
    return Edit("Track input", lambda p: change_track(p, track_id, lambda t: replace(t, inputs=inputs)))


def open_lanes(track_id: str, is_open: bool) -> Edit:
    """Shows or hides the take lanes of a track."""
    label = "Show takes" if is_open else "Hide takes"
    return Edit(label, lambda p: change_track(p, track_id, lambda t: replace(t, lanes_open=is_open)))


def set_time_base(track_id: str, base: TimeBase) -> Edit:
    """Makes a track follow the tempo or keep its time. Nothing moves now; clips are anchored anew where they stand."""

    def change(project: Project) -> Project:
        if base == "time" and find_track(project, track_id).kind == "instrument":
            raise EditRefused("The notes of an instrument track always follow the tempo.")

        def anchored(clip: Clip) -> Clip:
            return placed(clip, base, clip_start(clip, project.time), project.time)

        return change_track(
            project, track_id, lambda t: with_clips(replace(t, base=base), [anchored(clip) for clip in t.clips])
        )

    return Edit("Follow tempo" if base == "musical" else "Keep time", change)


def set_instrument(track_id: str, instrument: Instrument, merge: str = "") -> Edit:
    """Chooses what an instrument track plays on, or changes its parameters."""

    def change(track: Track) -> Track:
        return replace(_playing(track), instrument=instrument)

    return Edit("Instrument", lambda p: change_track(p, track_id, change), merge)


def set_lanes(track_id: str, lanes: Sequence[Lane], merge: str = "") -> Edit:
    """Names the rows of a track's drum grid, from the top row down."""

    def change(track: Track) -> Track:
        return replace(_playing(track), lanes=tuple(lanes))

    return Edit("Drum lanes", lambda p: change_track(p, track_id, change), merge)


def _playing(track: Track) -> Track:
    if track.kind != "instrument":
        raise EditRefused("Only an instrument track has an instrument; make one and put the notes there.")
    return track
