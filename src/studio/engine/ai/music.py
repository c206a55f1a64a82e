"""Music by the diffusion models: from text, like a sound, a range made anew, a sound made longer.

Each result is made by itself, with its own seed, so that one of a batch can be made again bit for bit alone.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...errors import StudioError
from ..jobs import Work
from .encodings import remember_encodings
from .loading import Loaded
from .sounding import Planar, decode, level, set_in

ENCODED, DENOISED = 0.05, 0.8
"""How far a job is when the text is encoded, and when the last step is done."""

OVERLAP_S = 2.0
"""Seconds of a sound that are made anew when it is made longer, so that the music goes on and does not begin again."""

IGNORED: Mapping[str, tuple[str, ...]] = {
    "AceStepPipeline": ("negative",),
    "StableAudio3Pipeline": ("lyrics",),
    "StableAudioPipeline": ("lyrics",),
}
"""What a family cannot be told; where it is said all the same, the person is told so."""

TASKS: Mapping[str, frozenset[str]] = {
    "AceStepPipeline": frozenset({"music", "music-cover", "music-repaint", "music-extend"}),
    "StableAudio3Pipeline": frozenset({"music", "music-cover", "music-repaint", "music-extend"}),
    "StableAudioPipeline": frozenset({"music"}),
}
"""What each family can do."""


def rate_of(loaded: Loaded) -> int:
    """Frames a second of what a model makes and of the sounds that it takes."""
    return int(loaded.model.vae.config.sampling_rate)


def make_music(
    loaded: Loaded, task: str, values: Mapping[str, Any], seed: int, source: Planar | None, work: Work
) -> Planar:
    """One piece of music: float32 (2, frames) at `rate_of(loaded)`. `values` come from `forms.read_values`; `source`
    is stereo at that rate. The thread that runs models.

    Raises StudioError for what this model cannot do, Cancelled, and out of memory as torch raises it.
    """
    family = loaded.spec.loader
    if task not in TASKS.get(family, frozenset()):
        raise StudioError(f"“{loaded.spec.title}” cannot do that; choose another model.")
    for name in IGNORED[family]:
        if values.get(name):
            raise StudioError(f"“{loaded.spec.title}” cannot be told “{name}”; leave it empty or choose another model.")
    whole, begin, end = _range(task, values, source, rate_of(loaded))
    pipe, arguments = _FAMILIES[family](loaded, task, values, whole, begin, end)
    latents = _denoised(pipe, family, arguments, seed, work)
    rest = work.part(DENOISED, 1.0)

    def decoded(progress: float) -> None:
        rest.report(progress, "Decoding the sound")
        work.check()

    sound, _ = decode(pipe.vae, latents, decoded, show=work.show)
    rate = rate_of(loaded)
    if whole is not None and task in {"music-repaint", "music-extend"}:
        return set_in(whole, _long(sound, whole.shape[1]), round(begin * rate), round(end * rate), rate)
    return level(_long(sound, round(_seconds(values, whole, rate) * rate)))


def _range(
    task: str, values: Mapping[str, Any], source: Planar | None, rate: int
) -> tuple[Planar | None, float, float]:
    """The sound that is worked on, and the seconds from which and to which it is made anew."""
    if task == "music":
        return None, 0.0, float(values["seconds"])
    if source is None or source.shape[1] < rate // 10:
        raise StudioError("The sound to begin from is empty; choose one of at least a tenth of a second.")
    seconds = source.shape[1] / rate
    if task == "music-repaint":
        end = min(values["end"] or seconds, seconds)
        if values["begin"] >= end:
            raise StudioError(f"The range to be made anew lies beyond the sound, which ends at {seconds:.2f} s.")
        return source, float(values["begin"]), end
    if task == "music-extend":
        longer = np.zeros((source.shape[0], round(values["seconds"] * rate)), np.float32)
        whole = np.concatenate([source, longer], axis=1)
        return whole, max(seconds - OVERLAP_S, seconds / 2), whole.shape[1] / rate
    return source, 0.0, seconds


def _seconds(values: Mapping[str, Any], whole: Planar | None, rate: int) -> float:
    return float(values["seconds"]) if whole is None else whole.shape[1] / rate


def _long(sound: Planar, frames: int) -> Planar:
    """Exactly so many frames of two channels."""
    stereo = np.repeat(sound, 2, axis=0) if sound.shape[0] == 1 else sound[:2]
    lacking = max(frames - stereo.shape[1], 0)
    return np.pad(stereo[:, :frames], ((0, 0), (0, lacking))) if lacking else stereo[:, :frames].copy()


def _ace(
    loaded: Loaded, task: str, values: Mapping[str, Any], whole: Planar | None, begin: float, end: float
) -> tuple[Any, dict[str, Any]]:
    arguments: dict[str, Any] = {
        "prompt": values["prompt"],
        "lyrics": values["lyrics"] or "[Instrumental]",
        "vocal_language": values["language"],
        "audio_duration": _seconds(values, whole, rate_of(loaded)),
        "guidance_scale": 1.0 if loaded.model.is_turbo else values["guidance"] or 7.0,
        "bpm": round(values["bpm"]) if values["bpm"] else None,
        "keyscale": values["key"] or None,
        "timesignature": values["meter"] or None,
    }
    if whole is not None:
        import torch

        lacking = -whole.shape[1] % loaded.model.vae.hop_length
        padded = np.pad(whole, ((0, 0), (0, lacking)))
        arguments["src_audio"] = torch.from_numpy(padded).to(loaded.device)
        arguments["audio_duration"] = padded.shape[1] / rate_of(loaded)
    if task == "music-cover":
        if loaded.model.audio_tokenizer is None or loaded.model.audio_token_detokenizer is None:
            raise StudioError(f"“{loaded.spec.title}” came without what it hears sounds with; choose another model.")
        arguments |= {"task_type": "cover", "audio_cover_strength": values["likeness"]}
    elif whole is not None:
        arguments |= {"task_type": "repaint", "repainting_start": begin, "repainting_end": end}
    return loaded.model, arguments | _how(values, "")


def _stable_3(
    loaded: Loaded, task: str, values: Mapping[str, Any], whole: Planar | None, begin: float, end: float
) -> tuple[Any, dict[str, Any]]:
    arguments: dict[str, Any] = {
        "prompt": _described(values),
        "duration": _seconds(values, whole, rate_of(loaded)),
    } | _how(values, "guidance_scale" if whole is None else "")
    if whole is None:
        return loaded.model, arguments | ({"negative_prompt": values["negative"]} if values["negative"] else {})
    import torch

    arguments["audio"] = torch.from_numpy(whole)[None].to(loaded.device, loaded.model.vae.dtype)
    if task == "music-cover":
        arguments["init_noise_level"] = max(1.0 - values["likeness"], 0.02)
        return _sister(loaded.model, "StableAudio3AudioToAudioPipeline"), arguments
    arguments |= {"mask_start_seconds": begin, "mask_end_seconds": end}
    return _sister(loaded.model, "StableAudio3InpaintPipeline"), arguments


def _stable(
    loaded: Loaded, task: str, values: Mapping[str, Any], whole: Planar | None, begin: float, end: float
) -> tuple[Any, dict[str, Any]]:
    longest = loaded.model.transformer.config.sample_size / loaded.model.vae.config.sampling_rate
    longest *= loaded.model.vae.hop_length
    if values["seconds"] > longest:
        raise StudioError(f"“{loaded.spec.title}” makes at most {longest:.0f} s; choose less.")
    arguments = {"prompt": _described(values), "audio_end_in_s": values["seconds"]} | _how(values, "guidance_scale")
    return loaded.model, arguments | ({"negative_prompt": values["negative"]} if values["negative"] else {})


_FAMILIES: Mapping[str, Callable[..., tuple[Any, dict[str, Any]]]] = {
    "AceStepPipeline": _ace,
    "StableAudio3Pipeline": _stable_3,
    "StableAudioPipeline": _stable,
}


def _described(values: Mapping[str, Any]) -> str:
    """The description with tempo and key in words, for models that have no other ear for them."""
    tempo = f"{values['bpm']:g} BPM" if values.get("bpm") else ""
    return ", ".join(part for part in (values["prompt"], tempo, values.get("key", "")) if part)


def _how(values: Mapping[str, Any], guidance: str) -> dict[str, Any]:
    """Steps and guidance where they are said; else the model's own."""
    steps = {"num_inference_steps": values["steps"]} if values["steps"] else {}
    return steps | ({guidance: values["guidance"]} if guidance and values["guidance"] else {})


def _sister(pipe: Any, name: str) -> Any:
    """Another pipeline on the same weights, kept with the first."""
    sisters = pipe.__dict__.setdefault("_studio_sisters", {})
    if name not in sisters:
        made = getattr(importlib.import_module("diffusers"), name).from_pipe(pipe)
        made.set_progress_bar_config(disable=True)
        sisters[name] = made
    return sisters[name]


def _denoised(pipe: Any, family: str, arguments: dict[str, Any], seed: int, work: Work) -> Any:
    """The latents (1, channels, n) of one result; the job can be stopped at every step."""
    import torch

    steps = arguments.get("num_inference_steps")

    def stepped(step: int) -> None:
        total = steps or int(getattr(pipe, "num_timesteps", 0) or 0)
        share = (step + 1) / total if total else 0.5
        work.report(ENCODED + (DENOISED - ENCODED) * min(share, 1.0), f"Step {step + 1} of {total or '?'}")
        work.check()

    if family == "StableAudioPipeline":
        watched: dict[str, Any] = {"callback": lambda step, *_: stepped(step), "callback_steps": 1}
    else:

        def at_step(_: Any, step: int, __: Any, given: dict[str, Any]) -> dict[str, Any]:
            stepped(step)
            return given

        watched = {"callback_on_step_end": at_step}
    work.report(0.0, "Reading the description")
    give_back = remember_encodings(pipe, work.check)
    try:
        # a source is encoded with chance of its own, from torch's one generator
        with torch.inference_mode(), torch.random.fork_rng(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.manual_seed(seed)
            noise = torch.Generator("cpu").manual_seed(seed)
            latents = pipe(**arguments, **watched, generator=noise, output_type="latent").audios
    finally:
        give_back()
        pipe.maybe_free_model_hooks()
    return latents.transpose(1, 2) if family == "AceStepPipeline" else latents
