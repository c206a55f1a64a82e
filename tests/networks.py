"""Tiny ONNX networks, written in the format's own bytes: a message is fields of a number, a kind and a value."""

from __future__ import annotations

from pathlib import Path

import numpy as np

FLOAT, INT64 = 1, 7
WIDTHS = (255, 127, 63, 31, 15)
"""Frames over which the bands of the tiny network for stems are averaged."""


def _varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def _field(number: int, value: int | bytes | str) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    content = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _tensor(name: str, values: np.ndarray) -> bytes:
    kind = FLOAT if values.dtype == np.float32 else INT64
    dims = b"".join(_field(1, size) for size in values.shape)
    return dims + _field(2, kind) + _field(8, name) + _field(9, values.tobytes())


def _value(name: str, shape: tuple[int | str, ...]) -> bytes:
    dims = b"".join(_field(1, _field(1 if isinstance(size, int) else 2, size)) for size in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, FLOAT) + _field(2, dims)))


def _node(kind: str, inputs: list[str], output: str, **attributes: int | list[int]) -> bytes:
    told = b""
    for name, value in attributes.items():
        numbers = _field(3, value) if isinstance(value, int) else b"".join(_field(8, one) for one in value)
        told += _field(5, _field(1, name) + numbers + _field(20, 2 if isinstance(value, int) else 7))
    return b"".join(_field(1, name) for name in inputs) + _field(2, output) + _field(4, kind) + told


def _model(nodes: list[bytes], constants: list[bytes], inputs: list[bytes], outputs: list[bytes]) -> bytes:
    graph = b"".join(_field(1, node) for node in nodes) + _field(2, "tiny")
    graph += b"".join(_field(5, one) for one in constants)
    graph += b"".join(_field(11, one) for one in inputs) + b"".join(_field(12, one) for one in outputs)
    return _field(1, 8) + _field(7, graph) + _field(8, _field(1, "") + _field(2, 13))


def bands(widths: tuple[int, ...] = WIDTHS) -> np.ndarray:
    """Filters (stems, taps) float32 that let through one band each and add up to the sound as it is."""
    taps = max(widths)
    averages = np.zeros((len(widths) + 1, taps), np.float32)
    for row, width in enumerate(widths):
        averages[row, (taps - width) // 2 : (taps + width) // 2] = 1 / width
    averages[-1, taps // 2] = 1.0
    return np.diff(averages, axis=0, prepend=np.zeros((1, taps), np.float32))


def write_splitter(file: Path, window: int | str, widths: tuple[int, ...] = WIDTHS, extra: bool = False) -> None:
    """A network that splits (1, 2, window) into bands (1, stems, 2, window) that add up to it. `window` may be a name:
    any length. `extra`: it asks for a spectrum as well, as some networks do."""
    filters = bands(widths)
    stems, taps = filters.shape
    kernel = np.ascontiguousarray(np.concatenate([filters, filters])[:, None], np.float32)
    nodes = [
        _node("Conv", ["mix", "kernel"], "split", group=2, pads=[taps // 2, taps // 2]),
        _node("Reshape", ["split", "shape"], "apart"),
        _node("Transpose", ["apart"], "sources", perm=[0, 2, 1, 3]),
    ]
    constants = [_tensor("kernel", kernel), _tensor("shape", np.array([1, 2, stems, -1], np.int64))]
    inputs = [_value("mix", (1, 2, window)), *([_value("mag", (1, 4, 8, 8))] if extra else [])]
    file.write_bytes(_model(nodes, constants, inputs, [_value("sources", (1, stems, 2, window))]))


def build_splitter(folder: Path) -> None:
    """A network of six stems with windows of a second at 44.1 kHz."""
    folder.mkdir(parents=True)
    write_splitter(folder / "stems.onnx", 44_100)
