"""Opening a sound device, with whatever of the choice it can do."""

from __future__ import annotations

from msgspec.structs import replace

from ...errors import StudioError
from .device import DEVICES, DeviceChoice, Resolved, resolve
from .resampled import ResampledStream
from .stream import DeviceStream, Stream


def open_device(choice: DeviceChoice, rate: int, capacity: int) -> Stream:
    """Open what `choice` means at the project's `rate`, not yet started. Device thread.

    A device that refuses the rate is opened at its own behind a resampler; one whose input refuses is opened without.
    Raises StudioError with a sentence when it cannot be opened at all.
    """
    import sounddevice

    with DEVICES:
        found = resolve(choice)
        without = replace(found, input=None, input_channels=0)
        wanted = (choice.rate,) if choice.rate else dict.fromkeys((rate, round(found.own_rate)))
        cause: Exception | None = None
        for what in dict.fromkeys((found, without)):
            for device_rate in wanted:
                try:
                    return _opened(choice, what, rate, device_rate, capacity)
                except sounddevice.PortAudioError as error:
                    cause = error
    name = choice.output or "default"
    raise StudioError(
        f"The sound device “{name}” cannot be opened: close what else uses it, or choose another one or another rate "
        "in the preferences."
    ) from cause


def _opened(choice: DeviceChoice, found: Resolved, rate: int, device_rate: int, capacity: int) -> Stream:
    inner = DeviceStream(choice, found, device_rate, capacity)
    return inner if device_rate == rate else ResampledStream(inner, rate, capacity)
