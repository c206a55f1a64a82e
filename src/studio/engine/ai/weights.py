"""Files of weights, looked at before any loader sees them: a reader of safetensors headers of our own, with bounds.

The format: eight bytes with the header's length, a JSON object that tells type, shape and place of each tensor, the
numbers. What is accepted here is exactly what the file's length can hold: no tensor overlaps another, leaves a hole or
ends beyond the file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np

from ...errors import StudioError

MAX_HEADER = 64 * 1024 * 1024
"""Bytes; the largest models have headers of a few MB."""

MAX_TENSORS = 200_000
MAX_AXES = 16

_BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "U16": 16, "I16": 16, "F16": 16, "BF16": 16,
    "U32": 32, "I32": 32, "F32": 32, "U64": 64, "I64": 64, "F64": 64, "C64": 64, "F4": 4,
}  # fmt: skip

_EXPONENT: dict[str, tuple[Any, int]] = {
    "F16": (np.uint16, 0x7C00),
    "BF16": (np.uint16, 0x7F80),
    "F32": (np.uint32, 0x7F800000),
    "F64": (np.uint64, 0x7FF0000000000000),
}
"""For each type of numbers how it is read as integers, and the bits that are all set in infinity and in no number."""

_CHUNK = 1 << 22
"""Bytes that are looked at in one go."""


class WeightsError(StudioError):
    """A file of weights that must not be loaded."""


class Tensor(msgspec.Struct, frozen=True, gc=False):
    """Where a tensor lies: its type as the format names it, its shape, and its bytes from the end of the header."""

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


class Header(msgspec.Struct, frozen=True):
    """What a file of weights says of itself. `start` is the offset of the first tensor's first byte in the file."""

    tensors: Mapping[str, Tensor]
    metadata: Mapping[str, str]
    start: int

    @property
    def parameters(self) -> int:
        """How many numbers there are."""
        return sum(math.prod(tensor.shape) for tensor in self.tensors.values())


def read_header(file: Path) -> Header:
    """The checked header of a safetensors file. Worker threads; reads no weights.

    Raises WeightsError, which names the file and says what is wrong with it.
    """
    if file.suffix != ".safetensors":
        raise WeightsError(
            f"“{file.name}” holds no safetensors; weights of another kind could run code and are refused."
        )
    try:
        with file.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(0)
            return _parse(stream, size)
    except OSError as error:
        raise WeightsError(f"The weights “{file.name}” cannot be read ({error.strerror}); check the disk.") from error
    except _Wrong as error:
        raise WeightsError(f"The weights “{file.name}” are damaged ({error}); fetch them again.") from error


def check_finite(file: Path, header: Header) -> None:
    """Raises WeightsError when a number of the file is infinite or none. Reads all of it: for small files."""
    with file.open("rb") as stream:
        for name, tensor in header.tensors.items():
            if tensor.dtype in _EXPONENT and not _finite(stream, header.start, tensor):
                raise WeightsError(f"“{file.name}” holds values that are no numbers (in {name[:100]}); it is refused.")


class _Wrong(Exception):
    """What is wrong with a header, in words that go into brackets."""


def _parse(stream: BinaryIO, size: int) -> Header:
    length = int.from_bytes(stream.read(8), "little") if size >= 8 else -1
    if length < 2:
        raise _Wrong("there is no header")
    if length > MAX_HEADER:
        raise _Wrong("its header would be larger than that of any model")
    if length > size - 8:
        raise _Wrong("it ends within its header")
    text = stream.read(length)
    try:
        raw = json.loads(text, object_pairs_hook=_once) if text[:1] == b"{" else None
    except (ValueError, RecursionError) as error:
        raise _Wrong("its header is no JSON") from error
    if not isinstance(raw, dict) or len(raw) > MAX_TENSORS:
        raise _Wrong("its header is no list of tensors")
    metadata = raw.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise _Wrong("its metadata is no text")
    tensors = {name: _tensor(name, told) for name, told in raw.items()}
    _check_places(tensors, size - 8 - length)
    return Header(tensors, metadata, 8 + length)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _tensor(name: str, told: Any) -> Tensor:
    try:
        tensor = msgspec.convert(
            {
                "dtype": told["dtype"],
                "shape": told["shape"],
                "begin": told["data_offsets"][0],
                "end": told["data_offsets"][1],
            },
            Tensor,
        )
    except (TypeError, KeyError, IndexError, msgspec.ValidationError) as error:
        raise _Wrong(f"tensor {name[:60]} is not described") from error
    if tensor.dtype not in _BITS:
        raise _Wrong(f"tensor {name[:60]} is of the unknown type {tensor.dtype[:20]}")
    if len(tensor.shape) > MAX_AXES or any(axis < 0 for axis in tensor.shape):
        raise _Wrong(f"tensor {name[:60]} has no possible shape")
    if math.prod(tensor.shape) * _BITS[tensor.dtype] != 8 * (tensor.end - tensor.begin):
        raise _Wrong(f"the shape of tensor {name[:60]} does not fit its bytes")
    return tensor


def _check_places(tensors: Mapping[str, Tensor], available: int) -> None:
    """Tensors must follow one another from the first byte to the last."""
    at = 0
    for tensor in sorted(tensors.values(), key=lambda tensor: (tensor.begin, tensor.end)):
        if tensor.begin != at:
            raise _Wrong("its tensors overlap or leave holes")
        at = tensor.end
    if at > available:
        raise _Wrong(f"it is cut short by {at - available} bytes")
    if at < available:
        raise _Wrong(f"{available - at} bytes at its end belong to nothing")


def _finite(stream: BinaryIO, start: int, tensor: Tensor) -> bool:
    kind, exponent = _EXPONENT[tensor.dtype]
    for chunk in _chunks(stream, start + tensor.begin, tensor.end - tensor.begin):
        bits = np.frombuffer(chunk, kind)
        if ((bits & kind(exponent)) == kind(exponent)).any():
            return False
    return True


def _chunks(stream: BinaryIO, begin: int, length: int) -> Iterator[bytes]:
    stream.seek(begin)
    while length > 0:
        chunk = stream.read(min(_CHUNK, length))
        if not chunk:
            return
        length -= len(chunk)
        yield chunk
