"""Surround to stereo by ITU-R BS.775-3, annex 4: centre and surrounds at -3 dB, low-frequency effects left out."""

from __future__ import annotations

import numpy as np

from .riff import Float32

_HALF = 0.5**0.5
_COEFFICIENTS: dict[str, tuple[float, float]] = {
    "FL": (1.0, 0.0),
    "FR": (0.0, 1.0),
    "FC": (_HALF, _HALF),
    "LFE": (0.0, 0.0),
    "LFE2": (0.0, 0.0),
    "FLC": (1.0, 0.0),
    "FRC": (0.0, 1.0),
    "BL": (_HALF, 0.0),
    "BR": (0.0, _HALF),
    "SL": (_HALF, 0.0),
    "SR": (0.0, _HALF),
    "BC": (0.5, 0.5),
    "DL": (1.0, 0.0),
    "DR": (0.0, 1.0),
}
_USUAL: dict[int, tuple[str, ...]] = {
    3: ("FL", "FR", "FC"),
    4: ("FL", "FR", "BL", "BR"),
    5: ("FL", "FR", "FC", "BL", "BR"),
    6: ("FL", "FR", "FC", "LFE", "BL", "BR"),
    7: ("FL", "FR", "FC", "LFE", "BC", "SL", "SR"),
    8: ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"),
}
"""The order that WAV and FLAC prescribe when a file names no layout."""


def to_stereo(block: Float32, layout: tuple[str, ...] = ()) -> Float32:
    """float32 (channels, frames) to (2, frames). `layout` names the channels; empty means the usual order.

    Channels without a known place (a multitrack recording) go left and right in turn, scaled to keep the level.
    """
    channels = block.shape[0]
    names = layout if len(layout) == channels else _USUAL.get(channels, ())
    if names and all(name in _COEFFICIENTS for name in names):
        matrix = np.array([_COEFFICIENTS[name] for name in names], np.float32).T
    else:
        matrix = np.zeros((2, channels), np.float32)
        matrix[0, 0::2] = matrix[1, 1::2] = (2.0 / channels) ** 0.5
    return matrix @ block
