"""What each task can be told: typed parameters with ranges, units and defaults. The panel's form, the headless door's
`--set` and the check of a recipe from elsewhere are all made from them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ...errors import StudioError

SEED_LIMIT = 2**53
"""Seeds are whole numbers below it: every JSON reader keeps them."""

KEPT = "\n\t\u200d"
"""What is kept of a text though it does not print: lines, and what joins the parts of an emoji."""

LONGEST_PROMPT = 4_000
LONGEST_LYRICS = 20_000


class Number(msgspec.Struct, frozen=True, tag="number"):
    """A number from `low` to `high`, both allowed. `default` None: it may be left to the model. `chance`: the window
    draws another for each request unless it is held."""

    name: str
    label: str
    low: float
    high: float
    default: float | None
    unit: str = ""
    whole: bool = False
    help: str = ""
    chance: bool = False

    def read(self, value: Any) -> float | int | None:
        """The value as a number within the range. Raises StudioError with a sentence."""
        if value is None or value == "":
            if self.default is None:
                return None
            raise StudioError(f"{self.label} needs a number {self._range}.")
        number = _number(value, self.whole)
        if number is None or not self.low <= number <= self.high:
            raise StudioError(f"{self.label} cannot be {str(value)[:40]}; give a {self._kind} {self._range}.")
        return number

    @property
    def _kind(self) -> str:
        return "whole number" if self.whole else "number"

    @property
    def _range(self) -> str:
        return f"from {self.low:.16g} to {self.high:.16g}{' ' + self.unit if self.unit else ''}"


def _number(value: Any, whole: bool) -> float | int | None:
    """A finite number, None where the value is none, or no whole one where that is wanted."""
    if isinstance(value, bool):
        return None
    try:
        number = int(value) if whole and isinstance(value, str) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if not math.isfinite(number) or (whole and number != int(number)):
        return None
    return int(value) if whole else number


class Choice(msgspec.Struct, frozen=True, tag="choice"):
    """One of some values, each with what a person reads."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    default: str
    help: str = ""

    def read(self, value: Any) -> str:
        """The value if it is one of them. Raises StudioError that names them."""
        if any(value == key for key, _ in self.options):
            return str(value)
        known = ", ".join(key for key, _ in self.options if key)
        raise StudioError(f"{self.label} cannot be “{str(value)[:60]}”; choose one of {known}.")


class Text(msgspec.Struct, frozen=True, tag="text"):
    """A text of at most `longest` characters; `lines` is how high a field for it stands. `needed`: not empty."""

    name: str
    label: str
    longest: int = LONGEST_PROMPT
    lines: int = 1
    needed: bool = False
    default: str = ""
    help: str = ""

    def read(self, value: Any) -> str:
        """The text without control characters. Raises StudioError where it is too long or lacks."""
        if not isinstance(value, str):
            raise StudioError(f"{self.label} is to be a text.")
        text = re.sub(r"[^\S\n]+", " ", "".join(c for c in value if c.isprintable() or c in KEPT)).strip()
        if self.needed and not text:
            raise StudioError(f"{self.label} is empty; say in a few words what it is to be.")
        if len(text) > self.longest:
            raise StudioError(f"{self.label} has {len(text):,} characters; {self.longest:,} is the most, shorten it.")
        return text


class Sound(msgspec.Struct, frozen=True, tag="sound"):
    """A sound file or a range of the song: an absolute path in a recipe."""

    name: str
    label: str
    needed: bool = True
    default: str = ""
    help: str = ""

    def read(self, value: Any) -> str:
        """The path. Raises StudioError where it lacks."""
        if not isinstance(value, str) or len(value) > 4096:
            raise StudioError(f"{self.label} is to be a sound file.")
        if self.needed and not value:
            raise StudioError(f"{self.label} is missing; choose a sound.")
        return value


class Agreement(msgspec.Struct, frozen=True, tag="agreement"):
    """A yes that is recorded, wanted only where `of` has a value."""

    name: str
    label: str
    of: str
    default: bool = False
    help: str = ""

    def read(self, value: Any) -> bool:
        """The yes or no."""
        if value in (True, False):
            return bool(value)
        if isinstance(value, str) and value.lower() in {"yes", "true", "no", "false", ""}:
            return value.lower() in {"yes", "true"}
        raise StudioError(f"{self.label}: say yes or no.")


Parameter = Number | Choice | Text | Sound | Agreement

TONICS = ("C", "C#", "Db", "D", "D#", "Eb", "E", "F", "F#", "Gb", "G", "G#", "Ab", "A", "A#", "Bb", "B")
KEYS = tuple(f"{tonic} {mode}" for mode in ("major", "minor") for tonic in TONICS)

PROMPT = Text("prompt", "Description", lines=4, needed=True, help="Style, instruments, mood, in plain words.")
SEED = Number("seed", "Seed", 0, SEED_LIMIT - 1, 0, whole=True, help="The same seed makes the same again.", chance=True)
BATCH = Number("batch", "How many", 1, 8, 1, whole=True, help="Each has the next seed.")
STEPS = Number("steps", "Steps", 1, 200, None, whole=True, help="More is slower; empty is what the model was made for.")
GUIDANCE = Number("guidance", "Guidance", 1.0, 20.0, None, help="How closely the description is followed.")
LYRICS = Text("lyrics", "Lyrics", LONGEST_LYRICS, lines=6, help="With marks such as [verse]; empty: nobody sings.")
LANGUAGE = Choice("language", "Language", tuple((code, name) for code, name in (
    ("en", "English"), ("de", "German"), ("es", "Spanish"), ("fr", "French"), ("it", "Italian"), ("pt", "Portuguese"),
    ("zh", "Chinese"), ("ja", "Japanese"), ("ko", "Korean"), ("ru", "Russian"))), "en")  # fmt: skip
BPM = Number("bpm", "Tempo", 30.0, 300.0, None, "BPM", help="Empty: left to the model.")
KEY = Choice("key", "Key", (("", "left to the model"), *((key, key) for key in KEYS)), "")
METER = Choice("meter", "Beats a bar", (("", "left to the model"), ("2", "2"), ("3", "3"), ("4", "4"), ("6", "6")), "")
NEGATIVE = Text("negative", "Not wanted", help="What it should not sound like, where the model can be told.")
SOURCE = Sound("source", "Sound")
BEGIN = Number("begin", "From", 0.0, 36_000.0, 0.0, "s", help="Where what is made anew begins in the sound.")
END = Number("end", "To", 0.0, 36_000.0, 0.0, "s", help="Where it ends; 0 is the end of the sound.")
LIKENESS = Number("likeness", "Likeness", 0.0, 1.0, 0.6, help="1 keeps most of the sound, 0 hardly any.")

_MUSIC = (PROMPT, LYRICS, LANGUAGE, Number("seconds", "Length", 1.0, 600.0, 30.0, "s"), BPM, KEY, METER)
_HOW = (SEED, BATCH, STEPS, GUIDANCE, NEGATIVE)

FORMS: Mapping[str, tuple[Parameter, ...]] = {
    "music": (*_MUSIC, *_HOW),
    "music-cover": (PROMPT, SOURCE, LIKENESS, LYRICS, LANGUAGE, BPM, KEY, METER, *_HOW),
    "music-repaint": (PROMPT, SOURCE, BEGIN, END, LYRICS, LANGUAGE, BPM, KEY, METER, *_HOW),
    "music-extend": (
        PROMPT,
        SOURCE,
        Number("seconds", "Longer by", 1.0, 300.0, 15.0, "s"),
        LYRICS,
        LANGUAGE,
        BPM,
        KEY,
        METER,
        *_HOW,
    ),
    "stems": (SOURCE,),
    "cover": (
        PROMPT,
        Choice("size", "Size", (("512", "512 pixels"), ("768", "768 pixels"), ("1024", "1024 pixels")), "1024"),
        SEED,
        BATCH,
        STEPS,
        GUIDANCE,
    ),
    "speech": (
        Text("prompt", "Text", 10_000, lines=4, needed=True),
        Text("voice", "Voice", 200, help="A voice that came with the model; empty is its first."),
        Sound("reference", "Voice to follow", needed=False, help="A recording of some seconds of one person."),
        Agreement(
            "consent",
            "The speaker has agreed",
            "reference",
            help="Confirm that the person whose voice this is allows it to be followed; it is kept with the result.",
        ),
        Number("speed", "Speed", 0.5, 2.0, 1.0, help="1 as the model speaks, 2 twice as fast, in the same pitch."),
        Number(
            "stability", "Stability", 0.0, 1.0, None, help="1 speaks evenly, 0 freely; empty: as the model was made."
        ),
        SEED,
    ),
    "lyrics": (SOURCE, Choice("language", "Language", (("", "found by itself"), *LANGUAGE.options), "")),
    "chat": (
        Text("prompt", "Question", LONGEST_LYRICS, lines=4, needed=True),
        Text("system", "Role", lines=2, help="Who answers, such as: you write short songs."),
        Number("longest", "Longest answer", 1, 4096, 400, "tokens", True),
        Number("temperature", "Freedom", 0.0, 2.0, 0.7, help="0 always says the likeliest; more is freer."),
        SEED,
    ),
}
"""The parameters of each task, in the order of a form."""

TITLES: Mapping[str, str] = {
    "music": "Music from text",
    "music-cover": "Music like a sound",
    "music-repaint": "A range made anew",
    "music-extend": "A sound made longer",
    "stems": "Stems of a mix",
    "cover": "Cover picture",
    "speech": "Speech from text",
    "lyrics": "Lyrics of a recording",
    "chat": "Text",
}


def form(task: str) -> tuple[Parameter, ...]:
    """The parameters of a task. Raises StudioError that names the tasks."""
    if task not in FORMS:
        raise StudioError(f"There is no task “{task[:60]}”; choose one of {', '.join(FORMS)}.")
    return FORMS[task]


def model_task(task: str) -> str:
    """The task of the catalogue whose models do this one."""
    return task.partition("-")[0]


def read_values(task: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every parameter of a task: what is given, checked, and the defaults of the others.

    Raises StudioError for a value out of range, a name the task does not know, a range that is none, or a voice to be
    followed without consent.
    """
    known = form(task)
    names = {parameter.name for parameter in known}
    strange = next((name for name in values if name not in names), None)
    if strange is not None:
        raise StudioError(f"{TITLES[task]} has no “{str(strange)[:60]}”; it has {', '.join(sorted(names))}.")
    read: dict[str, Any] = {one.name: one.read(values.get(one.name, one.default)) for one in known}
    if read.get("end") and read["end"] <= read["begin"]:
        raise StudioError("The range to be made anew ends before it begins; set its end after its beginning.")
    if read.get("batch", 1) + read.get("seed", 0) > SEED_LIMIT:
        raise StudioError("There are not so many seeds after this one; choose a smaller seed.")
    for one in known:
        if isinstance(one, Agreement) and read[one.of] and not read[one.name]:
            raise StudioError("A voice may be followed only when its speaker has agreed; confirm that first.")
    return read


def parse_settings(task: str, settings: Sequence[str]) -> dict[str, Any]:
    """Values from words such as "steps=12". Raises StudioError for a word that is none."""
    found: dict[str, Any] = {}
    for word in settings:
        name, sign, value = word.partition("=")
        if not sign or not name.strip():
            raise StudioError(f"“{word[:60]}” is no setting; write name=value, such as steps=12.")
        found[name.strip()] = value
    return found
