"""A VST3 instrument, played: a real one, built for the tests."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mixes import RATE, Floats, even, rendering, stream
from playing import BEAT, cuts, heard, pitch, played, song
from studio.document.instruments import Instrument
from studio.document.notes import Controller, Note
from studio.engine.audio.instruments import plugins
from studio.engine.audio.instruments.making import live_step, make_synth
from studio.engine.audio.instruments.plugin import GRID, PluginSynth, _Made
from studio.engine.audio.instruments.synth import SilentSynth
from studio.engine.audio.livenotes import LiveNotes
from studio.engine.audio.score import SILENT_SCORE
from vst3 import MAKER, build

LATE = 300


@pytest.fixture(scope="module", autouse=True)
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Four instruments in the catalogue."""
    folder = tmp_path_factory.mktemp("vst3")
    build(folder)
    build(folder, "Late", f"LATENCY={LATE}")
    build(folder, "Mute", "MUTE")
    before = plugins.catalogue.files
    plugins.catalogue.know(plugins.scan([folder], [], lambda *_: None, lambda: False))
    yield
    plugins.catalogue.know(before)


def tone(name: str = "Tone", **values: float) -> Instrument:
    return Instrument("plugin", f"{name} ({MAKER})", parameters=tuple(sorted(values.items())))


def wait(ready: Callable[[], bool]) -> None:
    for _ in range(500):
        if ready():
            return
        time.sleep(0.01)
    raise AssertionError("it never came")


def spare(synth: object) -> bool:
    return isinstance(synth, PluginSynth) and len(synth._stock) > 1


def test_a_note_sounds_at_its_very_frame_and_ends() -> None:
    sound = heard(tone(), Note("a", 961, 960, 69))
    first, last = np.flatnonzero(sound.any(0))[[0, -1]]
    begin, end = round(961 * RATE / 1920), round(1921 * RATE / 1920)
    assert first == begin + 1  # a sine begins with nothing
    assert end < last <= end + 64
    assert pitch(sound[:, 24_000:40_000]) == pytest.approx(440, abs=1)


def test_any_split_into_blocks_gives_the_same_samples() -> None:
    notes = tuple(Note(f"n{at}", 331 * at, 500, 48 + at) for at in range(12))
    plan = song(notes, tone(), (Controller(700, 7, 90),))
    whole = played(plan, 0, [8192] * 12)
    assert whole.any()
    assert np.array_equal(played(plan, 0, cuts(whole.shape[1], 3))[:, : whole.shape[1]], whole)
    assert np.array_equal(played(plan, 0, even(whole.shape[1], 700))[:, : whole.shape[1]], whole)


def test_playing_again_from_a_place_is_playing_it_for_the_first_time() -> None:
    plan = song((Note("a", 0, 4000, 60), Note("b", 1000, 200, 67)), tone())
    fresh = played(plan, 20_000, even(30_000))
    with rendering(plan) as renderer:
        synth = renderer._strips[0].synth
        for _ in range(3):
            wait(lambda: spare(synth))
            stream(renderer, 0, even(10_000))
            renderer.reset(20_000)
            again = stream(renderer, 20_000, even(30_000))
    assert np.array_equal(again, fresh)


def test_hurried_resets_leave_no_note_behind() -> None:
    plan = song((Note("a", 0, 9600, 60),), tone())
    with rendering(plan) as renderer:
        for _ in range(6):
            renderer.reset(0)
            stream(renderer, 0, [2000])
        renderer.reset(200_000 + 9600)
        rest = stream(renderer, 209_600, even(4000))
    assert not rest[:, 200:].any()


def test_reported_latency_is_made_up_for() -> None:
    notes = (Note("a", 0, 480, 69), Note("b", 961, 960, 72))
    plain, late = (heard(tone(name), *notes) for name in ("Tone", "Late"))
    synth = make_synth(tone("Late"), RATE)
    assert isinstance(synth, PluginSynth)
    assert synth._stock[0].latency == LATE
    assert np.array_equal(late, plain)


def test_parameters_are_set_by_name_within_bounds_and_go_back() -> None:
    loud, usual = (float(np.abs(heard(i, Note("a", 0, 960, 69))).max()) for i in (tone(level=1.0), tone()))
    assert loud == pytest.approx(2 * usual, rel=1e-3)
    assert float(np.abs(heard(tone(level=9.0, unknown=1.0), Note("a", 0, 960, 69))).max()) == pytest.approx(loud)
    synth = make_synth(tone(level=0.25), RATE)
    synth.reset(SILENT_SCORE, 0)
    synth.set(tone())
    assert isinstance(synth, PluginSynth)
    assert synth._stock[0].parameters["level"].raw_value == pytest.approx(0.5)
    synth.set(tone(octave=0.5))
    up = heard(tone(octave=0.5), Note("a", 0, 1920, 69))
    assert pitch(up[:, 2000:40_000]) == pytest.approx(880, abs=1)


def test_controllers_reach_it() -> None:
    quiet = heard(tone(), Note("a", 0, 1920, 69), controls=(Controller(960, 7, 16),))
    before, after = (float(np.abs(part).max()) for part in (quiet[:, 5000:20_000], quiet[:, 26_000:40_000]))
    assert after == pytest.approx(before * 16 / 127 / 0.5, rel=0.02)


def test_more_events_in_a_frame_than_pedalboard_would_take() -> None:
    controls = tuple(Controller(100, 7, 100 - at % 2) for at in range(150))
    sound = heard(tone(), Note("a", 0, 1920, 69), controls=controls)
    assert sound[:, 10_000:20_000].any()


def test_what_is_not_installed_is_silent_and_says_what_to_do() -> None:
    synth = make_synth(Instrument("plugin", "Absent (Nobody)"), RATE)
    assert isinstance(synth, SilentSynth)
    assert "Absent (Nobody)" in synth.notice
    assert "install it" in synth.notice
    with rendering(song((Note("a", 0, 960, 69),), Instrument("plugin", "Absent (Nobody)"))) as renderer:
        assert not stream(renderer, 0, even(20_000)).any()
        assert [notice for notice in renderer.notices if "Absent" in notice] == [synth.notice]


def test_a_song_cannot_name_a_file(tmp_path: Path) -> None:
    hidden = build(tmp_path, "Hidden")
    for preset in (str(hidden), f"Hidden ({MAKER})", "../Hidden.vst3"):
        assert isinstance(make_synth(Instrument("plugin", preset), RATE), SilentSynth)


def test_a_plug_in_that_fails_while_it_plays_is_silent_and_says_so() -> None:
    with rendering(song((Note("a", 0, 9600, 69),), tone())) as renderer:
        synth = renderer._strips[0].synth
        assert isinstance(synth, PluginSynth)
        stream(renderer, 0, [GRID])
        synth._stock[0].channels = 7  # pedalboard refuses
        assert not stream(renderer, GRID, [4096])[:, GRID:].any()
        assert ["failed" in notice for notice in renderer.notices] == [True]
        stream(renderer, GRID + 4096, [4096])
        assert not renderer.notices or len(renderer.notices) == 1


def test_a_silent_one_falls_asleep() -> None:
    synth = make_synth(tone("Mute"), RATE)
    plan = song((Note("a", 0, 960, 69),), tone("Mute"))
    synth.reset(plan.strips[0].score, 0)
    synth.play(plan.strips[0].score, 0, BEAT // 2)
    assert synth.active
    synth.play(plan.strips[0].score, BEAT // 2, 4 * RATE)
    assert not synth.active


def test_played_by_hand() -> None:
    live = LiveNotes("t", make_synth(tone("Late"), RATE, by_hand=True), live_step(tone("Late")))
    sound = list[Floats]()
    for block in range(40):
        if block == 3:
            live.note(69, 100)
        if block == 20:
            live.note(69, 0)
        taken = live.take(333, (1.0, 1.0))
        sound.append(np.zeros((333, 2), np.float32) if taken is None else taken)
    whole = np.concatenate(sound)
    first, last = np.flatnonzero(whole.any(1))[[0, -1]]
    assert 3 * 333 + LATE <= first <= 3 * 333 + LATE + 140
    assert 20 * 333 + LATE < last < 20 * 333 + LATE + 400


def test_plug_ins_are_made_and_freed_on_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    made, freed = set[str](), list[str]()

    class Noted(_Made):
        def __init__(self, *arguments: Any) -> None:
            made.add(threading.current_thread().name)
            super().__init__(*arguments)

        def __del__(self) -> None:
            freed.append(threading.current_thread().name)

    monkeypatch.setattr("studio.engine.audio.instruments.plugin._Made", Noted)
    synths = [make_synth(tone(), RATE)]
    wait(lambda: spare(synths[0]))
    synths[0].reset(SILENT_SCORE, 0)
    synths[0].play(SILENT_SCORE, 0, 1000)
    synths[0].reset(SILENT_SCORE, 0)
    wait(lambda: len(freed) == 1)
    wait(lambda: spare(synths[0]))
    synths.clear()
    wait(lambda: len(freed) == 3)
    assert {*made, *freed} == {"plug-ins"}
