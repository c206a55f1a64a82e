"""Files of weights are read to the last byte of their header before anything loads them."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.engine.ai.adapters import read_adapter
from studio.engine.ai.weights import WeightsError, check_finite, read_header

X = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}


def pack(header: Any, data: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def write(folder: Path, content: bytes, name: str = "x.safetensors") -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def test_what_the_library_writes_is_read_as_it_is(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    arrays = {"a": np.zeros((3, 4), np.float32), "b": np.ones(7, np.int64), "c": np.array(1.5, np.float16)}
    save_file(arrays, tmp_path / "x.safetensors", {"format": "pt"})
    header = read_header(tmp_path / "x.safetensors")
    assert {name: tensor.shape for name, tensor in header.tensors.items()} == {"a": (3, 4), "b": (7,), "c": ()}
    assert header.metadata == {"format": "pt"} and header.parameters == 20
    check_finite(tmp_path / "x.safetensors", header)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "there is no header"),
        (b"\0" * 8, "there is no header"),
        (pack({"x": X}, bytes(24))[:20], "it ends within its header"),
        (pack({"x": X}, bytes(23)), "cut short by 1 bytes"),
        (pack({"x": X}, bytes(25)), "1 bytes at its end belong to nothing"),
        (pack({"x": X}, bytes(24), 2**60), "larger than that of any model"),
        (pack(b"\x80\x04pickle!", bytes(24)), "no list of tensors"),
        (pack(b"{nothing", bytes(24)), "no JSON"),
        (pack(b'{"x": 1, "x": 2}'), "no JSON"),
        (pack(b'{"a":' * 50_000), "no JSON"),
        (pack({"x": 5}), "is not described"),
        (pack({"x": {**X, "shape": [2, -3]}}, bytes(24)), "no possible shape"),
        (pack({"x": {**X, "shape": [2**40, 2**40]}}, bytes(24)), "does not fit its bytes"),
        (pack({"x": {**X, "data_offsets": [24, 0]}}, bytes(24)), "does not fit its bytes"),
        (pack({"x": {**X, "data_offsets": [-24, 0]}}, bytes(24)), "overlap or leave holes"),
        (pack({"x": {**X, "dtype": "OBJ"}}, bytes(24)), "unknown type OBJ"),
        (pack({"x": X, "y": X}, bytes(48)), "overlap or leave holes"),
        (pack({"x": {**X, "data_offsets": [8, 32]}}, bytes(32)), "overlap or leave holes"),
        (pack({"x": X, "__metadata__": {"a": 5}}, bytes(24)), "metadata is no text"),
    ],
    ids=range(19),
)
def test_damage_is_named(tmp_path: Path, content: bytes, why: str) -> None:
    file = write(tmp_path, content)
    with pytest.raises(WeightsError) as refused:
        read_header(file)
    assert "“x.safetensors” are damaged" in str(refused.value) and why in str(refused.value)


def test_another_ending_is_not_even_opened(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"“x\.bin” holds no safetensors"):
        read_header(tmp_path / "x.bin")
    with pytest.raises(WeightsError, match="cannot be read"):
        read_header(tmp_path / "gone.safetensors")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 200), byte=st.integers(0, 255), cut=st.integers(0, 40))
def test_no_damaged_byte_gets_through_as_another_error(tmp_path: Path, at: int, byte: int, cut: int) -> None:
    content = bytearray(pack({"x": X, "y": {**X, "data_offsets": [24, 48]}}, bytes(48)))
    content[at % len(content)] = byte
    file = write(tmp_path, bytes(content[: len(content) - cut]))
    try:
        header = read_header(file)
    except WeightsError:
        return
    ends = [tensor.end for tensor in header.tensors.values()]
    assert max(ends, default=0) + header.start == file.stat().st_size


def adapter(folder: Path, arrays: dict[str, np.ndarray[Any, Any]], metadata: dict[str, str] | None = None) -> Path:
    from safetensors.numpy import save_file

    save_file(arrays, folder / "style.safetensors", metadata)
    return folder / "style.safetensors"


def halves(rank: int = 4, other: int = 4) -> dict[str, np.ndarray[Any, Any]]:
    return {
        "transformer.layers.0.to_q.lora_A.weight": np.ones((rank, 32), np.float32),
        "transformer.layers.0.to_q.lora_B.weight": np.ones((32, other), np.float32),
        "transformer.layers.1.to_q.lora_down.weight": np.ones((2, 32), np.float32),
        "transformer.layers.1.to_q.lora_up.weight": np.ones((32, 2), np.float32),
        "transformer.layers.1.to_q.alpha": np.array(2.0, np.float32),
    }


def test_an_adapter_tells_its_modules_rank_and_alpha(tmp_path: Path) -> None:
    told = {"lora_adapter_metadata": json.dumps({"transformer.lora_alpha": 8, "transformer.r": 4})}
    found = read_adapter(adapter(tmp_path, halves(), told))
    assert found.modules == ("transformer.layers.0.to_q", "transformer.layers.1.to_q")
    assert (found.rank, found.alpha) == (4, 8.0)
    assert read_adapter(adapter(tmp_path, halves())).alpha is None


def test_half_an_adapter_is_refused(tmp_path: Path) -> None:
    arrays = halves()
    del arrays["transformer.layers.1.to_q.lora_up.weight"]
    with pytest.raises(WeightsError, match=r"incomplete \(1 of 2 modules lack a half, such as transformer.layers.1"):
        read_adapter(adapter(tmp_path, arrays))
    with pytest.raises(WeightsError, match="halves that do not fit each other"):
        read_adapter(adapter(tmp_path, halves(4, 5)))
    with pytest.raises(WeightsError, match="is no adapter this studio knows"):
        read_adapter(adapter(tmp_path, {"vae.weight": np.zeros((2, 2), np.float32)}))
    with pytest.raises(WeightsError, match="is empty"):
        read_adapter(adapter(tmp_path, {}))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_an_adapter_with_a_value_that_is_no_number_is_refused(tmp_path: Path, value: float, kind: Any) -> None:
    arrays = {name: array.astype(kind) for name, array in halves().items()}
    arrays["transformer.layers.0.to_q.lora_A.weight"][3, 31] = value
    with pytest.raises(WeightsError, match=r"values that are no numbers \(in transformer.layers.0.to_q.lora_A"):
        read_adapter(adapter(tmp_path, arrays))


def test_bfloat16_is_looked_into_too(tmp_path: Path) -> None:
    for bits, fine in ((0x7F7F, True), (0x7F80, False), (0xFFC0, False)):
        tensor = {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}
        file = write(tmp_path, pack({"x": tensor}, struct.pack("<HH", 0x3F80, bits)))
        if fine:
            check_finite(file, read_header(file))
        else:
            with pytest.raises(WeightsError, match="no numbers"):
                check_finite(file, read_header(file))
