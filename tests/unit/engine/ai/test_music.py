"""Music by tiny models of every family: deterministic, as long as asked for, stopped at every stage, a range made anew
in its place and nowhere else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from models import TinyModels
from studio.engine.ai.forms import read_values
from studio.engine.ai.loading import Loaded, load
from studio.engine.ai.music import make_music, rate_of
from studio.engine.ai.sounding import decode, level, set_in
from studio.engine.ai.specs import ModelSpec
from studio.engine.jobs import Cancelled, Work
from studio.errors import StudioError

FAMILIES = ("AceStepPipeline", "StableAudio3Pipeline", "StableAudioPipeline")
EDITORS = FAMILIES[:2]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Loaded]:
    models = TinyModels(tmp_path_factory.mktemp("models"))
    kept: dict[str, Loaded] = {}

    def get(loader: str) -> Loaded:
        if loader not in kept:
            folder = models.folder(loader)
            spec = ModelSpec(
                name="tiny", title="Tiny", task="music", loader=loader, licence="MIT", commercial=True,
                attribution="nobody", folder=str(folder),
            )  # fmt: skip
            kept[loader] = load(spec, folder)
        return kept[loader]

    return get


def work(report: Callable[[float, str], None] = lambda *_: None, stop: threading.Event | None = None) -> Work:
    return Work(report, stop or threading.Event())


def make(loaded: Loaded, task: str = "music", seed: int = 7, source: Any = None, **values: Any) -> Any:
    given = {"prompt": "calm piano", "steps": 2, **({"seconds": 1.0} if task == "music" else {}), **values}
    if source is not None:
        given["source"] = "given"
    return make_music(loaded, task, read_values(task, given), seed, source, work())


def sound_for(loaded: Loaded, seconds: float) -> np.ndarray:
    noise = np.random.default_rng(3).normal(0, 0.1, (2, round(seconds * rate_of(loaded))))
    return noise.astype(np.float32)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_seed_makes_the_same_and_another_does_not(loaded: Callable[[str], Loaded], family: str) -> None:
    model = loaded(family)
    one, two, other = make(model), make(model), make(model, seed=8)
    assert one.shape == (2, rate_of(model)) and one.dtype == np.float32
    assert np.array_equal(one, two) and not np.array_equal(one, other)
    assert np.isfinite(one).all() and np.abs(one).max() == pytest.approx(10 ** (-1 / 20), abs=1e-4)
    assert not np.array_equal(one, make(model, prompt="loud guitars"))


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_text_is_encoded_once(
    loaded: Callable[[str], Loaded], family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, calls = loaded(family), []
    encode = type(model.model).encode_prompt
    monkeypatch.setattr(type(model.model), "encode_prompt", lambda *a, **k: calls.append(1) or encode(*a, **k))
    first = make(model, prompt=f"only for {family}")
    so_far = len(calls)
    assert so_far > 0 and np.array_equal(make(model, prompt=f"only for {family}"), first)
    assert len(calls) == so_far
    make(model, prompt="another text")
    assert len(calls) > so_far
    assert "encode_prompt" not in vars(model.model)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("stage", ["Reading", "Step 1", "Decoding"])
def test_it_stops_at_every_stage(loaded: Callable[[str], Loaded], family: str, stage: str) -> None:
    stop, heard = threading.Event(), []

    def report(_: float, message: str) -> None:
        heard.append(message)
        if message.startswith(stage):
            stop.set()

    values = read_values("music", {"prompt": f"stop {stage}", "seconds": 1.0, "steps": 2})
    with pytest.raises(Cancelled):
        make_music(loaded(family), "music", values, 1, None, _eager(report, stop))
    assert heard[-1].startswith(stage)
    make(loaded(family))


def _eager(report: Callable[[float, str], None], stop: threading.Event) -> Work:
    """A work that passes every report on at once."""

    class Eager(Work):
        def report(self, progress: float, message: str = "") -> None:
            self._report(progress, message or self._message)

        def part(self, begin: float, end: float) -> Work:
            return Eager(lambda p, m: self.report(begin + (end - begin) * p, m), self._cancel)

    return Eager(report, stop)


@pytest.mark.parametrize("family", EDITORS)
def test_a_range_is_made_anew_and_nothing_else(loaded: Callable[[str], Loaded], family: str) -> None:
    model = loaded(family)
    rate, source = rate_of(model), sound_for(model, 3.0)
    made = make(model, "music-repaint", source=source, begin=1.0, end=2.0)
    assert made.shape == source.shape and np.isfinite(made).all()
    assert np.array_equal(made[:, :rate], source[:, :rate])
    assert np.array_equal(made[:, 2 * rate :], source[:, 2 * rate :])
    assert np.array_equal(made, make(model, "music-repaint", source=source, begin=1.0, end=2.0))
    inside = slice(round(1.1 * rate), round(1.9 * rate))
    assert not np.allclose(made[:, inside], source[:, inside], atol=1e-3)
    with pytest.raises(StudioError, match=r"lies beyond the sound, which ends at 3\.00 s"):
        make(model, "music-repaint", source=source, begin=4.0, end=5.0)


@pytest.mark.parametrize("family", EDITORS)
def test_a_sound_is_made_longer(loaded: Callable[[str], Loaded], family: str) -> None:
    model = loaded(family)
    rate, source = rate_of(model), sound_for(model, 3.0)
    made = make(model, "music-extend", source=source, seconds=1.5)
    assert made.shape == (2, round(4.5 * rate))
    assert np.array_equal(made[:, : round(1.4 * rate)], source[:, : round(1.4 * rate)])
    assert np.abs(made[:, 3 * rate :]).max() > 1e-4


def test_likeness_to_a_sound(loaded: Callable[[str], Loaded]) -> None:
    model = loaded("StableAudio3Pipeline")
    source = sound_for(model, 1.0)
    near, far = (make(model, "music-cover", source=source, likeness=likeness) for likeness in (1.0, 0.0))
    assert near.shape == source.shape and not np.allclose(near, far, atol=1e-3)


def test_what_a_model_cannot_do_is_said(loaded: Callable[[str], Loaded]) -> None:
    with pytest.raises(StudioError, match="cannot do that"):
        make(loaded("StableAudioPipeline"), "music-repaint", source=np.zeros((2, 9999), np.float32))
    with pytest.raises(StudioError, match="cannot be told “lyrics”"):
        make(loaded("StableAudio3Pipeline"), lyrics="[verse] la")
    with pytest.raises(StudioError, match="cannot be told “negative”"):
        make(loaded("AceStepPipeline"), negative="drums")
    with pytest.raises(StudioError, match="makes at most"):
        make(loaded("StableAudioPipeline"), seconds=500.0)
    with pytest.raises(StudioError, match="is empty"):
        make(loaded("AceStepPipeline"), "music-cover", source=np.zeros((2, 10), np.float32))
    with pytest.raises(StudioError, match="came without what it hears sounds with"):
        make(loaded("AceStepPipeline"), "music-cover", source=sound_for(loaded("AceStepPipeline"), 1.0))


@pytest.mark.parametrize("family", FAMILIES)
def test_decoding_in_pieces_is_decoding(loaded: Callable[[str], Loaded], family: str) -> None:
    import torch

    vae = loaded(family).model.vae
    latents = torch.randn(1, vae.config.decoder_input_channels if hasattr(vae.config, "decoder_input_channels") else
                          vae.config.latent_dim, 150, generator=torch.Generator().manual_seed(1))  # fmt: skip
    with torch.inference_mode():
        whole = vae.decode(latents).sample[0].float().numpy()
    seen: list[float] = []
    pieces, piece = decode(vae, latents, seen.append, piece=64)
    assert pieces.shape == whole.shape and piece == 64 and len(seen) == 3 and seen[-1] == 1.0
    assert np.abs(pieces - whole).max() < 1e-4 * max(np.abs(whole).max(), 1e-3)


class Short:
    """A decoder that has memory for so many latents at a time."""

    def __init__(self, most: int) -> None:
        self.most = most

    def decode(self, latents: Any) -> Any:
        import torch

        if latents.shape[-1] > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        made = latents.repeat_interleave(10, dim=-1)
        return type("Out", (), {"sample": made})


def test_the_levels_are_shown_while_it_is_decoded() -> None:
    import torch

    shown: list[Any] = []
    decode(Short(100), torch.linspace(-1.0, 0.5, 300).reshape(1, 1, 300), piece=50, show=shown.append)
    assert [int((one > 0).sum()) for one in shown] == [20, 40, 60, 80, 100, 120]
    assert all(one.dtype == np.float32 and one.shape == (120,) and one.max() == 1.0 for one in shown)
    assert shown[-1][0] > shown[-1][40] > shown[-1][75] < shown[-1][-1]
    decode(Short(100), torch.zeros(1, 1, 300), show=shown.append)
    assert not shown[-1].any()


def test_when_memory_is_short_the_pieces_become_smaller() -> None:
    import torch

    latents = torch.arange(400.0).reshape(1, 1, 400)
    sound, piece = decode(Short(100), latents)
    assert piece == 64 and np.array_equal(sound[0], np.repeat(np.arange(400.0, dtype=np.float32), 10))
    with pytest.raises(torch.OutOfMemoryError):
        decode(Short(10), latents)


def test_a_piece_is_set_in_without_a_step_at_the_level_of_what_is_around() -> None:
    rate = 8000
    t = np.arange(4 * rate) / rate
    source = np.stack([np.sin(2 * np.pi * 100 * t)] * 2).astype(np.float32)
    result = set_in(source, source * np.float32(0.4), rate, 2 * rate, rate)
    assert np.abs(result - source).max() < 1e-3
    other = np.stack([np.sin(2 * np.pi * 130 * t + 1)] * 2).astype(np.float32)
    result = set_in(source, other, rate, 2 * rate, rate)
    assert np.array_equal(result[:, :rate], source[:, :rate])
    assert np.abs(np.diff(result, axis=1)).max() < 1.3 * np.abs(np.diff(other, axis=1)).max()
    assert np.array_equal(level(np.zeros((2, 5), np.float32)), np.zeros((2, 5)))
