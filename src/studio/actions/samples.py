"""Samples by the headless door: files played by a track, on all its keys, as a kit, or on one of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ..document.edits.song import sequence
from ..document.edits.tracks import add_tracks, fresh_track
from ..document.instruments import Instrument
from ..engine.jobs import Work
from ..errors import StudioError
from .headless import list_imported
from .importing import Imported, discard, import_sounds, playable_file
from .instruments import instrument_track
from .recording import open_to_write
from .sampling import refuse_others, root_key, sampling_edit
from .song import OpenSong

Report = dict[str, Any]


def sample_track(
    folder: Path, track: str, files: Sequence[Path], key: int | None, add: bool, progress: Callable[[float, str], None]
) -> Report:
    """Imports sounds and lets a track play them: see `sampling.sample_files`. With `add` the track is made.

    Raises StudioError with the reason; then nothing has changed.
    """
    refuse_others(files, key)
    song = open_to_write(folder)
    try:
        rate = song.project.rate
        found = instrument_track(song.project, track, add)
        done, failed = import_sounds(song.bundle, files, rate, Work(progress, threading.Event()))
        try:
            if failed:
                raise StudioError(failed[0].error)
            name = _play(song, done, track, found.id if found else "", key)
        except StudioError:
            for item in done:
                discard(song.bundle, item.media, rate)
            raise
        song.save()
        made = next(one for one in song.project.tracks if one.name == name)
        zones = made.instrument.zones if made.instrument is not None else ()
        names = {media.id: media.name for media in song.project.media}
        return {
            "project": str(song.bundle.folder),
            "track": name,
            "zones": [{**msgspec.structs.asdict(zone), "name": names[zone.media]} for zone in zones],
            "notices": list_imported(done, rate),
        }
    finally:
        song.close()


def _play(song: OpenSong, sounds: Sequence[Imported], name: str, track_id: str, key: int | None) -> str:
    """Makes the edit; the name of the track."""
    rate, media = song.project.rate, [item.media for item in sounds]
    roots = {}
    if key is None and len(media) == 1:
        only = media[0]
        roots[only.id] = root_key(playable_file(song.bundle, only, rate), only, rate, 0, only.frames)
    edits = []
    if not track_id:
        fresh = fresh_track(song.project, name, "instrument", instrument=Instrument("sampler", "Sampler"))
        edits, track_id = [add_tracks((fresh,))], fresh.id
    edit = sampling_edit(media, track_id, key, roots)
    song.document.apply(sequence(edit.label, [*edits, edit]))
    found = song.project.track(track_id)
    return found.name if found is not None else name
