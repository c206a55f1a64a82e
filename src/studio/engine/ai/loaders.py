"""The classes that may load a model, by the name that a catalogue entry gives: an allow-list, and nothing beside it."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Literal

import msgspec

Family = Literal["diffusers", "chat", "transcriber", "speech", "codec", "onnx", "foreign"]


class Loader(msgspec.Struct, frozen=True):
    """A class that loads models: the package it comes from, its name there, the family that says how it is called.

    `weights` is the ending of the files that hold numbers. `title` is for a person.
    """

    title: str
    package: str
    name: str
    family: Family
    weights: str = ".safetensors"

    @property
    def here(self) -> bool:
        """Whether this installation has its package. Imports nothing."""
        return find_spec(self.package) is not None


LOADERS = {
    "AceStepPipeline": Loader("ACE-Step", "diffusers", "AceStepPipeline", "diffusers"),
    "StableAudio3Pipeline": Loader("Stable Audio 3", "diffusers", "StableAudio3Pipeline", "diffusers"),
    "StableAudioPipeline": Loader("Stable Audio Open", "diffusers", "StableAudioPipeline", "diffusers"),
    "Flux2KleinPipeline": Loader("FLUX.2 klein", "diffusers", "Flux2KleinPipeline", "diffusers"),
    "ZImagePipeline": Loader("Z-Image", "diffusers", "ZImagePipeline", "diffusers"),
    "WanPipeline": Loader("Wan", "diffusers", "WanPipeline", "diffusers"),
    "AutoModelForCausalLM": Loader("language models", "transformers", "AutoModelForCausalLM", "chat"),
    "WhisperForConditionalGeneration": Loader(
        "Whisper", "transformers", "WhisperForConditionalGeneration", "transcriber"
    ),
    "PocketTTSForConditionalGeneration": Loader(
        "Pocket TTS", "transformers", "PocketTTSForConditionalGeneration", "speech"
    ),
    "PocketTTSAudioTokenizerModel": Loader("Pocket TTS sound", "transformers", "PocketTTSAudioTokenizerModel", "codec"),
    "InferenceSession": Loader("ONNX networks", "onnxruntime", "InferenceSession", "onnx", ".onnx"),
    "Qwen3TTSModel": Loader("Qwen3 TTS", "qwen_tts", "Qwen3TTSModel", "foreign"),
}
"""What a catalogue entry may name as its loader."""
