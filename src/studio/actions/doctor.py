"""What this installation can do on this machine: every check says what it found and what to do about it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from typing import Literal

import msgspec

from ..engine.ai.hardware import accelerator
from ..errors import StudioError
from ..storage import locations

LOW_DISK = 5 * 1024**3
"""Below this many free bytes a recording session is at risk."""

Verdict = Literal["ok", "warning", "missing"]


class Check(msgspec.Struct, frozen=True):
    """One line of the doctor's report. `advice` is empty when there is nothing to do."""

    name: str
    verdict: Verdict
    found: str
    advice: str = ""


def examine() -> list[Check]:
    """All checks. May take seconds (torch is imported): never on the main thread."""
    checks: dict[str, Callable[[], Check]] = {
        "python": _python,
        "devices": _devices,
        "midi": _midi,
        "soundfont": _soundfont,
        "database": _database,
        "disk": _disk,
        "gpu": _gpu,
        "catalogue": _catalogue,
    }
    return [_guarded(name, check) for name, check in checks.items()]


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except (StudioError, OSError, ImportError, RuntimeError) as error:
        return Check(name, "missing", f"{error}", "Run start.py again; it installs what is missing.")


def _python() -> Check:
    version = ".".join(str(number) for number in sys.version_info[:3])
    return Check("python", "ok", f"Python {version} on {sys.platform}")


def _devices() -> Check:
    from ..engine.audio import device

    found = device.list_devices()
    outputs = [item for item in found if item.outputs]
    inputs = [item for item in found if item.inputs]
    if not outputs:
        return Check(
            "devices", "missing", "no sound output", "Connect an interface or start the sound server; editing works."
        )
    default = next((item.name for item in outputs if item.default_output), "none")
    text = f"{len(outputs)} outputs, {len(inputs)} inputs; default {default}"
    return Check("devices", "ok", text) if inputs else Check("devices", "warning", text, "There is no input to record.")


def _midi() -> Check:
    from ..engine.audio.midiports import NO_PORT, NO_SERVICE, list_ports

    found = list_ports()
    if found is None:
        return Check("midi", "warning", "no MIDI system", NO_SERVICE)
    return Check("midi", "ok", ", ".join(found)) if found else Check("midi", "warning", "no MIDI keyboard", NO_PORT)


def _soundfont() -> Check:
    from ..engine.audio.instruments.fluidlib import library
    from ..engine.audio.instruments.soundfont import find_fonts

    fonts = find_fonts()
    try:
        library()
        found = "no General MIDI SoundFont"
    except StudioError:
        found = "no FluidSynth library"
    else:
        if fonts:
            return Check("soundfont", "ok", f"FluidSynth and {fonts[0].name}")
    return Check("soundfont", "missing", found, "Run start.py again, or install FluidSynth and a SoundFont.")


def _database() -> Check:
    from ..storage.library import Library

    path = locations.library_file()
    library = Library(path)
    try:
        return Check("database", "ok", f"{library.count()} sounds in {path}")
    finally:
        library.close()


def _disk() -> Check:
    folder = locations.projects_folder()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    text = f"{free / 1024**3:.0f} GB free at {folder}"
    return Check("disk", "ok", text) if free > LOW_DISK else Check("disk", "warning", text, "Free some disk space.")


def _gpu() -> Check:
    device = accelerator()
    memory = f", {device.memory / 1024**3:.0f} GB" if device.memory else ""
    text = f"{device.name} ({device.kind}{memory})"
    if device.kind == "cpu":
        return Check("gpu", "warning", f"no GPU; {text}", "Everything of this version works without one.")
    return Check("gpu", "ok", text)


def _catalogue() -> Check:
    from .models import open_catalogue, open_store

    catalogue, store = open_catalogue(), open_store()
    here = sum(store.state(spec).usable for spec in catalogue.specs.values())
    text = f"{len(catalogue.specs)} neural models known, {here} here"
    if catalogue.refused:
        return Check("catalogue", "warning", text, catalogue.refused[0])
    return Check("catalogue", "ok", text)
