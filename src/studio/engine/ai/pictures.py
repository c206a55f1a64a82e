"""Cover pictures by the diffusion models for them. Pictures are arrays here and everywhere after: uint8 (height, width,
3), red, green and blue.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import StudioError
from ..jobs import Work
from .encodings import remember_encodings
from .guarded import guarded, watched
from .loading import Loaded, is_memory_short

Picture = npt.NDArray[np.uint8]
"""uint8 (height, width, 3)."""

ENCODED, DENOISED = 0.1, 0.9
"""How far a job is when the text is encoded, and when the last step is done."""

STEPS: Mapping[str, int] = {"Flux2KleinPipeline": 4, "ZImagePipeline": 9}
"""The steps each family was made for."""

GUIDANCE: Mapping[str, float] = {"Flux2KleinPipeline": 1.0, "ZImagePipeline": 0.0}
"""The guidance each family was made for: both are distilled and want none."""

IGNORED: Mapping[str, tuple[str, ...]] = {"Flux2KleinPipeline": ("guidance",), "ZImagePipeline": ()}
"""What a family cannot be told."""

PREVIEW_EVERY = 2
"""Steps between previews."""

PREVIEW_LATENTS = 16
"""Latents a side of what a preview is decoded from: a hundredth of the work of a whole picture."""


def make_picture(loaded: Loaded, values: Mapping[str, Any], seed: int, work: Work) -> Picture:
    """One picture, square, of the size that `values` (from `forms.read_values`) tell. The thread that runs models.

    The same seed makes the same picture. Every few steps a small one goes to `work.show`. Raises StudioError for what
    this model cannot do, Cancelled, and out of memory as torch raises it, when a picture in tiles does not fit either.
    """
    family = loaded.spec.loader
    if family not in STEPS:
        raise StudioError(f"“{loaded.spec.title}” makes no pictures; choose another model.")
    for name in IGNORED[family]:
        if values.get(name):
            raise StudioError(f"“{loaded.spec.title}” cannot be told “{name}”; leave it empty or choose another model.")
    with guarded(loaded, seed):
        latents = _denoised(loaded.model, family, values, seed, work)
        if not bool(latents.isfinite().all()):
            raise StudioError(f"“{loaded.spec.title}” made no picture with this seed; choose another, or verify it.")
        work.report(DENOISED, "Decoding the picture")
        work.check()
        picture = _decoded(loaded.model.vae, _unscaled(loaded.model, family, latents), work)
    work.report(1.0)
    return picture


def cropped(picture: Picture, side: int) -> Picture:
    """The middle square of a picture, `side` pixels wide, scaled without jags. Any thread.

    Raises StudioError for a picture or a side without pixels.
    """
    if picture.ndim != 3 or picture.shape[2] != 3 or not picture.size or side < 1:
        raise StudioError("There is no picture to crop; choose one with at least a pixel.")
    import torch

    height, width = picture.shape[:2]
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    square = picture[top : top + edge, left : left + edge]
    if edge == side:
        return square.copy()
    planes = torch.from_numpy(np.ascontiguousarray(square)).permute(2, 0, 1)[None].float()
    scaled = torch.nn.functional.interpolate(planes, (side, side), mode="bicubic", antialias=True)
    return _pixels(scaled / 127.5 - 1.0)


def _denoised(pipe: Any, family: str, values: Mapping[str, Any], seed: int, work: Work) -> Any:
    """The latents (1, channels, height, width) of one picture; the job can be stopped at every step."""
    import torch

    steps, side = values["steps"] or STEPS[family], int(values["size"])
    guidance = values["guidance"] or GUIDANCE[family]

    def stepped(_: Any, step: int, __: Any, given: dict[str, Any]) -> dict[str, Any]:
        work.report(ENCODED + (DENOISED - ENCODED) * (step + 1) / steps, f"Step {step + 1} of {steps}")
        work.check()
        if (step + 1) % PREVIEW_EVERY == 0 and step + 1 < steps:
            _preview(pipe, family, given["latents"], work)
        return given

    work.report(0.0, "Reading the description")
    give_back = remember_encodings(pipe, work.check)
    try:
        return pipe(
            prompt=values["prompt"],
            height=side,
            width=side,
            num_inference_steps=steps,
            guidance_scale=guidance,
            generator=torch.Generator("cpu").manual_seed(seed),
            callback_on_step_end=stepped,
            output_type="latent",
        ).images
    finally:
        give_back()
        pipe.maybe_free_model_hooks()


def _unscaled(pipe: Any, family: str, latents: Any) -> Any:
    """Latents as the decoder wants them; Klein's pipeline has undone its scale itself."""
    latents = latents.to(pipe.vae.dtype)
    if family == "Flux2KleinPipeline":
        return latents
    return latents / pipe.vae.config.scaling_factor + pipe.vae.config.shift_factor


def _decoded(vae: Any, latents: Any, work: Work) -> Picture:
    """The picture of latents, in tiles when memory does not hold it whole."""
    with watched(vae.decoder, work.check):
        try:
            return _pixels(vae.decode(latents, return_dict=False)[0])
        except RuntimeError as error:
            if not is_memory_short(error):
                raise
        return _in_tiles(vae, latents)


def _in_tiles(vae: Any, latents: Any) -> Picture:
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    was = vae.use_tiling
    vae.enable_tiling()
    try:
        return _pixels(vae.decode(latents, return_dict=False)[0])
    finally:
        vae.use_tiling = was


def _preview(pipe: Any, family: str, latents: Any, work: Work) -> None:
    """Shows what there is so far, small; nothing where memory is short or parts of the model take turns in it."""
    if getattr(pipe.vae, "_hf_hook", None) is not None:
        return
    import torch

    if family == "Flux2KleinPipeline":
        latents = _spread(pipe, latents)
    side = min(PREVIEW_LATENTS, *latents.shape[-2:])
    small = torch.nn.functional.interpolate(latents.float(), (side, side), mode="area")
    try:
        work.show(_pixels(pipe.vae.decode(_unscaled(pipe, family, small), return_dict=False)[0]))
    except RuntimeError as error:
        if not is_memory_short(error):
            raise


def _spread(pipe: Any, latents: Any) -> Any:
    """Klein's row of tokens as the plane that its decoder knows."""
    import torch

    side = round(latents.shape[1] ** 0.5)
    plane = latents.reshape(1, side, side, -1).permute(0, 3, 1, 2)
    spread = pipe.vae.bn
    deviation = torch.sqrt(spread.running_var.view(1, -1, 1, 1) + pipe.vae.config.batch_norm_eps)
    return pipe._unpatchify_latents(plane * deviation.to(plane) + spread.running_mean.view(1, -1, 1, 1).to(plane))


def _pixels(planes: Any) -> Picture:
    """uint8 (height, width, 3) of the first of planes (n, 3, height, width), -1..1."""
    picture = ((planes[0].float().clamp(-1.0, 1.0) + 1.0) * 127.5).round()
    return np.ascontiguousarray(picture.permute(1, 2, 0).cpu().numpy().astype(np.uint8))
