"""Training ACE-Step on music: a sound with what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import msgspec

from ....errors import StudioError
from ...jobs import Work
from ..loading import Loaded
from ..sounding import Planar
from .chance import chance_at
from .flow import Encoded, Sampled, flow_task
from .loop import Task
from .settings import Settings

LONGEST_S = 240.0
"""Seconds of an item that are learned from."""

TIMBRE_S = 30
"""Seconds of silence that stand for the timbre to follow where none is given, as making music from text has it."""


class MusicExample(msgspec.Struct, frozen=True):
    """A piece of music and what is said of it. `read` gives the sound, stereo float32 (2, frames) at the model's rate,
    when its turn comes; `digest` is that of its file."""

    read: Callable[[], Planar]
    digest: str
    caption: str
    lyrics: str = ""
    bpm: float | None = None
    key: str = ""
    language: str = "en"


def music_task(
    loaded: Loaded,
    settings: Settings,
    seen: Sequence[MusicExample],
    judged: Sequence[MusicExample],
    work: Work,
    sampled: Sampled = lambda _: None,
) -> AbstractContextManager[Task]:
    """A task of the loop on music, as `flow_task`. Raises StudioError for a model that is not of this family."""
    if loaded.spec.loader != "AceStepPipeline":
        raise StudioError(f"“{loaded.spec.title}” cannot be taught music; choose a model of the ACE-Step family.")
    transformer = loaded.model.transformer

    def velocity(item: Encoded, between: Any, when: Any) -> Any:
        return transformer(hidden_states=between, timestep=when, timestep_r=when, return_dict=False, **item.told)[0]

    visited = loaded.model._get_timestep_schedule()
    return flow_task(loaded, settings, seen, judged, _encode, velocity, _identity, work, sampled, visited)


def _identity(example: MusicExample) -> Any:
    return example.digest, example.caption, example.lyrics, example.bpm, example.key, example.language


def _encode(loaded: Loaded, example: MusicExample) -> Encoded:
    """The latents of a sound and of its words, as making music from text sees them."""
    import torch

    pipe, rate = loaded.model, int(loaded.model.vae.config.sampling_rate)
    sound = example.read()[:, : round(LONGEST_S * rate)]
    if sound.shape[1] < pipe.vae.hop_length * pipe.transformer.config.patch_size:
        raise StudioError("One of the sounds is too short to be learned from; take it out of the dataset.")
    sound = sound[:, : sound.shape[1] - sound.shape[1] % pipe.vae.hop_length]
    kind = pipe.transformer.dtype
    with torch.inference_mode(), chance_at(example.digest):
        wave = torch.from_numpy(sound.copy())[None].to(loaded.device, pipe.vae.dtype)
        latents = pipe.vae.encode(wave).latent_dist.mode().transpose(1, 2).to(kind)
        silence, _ = pipe.prepare_src_latents(loaded.device, kind, latent_length=latents.shape[1])
        words = _words(pipe, loaded.device, example, sound.shape[1] / rate)
        context = torch.cat([silence, torch.ones_like(latents)], dim=-1)
    told = {"encoder_hidden_states": words.clone(), "context_latents": context.clone()}
    return Encoded(latents.clone(), told)


def _words(pipe: Any, device: str, example: MusicExample, seconds: float) -> Any:
    import torch

    text, text_mask, lyrics, lyrics_mask = pipe.encode_prompt(
        prompt=example.caption,
        lyrics=example.lyrics or "[Instrumental]",
        device=device,
        vocal_language=example.language,
        audio_duration=seconds,
        instruction=pipe._get_task_instruction(task_type="text2music"),
        bpm=round(example.bpm) if example.bpm else None,
        keyscale=example.key or None,
    )
    silence = pipe.condition_encoder.silence_latent[:, : round(TIMBRE_S * pipe.latents_per_second)]
    words, _ = pipe.condition_encoder(
        text_hidden_states=text,
        text_attention_mask=text_mask,
        lyric_hidden_states=lyrics,
        lyric_attention_mask=lyrics_mask,
        refer_audio_acoustic_hidden_states_packed=silence.to(device, pipe.transformer.dtype).contiguous(),
        refer_audio_order_mask=torch.zeros(1, device=device, dtype=torch.long),
    )
    return words
