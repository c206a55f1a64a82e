"""A mix taken apart by a tiny network: the stems add up to the mix, whatever its length; strange networks are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import TinyModels
from networks import bands, write_splitter
from neural import Heard
from studio.engine.ai.catalogue import load_catalogue
from studio.engine.ai.loading import Loaded, LoadingError, load
from studio.engine.ai.specs import ModelSpec
from studio.engine.ai.stems import STEM_TITLES, separate
from studio.engine.jobs import Cancelled
from studio.errors import StudioError

NAMES = ("drums", "bass", "other", "vocals", "guitar", "piano")


def network(folder: Path, stems: tuple[str, ...] = NAMES, **fields: Any) -> Loaded:
    spec = ModelSpec(
        name="tiny", title="Tiny", task="stems", loader="InferenceSession", licence="MIT", commercial=True,
        attribution="nobody", folder=str(folder), stems=stems, **fields,
    )  # fmt: skip
    return load(spec, folder)


@pytest.fixture(scope="module")
def six(tiny_models: TinyModels) -> Loaded:
    return network(tiny_models.folder("InferenceSession"))


def mix(frames: int, channels: int = 2) -> np.ndarray:
    return np.random.default_rng(frames).normal(0, 0.1, (channels, frames)).astype(np.float32)


@pytest.mark.parametrize("frames", [1, 100, 44_100, 44_101, 150_000])
def test_the_stems_add_up_to_the_mix(six: Loaded, frames: int) -> None:
    sound = mix(frames)
    stems = separate(six, sound, Heard())
    assert tuple(stems) == NAMES and all(one.shape == (2, frames) and one.dtype == np.float32 for one in stems.values())
    assert np.abs(sum(stems.values()) - sound).max() < 1e-5


def test_each_stem_is_what_the_network_makes_of_the_whole(six: Loaded) -> None:
    """Windows leave no seams but where the network itself sees no further than its window."""
    sound = mix(120_000)
    low = separate(six, sound, Heard())["drums"][0]
    whole = np.convolve(sound[0], bands()[0], "same")
    assert np.abs(low - whole).max() < 0.02 * np.abs(whole).max() + 2e-3
    assert np.abs(low - whole)[1000:30_000].max() < 1e-5


def test_mono_silence_and_level(six: Loaded) -> None:
    stems = separate(six, mix(9_000, 1), Heard())
    assert all(np.array_equal(one[0], one[1]) for one in stems.values())
    assert not any(one.any() for one in separate(six, np.zeros((2, 9_000), np.float32), Heard()).values())
    loud, soft = (separate(six, mix(9_000) * level, Heard())["bass"] for level in (np.float32(1), np.float32(1e-3)))
    assert np.allclose(loud * 1e-3, soft, atol=1e-9)


def test_it_tells_how_far_it_is_and_stops(six: Loaded) -> None:
    work = Heard()
    separate(six, mix(150_000), work)
    assert work.progress == sorted(work.progress) and work.progress[-1] == 1.0 and "Window 2 of 5" in work.messages
    with pytest.raises(Cancelled):
        separate(six, mix(150_000), Heard("Window 3"))


def test_a_network_of_any_length_and_names(tmp_path: Path) -> None:
    write_splitter(tmp_path / "two.onnx", "frames", (31,))
    stems = separate(network(tmp_path, ()), mix(20_000), Heard())
    assert tuple(stems) == ("stem 1", "stem 2") and np.abs(sum(stems.values()) - mix(20_000)).max() < 1e-5
    with pytest.raises(StudioError, match="gives 2 stems and its entry names 6"):
        separate(network(tmp_path), mix(100), Heard())


def test_what_cannot_be_taken_apart_is_said(six: Loaded, tmp_path: Path) -> None:
    write_splitter(tmp_path / "spectra.onnx", 4_096, extra=True)
    with pytest.raises(StudioError, match="asks for more than a stereo sound; choose another network"):
        separate(network(tmp_path), mix(100), Heard())
    with pytest.raises(StudioError, match="longer than 30 minutes"):
        separate(six, np.broadcast_to(np.float32(0.0), (2, 44_100 * 1_801)), Heard())
    part = ModelSpec(
        name="t", title="Tiny", task="music", loader="InferenceSession", licence="MIT", commercial=True,
        attribution="nobody", folder="/x",
    )  # fmt: skip
    with pytest.raises(StudioError, match="takes no mix apart"):
        separate(Loaded(part, six.model, None, "cpu", "float32", 0), mix(100), Heard())


def test_what_the_runtime_cannot_do_is_a_sentence(tmp_path: Path) -> None:
    write_splitter(tmp_path / "stems.onnx", 4_096)
    file = tmp_path / "stems.onnx"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LoadingError, match=r"could not be loaded .*; verify it, or fetch it again"):
        network(tmp_path)
    file.write_bytes(
        whole.replace(np.array([1, 2, 6, -1], np.int64).tobytes(), np.array([1, 2, 5, 7], np.int64).tobytes())
    )
    with pytest.raises(StudioError, match="“Tiny” could not do that"):
        separate(network(tmp_path), mix(100), Heard())


def test_the_catalogue_names_the_stems_of_its_networks() -> None:
    networks = load_catalogue().of_task("stems")
    assert networks and all(spec.stems and set(spec.stems) <= set(STEM_TITLES) for spec in networks)
