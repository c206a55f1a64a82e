"""The VST3 instruments of this computer: where their files are, what is in them, and which of them are blocked.

A song names a plug-in by its name and maker, never by a file, so that a song from elsewhere loads nothing but what was
found here. A file is examined in a process of its own, because a broken plug-in takes its process with it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from ....document.instruments import Instrument
from ..effects import Parameter
from .presets import Group, InstrumentKind

KIND = "plugin"
"""The kind of an `Instrument` whose preset is a plug-in's identity."""

PATIENCE = 60.0
"""Seconds that a file may take to be examined."""

DEEPEST = 6
"""Folders below one that is searched."""

MOST_KNOBS, GROUPED = 128, 16
"""How many parameters of a plug-in an editor shows, and how many together."""

Says = Callable[[float, str], None]


class Knob(msgspec.Struct, frozen=True):
    """A parameter of a plug-in, 0 to 1. `steps` is how many values it takes, 0 for any."""

    name: str
    title: str
    default: float
    steps: int = 0


class Plugin(msgspec.Struct, frozen=True):
    """An instrument in a plug-in file. `channels` (1 or 2) come out of it."""

    name: str
    maker: str
    version: str = ""
    channels: int = 2
    knobs: tuple[Knob, ...] = ()

    @property
    def identity(self) -> str:
        """What songs call it."""
        return f"{self.name} ({self.maker})" if self.maker else self.name


class PluginFile(msgspec.Struct, frozen=True):
    """What was found in a file or bundle when it had this `stamp`. `blocked` says why nothing of it is used."""

    path: str
    stamp: tuple[int, int]
    plugins: tuple[Plugin, ...] = ()
    blocked: str = ""


def standard_folders() -> list[Path]:
    """Where this platform keeps VST3 plug-ins, the user's own first."""
    home = Path.home()
    if sys.platform == "darwin":
        return [home / "Library/Audio/Plug-Ins/VST3", Path("/Library/Audio/Plug-Ins/VST3")]
    if os.name == "nt":
        own, common = os.environ.get("LOCALAPPDATA"), os.environ.get("COMMONPROGRAMFILES")
        return [*([Path(own) / "Programs/Common/VST3"] if own else []), *([Path(common) / "VST3"] if common else [])]
    return [home / ".vst3", Path("/usr/local/lib/vst3"), Path("/usr/lib/vst3"), Path("/usr/lib64/vst3")]


def find_files(folders: Iterable[Path]) -> list[Path]:
    """The plug-in files and bundles in folders and the folders below."""
    found: dict[Path, None] = {}
    for folder in folders:
        for place, names, files in os.walk(folder):
            bundles = [name for name in names if name.lower().endswith(".vst3")]
            for name in sorted([*bundles, *(name for name in files if name.lower().endswith(".vst3"))]):
                found.setdefault(Path(place) / name)
            deep = len(Path(place).relative_to(folder).parts) >= DEEPEST
            names[:] = [] if deep else sorted(name for name in names if name not in bundles)
    return list(found)


def stamp(path: Path) -> tuple[int, int]:
    """The newest time of change in nanoseconds and the size in bytes of a file, or of what is in a bundle."""
    files = [path] if path.is_file() else [file for file in path.glob("Contents/*/*") if file.is_file()]
    facts = [file.stat() for file in files]
    return max((one.st_mtime_ns for one in facts), default=0), sum(one.st_size for one in facts)


def out_of_date(folders: Iterable[Path], known: Sequence[PluginFile]) -> bool:
    """Whether `scan` would find anything else than what is known."""
    return {(str(path), _stamp_or_none(path)) for path in find_files(folders)} != {(f.path, f.stamp) for f in known}


def scan(
    folders: Iterable[Path], known: Sequence[PluginFile], report: Says, cancelled: Callable[[], bool]
) -> list[PluginFile]:
    """Every plug-in file there is; those that have not changed since they became `known` are not examined again.

    Any thread but the main one: each new file takes a second or two. After a cancel, what was not reached is left out.
    """
    before: Mapping[str, PluginFile] = {file.path: file for file in known}
    found: list[PluginFile] = []
    paths = find_files(folders)
    for number, path in enumerate(paths):
        if cancelled():
            break
        report(number / len(paths), path.stem)
        old, now = before.get(str(path)), _stamp_or_none(path)
        if now is not None:
            found.append(old if old is not None and old.stamp == now else examine(path, now))
    return found


def _stamp_or_none(path: Path) -> tuple[int, int] | None:
    try:
        return stamp(path)
    except OSError:
        return None


def examine(path: Path, at: tuple[int, int], patience: float = PATIENCE) -> PluginFile:
    """What is in a file, found out by a process of its own; never raises. `patience` in seconds."""
    root = str(Path(__file__).parents[4])
    paths = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-P", "-m", f"{__package__}.pluginscan", str(path)]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths},
            timeout=patience,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except subprocess.TimeoutExpired:
        return PluginFile(str(path), at, blocked=f"It did not answer within {patience:.0f} seconds.")
    except OSError as error:
        return PluginFile(str(path), at, blocked=f"It could not be examined ({error.strerror}).")
    if done.returncode != 0:
        return PluginFile(str(path), at, blocked="It crashed while it was examined; ask its maker for a newer version.")
    try:
        plugins, blocked = msgspec.json.decode(done.stdout, type=tuple[tuple[Plugin, ...], str])
    except msgspec.DecodeError:
        return PluginFile(str(path), at, blocked="It ended the program that examined it.")
    return PluginFile(str(path), at, plugins, blocked)


class Catalogue:
    """The plug-ins that were found, by identity. Any thread.

    One for the process, for it says what is on this computer, as the list of SoundFonts does.
    """

    def __init__(self) -> None:
        self.files: tuple[PluginFile, ...] = ()
        self._found: dict[str, tuple[Plugin, str]] = {}

    def know(self, files: Iterable[PluginFile]) -> None:
        """Hold these from now on; of two with one identity the first."""
        self.files = tuple(files)
        found: dict[str, tuple[Plugin, str]] = {}
        for file in self.files:
            for plugin in file.plugins:
                found.setdefault(plugin.identity, (plugin, file.path))
        self._found = found

    def plugins(self) -> list[Plugin]:
        """All of them, by maker and name."""
        found = [plugin for plugin, _ in self._found.values()]
        return sorted(found, key=lambda plugin: (plugin.maker.casefold(), plugin.name.casefold()))

    def find(self, identity: str) -> tuple[Plugin, str] | None:
        """A plug-in and its file."""
        return self._found.get(identity)

    def blocked(self) -> list[PluginFile]:
        """The files that are not used, with their reasons."""
        return [file for file in self.files if file.blocked]


catalogue = Catalogue()


def missing(identity: str) -> str:
    """The sentence about a plug-in that is not there."""
    return f"The plug-in “{identity}” was not found and is silent: install it, then choose Look for Plug-ins."


def plugin_kind(instrument: Instrument) -> InstrumentKind | None:
    """The parameters of a plug-in as an editor shows them, of very many the first; None where it is not installed."""
    found = catalogue.find(instrument.preset) if instrument.kind == KIND else None
    if found is None:
        return None
    knobs = found[0].knobs[:MOST_KNOBS]
    parameters = tuple(Parameter(knob.name, knob.title, "", 0.0, 1.0, knob.default) for knob in knobs)
    rows = [tuple(knob.name for knob in knobs[at : at + GROUPED]) for at in range(0, len(knobs), GROUPED)]
    groups = tuple(Group(f"{GROUPED * n + 1} to {GROUPED * n + len(row)}", row) for n, row in enumerate(rows))
    choices = {knob.name: ("Off", "On") for knob in knobs if knob.steps == 2}
    name = f"{KIND}/{instrument.preset}"
    return InstrumentKind(name, found[0].name, parameters, {instrument.preset: {}}, groups, choices)


def parameters_of(instrument: Instrument) -> tuple[Parameter, ...]:
    """The parameters of a plug-in, each from 0 to 1; none where it is not installed."""
    kind = plugin_kind(instrument)
    return kind.parameters if kind is not None else ()
