"""The plug-in instruments of this computer: remembered between starts, looked for anew as a job."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from ..engine.audio.instruments.plugins import Plugin, PluginFile, catalogue, out_of_date, scan, standard_folders
from ..engine.jobs import Work
from ..storage.plugincache import read_plugins, write_plugins


class Found(msgspec.Struct, frozen=True):
    """What a look for plug-ins came to: those that can be played, and files that are blocked with their reasons."""

    plugins: tuple[Plugin, ...]
    blocked: tuple[PluginFile, ...]


def places(own: Iterable[str] = ()) -> list[Path]:
    """Where plug-ins are looked for: the user's own folders, then those of the platform."""
    return [*(Path(folder) for folder in own), *standard_folders()]


def remember_plugins() -> None:
    """Knows again what the last look found. Any thread but the main one; never fails."""
    try:
        catalogue.know(msgspec.json.decode(read_plugins(), type=list[PluginFile]))
    except msgspec.DecodeError:
        catalogue.know(())


def plugins_changed(own: Iterable[str] = ()) -> bool:
    """Whether files have come, gone or changed since the last look. Any thread but the main one."""
    return out_of_date(places(own), catalogue.files)


def look_for_plugins(work: Work, own: Iterable[str] = (), again: bool = False) -> Found:
    """Examines the files that are new or changed, all of them with `again`, and keeps what was found. Worker threads.

    A file that is blocked is no failure of the job. Raises StudioError when what was found cannot be kept.
    """
    files = scan(places(own), () if again else catalogue.files, work.report, work.cancelled)
    work.check()
    catalogue.know(files)
    write_plugins(msgspec.json.encode(files))
    return known_plugins()


def known_plugins() -> Found:
    """What is known now."""
    return Found(tuple(catalogue.plugins()), tuple(catalogue.blocked()))
