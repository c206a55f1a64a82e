"""Files of the groove model: safetensors whose metadata says what they are, read only when all is as it should be."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ....errors import StudioError
from ..weights import Header, WeightsError, check_finite, read_header

if TYPE_CHECKING:
    from torch import Tensor

    from .network import GrooveNetwork, Shape

KIND = "studio-groove"
SHIPPED = Path(__file__).resolve().parents[5] / "resources" / "models" / "groove.safetensors"


class Card(msgspec.Struct, frozen=True):
    """What a file of weights says of itself. `bits` per hit on `judged_on`, 0 where it was not measured."""

    title: str = "Groove"
    version: int = 1
    steps: int = 0
    seed: int = 0
    bits: float = 0.0
    judged_on: str = ""
    data: str = ""
    licence: str = ""
    credit: str = ""


def save_network(network: GrooveNetwork, file: Path, card: Card, half: bool = True) -> None:
    """Writes the weights, in half precision or as they are; the file appears whole or not at all."""
    import torch

    kind = torch.float16 if half else torch.float32
    tensors = {name: tensor.detach().to(kind).contiguous() for name, tensor in network.state_dict().items()}
    save_tensors(tensors, file, {"kind": KIND, "shape": network.shape, "card": card})


def load_network(file: Path = SHIPPED) -> tuple[GrooveNetwork, Card]:
    """The network of a file, in float32 and ready to play, and its card. A worker thread; imports torch.

    Raises StudioError with the reason when the file is not there, is damaged or holds something else.
    """
    shape, card = read_card(file)
    try:
        from safetensors.torch import load_file

        from .network import GrooveNetwork

        network = GrooveNetwork(shape)
        network.load_state_dict(load_file(file))
    except ImportError as error:
        raise StudioError(
            f"The groove model needs torch, which cannot be used here ({error}); install the studio again."
        ) from error
    except (RuntimeError, OSError) as error:
        raise WeightsError(f"“{file.name}” does not fit the groove model; install the studio again.") from error
    return network.float().eval(), card


def read_card(file: Path) -> tuple[Shape, Card]:
    """The shape and the card of a file of weights. Needs no torch to refuse a file; raises StudioError."""
    if not file.is_file():
        raise StudioError(f"The groove model “{file.name}” is not there; install the studio again.")
    header = read_header(file)
    told = told_by(header)
    if told.get("kind") != KIND:
        raise WeightsError(f"“{file.name}” is not a groove model.")
    check_finite(file, header)
    try:
        from .network import Shape

        shape = msgspec.convert(told["shape"], Shape)
        card = msgspec.convert(told["card"], Card)
    except (ImportError, OSError) as error:
        raise StudioError(
            f"The groove model needs torch, which cannot be used here ({error}); install the studio again."
        ) from error
    except (KeyError, msgspec.MsgspecError) as error:
        raise WeightsError(f"“{file.name}” does not say what it is; install the studio again.") from error
    if not _is_possible(shape, header.parameters):
        raise WeightsError(f"“{file.name}” describes a network that cannot be; install the studio again.")
    return shape, card


def _is_possible(shape: Shape, numbers: int) -> bool:
    """Whether a network of a shape can be, and is no larger than what the file holds."""
    return (
        0 < shape.width <= 1024
        and 0 < shape.heads <= 64
        and shape.width % (2 * shape.heads) == 0
        and 0 < shape.layers <= 64
        and 0 < shape.readers <= 64
        and 0.0 <= shape.dropout < 1.0
        and 12 * shape.width**2 * (shape.layers + shape.readers) <= numbers
    )


def told_by(header: Header) -> dict[str, Any]:
    """What `save_tensors` wrote beside the tensors; empty where something else wrote the file."""
    try:
        return msgspec.json.decode(header.metadata.get("studio", "{}"), type=dict[str, Any])
    except msgspec.MsgspecError:
        return {}


def save_tensors(tensors: Mapping[str, Tensor], file: Path, told: Mapping[str, Any]) -> None:
    """Writes tensors and what is `told` of them under a temporary name, synced, then renamed. Raises StudioError.

    All that is told is one entry of the metadata, whose order in the file would otherwise be left to chance.
    """
    from safetensors.torch import save_file

    temporary = file.with_name(f".{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        save_file(dict(tensors), temporary, {"studio": msgspec.json.encode(told, order="sorted").decode()})
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.replace(file)
    except Exception as error:
        temporary.unlink(missing_ok=True)
        raise StudioError(
            f"“{file.name}” could not be written ({error}); make room or choose another folder."
        ) from error
