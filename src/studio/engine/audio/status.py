"""The fixed record the window polls from the engine: what is heard now, how loud, and how the machine is doing."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import msgspec

DeviceState = Literal["starting", "running", "clock", "lost"]
"""`clock`: no sound device, playback runs silently against the computer's clock. `lost`: the device went away."""


class EngineStatus(msgspec.Struct, frozen=True):
    """A snapshot of the engine. Made on the render thread, read by any thread as one reference.

    `position` is the song frame that is heard now (not the one being rendered). `meters` maps strip ids (track ids and
    "master") to the linear peaks (left, right) heard since the snapshot before; `inputs` the peaks of the device's
    input channels. `rate` is the song's, in which all frames here count, `device_rate` that of the device, both in Hz.
    `load` is render time over real time, 0..1. `ring_fill` and `ring_size` are in frames. `dropouts`
    counts the output's gaps since the stream began, `input_dropouts` those of the input, `late_pages` media that came
    too late.
    `taking` is how many frames the running take has. `notice` is a sentence for the user about the
    device, `news` one about what does not sound as the song has it; both are empty when all is well.
    """

    device: DeviceState = "starting"
    playing: bool = False
    recording: bool = False
    counting_in: bool = False
    position: int = 0
    rate: int = 48_000
    device_rate: int = 48_000
    meters: Mapping[str, tuple[float, float]] = MappingProxyType({})
    inputs: tuple[float, ...] = ()
    load: float = 0.0
    ring_fill: int = 0
    ring_size: int = 0
    dropouts: int = 0
    input_dropouts: int = 0
    late_pages: int = 0
    taking: int = 0
    notice: str = ""
    news: str = ""
