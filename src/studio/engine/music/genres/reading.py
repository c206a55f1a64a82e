"""Genre files read and checked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import msgspec

from ....document.harmony import SCALES, Key
from ....document.recipes import PARTS
from ....errors import StudioError
from ...audio.effects import KINDS as EFFECTS
from ...audio.instruments.presets import KINDS as INSTRUMENTS
from ..harmony.romans import from_roman
from .genre import Choice, Drums, Genre, Sound
from .lines import bars_of, signature_of

SHIPPED = Path(__file__).resolve().parents[5] / "resources" / "genres"
"""The genres that come with the studio."""

MAX_SIZE = 1_000_000
"""Bytes; a genre file is a few thousand."""

_DRUM_STEPS = frozenset("Xxmo.123456789abcdefghi")
_LINE_STEPS = {
    "chords": frozenset("xXoO123456bBuUnN-."),
    "bass": frozenset("rR35678sSaAwWnNkK-."),
    "melody": frozenset("xX-."),
}


class Catalogue(msgspec.Struct, frozen=True):
    """The genres that could be read, by id, and a sentence for each file that could not."""

    genres: Mapping[str, Genre]
    refused: tuple[str, ...] = ()

    def find(self, name: str) -> Genre:
        """The genre of an id, name or other word for it. Raises StudioError that lists what there is."""
        wanted = name.strip().casefold()
        for genre in self.genres.values():
            if wanted in {genre.id, genre.name.casefold(), *(word.casefold() for word in genre.words)}:
                return genre
        raise StudioError(f"The genre “{name}” is not known; choose one of {', '.join(sorted(self.genres))}.")


def load_genres(*folders: Path) -> Catalogue:
    """The genres of the studio and those of further folders, which may replace them by id. Any thread."""
    own, others = _shipped(), _read(_files(folders))
    found = {**own.genres, **others.genres}
    return Catalogue(
        dict(sorted(found.items(), key=lambda item: item[1].name.casefold())), (*own.refused, *others.refused)
    )


def shipped() -> Mapping[str, Genre]:
    """The genres that come with the studio, by id. The first call reads their files, later ones take no time."""
    return _shipped().genres


@lru_cache(1)
def _shipped() -> Catalogue:
    return _read(_files((SHIPPED,)))


def _read(files: Iterable[Path]) -> Catalogue:
    """The genres of some files, and a sentence for each that cannot be used."""
    found: dict[str, Genre] = {}
    refused: list[str] = []
    for file in files:
        try:
            genre = read_genre(file)
        except StudioError as error:
            refused.append(str(error))
            continue
        found[genre.id] = genre
    return Catalogue(found, tuple(refused))


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(folder.glob("*.toml"))


def read_genre(file: Path) -> Genre:
    """Reads a genre file. Raises StudioError that names the file, the place in it and what is wrong there."""
    try:
        if file.stat().st_size > MAX_SIZE:
            raise StudioError("it is too large to be a genre")
        genre = msgspec.toml.decode(file.read_bytes(), type=Genre)
        check_genre(genre)
    except (OSError, UnicodeDecodeError, msgspec.DecodeError, StudioError, RecursionError) as error:
        raise StudioError(f"The genre file {file.name} cannot be used: {error}") from error
    return genre


def check_genre(genre: Genre) -> None:
    """Raises StudioError where the parts of a genre do not go together."""
    _require(genre.tempo.low <= genre.tempo.default <= genre.tempo.high, "the default tempo lies outside its range")
    for mode in (*genre.modes, *genre.melody.scale, *genre.melody.scale.values()):
        _require(mode in SCALES, f"“{mode}” is not a known mode")
    for part in (*genre.sounds, *genre.entries, *(p for habit in genre.sections.values() for p in habit.parts)):
        _require(part in PARTS, f"“{part}” is not a part; the parts are {', '.join(PARTS)}")
    for range_of in (genre.chords, genre.bass, genre.melody, genre.harmony):
        _require(range_of.high - range_of.low >= 12, "a range of pitches is narrower than an octave")
    for sound in genre.sounds.values():
        _check_sound(sound)
    for drums in (genre.drums, genre.percussion):
        if drums is not None:
            _check_drums(genre, drums)
    for part, rhythms in (("chords", genre.chords.rhythms), ("bass", genre.bass.rhythms)):
        for rhythm in rhythms:
            _check_line(rhythm.line, rhythm.signature, _LINE_STEPS[part], f"{part} rhythm “{rhythm.name}”")
    for rhythm in genre.melody.rhythms:
        _check_line(rhythm.line, rhythm.signature, _LINE_STEPS["melody"], f"melody rhythm “{rhythm.name}”")
    for progression in genre.progressions:
        for mode in progression.modes or genre.modes:
            for numeral in progression.chords.replace("|", " ").split():
                from_roman(numeral, Key(0, 0, mode))
    _check_coverage(genre)
    _check_manners(genre)


def _check_manners(genre: Genre) -> None:
    for choice in _choices(genre):
        _require(choice.manner in ("", *genre.manners), f"“{choice.manner}” is not one of its manners")


def _choices(genre: Genre) -> Iterator[Choice]:
    yield from (*genre.progressions, *genre.chords.rhythms, *genre.bass.rhythms, *genre.melody.rhythms)
    for drums in filter(None, (genre.drums, genre.percussion)):
        yield from (*drums.patterns, *drums.fills)


def _check_coverage(genre: Genre) -> None:
    """A genre must have something to play in every signature it offers, and chords for every mode."""
    for signature in genre.signatures:
        for title, rhythms in (
            ("chords", genre.chords.rhythms),
            ("bass", genre.bass.rhythms),
            ("melody", genre.melody.rhythms),
            ("drums", genre.drums.patterns if genre.drums else None),
        ):
            fits = rhythms is None or any(rhythm.signature == signature for rhythm in rhythms)
            _require(fits, f"it offers {signature} but has no {title} in it")
    for mode in genre.modes:
        fits = any(not known.modes or mode in known.modes for known in genre.progressions)
        _require(fits, f"it has no progression in {mode}")


def _check_sound(sound: Sound) -> None:
    numbers = [*sound.parameters.values(), *(value for one in sound.inserts for value in one.parameters.values())]
    _require(all(map(math.isfinite, numbers)), "a parameter is not a number")
    for insert in sound.inserts:
        _require(insert.kind in EFFECTS, f"“{insert.kind}” is not a known effect")
        known = {parameter.name for parameter in EFFECTS[insert.kind].parameters}
        _require(set(insert.parameters) <= known, f"{insert.kind} has no parameter {set(insert.parameters) - known}")
    if sound.kind in INSTRUMENTS:
        kind = INSTRUMENTS[sound.kind]
        _require(sound.preset in {"", *kind.presets}, f"“{sound.preset}” is not a preset of the {kind.title}")
        known = {parameter.name for parameter in kind.parameters}
        _require(set(sound.parameters) <= known, f"the {kind.title} has no {set(sound.parameters) - known}")


def _check_drums(genre: Genre, drums: Drums) -> None:
    for pattern in (*drums.patterns, *drums.fills):
        _require(bool(pattern.lanes), f"pattern “{pattern.name}” has no lanes")
        for lane, drawn in pattern.lanes.items():
            _require(lane in drums.lanes, f"pattern “{pattern.name}” plays “{lane}”, which is not a lane")
            _check_line(drawn, pattern.signature, _DRUM_STEPS, f"pattern “{pattern.name}”, lane {lane}")
    for roll in drums.rolls:
        _require(roll.lane in drums.lanes, f"a roll is on “{roll.lane}”, which is not a lane")
    _require(not drums.crash or drums.crash in drums.lanes, f"the crash “{drums.crash}” is not a lane")


def _check_line(drawn: str, signature: str, allowed: frozenset[str], where: str) -> None:
    try:
        bars = bars_of(drawn, signature_of(signature).bar_ticks)
    except StudioError as error:
        raise StudioError(f"{where}: {error}") from error
    strange = set("".join(bars)) - allowed
    _require(not strange, f"{where}: “{''.join(sorted(strange))}” means nothing there")


def _require(fits: bool, what: str) -> None:
    if not fits:
        raise StudioError(what)
