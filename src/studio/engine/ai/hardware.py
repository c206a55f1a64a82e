"""What this machine offers to neural models."""

from __future__ import annotations

from typing import Literal

import msgspec

from .specs import ModelSpec

Room = Literal["whole", "parts", "short", "unknown"]
"""Whether a device holds a model as a whole, or part by part beside the machine's memory, or not at all."""


class Accelerator(msgspec.Struct, frozen=True):
    """The device models would run on: `kind` is "cuda", "mps" or "cpu"; `memory` in bytes, 0 where it is not known."""

    kind: str
    name: str
    memory: int = 0


def accelerator() -> Accelerator:
    """Finds the best device. Imports torch, which takes seconds the first time: never on the main thread."""
    import torch

    if torch.cuda.is_available():
        properties = torch.cuda.get_device_properties(0)
        return Accelerator("cuda", properties.name, int(properties.total_memory))
    if torch.backends.mps.is_available():
        return Accelerator("mps", "Apple GPU")
    return Accelerator("cpu", f"{torch.get_num_threads()} CPU threads")


def free_memory(kind: str) -> int:
    """Free bytes of a device: of the GPU's memory on "cuda", else of the machine's. Imports torch for the former."""
    if kind == "cuda":
        import torch

        free, _ = torch.cuda.mem_get_info()
        return int(free)
    import psutil

    return int(psutil.virtual_memory().available)


def room_for(spec: ModelSpec, device: Accelerator) -> Room:
    """Whether a device's memory, all of it, is enough for a model by what its entry says. Any thread."""
    total = device.memory
    if not total:
        import psutil

        total = int(psutil.virtual_memory().total)
    if not spec.memory:
        return "unknown"
    if device.kind == "cpu":  # which computes in whole precision, and has nowhere to put parts
        return "whole" if total >= spec.memory * (1e9 if spec.dtype == "float32" else 2e9) else "short"
    if total >= max(spec.memory, spec.comfortable) * 1e9:
        return "whole"
    return "parts" if total >= spec.memory * 1e9 else "short"
