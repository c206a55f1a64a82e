"""A range of a song becomes an item: what is heard of a track there, or for drums its notes."""

from __future__ import annotations

import tempfile
from pathlib import Path

from msgspec.structs import replace

from ...document.edits.notes import make_note_clip
from ...document.instruments import DRUM_BANK, Instrument
from ...document.notes import Note
from ...document.project import Project, Track, new_id, new_project
from ...document.sounding import track_notes
from ...document.time import Signature, TempoPoint, signature_at
from ...engine.ai.datasets.items import DatasetError
from ...engine.ai.datasets.kinds import KINDS, kind_of
from ...engine.audio.export import AudioWriter
from ...engine.jobs import Work
from ...storage.bundle import Bundle
from ...storage.library import Dataset
from ..fromsong import Heard
from ..midi import export_midi
from ..songfacts import bars_said
from ..songsound import hear
from .adding import Added, Candidate, Said, add_all
from .shelf import Shelf


def add_range(
    shelf: Shelf,
    dataset: Dataset,
    bundle: Bundle,
    project: Project,
    heard: Heard,
    said: Said,
    work: Work,
    font: Path | None = None,
) -> list[Added]:
    """Adds what is heard on a track in a range of a song; for drums its notes there, as a MIDI file. `font` is
    the SoundFont of instruments that need one."""
    track = project.track(heard.track)
    if track is None:
        raise DatasetError("This track is no longer in the song.")
    where = f"{track.name}, {bars_said(project, heard.begin, heard.end)}"
    with tempfile.TemporaryDirectory(prefix="studio-dataset-") as folder:
        if dataset.kind == "drums":
            path = Path(folder) / "range.mid"
            export_midi(_notes_in(project, track, heard), path)
        elif KINDS[kind_of(dataset.kind)].sounds:
            path = Path(folder) / "range.flac"
            _write_sound(path, bundle, project, heard, work, font)
        else:
            raise DatasetError(f"A song has nothing for a dataset of {dataset.kind}; choose one of music or drums.")
        begin = int(project.time.tick(heard.begin))
        known = replace(
            said,
            bpm=said.bpm or round(project.time.bpm_at(begin), 3),
            song=said.song or project.name,
        )
        candidate = Candidate(path=path, name=f"{project.name}, {where}", source=f"{project.name}: {where}", said=known)
        return add_all(shelf, dataset, [candidate], work)


def _notes_in(project: Project, track: Track, heard: Heard) -> Project:
    """A song that has only the notes that begin on a track within a range, on the channel of drums."""
    begin, end = int(project.time.tick(heard.begin)), int(project.time.tick(heard.end))
    notes = [
        Note(new_id("note"), one.start - begin, max(min(one.end, end) - one.start, 1), one.pitch, one.velocity)
        for one in track_notes(track)
        if begin <= one.start < end
    ]
    if not notes:
        raise DatasetError(f"“{track.name}” has no notes in this range; choose another.")
    signature = signature_at(project.signatures, begin)
    clip = make_note_clip(track.name, 0, max(end - begin, 1), notes, ())
    alone = replace(
        track, id=new_id("track"), kind="instrument", base="musical", clips=(clip,),
        instrument=Instrument("drums", bank=DRUM_BANK),
    )  # fmt: skip
    return replace(
        new_project(project.name, project.rate),
        tempo=(TempoPoint(0, project.time.bpm_at(begin)),),
        signatures=(Signature(0, signature.numerator, signature.denominator),),
        tracks=(alone,),
    )


def _write_sound(path: Path, bundle: Bundle, project: Project, heard: Heard, work: Work, font: Path | None) -> None:
    sound = hear(bundle, project, heard, work, font)
    if not sound.any():
        raise DatasetError("All of this range is silent; choose another.")
    with AudioWriter(path, "flac", project.rate, sound.shape[0], "24") as writer:
        writer.write(sound)
