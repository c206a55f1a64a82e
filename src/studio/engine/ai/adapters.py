"""Small trained additions to a model (LoRA), looked at before they touch one.

A library that is given half an adapter applies half of it and says nothing, and one number that is none makes silence
or noise of everything. So a file is accepted whole or not at all.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec

from .weights import Header, WeightsError, check_finite, read_header

MAX_RANK = 4096
_HALF = re.compile(r"^(?P<module>.+?)\.(?P<half>lora_A|lora_B|lora_down|lora_up|lora\.down|lora\.up)(\.\w+)?\.weight$")
_DOWN = frozenset({"lora_A", "lora_down", "lora.down"})
_METADATA = "lora_adapter_metadata"
"""Where diffusers keeps the configuration; without it the strength that was trained is lost."""


class AdapterFile(msgspec.Struct, frozen=True):
    """What an adapter holds: the modules it changes, its largest rank, and its alpha (None: not told)."""

    modules: tuple[str, ...]
    rank: int
    alpha: float | None


def read_adapter(file: Path) -> AdapterFile:
    """Checks an adapter whole: header, both halves of each module, ranks that agree, finite numbers. Worker threads.

    Raises WeightsError that names the file and says what is wrong.
    """
    header = read_header(file)
    halves = _halves(file, header)
    broken = sorted(module for module, pair in halves.items() if len(pair) != 2)
    if broken:
        raise WeightsError(
            f"The adapter “{file.name}” is incomplete ({len(broken)} of {len(halves)} modules lack a half, such as"
            f" {broken[0][:80]}); save or fetch it again."
        )
    ranks = {module: (pair["down"][0], pair["up"][1]) for module, pair in halves.items()}
    for module, (down, up) in ranks.items():
        if down != up or not 1 <= down <= MAX_RANK:
            raise WeightsError(f"The adapter “{file.name}” has halves that do not fit each other (in {module[:80]}).")
    check_finite(file, header)
    return AdapterFile(tuple(sorted(halves)), max(down for down, _ in ranks.values()), _alpha(header))


def _halves(file: Path, header: Header) -> dict[str, dict[str, tuple[int, ...]]]:
    """The shapes of both halves of each module, by which half they are."""
    halves: dict[str, dict[str, tuple[int, ...]]] = {}
    for name, tensor in header.tensors.items():
        if name.endswith(".alpha"):
            continue
        match = _HALF.match(name)
        if match is None or len(tensor.shape) < 2:
            raise WeightsError(f"“{file.name}” is no adapter this studio knows (it holds {name[:80]}).")
        halves.setdefault(match["module"], {})["down" if match["half"] in _DOWN else "up"] = tensor.shape
    if not halves:
        raise WeightsError(f"The adapter “{file.name}” is empty; save or fetch it again.")
    return halves


def _alpha(header: Header) -> float | None:
    try:
        told = json.loads(header.metadata.get(_METADATA, "{}"))
    except (ValueError, RecursionError):
        return None
    values = (
        [value for key, value in told.items() if key.split(".")[-1] == "lora_alpha"] if isinstance(told, dict) else []
    )
    return float(values[0]) if values and isinstance(values[0], int | float) else None
