"""Sound devices: which there are, and which one is chosen. Device threads only: each call may take long."""

from __future__ import annotations

import threading
from typing import Any

import msgspec

from ...errors import StudioError

DEFAULT = ""
"""In place of a name: what the system takes by default."""

PLUGIN_CHANNELS = 32
"""A device with as many channels has none of its own: it is a plug-in that makes up as many as are asked for."""


PLUGIN_LATENCY = (0.02, 0.05)
"""What is asked of a plug-in's input and output, in seconds, unless more is chosen: then half of it for the input. With
less, or with the same for both, PortAudio's thread at times polls ALSA's PulseAudio plug-in without rest, which takes
most of a core and makes gaps; with more in the output than in the input it wakes in small steps."""


class Device(msgspec.Struct, frozen=True):
    """A device as the host interface lists it. `rate` is its own rate in Hz; channel counts are 0 where it has none."""

    host_api: str
    name: str
    inputs: int
    outputs: int
    rate: float
    default_input: bool = False
    default_output: bool = False


class DeviceChoice(msgspec.Struct, frozen=True):
    """What to open. Empty names stand for the system's default; `input` None for no input at all.

    `rate` is the device's rate in Hz, 0 for the project's (or the device's own if it refuses that). `latency` is what
    is asked of each direction, in seconds. `output_channel` is the left one of the pair to play on, `input_channels`
    how many to open (0: all that the device has); both count from 0.
    """

    host_api: str = DEFAULT
    output: str = DEFAULT
    input: str | None = DEFAULT
    rate: int = 0
    latency: float = 0.02
    output_channel: int = 0
    input_channels: int = 0


class Resolved(msgspec.Struct, frozen=True):
    """A choice made definite: PortAudio's device numbers and channel counts. `input` is None for no input."""

    output: int
    input: int | None
    output_channels: int
    input_channels: int
    own_rate: float
    latency: tuple[float, float]
    """What to ask of input and output, in seconds."""


DEVICES = threading.Lock()
"""Held by whoever asks PortAudio for devices or has it look again, because it is not made for several threads."""


def list_devices() -> tuple[Device, ...]:
    """The devices known since PortAudio last looked."""
    with DEVICES:
        return _listed()


def _listed() -> tuple[Device, ...]:
    import sounddevice

    hosts = sounddevice.query_hostapis()
    chosen = sounddevice.default.device
    return tuple(
        Device(
            hosts[info["hostapi"]]["name"],
            info["name"],
            info["max_input_channels"],
            info["max_output_channels"],
            float(info["default_samplerate"]),
            _is_default(hosts, info, "default_input_device", chosen[0]),
            _is_default(hosts, info, "default_output_device", chosen[1]),
        )
        for info in sounddevice.query_devices()
    )


def look_again() -> tuple[Device, ...]:
    """Have PortAudio look for devices anew, so that those which came or went are listed. No stream may be open."""
    import sounddevice

    with DEVICES:
        sounddevice._terminate()
        sounddevice._initialize()
        return _listed()


def resolve(choice: DeviceChoice) -> Resolved:
    """The devices that a choice means now. Raises StudioError if there is no such output; a missing input is None."""
    import sounddevice

    output = _find(choice.host_api, choice.output, "output")
    if output is None:
        raise StudioError(_absent(choice.output))
    into = None if choice.input is None else _find(choice.host_api, choice.input, "input")
    info = sounddevice.query_devices(output)
    inputs = 0 if into is None else _input_channels(choice, sounddevice.query_devices(into)["max_input_channels"])
    channels = min(choice.output_channel + 2, info["max_output_channels"])
    plugin = info["max_output_channels"] >= PLUGIN_CHANNELS
    latency = (choice.latency, choice.latency)
    if plugin:
        latency = PLUGIN_LATENCY if choice.latency <= PLUGIN_LATENCY[1] else (choice.latency / 2, choice.latency)
    return Resolved(output, into, channels, inputs, info["default_samplerate"], latency)


def _input_channels(choice: DeviceChoice, most: int) -> int:
    if choice.input_channels:
        return min(choice.input_channels, most)
    return most if most < PLUGIN_CHANNELS else 2


def _is_default(hosts: Any, info: Any, key: str, chosen: int) -> bool:
    return info["index"] in (chosen, hosts[info["hostapi"]][key])


def _find(host_api: str, name: str, kind: str) -> int | None:
    import sounddevice

    hosts = sounddevice.query_hostapis()
    if not name:
        names = [host[f"default_{kind}_device"] for host in hosts if host["name"] == host_api]
        default = names[0] if names else sounddevice.default.device[kind == "output"]
        if default < 0:
            default = max((host[f"default_{kind}_device"] for host in hosts), default=-1)
        return int(default) if default >= 0 else None
    for info in sounddevice.query_devices():
        fits = host_api in ("", hosts[info["hostapi"]]["name"])
        if fits and info["name"] == name and info[f"max_{kind}_channels"] > 0:
            return int(info["index"])
    return None


def _absent(name: str) -> str:
    if not name:
        return "This computer has no sound output: connect one and choose it in the preferences."
    return f"The sound device “{name}” is not connected: connect it or choose another one in the preferences."
