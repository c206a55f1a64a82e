"""The producer without a window: genres listed, beats, melodies and arrangements written to songs and files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from ..document.edits.harmony import set_chords
from ..document.edits.song import sequence
from ..document.grooves import Groove, groove_of
from ..document.harmony import Chord, Key
from ..document.project import Project, new_project
from ..document.recipes import PARTS, Request
from ..document.time import PPQ
from ..engine.audio.bounce import bounce
from ..engine.audio.compiler import compile_plan
from ..engine.music.arranger.forms import write_form
from ..engine.music.composer.chance import Chance
from ..engine.music.composer.compose import plays
from ..engine.music.genres.reading import Catalogue, load_genres
from ..engine.music.harmony.symbols import read_chords
from ..engine.music.requests import Wishes, key_of, make_request
from ..errors import StudioError
from ..storage import locations
from ..storage.preferences import Preferences
from .midi import export_midi, open_midi
from .producing import Produced, notes_by_part, produce, seconds_of
from .recording import open_to_write
from .song import OpenSong, create_song

Report = dict[str, Any]


class Outputs(msgspec.Struct, frozen=True):
    """Where to write: a song (made if it is not there), a MIDI file, a WAV file; any or none of them."""

    project: Path | None = None
    midi: Path | None = None
    wav: Path | None = None


def catalogue() -> Catalogue:
    """The genres of the studio and those of the user's own folder."""
    folder = locations.data_folder() / "genres"
    return load_genres(*([folder] if folder.is_dir() else []))


def list_genres() -> Report:
    """What can be asked for."""
    known = catalogue()
    genres = [
        {
            "id": genre.id,
            "name": genre.name,
            "words": list(genre.words),
            "description": genre.description,
            "tempo": msgspec.structs.asdict(genre.tempo),
            "modes": sorted(genre.modes, key=lambda mode: -genre.modes[mode]),
            "signatures": list(genre.signatures),
            "parts": [part for part in PARTS if plays(genre, part)],
            "forms": [form.sections for form in genre.forms],
        }
        for genre in known.genres.values()
    ]
    return {"genres": genres, "refused": list(known.refused)}


def groove_of_file(file: Path) -> Groove:
    """The groove of the performance in a MIDI file: sixteenths of two bars. Raises StudioError with the reason."""
    song = open_midi(file)
    onsets = [(float(note.start), note.velocity) for track in song.tracks for note in track.notes]
    found = groove_of(onsets, PPQ // 4, 2 * song.signatures[0].bar_ticks)
    if found is None:
        raise StudioError(f"“{file.name}” holds no notes to take a groove from.")
    return found


def usual_form(genre_name: str, seed: int) -> str:
    """A form that the genre likes, by the seed."""
    forms = catalogue().find(genre_name).forms
    return Chance(seed, "form").pick(forms, [form.weight for form in forms]).sections


def write_beat(genre_name: str, wishes: Wishes, chords: str, outputs: Outputs) -> Report:
    """Writes what was wished for; reports notes per part, seconds, tempo, key, seed and the request.

    `chords` in symbols or Roman numerals take the place of the genre's progressions, once from the first bar on.
    Raises StudioError with the reason; nothing is changed or left behind then.
    """
    genre = catalogue().find(genre_name)
    request = make_request(genre, wishes)
    for file in (outputs.midi, outputs.wav, outputs.project):
        if file is not None and not file.absolute().parent.is_dir():
            raise StudioError(f"The folder {file.absolute().parent} does not exist; make it first.")
    key = Key(0, request.tonic, request.mode)
    given = read_chords(chords, 0, request.bar_ticks, key) if chords.strip() else ()
    song = open_to_write(outputs.project) if outputs.project is not None and outputs.project.exists() else None
    try:
        before = song.project if song is not None else new_project(genre.name)
        produced = produce(
            replace(before, chords=given or before.chords),
            genre,
            request,
            0,
            Preferences.load().font is not None or None,
        )
        after = produced.edit.change(replace(before, chords=given or before.chords))
        report = _report(produced)
        if outputs.midi is not None:
            report["midi"] = str(export_midi(after, outputs.midi).file)
        if outputs.wav is not None:
            report |= _rendered(after, outputs.wav)
        if outputs.project is not None:
            song = song or create_song(outputs.project)
            _keep(song, produced, given)
            report["project"] = str(song.bundle.folder)
        return report
    finally:
        if song is not None:
            song.close()


def _keep(song: OpenSong, produced: Produced, given: tuple[Chord, ...]) -> None:
    edits = [set_chords(given), produced.edit] if given else [produced.edit]
    song.document.apply(sequence(produced.edit.label, edits))
    song.save()


def _report(produced: Produced) -> Report:
    composition = produced.composition
    request: Request = composition.request
    plain = msgspec.to_builtins(request)
    plain["form"] = write_form(request.form)
    return {
        "genre": request.genre,
        "bpm": request.bpm,
        "bars": request.bars,
        "key": key_of(request),
        "seed": request.seed,
        "engine": request.engine,
        "seconds": round(seconds_of(composition), 3),
        "notes": notes_by_part(composition),
        "chords": [chord.symbol for chord in composition.chords],
        "sections": [{"name": plan.name, "bar": plan.first + 1, "bars": plan.bars} for plan in composition.sections],
        "request": plain,
        "notices": list(produced.notices),
    }


def _rendered(project: Project, out: Path) -> Report:
    """Renders a song that holds no sounds of files."""
    done = bounce(compile_plan(project, {}), out, format="wav", bits="24", font=Preferences.load().font)
    return {
        "wav": str(done.file),
        "peak_dbfs": round(done.peak_dbfs, 2),
        "lufs": round(done.lufs, 2),
        "sound_notices": list(done.notices),
    }
