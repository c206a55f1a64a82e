"""Tiny models in memory, and work that can be stopped at a stage of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from models import TinyModels
from studio.engine.ai.loading import Loaded, load
from studio.engine.ai.specs import ModelSpec, Task
from studio.engine.jobs import Work


def write_style(models: TinyModels, folder: Path) -> Path:
    """An adapter for the tiny ACE-Step as training leaves it, of rank 2 with the strength 4."""
    import torch
    from diffusers import AceStepPipeline
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    transformer = Shelf(models).get("AceStepPipeline", "music").model.transformer
    wanted = LoraConfig(r=2, lora_alpha=8, target_modules=["to_q", "to_k", "to_v", "to_out.0"])
    transformer.add_adapter(wanted, adapter_name="v_00000000")
    with torch.no_grad():
        for name, tensor in transformer.named_parameters():
            if "lora_B" in name:
                tensor.normal_(0.0, 0.3)
    weights = get_peft_model_state_dict(transformer, adapter_name="v_00000000")
    AceStepPipeline.save_lora_weights(
        folder, transformer_lora_layers=weights, transformer_lora_adapter_metadata=wanted.to_dict()
    )
    return folder / "pytorch_lora_weights.safetensors"


class Shelf:
    """Loads each tiny model once."""

    def __init__(self, models: TinyModels) -> None:
        self._models = models
        self._kept: dict[str, Loaded] = {}

    def get(self, loader: str, task: Task, **fields: Any) -> Loaded:
        """The model of a loader, with what it needs beside itself."""
        if loader not in self._kept:
            folder = self._models.folder(loader)
            needs = {"audio-tokenizer": "codec"} if loader.startswith("PocketTTSFor") else {}
            spec = ModelSpec(
                name="tiny", title="Tiny", task=task, loader=loader, licence="MIT", commercial=True,
                attribution="nobody", folder=str(folder), needs=needs, **fields,
            )  # fmt: skip
            needed = {role: self._models.folder("PocketTTSAudioTokenizerModel") for role in needs}
            self._kept[loader] = load(spec, folder, needed=needed)
        return self._kept[loader]


class Heard(Work):
    """Work that keeps every report and preview, and is cancelled at the first report that begins with `stage`."""

    def __init__(self, stage: str = "") -> None:
        self.messages: list[str] = []
        self.progress: list[float] = []
        self.shown: list[Any] = []
        self._stage, self._stop = stage, threading.Event()
        super().__init__(self._hear, self._stop, lambda told: self.shown.append(told["preview"]))

    def _hear(self, progress: float, message: str) -> None:
        self.progress.append(progress)
        self.messages.append(message)
        if self._stage and message.startswith(self._stage):
            self._stop.set()

    def report(self, progress: float, message: str = "") -> None:
        self._last = 0.0
        super().report(progress, message)

    def part(self, begin: float, end: float) -> Work:
        return _Part(self, begin, end)


class _Part(Heard):
    def __init__(self, whole: Heard, begin: float, end: float) -> None:
        super().__init__()
        tell: Callable[[float, str], None] = lambda p, m: whole.report(begin + (end - begin) * p, m)  # noqa: E731
        self._report, self._cancel, self._tell, self.failures = tell, whole._cancel, whole._tell, whole.failures
