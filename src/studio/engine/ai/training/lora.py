"""Low-rank adapters on a module of a diffusion pipeline: put on, trained, written in diffusers' layout, taken off."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ....errors import StudioError
from ..loading import Loaded, listening
from .chance import chance_at
from .settings import Settings

NAME = "v_0000cafe"
"""What the adapter is called in the model while it is trained: words such as “train” mean something there."""

TARGETS = ("to_q", "to_k", "to_v", "to_out.0")
"""What is adapted where neither the settings nor the model's entry say."""

FILE = "adapter.safetensors"


class Adapter:
    """An adapter while it is on a pipeline's transformer. The thread that runs models."""

    def __init__(self, loaded: Loaded, config: Any) -> None:
        self._loaded, self._config = loaded, config
        self.module = loaded.model.transformer

    def parameters(self) -> Mapping[str, Any]:
        """Its tensors by name, in the order of the model."""
        return {name: tensor for name, tensor in self.module.named_parameters() if NAME in name}

    def keep(self, folder: Path) -> Path:
        """Writes it as diffusers does, with its strength, whole or not at all."""
        from peft.utils import get_peft_model_state_dict

        part = folder.with_name(f".{folder.name}.part")
        try:
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            type(self._loaded.model).save_lora_weights(
                part,
                transformer_lora_layers=get_peft_model_state_dict(self.module, adapter_name=NAME),
                transformer_lora_adapter_metadata=self._told(),
                weight_name=FILE,
            )
            _settle(part / FILE)
            folder.mkdir(exist_ok=True)
            return (part / FILE).replace(folder / FILE)
        except (OSError, RuntimeError) as error:
            raise StudioError(f"The adapter could not be written ({error}); make room and go on.") from error
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def _told(self) -> dict[str, Any]:
        """Its configuration, sets in order."""
        told: dict[str, Any] = self._config.to_dict()
        return {name: sorted(value) if isinstance(value, set) else value for name, value in told.items()}


def _settle(file: Path) -> None:
    """Puts what a file of weights says of itself in order, so that the same weights are the same file: safetensors
    writes its metadata in an order of chance."""
    whole = file.read_bytes()
    end = 8 + int.from_bytes(whole[:8], "little")
    header = json.dumps(json.loads(whole[8:end]), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    header += b" " * (-len(header) % 8)
    file.write_bytes(len(header).to_bytes(8, "little") + header + whole[end:])


@contextmanager
def adapting(loaded: Loaded, settings: Settings) -> Iterator[Adapter]:
    """While this lasts, a fresh adapter is on the model, which is the same as before afterwards, bit for bit.

    Raises StudioError where the model takes none or has none of the targets.
    """
    if not hasattr(loaded.model, "save_lora_weights") or not hasattr(loaded.model, "transformer"):
        raise StudioError(f"“{loaded.spec.title}” cannot be taught; choose another model.")
    from peft import LoraConfig

    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=list(settings.targets or loaded.spec.lora_targets or TARGETS),
        init_lora_weights=True,
    )
    module = loaded.model.transformer
    frozen = {name: tensor.requires_grad for name, tensor in module.named_parameters()}
    module.requires_grad_(False)
    try:
        with listening([]), chance_at(settings.seed, "adapter"):
            try:
                module.add_adapter(config, adapter_name=NAME)
            except ValueError as error:
                raise StudioError(
                    f"“{loaded.spec.title}” has none of the modules that are to be adapted; choose others."
                ) from error
        adapter = Adapter(loaded, config)
        for tensor in adapter.parameters().values():
            tensor.data = tensor.data.float()
        module.train(settings.dropout > 0)
        if settings.save_memory:
            module.enable_gradient_checkpointing()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield adapter
    finally:
        if settings.save_memory:
            module.disable_gradient_checkpointing()
        loaded.model.unload_lora_weights()
        module.eval()
        for name, tensor in module.named_parameters():
            tensor.requires_grad_(frozen.get(name, False))


@contextmanager
def precise(loaded: Loaded, settings: Settings) -> Iterator[None]:
    """While this lasts, the model computes in the precision of the settings."""
    import torch

    kind = getattr(torch, settings.precision)
    with torch.autocast(loaded.device.partition(":")[0], kind, enabled=settings.precision != "float32"):
        yield


def timesteps(rule: str, count: int, chance: Any, visited: Any = None) -> Any:
    """Times between clean (0) and noise (1), float32 (count,): evenly, more in the middle, or of those the sampler
    visits."""
    import torch

    if rule == "sampler" and visited is not None and len(visited):
        return visited[torch.randint(len(visited), (count,), generator=chance)].float()
    if rule == "logit-normal":
        return torch.sigmoid(torch.randn(count, generator=chance))
    return torch.rand(count, generator=chance)
