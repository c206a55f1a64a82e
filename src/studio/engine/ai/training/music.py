"""Training ACE-Step on music: each sound and its words are encoded once, then the transformer learns the way from noise
to them (flow matching: at x = (1-t) z + t n it is to say n - z).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from ....errors import StudioError
from ...jobs import Work
from ..guarded import told
from ..loading import Loaded
from ..sounding import Planar
from .chance import chance_at
from .loop import Task
from .lora import Adapter, adapting, precise, timesteps
from .settings import Settings

LOOKS = 4
"""Times at which an item is judged, spread evenly: a single one would say more of chance than of the adapter."""

LONGEST_S = 240.0
"""Seconds of an item that are learned from."""

Sampled = Callable[[int], None]


class Example(msgspec.Struct, frozen=True):
    """A piece of music and what is said of it. `sound` is stereo float32 (2, frames) at the model's rate; `digest` is
    that of its file."""

    sound: Planar
    digest: str
    caption: str
    lyrics: str = ""
    bpm: float | None = None
    key: str = ""
    language: str = "en"


class _Encoded(msgspec.Struct, frozen=True):
    latents: Any
    words: Any
    context: Any


class MusicTask:
    """A Task of the loop: see there. Made by `music_task`."""

    def __init__(
        self,
        loaded: Loaded,
        settings: Settings,
        adapter: Adapter,
        seen: Sequence[_Encoded],
        judged: Sequence[_Encoded],
        subject: str,
        sampled: Sampled,
    ) -> None:
        self._loaded, self._settings, self._adapter = loaded, settings, adapter
        self._seen, self._judged, self._sampled = seen, judged, sampled
        self._rule = settings.timesteps or loaded.spec.timestep_rule or "uniform"
        self._visited = loaded.model._get_timestep_schedule()
        self.subject, self.count, self.validations = subject, len(seen), len(judged)

    def parameters(self) -> Mapping[str, Any]:
        return self._adapter.parameters()

    def loss(self, items: Sequence[int], chance: Any) -> Any:
        times = timesteps(self._rule, len(items), chance, self._visited)
        losses = [self._at(self._seen[item], time, chance) for item, time in zip(items, times, strict=True)]
        return sum(losses) / len(losses)

    def validate(self, item: int, chance: Any) -> float:
        times = [(look + 0.5) / LOOKS for look in range(LOOKS)]
        return sum(float(self._at(self._judged[item], time, chance)) for time in times) / LOOKS

    def keep(self, folder: Path) -> Path:
        return self._adapter.keep(folder)

    def sample(self, step: int) -> None:
        self._sampled(step)

    def _at(self, example: _Encoded, time: Any, chance: Any) -> Any:
        """The loss of one item at one time; items are of different lengths and go one by one."""
        import torch

        clean = example.latents
        noise = torch.randn(clean.shape, generator=chance).to(clean)
        when = torch.as_tensor(time).reshape(1).to(clean)
        between = (1 - when) * clean + when * noise
        with precise(self._loaded, self._settings):
            guess = self._adapter.module(
                hidden_states=between,
                timestep=when,
                timestep_r=when,
                encoder_hidden_states=example.words,
                context_latents=example.context,
                return_dict=False,
            )[0]
        return torch.nn.functional.mse_loss(guess.float(), (noise - clean).float())


@contextmanager
def music_task(
    loaded: Loaded,
    settings: Settings,
    seen: Sequence[Example],
    judged: Sequence[Example],
    work: Work,
    sampled: Sampled = lambda _: None,
) -> Iterator[Task]:
    """A fresh adapter on the model, to be trained on `seen` and judged by `judged`; it is gone afterwards.

    `sampled(step)` is called where the settings want samples, with the adapter on. The thread that runs models. Raises
    StudioError for a model that is not of this family and for sounds that cannot be learned from.
    """
    if loaded.spec.loader != "AceStepPipeline":
        raise StudioError(f"“{loaded.spec.title}” cannot be taught music; choose a model of the ACE-Step family.")
    with told(loaded):
        part = 1 / max(len(seen) + len(judged), 1)
        encoded = []
        for number, example in enumerate([*seen, *judged]):
            work.report(number * part, f"Reading {number + 1} of {len(seen) + len(judged)}")
            work.check()
            encoded.append(_encode(loaded, example))
        with adapting(loaded, settings) as adapter:
            subject = _subject(loaded, [*seen, *judged], len(seen))
            yield MusicTask(loaded, settings, adapter, encoded[: len(seen)], encoded[len(seen) :], subject, sampled)


def _encode(loaded: Loaded, example: Example) -> _Encoded:
    """The latents of a sound and of its words, as making music from text sees them."""
    import torch

    pipe, rate = loaded.model, int(loaded.model.vae.config.sampling_rate)
    sound = example.sound[:, : round(LONGEST_S * rate)]
    if sound.shape[1] < pipe.vae.hop_length * pipe.transformer.config.patch_size:
        raise StudioError("One of the sounds is too short to be learned from; take it out of the dataset.")
    sound = sound[:, : sound.shape[1] - sound.shape[1] % pipe.vae.hop_length]
    kind = pipe.transformer.dtype
    with torch.inference_mode(), chance_at(example.digest):
        wave = torch.from_numpy(sound.copy())[None].to(loaded.device, pipe.vae.dtype)
        latents = pipe.vae.encode(wave).latent_dist.mode().transpose(1, 2).to(kind)
        text = pipe.encode_prompt(
            prompt=example.caption,
            lyrics=example.lyrics or "[Instrumental]",
            device=loaded.device,
            vocal_language=example.language,
            audio_duration=sound.shape[1] / rate,
            instruction=pipe._get_task_instruction(task_type="text2music"),
            bpm=round(example.bpm) if example.bpm else None,
            keyscale=example.key or None,
        )
        silence, _ = pipe.prepare_src_latents(loaded.device, kind, latent_length=latents.shape[1])
        timbre = pipe.condition_encoder.silence_latent[:, : round(30 * pipe.latents_per_second)].to(loaded.device, kind)
        words, _ = pipe.condition_encoder(
            text_hidden_states=text[0],
            text_attention_mask=text[1],
            lyric_hidden_states=text[2],
            lyric_attention_mask=text[3],
            refer_audio_acoustic_hidden_states_packed=timbre.contiguous(),
            refer_audio_order_mask=torch.zeros(1, device=loaded.device, dtype=torch.long),
        )
        context = torch.cat([silence, torch.ones_like(latents)], dim=-1)
    return _Encoded(latents.clone(), words.clone(), context.clone())


def _subject(loaded: Loaded, examples: Sequence[Example], seen: int) -> str:
    """The model and the items by content, so that a checkpoint is not taken up with others."""
    told = [(one.digest, one.caption, one.lyrics, one.bpm, one.key, one.language) for one in examples]
    text = msgspec.json.encode([loaded.spec.name, loaded.spec.revision, seen, told])
    return hashlib.sha256(text).hexdigest()
