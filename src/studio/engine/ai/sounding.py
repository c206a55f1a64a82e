"""Between latents and sound: decoding piece by piece, so that a long sound fits, can be stopped and shows how far it
is; a piece made anew set into the sound that it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .loading import is_memory_short

Planar = npt.NDArray[np.float32]
"""float32 (channels, frames)."""

PIECE = 256
"""Latents that are decoded in one go."""

AROUND = 16
"""Latents before and after a piece that are decoded with it and thrown away: further than the decoder sees."""

SMALLEST = 32
"""Latents below which a piece is not halved when memory runs out."""

LEVELS = 120
"""Columns in which the levels of a sound are shown while it is decoded."""

SEAM_S = 0.02
"""Seconds over which a piece made anew takes over."""


def decode(
    vae: Any,
    latents: Any,
    progress: Callable[[float], None] = lambda _: None,
    piece: int = PIECE,
    show: Callable[[npt.NDArray[np.float32]], None] = lambda _: None,
) -> tuple[Planar, int]:
    """The sound of latents (1, channels, n) and how many latents went in one piece; pieces are halved until they fit.

    `progress` hears 0..1 after each piece and may raise to stop; `show` gets the levels of the sound so far, 0..1. The
    thread that runs models. Raises what torch raises when the smallest piece does not fit either.
    """
    import torch

    whole = latents.shape[-1]
    ratio = 0
    pieces: list[Planar] = []
    at = 0
    with torch.inference_mode():
        while at < whole:
            first, last = max(at - AROUND, 0), min(at + piece + AROUND, whole)
            try:
                sound = vae.decode(latents[..., first:last]).sample[0].float().cpu().numpy()
            except (RuntimeError, MemoryError) as error:
                if not is_memory_short(error) or piece <= SMALLEST:
                    raise
                _free(torch)
                piece //= 2
                continue
            ratio = sound.shape[-1] // (last - first)
            end = min(at + piece, whole)
            pieces.append(sound[:, (at - first) * ratio : (end - first) * ratio])
            at = end
            show(levels(pieces, at / whole))
            progress(at / whole)
    return np.concatenate(pieces, axis=1).astype(np.float32, copy=False), piece


def levels(pieces: Sequence[Planar], share: float) -> npt.NDArray[np.float32]:
    """The peaks of a sound in `LEVELS` columns, 0..1, of which `share` are there yet and the others 0."""
    shown = np.zeros(LEVELS, np.float32)
    count = max(round(LEVELS * share), 1)
    mono = np.concatenate([np.abs(piece).max(axis=0) for piece in pieces])
    step = max(len(mono) // count, 1)
    peaks = mono[: step * count].reshape(-1, step).max(axis=1)
    shown[: len(peaks)] = peaks
    top = float(shown.max())
    return np.maximum(shown / top, np.where(np.arange(LEVELS) < count, np.float32(0.01), 0)) if top > 1e-6 else shown


def _free(torch: Any) -> None:
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def set_in(source: Planar, made: Planar, begin: int, end: int, rate: int) -> Planar:
    """`source` with its frames from `begin` to `end` replaced by those of `made`, which is as long; what is outside
    stays bit for bit.

    The level of `made` is that of the source where both have the same to say, just outside. The seams are crossfades
    inside of the range.
    """
    begin, end = max(begin, 0), min(end, source.shape[1], made.shape[1])
    around = rate
    near = [slice(max(begin - around, 0), begin), slice(end, min(end + around, source.shape[1], made.shape[1]))]
    theirs = np.concatenate([source[:, part] for part in near], axis=1).astype(np.float64)
    ours = np.concatenate([made[:, part] for part in near], axis=1).astype(np.float64)
    energy = float((ours**2).sum())
    gain = float(np.clip((theirs * ours).sum() / energy, 0.25, 4.0)) if energy > 1e-9 else 1.0
    result = source.copy()
    seam = min(round(SEAM_S * rate), (end - begin) // 2)
    piece = made[:, begin:end] * np.float32(gain)
    ramp = np.sin(np.linspace(0.0, np.pi / 2, seam + 2)[1:-1]).astype(np.float32) ** 2
    if begin > 0:
        piece[:, :seam] = piece[:, :seam] * ramp + source[:, begin : begin + seam] * (1 - ramp)
    if end < source.shape[1]:
        piece[:, -seam:] = piece[:, -seam:] * ramp[::-1] + source[:, end - seam : end] * (1 - ramp[::-1])
    result[:, begin:end] = piece
    return result


def level(sound: Planar, peak: float = 10 ** (-1 / 20)) -> Planar:
    """The sound with its peak at -1 dBFS, as the models' makers play it; silence stays."""
    top = float(np.abs(sound).max(initial=0.0))
    return sound * np.float32(peak / top) if top > 1e-6 else sound
