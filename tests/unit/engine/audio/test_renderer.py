"""The renderer: its promise, held against random songs and splits, and its sound, held against plain arithmetic."""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mixes import RATE, Floats, Mix, even, noise, rendered, rendering, stream
from studio.document.project import Comp, Insert, Send, Span, Strip, Take
from studio.engine.audio.effects import KINDS
from studio.engine.audio.preparing import prepare
from studio.engine.audio.renderer import Renderer
from studio.engine.audio.strip import CELL

SECONDS = 2
LENGTH = SECONDS * RATE
HALF = np.sqrt(0.5)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Mix:
    """A mix without tracks, with four sounds of two seconds."""
    mix = Mix(tmp_path_factory.mktemp("media"))
    decay = np.exp(-np.arange(LENGTH) / 9000).astype(np.float32)
    mix.media(noise(LENGTH, 2, 1))
    mix.media(noise(LENGTH, 1, 2) * decay, "PCM_24")
    mix.media(noise(LENGTH, 2, 3, 0.6) * decay, "PCM_16")
    mix.media(noise(LENGTH, 1, 4, 0.5))
    return mix


@pytest.fixture
def mix(studio: Mix) -> Iterator[Mix]:
    """The same, for one test."""
    before = studio.project
    yield studio
    studio.project = before


# -- the promise -------------------------------------------------------------------------------------------------------

effects = st.lists(st.sampled_from(sorted(KINDS)), max_size=3)
levels = st.sampled_from([0.0, 0.3, 1.0, 1.7])
pans = st.sampled_from([-1.0, -0.3, 0.0, 0.6])


@st.composite
def songs(draw: st.DrawFn, mix: Mix) -> None:
    """Fills the mix with tracks, a comp, buses that feed each other, effects everywhere."""
    numbers = iter(range(10_000))

    def inserts() -> tuple[Insert, ...]:
        return tuple(Insert(f"insert-{next(numbers)}", kind) for kind in draw(effects))

    def strip(buses: int) -> Strip:
        sends = tuple(
            Send(f"send-{next(numbers)}", f"track-{bus}", draw(levels), draw(st.booleans()))
            for bus in range(buses)
            if draw(st.booleans())
        )
        solo, mute = draw(st.integers(0, 9)) == 0, draw(st.integers(0, 7)) == 0
        return Strip(draw(levels), draw(pans), mute, solo, inserts(), sends)

    for bus in range(2):
        mix.track((), strip(bus), "bus")
    for _ in range(draw(st.integers(1, 3))):
        clips = []
        for _ in range(draw(st.integers(0, 4))):
            media = draw(st.sampled_from([m.id for m in mix.project.media]))
            source, start = draw(st.integers(0, LENGTH - 1000)), draw(st.integers(-500, LENGTH))
            length = draw(st.integers(1, LENGTH - source))
            fades = {"fade_in": draw(st.integers(0, length // 2)), "fade_out": draw(st.integers(0, length // 2))}
            shape = draw(st.sampled_from(["linear", "equal_power"]))
            one = mix.clip(media, start, source, length, gain=draw(levels), fade_shape=shape, **fades)
            clips.append(replace(one, id=f"clip-{next(numbers)}"))
        mix.track(clips, strip(2))
    mix.project = replace(mix.project, master=Strip(draw(levels), draw(pans), inserts=inserts()))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_split_gives_the_same_samples_and_so_does_a_reset(mix: Mix, data: st.DataObject) -> None:
    before = mix.project
    try:
        data.draw(songs(mix))
        plan = mix.plan()
    finally:
        mix.project = before
    position = data.draw(st.integers(0, LENGTH))
    largest = data.draw(st.sampled_from([50, 700, 3000, 40_000]))
    random = np.random.default_rng(data.draw(st.integers(0, 9)))
    blocks: list[int] = []
    while sum(blocks) < min(LENGTH // 2, largest * 150):
        blocks.append(int(random.integers(1, largest + 1)))
    whole = rendered(plan, position, even(sum(blocks)))
    assert np.array_equal(rendered(plan, position, blocks), whole)
    with rendering(plan) as renderer:
        stream(renderer, position + 3000, even(20_000, 1024))
        renderer.reset(position)
        assert np.array_equal(stream(renderer, position, blocks), whole)
    for block in (16_384, 4096):
        with ThreadPoolExecutor(1) as crew, rendering(plan, metering=False, crew=crew) as renderer:
            assert np.array_equal(stream(renderer, position, even(sum(blocks), block)), whole)


def test_tails_end_at_the_same_frame_in_any_split(mix: Mix) -> None:
    inserts = (Insert("r", "reverb", (("room_size", 0.1),)), Insert("h", "highpass"))
    mix.track([mix.clip("media-000", 0, 0, 9000)], Strip(inserts=inserts))
    mix.track([mix.clip("media-003", 5 * RATE, 0, 9000)], Strip(inserts=(Insert("p", "phaser"),)))
    plan = mix.plan()
    whole = rendered(plan, 0, even(6 * RATE))
    assert np.array_equal(rendered(plan, 0, even(6 * RATE, 1777)), whole)
    last = np.flatnonzero(np.abs(whole[:, : 5 * RATE]).max(axis=0))[-1]
    loud = np.flatnonzero(np.abs(whole[:, : 5 * RATE]).max(axis=0) >= 10 ** (-90 / 20))[-1]
    assert loud + RATE <= last + 1 <= loud + RATE + 2 * CELL


def test_effects_sleep_through_silence_inside_a_clip_and_wake_at_the_very_frame(studio: Mix) -> None:
    silent = np.zeros((2, 6 * RATE), np.float32)
    silent[:, :5000] = noise(5000, seed=1)
    silent[:, 5 * RATE + 4321 :] = noise(RATE - 4321, seed=2)
    before = studio.project
    inserts = tuple(Insert(kind, kind) for kind in ("highpass", "compressor", "chorus", "reverb", "phaser"))
    studio.track([studio.clip(studio.media(silent), 0)], Strip(inserts=inserts))
    plan = studio.plan()
    studio.project = before
    with rendering(plan) as renderer:
        whole = stream(renderer, 0, even(4 * RATE))
        (strip,) = renderer._strips
        assert not strip.awake
        whole = np.concatenate([whole, stream(renderer, 4 * RATE, even(2 * RATE))], axis=1)
        assert strip.awake
    assert not whole[:, 4 * RATE : 5 * RATE + 4321].any()
    assert whole[:, 5 * RATE + 4321].any()
    assert np.array_equal(rendered(plan, 0, even(6 * RATE, 1333)), whole)
    afresh = rendered(plan, 5 * RATE, even(RATE))
    assert np.array_equal(afresh, whole[:, 5 * RATE :])


# -- the sound ---------------------------------------------------------------------------------------------------------


def sound(mix: Mix, number: int) -> Floats:
    """The samples of a media, as (channels, frames) float64."""
    import soundfile

    return soundfile.read(mix.paths[f"media-{number:03d}"], dtype="float64", always_2d=True)[0].T


def close(got: Floats, expected: np.ndarray) -> bool:
    return bool(np.abs(got - expected).max() < 2e-7 * max(np.abs(expected).max(), 1))


def test_one_clip_is_its_media(mix: Mix) -> None:
    mix.track([mix.clip("media-000", 700)])
    got = rendered(mix.plan(), 0, even(LENGTH + 1000))
    assert np.array_equal(got[:, 700 : 700 + LENGTH], sound(mix, 0).astype(np.float32))
    assert not got[:, :700].any()
    assert not got[:, 700 + LENGTH :].any()


def test_gains_pans_and_sums(mix: Mix) -> None:
    mix.track([mix.clip("media-000", 0, gain=0.5)], Strip(gain=0.8, pan=-0.5))
    mix.track([mix.clip("media-001", 1000)], Strip(gain=1.5, pan=0.25))
    mix.track([mix.clip("media-003", 0), mix.clip("media-002", 3000)])
    mix.strip("master", gain=0.7, pan=0.5)
    expected = np.zeros((2, LENGTH + 3000))
    expected[:, :LENGTH] += sound(mix, 0) * 0.5 * 0.8 * [[1], [0.5]]
    angle = 1.25 * np.pi / 4
    expected[:, 1000 : 1000 + LENGTH] += sound(mix, 1) * 1.5 * [[np.cos(angle)], [np.sin(angle)]]
    expected[:, :LENGTH] += sound(mix, 3) * HALF
    expected[:, 3000:] += sound(mix, 2)
    expected *= [[0.35], [0.7]]
    assert close(rendered(mix.plan(), 0, even(LENGTH + 3000)), expected)


def test_mono_at_the_centre_is_3_db_down_on_either_side(mix: Mix) -> None:
    mix.track([mix.clip("media-001", 0)])
    got = rendered(mix.plan(), 0, even(LENGTH))
    assert close(got, np.repeat(sound(mix, 1) * HALF, 2, axis=0))


def test_fades_and_cuts(mix: Mix) -> None:
    mix.track([mix.clip("media-000", 0, 500, 20_000, fade_in=3000, fade_shape="linear")])
    got = rendered(mix.plan(), 0, even(20_000, 333))
    envelope = np.ones(20_000)
    envelope[:3000] = (np.arange(3000) + 0.5) / 3000
    envelope[-64:] = (np.arange(64)[::-1] + 0.5) / 64
    assert close(got, sound(mix, 0)[:, 500:20_500] * envelope)


def test_split_clips_sound_like_one(mix: Mix) -> None:
    mix.track([mix.clip("media-000", 100, 200, 60_000)])
    whole = rendered(mix.plan(), 0, even(70_000))
    cuts = [0, 7, 500, 16_384, 40_001, 60_000]
    clips = [mix.clip("media-000", 100 + a, 200 + a, b - a) for a, b in itertools.pairwise(cuts)]
    mix.project = replace(mix.project, tracks=())
    mix.track(clips)
    assert np.array_equal(rendered(mix.plan(), 0, even(70_000)), whole)


def test_comps_crossfade(mix: Mix) -> None:
    takes = (Take("a", 1, "", "media-000", 0, 0, 40_000), Take("b", 2, "", "media-002", 0, 0, 40_000))
    mix.track([Comp("c", "", 0, 0, 0, 40_000, takes, (Span(20_000, "a"), Span(40_000, "b")))])
    got = rendered(mix.plan(), 0, even(40_000))
    way = (np.arange(480) + 0.5) / 480 * np.pi / 2
    a, b = sound(mix, 0)[:, :40_000].copy(), sound(mix, 2)[:, :40_000].copy()
    a[:, 19_760:20_240] *= np.cos(way)
    a[:, 20_240:] = 0
    b[:, 19_760:20_240] *= np.sin(way)
    b[:, :19_760] = 0
    b[:, -64:] *= (np.arange(64)[::-1] + 0.5) / 64
    assert close(got, a + b)


def test_mute_and_solo(mix: Mix) -> None:
    for number in (0, 2):
        mix.track([mix.clip(f"media-00{number}", 0)])
    mix.strip("track-0", mute=True)
    assert np.array_equal(rendered(mix.plan(), 0, even(LENGTH)), sound(mix, 2).astype(np.float32))
    mix.strip("track-0", mute=False, solo=True)
    assert np.array_equal(rendered(mix.plan(), 0, even(LENGTH)), sound(mix, 0).astype(np.float32))


def test_sends_before_and_after_the_fader_and_solo_of_the_bus(mix: Mix) -> None:
    sends = (Send("pre", "track-1", 0.5, True), Send("post", "track-2", 0.25))
    mix.track([mix.clip("media-000", 0)], Strip(gain=0.4, pan=0.5, sends=sends))
    mix.track((), Strip(), "bus")
    mix.track((), Strip(gain=2.0), "bus")
    dry = sound(mix, 0) * 0.4 * [[0.5], [1]]
    assert close(rendered(mix.plan(), 0, even(LENGTH)), dry + sound(mix, 0) * 0.5 + dry * 0.25 * 2)
    mix.strip("track-2", solo=True)
    assert close(rendered(mix.plan(), 0, even(LENGTH)), dry * 0.25 * 2)
    mix.strip("track-2", solo=False)
    mix.strip("track-0", mute=True)
    assert not rendered(mix.plan(), 0, even(LENGTH)).any()


def test_what_looks_ahead_is_lined_up(mix: Mix) -> None:
    """Two tracks of the same sound, one through a limiter that has nothing to do, and a bus of both: all in time."""
    limiter = (Insert("l", "limiter", (("ceiling_db", 0.0),)),)
    for inserts in (limiter, ()):
        send = Send(f"s{len(inserts)}", "track-2", 0.5)
        mix.track([mix.clip("media-001", 3000)], Strip(gain=0.1, inserts=inserts, sends=(send,)))
    mix.track((), Strip(inserts=(replace(limiter[0], id="bus"),)), "bus")
    mix.strip("master", inserts=(replace(limiter[0], id="master"),))
    plan = mix.plan()
    expected = np.zeros((2, LENGTH + 3000))
    expected[:, 3000:] = sound(mix, 1) * HALF * 0.1 * 2 * 1.5
    assert close(rendered(plan, 0, even(LENGTH + 3000)), expected)
    assert close(rendered(plan, 20_000, even(30_000, 500)), expected[:, 20_000:50_000])
    with rendering(plan) as renderer:
        assert renderer.latency == 720


def test_a_loop_is_seamless_for_what_looks_ahead(mix: Mix) -> None:
    mix.track([mix.clip("media-000", 0)], Strip(gain=0.1, inserts=(Insert("l", "limiter"),)))
    start, end = 5000, 31_111
    with rendering(mix.plan()) as renderer:
        renderer.loop = (start, end)
        first = stream(renderer, 2000, even(end - 2000, 1024))
        again = [stream(renderer, start, even(end - start, 1024)) for _ in range(3)]
    dry = sound(mix, 0) * 0.1
    assert close(first, dry[:, 2000:end])
    assert all(close(lap, dry[:, start:end]) for lap in again)


def test_a_jump_lets_tails_ring_and_a_reset_ends_them(mix: Mix) -> None:
    mix.track([mix.clip("media-000", 0, 0, 20_000)], Strip(inserts=(Insert("r", "reverb", (("mix", 1.0),)),)))
    with rendering(mix.plan()) as renderer:
        stream(renderer, 0, even(20_000))
        ringing = stream(renderer, 10 * RATE, even(4000))
        renderer.reset(10 * RATE)
        ended = stream(renderer, 10 * RATE, even(4000))
    assert np.abs(ringing).max() > 0.01
    assert not ended.any()


# -- while it plays ----------------------------------------------------------------------------------------------------


def test_a_fader_moves_without_a_click_and_arrives(mix: Mix) -> None:
    mix.track([mix.clip("media-001", 0, 0, 20_000)])
    with rendering(mix.plan()) as renderer:
        before = stream(renderer, 0, [1000])
        renderer.set_strip("track-0", gain=0.5, pan=-1.0)
        block = renderer.render(1000, 1000)
        after = stream(renderer, 2000, [1000])
    assert renderer.gains()["track-0"] == pytest.approx((0.5, 0.0))
    mono = sound(mix, 1)[0]
    way = np.clip(np.arange(1000) / renderer.ramp, 0, 1)
    assert renderer.ramp == 240
    assert np.allclose(before, mono[:1000] * HALF, atol=1e-6)
    assert np.allclose(block.master[0], mono[1000:2000] * (HALF + (0.5 - HALF) * way), atol=1e-6)
    assert np.allclose(block.master[1], mono[1000:2000] * HALF * (1 - way), atol=1e-6)
    assert np.allclose(after[0], mono[2000:3000] * 0.5, atol=1e-6)
    assert block.gains["track-0"] == pytest.approx((0.5, 0.0))


def test_mute_and_solo_by_slot(mix: Mix) -> None:
    for number in (0, 2):
        mix.track([mix.clip(f"media-00{number}", 0)])
    with rendering(mix.plan()) as renderer:
        stream(renderer, 0, [1000])
        renderer.set_strip("track-0", solo=True)
        renderer.render(1000, 1000)
        assert np.array_equal(stream(renderer, 2000, [1000]), sound(mix, 0)[:, 2000:3000].astype(np.float32))
        renderer.set_strip("track-0", solo=False, mute=True)
        renderer.render(3000, 1000)
        assert np.array_equal(stream(renderer, 4000, [1000]), sound(mix, 2)[:, 4000:5000].astype(np.float32))
        renderer.set_strip("nobody", gain=3.0)


def test_a_new_plan_changes_what_it_changes_and_keeps_what_rings(mix: Mix) -> None:
    mix.track([mix.clip("media-000", 0, 0, 20_000)], Strip(inserts=(Insert("r", "reverb", (("mix", 1.0),)),)))
    plan = mix.plan()
    with rendering(plan) as untouched:
        whole = stream(untouched, 0, even(60_000))
    mix.track([mix.clip("media-001", 40_000)])
    nodes = prepare(plan)
    with rendering(plan) as renderer:
        renderer.adopt(plan, nodes)
        renderer.reset(0)
        first = stream(renderer, 0, even(30_720))
        changed = mix.plan()
        renderer.adopt(changed, prepare(changed, nodes))
        renderer.set_strip("track-1", gain=0.0)
        rest = stream(renderer, 30_720, even(60_000 - 30_720))
    assert np.array_equal(first, whole[:, :30_720])
    assert np.abs(rest - whole[:, 30_720:]).max() < 1e-6


def test_a_gesture_is_not_undone_by_a_plan_that_does_not_touch_it(mix: Mix) -> None:
    mix.track([mix.clip("media-000", 0)])
    plan = mix.plan()
    with rendering(plan) as renderer:
        renderer.set_strip("track-0", gain=0.25)
        renderer.adopt(mix.plan(), prepare(plan))
        assert renderer.gains()["track-0"] == (0.25, 0.25)
        mix.strip("track-0", gain=0.75)
        renderer.adopt(mix.plan(), prepare(plan))
        assert renderer.gains()["track-0"] == (0.75, 0.75)


def test_retired_nodes_are_handed_back(mix: Mix) -> None:
    mix.track((), Strip(inserts=(Insert("g", "gain"), Insert("h", "highpass"))))
    plan = mix.plan()
    nodes = prepare(plan)
    mix.strip("track-0", inserts=(Insert("h", "highpass"),))
    changed = mix.plan()
    with rendering(plan) as renderer:
        renderer.retired.clear()
        renderer.adopt(plan, nodes)
        renderer.retired.clear()
        renderer.adopt(changed, prepare(changed, nodes))
        assert [node.kind.name for node in renderer.retired] == ["gain"]


def test_what_is_told_about_a_block(mix: Mix) -> None:
    mix.track([mix.clip("media-001", 0)], Strip(gain=0.5, pan=1.0))
    mix.track([mix.clip("media-000", 3 * RATE)])
    with rendering(mix.plan()) as renderer:
        block = renderer.render(0, 2048)
    mono = sound(mix, 1)[0, :2048].astype(np.float32)
    assert block.strips.keys() == {"track-0", "master"}
    assert np.array_equal(block.strips["track-0"], np.stack([mono, mono]))
    assert block.peaks["track-0"] == pytest.approx((0, np.abs(mono).max() * 0.5))
    assert block.peaks["master"] == pytest.approx(tuple(np.abs(block.master).max(axis=1)))
    assert block.gains["track-0"] == pytest.approx((0, 0.5))
    assert block.gains["master"] == (1.0, 1.0)


def test_without_a_plan_and_without_frames() -> None:
    from studio.engine.audio.pages import PageReader

    pages = PageReader(RATE)
    renderer = Renderer(RATE, pages)
    assert not renderer.render(0, 100).master.any()
    assert renderer.ready(0, 100)
    assert renderer.render(0, 0).master.shape == (2, 0)
    pages.close()


def test_the_render_thread_opens_logs_and_imports_nothing(mix: Mix, tmp_path: Path) -> None:
    """Under an audit hook that notes what this thread does, songs with every effect render from pages that are read."""
    for number, kind in enumerate(KINDS):
        mix.track([mix.clip(f"media-00{number % 4}", 100)], Strip(inserts=(Insert(kind, kind),)))
    plan = mix.plan()
    nodes = prepare(plan)
    with rendering(plan) as renderer:
        renderer.patience = 0.0
        while not renderer.ready(0, LENGTH):
            pass
        done = AUDIT.watch()
        renderer.adopt(plan, nodes)
        renderer.reset(0)
        for at in range(0, LENGTH - 2048, 2048):
            renderer.ready(at, 2048)
            renderer.render(at, 2048)
            renderer.set_strip("track-1", gain=at / LENGTH)
        seen = done()
        assert renderer.pages.late == 0
    assert seen == []
    done = AUDIT.watch()
    (tmp_path / "x").touch()
    assert "open" in done()


class _Audit:
    """Notes the audit events of one thread that a render thread must not cause. A hook can never be removed."""

    FORBIDDEN = ("open", "socket", "import", "os.", "subprocess", "logging", "mmap", "sqlite3", "ctypes", "shutil")

    def __init__(self) -> None:
        self._thread = 0
        self._seen: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, _: object) -> None:
        if self._thread == threading.get_ident() and event.startswith(self.FORBIDDEN):
            self._seen.append(event)

    def watch(self):  # type: ignore[no-untyped-def]
        self._seen = seen = []
        self._thread = threading.get_ident()

        def done() -> list[str]:
            self._thread = 0
            return list(seen)

        return done


AUDIT = _Audit()
