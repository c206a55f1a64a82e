"""The process that examines one plug-in file: `python -m studio.engine.audio.instruments.pluginscan FILE`.

It writes one JSON pair to standard output, the instruments and why none is used, and ends without tidying up, since a
plug-in that fails only then can still be played. What plug-ins print themselves is dropped.
"""

from __future__ import annotations

import math
import os
import sys
from typing import Any

import msgspec
import numpy as np

from .plugins import Knob, Plugin

RATE = 48_000
FRAMES = 512
LONGEST_TEXT = 200
WARM_SECONDS = 10.0


def look(path: str) -> tuple[list[Plugin], str]:
    """The instruments in a file, and why there is none that can be used (empty where nothing failed)."""
    from pedalboard import VST3Plugin

    try:
        names = VST3Plugin.get_plugin_names_for_file(path)
    except Exception as error:
        return [], _reason(error)
    found, reason = [], ""
    for name in names:
        try:
            loaded = VST3Plugin(path, plugin_name=name, initialization_timeout=WARM_SECONDS)
            if loaded.is_instrument:
                found.append(describe(loaded))
        except Exception as error:
            reason = _reason(error)
    return found, "" if found else reason


def describe(loaded: Any) -> Plugin:
    """What a loaded instrument is. Raises ValueError for one that does not answer as it should."""
    knobs = tuple(
        Knob(name, str(one.name)[:LONGEST_TEXT], _share(one.raw_value), int(one.is_boolean) * 2)
        for name, one in loaded.parameters.items()
    )
    name, maker, version = (str(one)[:LONGEST_TEXT] for one in (loaded.name, loaded.manufacturer_name, loaded.version))
    return Plugin(name, maker, version, _channels(loaded), knobs)


def _share(value: float) -> float:
    return min(max(float(value), 0.0), 1.0) if math.isfinite(value) else 0.0


def _channels(loaded: Any) -> int:
    """How many channels come out, found by playing a note."""
    for channels in (2, 1):
        try:
            for messages in ([(b"\x90\x3c\x64", 0.0)], [(b"\x80\x3c\x00", 0.0)]):
                out = loaded.process(messages, (FRAMES + 0.5) / RATE, RATE, channels, FRAMES, False)
        except ValueError:
            continue
        if out.shape != (channels, FRAMES) or not np.isfinite(out).all():
            raise ValueError("it does not answer a note with sound")
        return channels
    raise ValueError("it has more than two outputs")


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())[:LONGEST_TEXT]
    return f"It cannot be used: {text or type(error).__name__}."


def main(path: str) -> None:
    """Examine a file and end the process."""
    with os.fdopen(os.dup(1), "wb") as answer:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for number in (1, 2):
            os.dup2(nowhere, number)
        answer.write(msgspec.json.encode(look(path)))
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
