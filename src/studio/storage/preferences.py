"""What the user has set, and what the studio remembers between starts: one JSON file that a person can read.

Every field has a default, so that any file can be read: a value that makes no sense is replaced by its default with a
note, a field of a newer version is kept as it is, a file that is no JSON is moved aside.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_type_hints

import msgspec

from ..errors import StudioError
from .filesystem import sync_folder
from .locations import preferences_file

S = TypeVar("S", bound=msgspec.Struct)

Gain = Annotated[float, msgspec.Meta(ge=0.0, le=4.0)]
Rate = Annotated[int, msgspec.Meta(ge=8_000, le=768_000)]
Frames = Annotated[int, msgspec.Meta(ge=0, le=65_536)]
Text = Annotated[str, msgspec.Meta(max_length=4096)]
LongText = Annotated[str, msgspec.Meta(max_length=20_000)]
Scale = Annotated[float, msgspec.Meta(ge=0.5, le=4.0)]
Grid = Literal["adaptive", "bar", "1/4", "1/8", "1/16", "1/32", "off"]
NoteGrid = Literal["adaptive", "bar", "1/2", "1/4", "1/8", "1/16", "1/32", "1/4T", "1/8T", "1/16T", "off"]
Shift = Annotated[int, msgspec.Meta(ge=-100_000, le=100_000)]
Follow = Literal["page", "smooth", "off"]
ExportFormat = Literal["wav", "flac", "mp3", "ogg", "opus"]
ExportBits = Literal["16", "24", "32f"]
InputQuantise = Literal["off", "1/4", "1/8", "1/16", "1/32", "1/8T", "1/16T"]

KEPT_SEARCHES = 20
KEPT_ROUND_TRIPS = 200


class PreferencesError(StudioError):
    """The preferences could not be changed or written."""


class AudioDevice(msgspec.Struct, frozen=True):
    """The sound device: names as PortAudio gives them, empty for the system's default.

    `rate` in Hz, 0 for the project's. `buffer` in frames and `latency` in seconds are asked of the device, 0 for its
    own choice.
    """

    host_api: Text = ""
    output: Text = ""
    input: Text = ""
    rate: Annotated[int, msgspec.Meta(ge=0, le=768_000)] = 0
    buffer: Frames = 0
    latency: Annotated[float, msgspec.Meta(ge=0.0, le=5.0)] = 0.0


class RoundTrip(msgspec.Struct, frozen=True):
    """A measured latency from output to input: `frames` at `rate`, for a device and its buffer in frames."""

    device: Text
    rate: Rate
    buffer: Frames
    frames: Annotated[int, msgspec.Meta(ge=0, le=2**24)]


class NoteEditor(msgspec.Struct, frozen=True):
    """How the note editor looks: its grid, what shines through, and what its lane shows ("velocity", "cc:11").

    `groove_strength` is how far notes are drawn to a groove, 0 to 1, `groove_accents` whether in velocity too.
    """

    grid: NoteGrid = "1/16"
    ghosts: bool = True
    scale: bool = True
    pen: bool = False
    follow: bool = True
    lane: Text = "velocity"
    groove_strength: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)] = 1.0
    groove_accents: bool = True


class ProducerHabits(msgspec.Struct, frozen=True):
    """What was chosen last at the producer: genre, bars, whether a whole song, the dials in percent, and who drums."""

    genre: Text = ""
    bars: Annotated[int, msgspec.Meta(ge=1, le=512)] = 8
    whole: bool = False
    dials: dict[Text, float] = {}
    engine: Text = "rules"


class CoachHabits(msgspec.Struct, frozen=True):
    """What was chosen last at the coach: the exercise, the singer's range as MIDI notes, and the tolerance in cents."""

    exercise: Text = "five notes"
    tonic: Annotated[int, msgspec.Meta(ge=0, le=11)] = 0
    scale: Text = "major"
    low: Annotated[int, msgspec.Meta(ge=24, le=96)] = 48
    high: Annotated[int, msgspec.Meta(ge=24, le=96)] = 72
    tempo: Annotated[int, msgspec.Meta(ge=30, le=240)] = 80
    in_tune: Annotated[int, msgspec.Meta(ge=1, le=100)] = 15
    close: Annotated[int, msgspec.Meta(ge=1, le=100)] = 25
    tuner: bool = False


class GenerateHabits(msgspec.Struct, frozen=True):
    """What was chosen last for the models: the task, for each task the model and the form's values, and for each model
    its adapters with their strengths."""

    task: Text = ""
    models: dict[Text, Text] = {}
    values: dict[Text, dict[Text, LongText | float | int | bool | None]] = {}
    adapters: dict[Text, dict[Text, Annotated[float, msgspec.Meta(ge=0.0, le=4.0)]]] = {}


class ReportHabits(msgspec.Struct, frozen=True):
    """What was chosen last at the coach's report: how severe the score is, and the folder of exports."""

    difficulty: Literal["easy", "medium", "hard"] = "medium"
    folder: Text = ""


class KeptGroove(msgspec.Struct, frozen=True):
    """A groove by name: `step` ticks a step, and for each step of its cycle how late and how much louder it is."""

    name: Text
    step: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    shifts: Annotated[tuple[Shift, ...], msgspec.Meta(min_length=1, max_length=256)]
    accents: Annotated[tuple[Shift, ...], msgspec.Meta(min_length=1, max_length=256)]


class Preferences(msgspec.Struct, frozen=True):
    """All preferences. Any thread; a change is a new value, kept by `save`.

    `metronome_level` is a linear gain. `ui_scale` is None for the system's own. `shortcuts` maps an action's id to its
    keys in Qt's portable text, for those that differ from the default. Folders are empty until one was used,
    `soundfont` while the usual one plays; `plugin_folders` are searched beside those of the platform.
    `library_grid` shows the library as tiles. `hub` is the address that models come from, empty for the usual one.
    `overdub` and `input_quantise` are for recording notes, `midi_off` names the MIDI ports that are not listened to.
    `notes` says what could not be read; it is for the user and never written.
    """

    audio: AudioDevice = AudioDevice()
    metronome: bool = False
    metronome_level: Gain = 0.5
    count_in_bars: Annotated[int, msgspec.Meta(ge=0, le=8)] = 1
    overdub: bool = True
    input_quantise: InputQuantise = "off"
    midi_off: tuple[Text, ...] = ()
    snap: bool = True
    grid: Grid = "adaptive"
    follow: Follow = "page"
    note_editor: NoteEditor = NoteEditor()
    grooves: tuple[KeptGroove, ...] = ()
    ui_scale: Scale | None = None
    import_folder: Text = ""
    export_folder: Text = ""
    projects_folder: Text = ""
    export_format: ExportFormat = "wav"
    export_bits: ExportBits = "24"
    producer: ProducerHabits = ProducerHabits()
    coach: CoachHabits = CoachHabits()
    report: ReportHabits = ReportHabits()
    generate: GenerateHabits = GenerateHabits()
    library_grid: bool = False
    demo_made: bool = False
    export_what: Literal["mix", "stems"] = "mix"
    soundfont: Text = ""
    hub: Text = ""
    plugin_folders: tuple[Text, ...] = ()
    round_trips: tuple[RoundTrip, ...] = ()
    shortcuts: dict[Text, Text] = {}
    recent_searches: tuple[Text, ...] = ()
    welcome_shown: bool = False
    project_rate: Rate = 48_000
    notes: tuple[str, ...] = ()

    @property
    def font(self) -> Path | None:
        """The SoundFont that was chosen, None for the usual one."""
        return Path(self.soundfont) if self.soundfont else None

    @classmethod
    def load(cls, file: Path | None = None) -> Preferences:
        """The preferences in `file`, that of this installation by default. Never fails; see `notes`."""
        document, notes = _read(preferences_file() if file is None else file)
        found, more = _decode(cls, document, "")
        return msgspec.structs.replace(found, notes=(*notes, *more))

    def save(self, file: Path | None = None) -> None:
        """Writes the preferences whole or not at all; fields in the file that this version does not know stay.

        Raises PreferencesError when the disk refuses.
        """
        file = preferences_file() if file is None else file
        unknown = _unknown(type(self), _read(file)[0])
        document = _merge(msgspec.to_builtins(self), unknown)
        del document["notes"]
        try:
            _write(file, json.dumps(document, indent=2))
        except OSError as cause:
            why = cause.strerror or str(cause)
            raise PreferencesError(f"The preferences cannot be written to {file} ({why}); check the disk.") from cause

    def update(self, **changes: Any) -> Preferences:
        """The preferences with these fields changed. Raises PreferencesError for a value that makes no sense."""
        strange = changes.keys() - set(self.__struct_fields__)
        if strange:
            raise TypeError(f"no such preference: {', '.join(sorted(strange))}")
        values: dict[str, Any] = {name: getattr(self, name) for name in self.__struct_fields__} | changes
        try:
            return msgspec.convert(msgspec.to_builtins(values), Preferences, strict=True)
        except msgspec.ValidationError as cause:
            raise PreferencesError(f"That preference cannot be set: {cause}.") from cause

    def round_trip(self, device: str, rate: int, buffer: int) -> int | None:
        """The measured round trip in frames of `rate`, None when it has not been measured."""
        wanted = (device, rate, buffer)
        return next((r.frames for r in self.round_trips if (r.device, r.rate, r.buffer) == wanted), None)

    def with_round_trip(self, device: str, rate: int, buffer: int, frames: int) -> Preferences:
        """The preferences with a measured round trip, in frames of `rate`."""
        others = [r for r in self.round_trips if (r.device, r.rate, r.buffer) != (device, rate, buffer)]
        return self.update(round_trips=(*others[1 - KEPT_ROUND_TRIPS :], RoundTrip(device, rate, buffer, frames)))

    def with_search(self, text: str) -> Preferences:
        """The preferences with a search put first among the recent ones."""
        text = text.strip()[:200]
        if not text:
            return self
        others = [other for other in self.recent_searches if other.casefold() != text.casefold()]
        return self.update(recent_searches=(text, *others[: KEPT_SEARCHES - 1]))


def _read(file: Path) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The JSON object in a file, and notes. What is none is moved aside."""
    try:
        document = json.loads(file.read_text("utf-8"), parse_constant=lambda _: None)
        if isinstance(document, dict):
            document.pop("notes", None)
            return document, ()
        problem = "it holds no JSON object"
    except FileNotFoundError:
        return {}, ()
    except OSError as error:
        return {}, (f"The preferences {file} cannot be read ({error.strerror}); the defaults are used.",)
    except (ValueError, RecursionError) as error:
        problem = str(error) or type(error).__name__
    return {}, (_set_aside(file, problem),)


def _set_aside(file: Path, problem: str) -> str:
    kept = file.with_name(f"{file.name}-damaged-{time.strftime('%Y%m%d-%H%M%S')}")
    try:
        file.replace(kept)
    except OSError as error:
        return f"The preferences {file} are damaged and cannot be moved ({error.strerror}); the defaults are used."
    return f"The preferences were damaged ({problem}), so the defaults are used; the old file is kept as {kept}."


def _decode(kind: type[S], document: dict[str, Any], where: str) -> tuple[S, tuple[str, ...]]:
    """A struct out of an object, field by field: what does not fit is left at its default and noted."""
    values: dict[str, Any] = {}
    notes: list[str] = []
    for name, hint in get_type_hints(kind, include_extras=True).items():
        if name not in document:
            continue
        path = f"{where}{name}"
        if _is_struct(hint) and isinstance(document[name], dict):
            values[name], more = _decode(hint, document[name], f"{path}.")
            notes += more
            continue
        try:
            values[name] = msgspec.convert(document[name], hint, strict=True)
        except (msgspec.ValidationError, UnicodeEncodeError) as error:
            notes.append(f"The preference “{path}” made no sense ({error}); its default is used.")
    return kind(**values), tuple(notes)


def _is_struct(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, msgspec.Struct)


def _unknown(kind: type[msgspec.Struct], document: dict[str, Any]) -> dict[str, Any]:
    """The part of an object that a struct has no fields for."""
    hints = get_type_hints(kind, include_extras=True)
    unknown = {name: value for name, value in document.items() if name not in hints}
    for name, hint in hints.items():
        if _is_struct(hint) and isinstance(document.get(name), dict):
            unknown[name] = _unknown(hint, document[name])
    return unknown


def _merge(known: dict[str, Any], unknown: dict[str, Any]) -> dict[str, Any]:
    merged = dict(known)
    for name, value in unknown.items():
        merged[name] = _merge(merged[name], value) if name in merged else value
    return merged


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(file.parent)
