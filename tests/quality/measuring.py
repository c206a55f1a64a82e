"""Everything that is measured of a genre: heard in rendered pieces, read from notes, compared with drummers."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from studio.document.harmony import Key
from studio.engine.music.arranger.forms import read_form
from studio.engine.music.composer.compose import Composition, compose
from studio.engine.music.genres.genre import Genre
from studio.engine.music.genres.reading import load_genres
from studio.engine.music.harmony.spelling import key_name

from . import hearing, likeness, notes
from .making import common_key, piece, request, song, sound_of

ARRANGED = 3
"""Seeds of whole songs in which choruses are compared."""


class Heard(msgspec.Struct, frozen=True):
    """One rendered piece: what was asked for, and what is heard."""

    genre: str
    seed: int
    bpm: float
    bpm_heard: float
    key: str
    key_heard: str
    tempo_right: bool
    key_right: bool
    lufs: float
    peak_dbfs: float


class Read(msgspec.Struct, frozen=True):
    """What the notes of a genre's pieces say. Shares from 0 to 1; `steady` in bars; `alike` of pairs of seeds."""

    clash: float
    on_chord: float
    compass: int
    outside: int
    crossing: float
    repeats: float
    steady: dict[str, int]
    alike: float
    most_alike: float
    again: dict[str, float]
    elsewhere: dict[str, float]


def heard(genre_id: str, seed: int) -> Heard:
    """Makes, renders and listens to one piece. Any process."""
    genre = load_genres().genres[genre_id]
    composition, project = piece(genre, seed)
    with tempfile.TemporaryDirectory() as folder:
        report = sound_of(project, Path(folder) / "piece.wav")
        sound = hearing.load(report.file)
    asked = Key(0, composition.request.tonic, composition.request.mode)
    bpm, key = hearing.tempo_of(sound), hearing.key_of(sound)
    return Heard(
        genre_id,
        seed,
        composition.request.bpm,
        bpm,
        key_name(asked),
        key_name(key),
        hearing.same_tempo(bpm, composition.request.bpm),
        hearing.same_key(key, asked),
        report.lufs,
        report.peak_dbfs,
    )


def pieces(genre: Genre, seeds: int) -> list[Composition]:
    """The notes of the pieces that are heard."""
    return [compose(genre, request(genre, seed)) for seed in range(1, seeds + 1)]


def arrangements(genre: Genre, mode: str) -> list[Composition]:
    """Whole songs of a genre in A and a mode, in the form in which choruses are compared."""
    form = read_form(likeness.FORM)
    return [compose(genre, request(genre, seed, key=Key(0, 9, mode), form=form)) for seed in range(1, ARRANGED + 1)]


def read(genre: Genre, seeds: int, others: Sequence[Genre]) -> Read:
    """Composes a genre's pieces and arrangements, and those of other genres to compare with."""
    made = pieces(genre, seeds)
    alike = likeness.of_seeds([song(genre, seed) for seed in range(1, seeds + 1)])
    mode = common_key(genre).mode
    own = arrangements(genre, mode)
    theirs = [compose(o, request(o, 1, key=Key(0, 9, mode), form=own[0].request.form)) for o in others]
    again = [likeness.known_again(one) for one in own]
    apart = [likeness.told_apart(one, theirs) for one in own]
    return Read(
        clash=_share([notes.clashes(one) for one in made]),
        on_chord=_share([notes.fitting(one, "melody") for one in made]),
        compass=max(notes.compass(one, "melody") for one in made),
        outside=sum(len(notes.outside(one)) for one in made),
        crossing=_share([notes.crossings(one) for one in made]),
        repeats=statistics.fmean(notes.repeated(one, "melody") for one in made),
        steady={part: max(notes.longest_run(one, part) for one in made) for part in likeness.PARTS},
        alike=statistics.fmean(alike) if alike else 0.0,
        most_alike=max(alike, default=0.0),
        again=_means(again),
        elsewhere=_means(apart),
    )


def _share(counts: Sequence[tuple[int, int]]) -> float:
    return sum(some for some, _ in counts) / max(sum(whole for _, whole in counts), 1)


def _means(tables: Sequence[dict[str, float]]) -> dict[str, float]:
    found = {part: [table[part] for table in tables if part in table] for part in likeness.PARTS}
    return {part: statistics.fmean(values) for part, values in found.items() if values}
