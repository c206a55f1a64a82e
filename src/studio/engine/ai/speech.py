"""Speech from text: by a model's own voices, or by a voice that is followed with its speaker's consent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import StudioError
from ..jobs import Work
from .guarded import guarded, watched
from .loading import Loaded
from .sounding import Planar
from .weights import read_header

IGNORED: Mapping[str, tuple[str, ...]] = {
    "PocketTTSForConditionalGeneration": (),
    "Qwen3TTSModel": ("voice", "stability"),
}
"""What a family cannot be told."""

PAUSE_S = 0.15
"""Seconds of silence between sentences that are spoken one after the other."""

SHORTEST_S, LONGEST_S = 1.0, 60.0
"""Seconds of a voice that is followed: less tells too little, and of more the beginning is taken."""

FOREIGN_RATE = 24_000
"""Frames a second in which a foreign package is given a voice to follow; it takes any."""

PIECE = 400
"""Characters of text that a foreign package is given at a time."""


def rate_of(loaded: Loaded) -> int:
    """Frames a second of the speech and of the voice that is followed."""
    if loaded.spec.runs_on.family == "foreign":
        return FOREIGN_RATE
    return int(loaded.processor.feature_extractor.sampling_rate)


def voices_of(loaded: Loaded) -> tuple[str, ...]:
    """The names of the voices that came with a model, for a list to choose from; none where it has none of its own."""
    return voices_in(_voices(loaded).parent)


def voices_in(folder: Path) -> tuple[str, ...]:
    """The names of the voices in a model's folder. Any thread; looks at the disk."""
    return tuple(sorted(file.stem for file in (folder / "voices").glob("*.safetensors")))


def speak(
    loaded: Loaded, values: Mapping[str, Any], seed: int, reference: Planar | None, work: Work
) -> tuple[Planar, int]:
    """Speech, float32 (1, frames), and its rate. `values` come from `forms.read_values("speech", …)`, which lets a
    voice be followed only with consent; `reference` is that voice, (channels, frames) at `rate_of(loaded)`.

    A long text is spoken sentence by sentence. The same seed speaks the same. Tempo is not the models' to change: the
    caller stretches the sound for `speed`. The thread that runs models; can be stopped at every frame of sound, and
    with a foreign package between sentences. Raises StudioError for a voice that is not there or cannot be followed,
    and Cancelled.
    """
    family = loaded.spec.loader
    if family not in IGNORED:
        raise StudioError(f"“{loaded.spec.title}” does not speak; choose another model.")
    for name in IGNORED[family]:
        if values.get(name) not in ("", None):
            raise StudioError(f"“{loaded.spec.title}” cannot be told “{name}”; leave it empty or choose another model.")
    if reference is not None and not values["consent"]:
        raise StudioError("A voice may be followed only when its speaker has agreed; confirm that first.")
    work.report(0.0, "Reading the text")
    work.check()
    voice = _followed(reference, rate_of(loaded))
    with guarded(loaded, seed):
        return (_foreign if loaded.spec.runs_on.family == "foreign" else _pocket)(loaded, values, voice, work)


def _followed(reference: Planar | None, rate: int) -> Any:
    """The voice as a row of at most a minute, without what is no number."""
    if reference is None:
        return None
    mono = np.ascontiguousarray(reference.mean(axis=0, dtype=np.float32)[: round(LONGEST_S * rate)])
    if len(mono) < SHORTEST_S * rate or float(np.abs(mono).max(initial=0.0)) < 1e-3:
        raise StudioError("The voice to follow is too short or silent; choose a recording of some seconds.")
    return mono


def _pocket(loaded: Loaded, values: Mapping[str, Any], voice: Any, work: Work) -> tuple[Planar, int]:
    """By Pocket TTS: a latent after the other, decoded at the end of each sentence."""
    said = _cleaned(loaded, values["prompt"])
    parts = loaded.processor.split_text(said) or [said]
    how: dict[str, Any] = {"do_sample": True}
    if values.get("stability") is not None:
        freedom = 1.0 - values["stability"]
        how = {"do_sample": True, "temperature": freedom} if freedom > 0 else {"do_sample": False}
    known = _known_voice(loaded, values["voice"]) if voice is None else None
    if voice is not None:
        known = _latents(loaded, voice)

    def one(text: str, inner: Work) -> Any:
        inputs = _inputs(loaded, text, known)
        length = int(inputs["input_ids"].shape[1])
        most = max(int((length / 3 + 2) * loaded.model.config.frame_rate), 1)
        count = 0

        def frame() -> None:
            nonlocal count
            count += 1
            inner.report(min(count / most, 0.95), f"{count / loaded.model.config.frame_rate:.1f} s spoken")
            inner.check()

        with watched(loaded.model.model, frame):
            made = loaded.model.generate(**inputs, return_dict_in_generate=True, **how)
        return loaded.processor.decode(made.audio_latents, made.audio_latents_mask)[0].numpy()

    return _one_after_another(parts, one, rate_of(loaded), work)


def _cleaned(loaded: Loaded, text: str) -> str:
    """The text without what the model takes for marks of its own."""
    for mark in loaded.processor.placeholder_tokens:
        text = text.replace(mark, " ")
    text = " ".join(text.split())
    if not text:
        raise StudioError("The text has no words; write what is to be said.")
    return text


def _inputs(loaded: Loaded, text: str, voice: Any) -> dict[str, Any]:
    """What the model is asked, with a voice of latents (frames, channels), a cache of one, or none."""
    import copy

    import torch

    latents = voice if isinstance(voice, torch.Tensor) else None
    content = [*([{"type": "audio"}] if latents is not None else []), {"type": "text", "text": text}]
    asked = loaded.processor.apply_chat_template(
        [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
    )
    inputs = loaded.processor(
        text=[asked], audio_prompt_latents=[latents] if latents is not None else None, return_tensors="pt"
    )
    placed = {name: tensor.to(loaded.device) for name, tensor in inputs.items()}
    if voice is not None and latents is None:
        placed["past_key_values"] = copy.deepcopy(voice)  # a run writes on at its end
    return placed


def _latents(loaded: Loaded, voice: Any) -> Any:
    """A voice to follow as the model hears it: (frames, channels)."""
    heard = loaded.processor.feature_extractor([voice], sampling_rate=rate_of(loaded), return_tensors="pt")
    codec = loaded.processor.audio_tokenizer
    made = codec.encode(heard["input_values"].to(codec.device, codec.dtype), heard["padding_mask"].to(codec.device))
    return made.latents[0][made.latents_mask[0].bool()].float().cpu()


def _voices(loaded: Loaded) -> Path:
    return Path(str(getattr(loaded.model, "name_or_path", "") or "-")) / "voices"


def _known_voice(loaded: Loaded, name: str) -> Any:
    """A voice that came with the model: latents or a cache; the first where none is named, None where there is none."""
    voices = voices_of(loaded)
    if not name and not voices:
        return None
    chosen = name or voices[0]
    if chosen not in voices:
        known = ", ".join(voices) or "none, so leave it empty or let it follow a recording"
        raise StudioError(f"“{loaded.spec.title}” has no voice “{chosen[:60]}”; it has {known}.")
    file = _voices(loaded) / f"{chosen}.safetensors"
    read_header(file)
    from safetensors.torch import load_file

    return _read_voice(loaded, chosen, load_file(file))


def _read_voice(loaded: Loaded, name: str, tensors: Mapping[str, Any]) -> Any:
    """Latents (frames, channels) where the file holds one such tensor; else the keys and values of each layer."""
    wide = loaded.model.config.latent_dim
    rows = [tensor.squeeze(0) if tensor.ndim == 3 else tensor for tensor in tensors.values()]
    if len(rows) == 1 and rows[0].ndim == 2 and rows[0].shape[1] == wide:
        return rows[0].float()
    keys = sorted((key for key in tensors if "key" in key), key=_number)
    values = sorted((key for key in tensors if "value" in key), key=_number)
    if len(keys) != loaded.model.config.num_hidden_layers or len(values) != len(keys):
        raise StudioError(f"The voice “{name}” is in a form that is not known; choose another.")
    from transformers import DynamicCache

    cache = DynamicCache()
    for layer, (key, value) in enumerate(zip(keys, values, strict=True)):
        kind = {"device": loaded.device, "dtype": loaded.model.dtype}
        cache.update(tensors[key].to(**kind), tensors[value].to(**kind), layer)
    return cache


def _number(name: str) -> tuple[int, ...]:
    """The numbers in a name, so that layer 10 comes after layer 9."""
    return tuple(int(part) for part in "".join(c if c.isdigit() else " " for c in name).split())


def _foreign(loaded: Loaded, values: Mapping[str, Any], voice: Any, work: Work) -> tuple[Planar, int]:
    """By Qwen3 TTS, whose maker's package speaks a whole sentence at a time and follows a voice always."""
    if voice is None:
        raise StudioError(f"“{loaded.spec.title}” follows a voice always; choose a recording of its speaker.")
    rates: set[int] = set()

    def one(text: str, inner: Work) -> Any:
        made, rate = loaded.model.generate_voice_clone(
            text=text, language="Auto", ref_audio=(voice, FOREIGN_RATE), x_vector_only_mode=True
        )
        rates.add(int(rate))
        inner.report(1.0, "Sentence spoken")
        return np.asarray(made[0], np.float32).reshape(-1)

    parts = _sentences(values["prompt"], PIECE)
    sound, _ = _one_after_another(parts, one, FOREIGN_RATE, work)
    return sound, rates.pop()


def _sentences(text: str, longest: int) -> list[str]:
    """A text in pieces of whole sentences where they fit, of whole words where not."""
    pieces: list[str] = []
    for word in text.split():
        ended = bool(pieces) and pieces[-1][-1] in ".!?…。！？"
        if pieces and len(pieces[-1]) + len(word) < (longest // 2 if ended else longest):
            pieces[-1] += f" {word}"
        else:
            pieces.append(word)
    return pieces


def _one_after_another(
    parts: Sequence[str], one: Callable[[str, Work], Any], rate: int, work: Work
) -> tuple[Planar, int]:
    pause = np.zeros(round(PAUSE_S * rate), np.float32)
    spoken: list[Any] = []
    for number, text in enumerate(parts):
        work.report(number / len(parts), f"Sentence {number + 1} of {len(parts)}")
        work.check()
        made = one(text, work.part(number / len(parts), (number + 1) / len(parts)))
        spoken += [pause, made] if spoken else [made]
    sound = np.nan_to_num(np.concatenate(spoken).astype(np.float32, copy=False))
    work.report(1.0)
    return sound[None], rate
