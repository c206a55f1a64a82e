"""Plain words understood by rules: "dark trap at 140 in A minor, 8 bars, sparse hats"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from ...document.harmony import SCALES, Key
from ...document.recipes import PARTS
from ...errors import StudioError
from .arranger.forms import KINDS, read_form
from .genres.genre import Genre
from .genres.reading import Catalogue
from .harmony.spelling import key_name
from .requests import MAX_BPM, MIN_BPM, Wishes, read_key


class Understood(msgspec.Struct, frozen=True):
    """What a text was taken to mean. `genre` is None where it names none.

    `meant` lists (the words, what they were taken for) in their order; `ignored` are words that mean nothing here, and
    `doubts` sentences about what contradicts or cannot be.
    """

    genre: Genre | None
    wishes: Wishes
    meant: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]
    doubts: tuple[str, ...]


_MOODS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "dark": ("minor key", {"mode": "minor"}),
    "sad": ("minor key, calmer", {"mode": "minor", "intensity": 0.35}),
    "moody": ("minor key", {"mode": "minor"}),
    "melancholic": ("minor key, calmer", {"mode": "minor", "intensity": 0.35}),
    "happy": ("major key, livelier", {"mode": "major", "intensity": 0.6}),
    "bright": ("major key", {"mode": "major"}),
    "uplifting": ("major key, livelier", {"mode": "major", "intensity": 0.7}),
    "sunny": ("major key", {"mode": "major"}),
    "chill": ("calmer", {"intensity": 0.3, "complexity": 0.35}),
    "calm": ("calmer", {"intensity": 0.25, "complexity": 0.3}),
    "relaxed": ("calmer", {"intensity": 0.3}),
    "soft": ("softer", {"intensity": 0.25}),
    "gentle": ("softer", {"intensity": 0.25}),
    "quiet": ("softer", {"intensity": 0.2}),
    "hard": ("harder", {"intensity": 0.85}),
    "heavy": ("harder", {"intensity": 0.85}),
    "aggressive": ("harder", {"intensity": 0.95}),
    "energetic": ("livelier", {"intensity": 0.8}),
    "intense": ("livelier", {"intensity": 0.85}),
    "simple": ("simple", {"complexity": 0.2}),
    "sparse": ("sparse", {"complexity": 0.15}),
    "minimal": ("sparse", {"complexity": 0.15}),
    "medium": ("medium complexity", {"complexity": 0.5}),
    "busy": ("busy", {"complexity": 0.85}),
    "dense": ("busy", {"complexity": 0.85}),
    "complex": ("complex", {"complexity": 0.8}),
    "intricate": ("complex", {"complexity": 0.9}),
    "straight": ("no swing", {"swing": 50.0}),
    "swung": ("swing 60 %", {"swing": 60.0}),
    "swinging": ("swing 62 %", {"swing": 62.0}),
    "shuffled": ("swing 64 %", {"swing": 64.0}),
    "shuffle": ("swing 64 %", {"swing": 64.0}),
    "quantised": ("no unevenness", {"humanise": 0.0}),
    "quantized": ("no unevenness", {"humanise": 0.0}),
    "robotic": ("no unevenness", {"humanise": 0.0}),
    "tight": ("little unevenness", {"humanise": 0.2}),
    "loose": ("much unevenness", {"humanise": 0.85}),
    "human": ("more unevenness", {"humanise": 0.7}),
    "sloppy": ("much unevenness", {"humanise": 1.0}),
}
"""Words for dials: what is shown for them, and what they set."""

_TEMPI = {"slow": 0.0, "slower": 0.15, "mid-tempo": 0.5, "fast": 1.0, "faster": 0.85, "uptempo": 0.9}
"""Words for a place in the genre's range of tempo."""

_PARTS: Mapping[str, str] = {
    "drums": "drums", "drum": "drums", "beat": "", "percussion": "percussion", "chords": "chords", "keys": "chords",
    "piano": "chords", "guitar": "chords", "bass": "bass", "bassline": "bass", "808": "bass", "melody": "melody",
    "lead": "melody", "tune": "melody", "harmony": "harmony", "pad": "harmony", "counter-melody": "harmony",
    "riser": "effects", "risers": "effects", "effects": "effects",
}  # fmt: skip
_DRUM_WORDS = frozenset({"hats", "hat", "hi-hats", "snare", "snares", "kick", "kicks", "cymbals", "clap", "claps"})
_FILLER = frozenset(
    "a an and at in of on the with for to some me make please give write bpm bars bar key song track loop style type "  # noqa: SIM905
    "long groove groovy music instrumental tempo it is like very quite really my".split()
)
_NUMBERS = {"one": 1, "two": 2, "four": 4, "eight": 8, "twelve": 12, "sixteen": 16, "thirty-two": 32}
_MODES = sorted((*SCALES, "aeolian", "ionian"), key=len, reverse=True)

_RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("form", re.compile(r"\b(?:(?:" + "|".join(KINDS) + r"):\d+[\s,]*)+")),
    ("whole", re.compile(r"\b(?:whole|full|entire|complete|full-length) (?:song|track|arrangement)\b")),
    ("bars", re.compile(r"\b(?P<bars>\d+|" + "|".join(_NUMBERS) + r")[ -]bars?\b")),
    ("bpm", re.compile(r"\b(?:at )?(?P<bpm>\d+(?:\.\d+)?) ?bpm\b|\bat (?P<at>\d+(?:\.\d+)?)\b|\btempo (?P<to>\d+)\b")),
    ("swing", re.compile(r"\bswing (?P<swing>\d\d)(?: ?%)?|\b(?P<swung>\d\d) ?% swing\b")),
    ("seed", re.compile(r"\bseed (?P<seed>\d+)\b")),
    ("signature", re.compile(r"\b(?P<signature>\d{1,2}/(?:2|4|8|16))\b")),
    ("key", re.compile(r"\b(?:in )?(?P<key>[a-g] ?(?:#|b|♯|♭|sharp|flat)? ?(?:" + "|".join(_MODES) + r"|maj|min))\b")),
    ("key", re.compile(r"\bin (?P<key>[a-g](?:#|b|♯|♭)?m?)(?![\w#♯♭])")),
    ("without", re.compile(r"\b(?:no|without|minus) (?P<without>[a-z0-9-]+)")),
    ("only", re.compile(r"\b(?:only|just) (?P<only>[a-z0-9-]+(?:(?:,| and|, and|,? &) [a-z0-9-]+)*)")),
    ("fills", re.compile(r"\b(?P<fills>no|few|some|many|lots of) fills\b")),
    ("bare", re.compile(r"\b(?P<bare>\d{2,3})\b")),
)
"""What is looked for, in this order; what one rule takes, the next does not see."""

_FILLS = {"no": 0.0, "few": 0.2, "some": 0.5, "many": 0.85, "lots of": 1.0}


def understand(text: str, catalogue: Catalogue, wishes: Wishes | None = None) -> Understood:
    """What a request in plain words means, on top of `wishes`. It never fails: what it does not know it lists.

    Words win over `wishes`. A genre decides what "fast" is, so its tempo is read last.
    """
    reading = _Reading(text, catalogue, wishes or Wishes())
    return reading.result()


class _Reading:
    """One text while it is read: what is taken is blanked out of `left`."""

    def __init__(self, text: str, catalogue: Catalogue, wishes: Wishes) -> None:
        self.left = f" {text.casefold()} "
        self.catalogue, self.wishes = catalogue, wishes
        self.genre: Genre | None = None
        self.mode = ""
        self.whole = False
        self.meant: list[tuple[int, str, str]] = []
        self.doubts: list[str] = []
        self._patterns()
        self._genre()
        self._words()
        self._settle()

    def result(self) -> Understood:
        ignored = [word for word in re.findall(r"[\w#♯♭/&-]+", self.left) if word not in _FILLER]
        meant = tuple((words, sense) for _, words, sense in sorted(self.meant))
        return Understood(self.genre, self.wishes, meant, tuple(ignored), tuple(self.doubts))

    def take(self, at: int, words: str, sense: str) -> None:
        """Notes what words mean and blanks them out."""
        if sense:
            self.meant.append((at, words.strip(" ,"), sense))
        self.left = self.left[:at] + " " * len(words) + self.left[at + len(words) :]

    def put(self, **values: Any) -> None:
        """Changes the wishes."""
        self.wishes = replace(self.wishes, **values)

    def _patterns(self) -> None:
        genre_words = _genre_numbers(self.catalogue)
        for name, pattern in _RULES:
            for found in list(pattern.finditer(self.left)):
                given = next((value for value in found.groupdict().values() if value is not None), "")
                if name == "bare" and given in genre_words:
                    continue
                sense = getattr(self, f"_read_{name}")(given or found[0])
                if sense:
                    self.take(found.start(), found[0], sense)

    def _read_form(self, text: str) -> str:
        try:
            self.put(form=read_form(text))
        except StudioError as error:
            self.doubts.append(str(error))
            return ""
        return "form " + text.strip(" ,")

    def _read_whole(self, _: str) -> str:
        self.whole = True
        return "whole song"

    def _read_bars(self, text: str) -> str:
        self.put(bars=_NUMBERS.get(text) or int(text))
        return f"{self.wishes.bars} bars"

    def _read_bpm(self, text: str) -> str:
        value = float(text)
        if not MIN_BPM <= value <= MAX_BPM:
            self.doubts.append(f"{value:g} BPM cannot be played; choose {MIN_BPM:g} to {MAX_BPM:g}.")
            return ""
        self.put(bpm=value)
        return f"{value:g} BPM"

    def _read_bare(self, text: str) -> str:
        if self.wishes.bpm is not None or not MIN_BPM <= int(text) <= MAX_BPM:
            return ""
        return self._read_bpm(text)

    def _read_swing(self, text: str) -> str:
        value = float(text)
        if not 50 <= value <= 75:
            self.doubts.append(f"Swing goes from 50 (straight) to 75 per cent, not {value:g}.")
            return ""
        self.put(swing=value)
        return f"swing {value:g} %"

    def _read_seed(self, text: str) -> str:
        self.put(seed=int(text) % 2**32)
        return f"seed {self.wishes.seed}"

    def _read_signature(self, text: str) -> str:
        self.put(signature=text)
        return f"in {text}"

    def _read_key(self, text: str) -> str:
        try:
            key = read_key(text)
        except StudioError as error:
            self.doubts.append(str(error))
            return ""
        self.put(key=key)
        return key_name(key)

    def _read_without(self, word: str) -> str:
        part = _PARTS.get(word, "")
        if word == "swing":
            self.put(swing=50.0)
            return "no swing"
        if word == "fills":
            self.put(fills=0.0)
            return "no fills"
        if not part:
            return ""
        self.put(parts=tuple(known for known in self.wishes.parts if known != part))
        return f"without {part}"

    def _read_only(self, text: str) -> str:
        parts = {_PARTS.get(word, "") for word in re.split(r"[\s,&]+", text) if word != "and"} - {""}
        if not parts:
            return ""
        self.put(parts=tuple(part for part in PARTS if part in parts))
        return "only " + ", ".join(self.wishes.parts)

    def _read_fills(self, text: str) -> str:
        self.put(fills=_FILLS[text])
        return f"{text} fills"

    def _genre(self) -> None:
        """The longest name of a genre in the text."""
        found: list[tuple[int, int, str, Genre]] = []
        for genre in self.catalogue.genres.values():
            for word in _names(genre):
                seen = re.search(rf"(?<![\w&]){re.escape(word)}(?![\w&])", self.left)
                if seen is not None:
                    found.append((-len(word), seen.start(), seen[0], genre))
        if not found:
            return
        found.sort(key=lambda one: one[:2])
        _, at, words, self.genre = found[0]
        self.take(at, words, self.genre.name)
        rest = {one.id: one.name for _, where, words, one in found[1:] if self.left[where:].startswith(words)}
        rest.pop(self.genre.id, None)
        for name in rest.values():
            self.doubts.append(f"More than one genre is named; {self.genre.name} is taken, {name} is not.")

    def _words(self) -> None:
        for at, word in list(_each_word(self.left)):
            if word in _MOODS:
                sense, values = _MOODS[word]
                plain = {key: value for key, value in values.items() if key != "mode"}
                if "mode" in values:
                    self.mode = values["mode"]
                of_drums = next((w for _, w in _each_word(self.left[at + len(word) :])), "") in _DRUM_WORDS
                self.put(**plain)
                self.take(at, word, f"{sense} (all parts)" if of_drums and plain else sense)
            elif word in _TEMPI:
                self._tempo(at, word)
            elif word in _PARTS or word in _DRUM_WORDS:
                self.take(at, word, "")

    def _tempo(self, at: int, word: str) -> None:
        if self.genre is None:
            self.doubts.append(f"How fast “{word}” is depends on the genre; name one, or a tempo in BPM.")
        elif self.wishes.bpm is None:
            low, high = self.genre.tempo.low, self.genre.tempo.high
            bpm = float(round(low + _TEMPI[word] * (high - low)))
            self.put(bpm=bpm)
            self.take(at, word, f"{bpm:g} BPM")

    def _settle(self) -> None:
        self._settle_form()
        self._settle_mode()

    def _settle_form(self) -> None:
        """A whole song has the genre's usual form, unless one was written."""
        if not self.whole or self.wishes.form:
            return
        if self.genre is None:
            self.doubts.append(
                "How a whole song goes depends on the genre; name one, or a form such as intro:4 verse:8."
            )
            return
        if self.wishes.bars is not None:
            self.doubts.append(f"A whole song is as long as its form; {self.wishes.bars} bars are not used.")
        self.put(form=read_form(self.genre.forms[0].sections))

    def _settle_mode(self) -> None:
        """A mood's mode, where no key was said: A minor or C major, which is shown."""
        if not self.mode:
            return
        key = self.wishes.key
        if key is None:
            key = Key(0, {"minor": 9, "major": 0}[self.mode], self.mode)
            self.put(key=key)
            name = key_name(key)
            self.meant = [(at, word, f"{said}, {name}" if "key" in said else said) for at, word, said in self.meant]
        elif _is_minor(key.mode) != (self.mode == "minor"):
            self.doubts.append(f"The words ask for a {self.mode} key, but {key_name(key)} is named; that is taken.")


def _is_minor(mode: str) -> bool:
    return 3 in SCALES[mode]


def _names(genre: Genre) -> Iterator[str]:
    yield genre.id.replace("-", " ")
    yield genre.id
    yield genre.name.casefold()
    for word in genre.words:
        yield word.casefold()


def _genre_numbers(catalogue: Catalogue) -> set[str]:
    return {part for genre in catalogue.genres.values() for word in _names(genre) for part in re.findall(r"\d+", word)}


def _each_word(text: str) -> Iterator[tuple[int, str]]:
    for found in re.finditer(r"[a-z0-9&][\w&-]*", text):
        yield found.start(), found[0]
