"""Training the families for pictures: a picture with what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import msgspec

from ....errors import StudioError
from ...jobs import Work
from ..loading import Loaded
from ..pictures import Picture, cropped
from .chance import chance_at
from .flow import Encoded, Sampled, Velocity, flow_task
from .loop import Task
from .settings import Settings

SIDE = 512
"""Pixels a side of what is learned from; smaller pictures keep their size, cut to what the model can take."""


class PictureExample(msgspec.Struct, frozen=True):
    """A picture and what is said of it. `read` gives it when its turn comes; `digest` is that of its file."""

    read: Callable[[], Picture]
    digest: str
    caption: str


def picture_task(
    loaded: Loaded,
    settings: Settings,
    seen: Sequence[PictureExample],
    judged: Sequence[PictureExample],
    work: Work,
    sampled: Sampled = lambda _: None,
) -> AbstractContextManager[Task]:
    """A task of the loop on pictures, as `flow_task`. Raises StudioError for a model that makes none."""
    if loaded.spec.loader not in _FAMILIES:
        raise StudioError(f"“{loaded.spec.title}” cannot be taught pictures; choose a model for cover pictures.")
    encode, velocity = _FAMILIES[loaded.spec.loader]
    asked = velocity(loaded.model.transformer)
    return flow_task(loaded, settings, seen, judged, encode, asked, _identity, work, sampled)


def _identity(example: PictureExample) -> Any:
    return example.digest, example.caption


def _planes(loaded: Loaded, picture: Picture) -> Any:
    """The middle square of a picture as the encoder wants it: float (1, 3, side, side), -1..1."""
    import torch

    step = loaded.model.vae_scale_factor * 2
    side = min(*picture.shape[:2], SIDE) // step * step
    if side < step:
        raise StudioError("One of the pictures is too small to be learned from; take it out of the dataset.")
    square = torch.from_numpy(cropped(picture, side)).permute(2, 0, 1)[None]
    return (square.float() / 127.5 - 1.0).to(loaded.device, loaded.model.vae.dtype)


def _encode_klein(loaded: Loaded, example: PictureExample) -> Encoded:
    import torch

    pipe, kind = loaded.model, loaded.model.transformer.dtype
    with torch.inference_mode(), chance_at(example.digest):
        plane = pipe._encode_vae_image(_planes(loaded, example.read()), generator=None).to(kind)
        places = pipe._prepare_latent_ids(plane).to(loaded.device)
        words, word_places = pipe.encode_prompt(prompt=example.caption, device=loaded.device)
        told = {"encoder_hidden_states": words.clone(), "txt_ids": word_places.clone(), "img_ids": places.clone()}
        return Encoded(pipe._pack_latents(plane).clone(), told)


def _ask_klein(transformer: Any) -> Velocity:
    def velocity(item: Encoded, between: Any, when: Any) -> Any:
        return transformer(hidden_states=between, timestep=when, guidance=None, return_dict=False, **item.told)[0]

    return velocity


def _encode_z_image(loaded: Loaded, example: PictureExample) -> Encoded:
    import torch

    pipe, kind = loaded.model, loaded.model.transformer.dtype
    with torch.inference_mode(), chance_at(example.digest):
        plane = pipe.vae.encode(_planes(loaded, example.read())).latent_dist.mode()
        plane = (plane - pipe.vae.config.shift_factor) * pipe.vae.config.scaling_factor
        (words,), _ = pipe.encode_prompt(example.caption, device=loaded.device, do_classifier_free_guidance=False)
        return Encoded(plane.to(kind).clone(), {"words": words.clone()})


def _ask_z_image(transformer: Any) -> Velocity:
    def velocity(item: Encoded, between: Any, when: Any) -> Any:
        # this family counts time from noise to picture and says the way in the other direction
        said = transformer([between[0].unsqueeze(1)], 1 - when, [item.told["words"]], return_dict=False)[0]
        return -said[0].squeeze(1)[None]

    return velocity


_FAMILIES: Mapping[str, tuple[Callable[[Loaded, PictureExample], Encoded], Callable[[Any], Velocity]]] = {
    "Flux2KleinPipeline": (_encode_klein, _ask_klein),
    "ZImagePipeline": (_encode_z_image, _ask_z_image),
}

PICTURE_FAMILIES = frozenset(_FAMILIES)
"""The loaders of the models that can be taught pictures."""
