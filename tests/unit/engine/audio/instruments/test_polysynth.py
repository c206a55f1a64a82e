"""The synthesiser, measured."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mixes import RATE, Floats, even, rendering, stream
from playing import BEAT, centroid, cuts, heard, peak_db, pitch, played, song
from studio.document.instruments import Instrument
from studio.document.notes import Bend, Control, Controller, Note
from studio.document.project import Insert
from studio.engine.audio import instruments
from studio.engine.audio.instruments.making import make_synth
from studio.engine.audio.instruments.polysynth import MAX_VOICES, PolySynth
from studio.engine.audio.instruments.presets import KINDS
from studio.engine.audio.instruments.spectra import Bank
from studio.engine.audio.instruments.synth import SilentSynth
from studio.engine.audio.pages import PageReader
from studio.engine.audio.preparing import prepare
from studio.engine.audio.renderer import Renderer

PRESETS = tuple(KINDS["synth"].presets)


def synth(preset: str = "", **values: float) -> Instrument:
    return Instrument("synth", preset, parameters=tuple(sorted(values.items())))


def plain(**values: float) -> Instrument:
    """Nothing but what is given."""
    return synth("Organ", **{"sub": 0.0, "sine_2": 0.0, "sine_3": 0.0, "sine_4": 0.0, **values})


def steepest(sound: Floats) -> float:
    return float(np.abs(np.diff(sound)).max())


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_plays_its_note_at_its_level_and_ends(preset: str) -> None:
    for number in (36, 60, 84):
        sound = heard(synth(preset), Note("a", 0, 1920, number), seconds=4.0)
        assert peak_db(sound) == pytest.approx(-12, abs=1.5)
        assert not sound[:, -RATE // 10 :].any()
        middle = sound[:, 9600:40_000]
        ratio = pitch(middle) / (440 * 2 ** ((number - 69) / 12))
        assert min(abs(ratio / whole - 1) for whole in (0.5, 1, 2, 2.5, 3, 3.5, 4)) < 0.02, (number, ratio)
    fast = heard(synth(preset), *(Note(f"n{at}", 100 * at, 90, 60) for at in range(16)))
    assert np.isfinite(fast).all()


def test_a_note_begins_at_its_frame() -> None:
    sound = heard(synth("Organ"), Note("a", 961, 960, 69))
    first = int(np.flatnonzero(sound.any(0))[0])
    assert first - round(961 * RATE / 1920) in {0, 1, 2}


def test_nothing_folds_back_into_the_audible_band() -> None:
    for number in (64, 88, 106):
        sound = heard(synth("Organ", saw=1.0, sub=0.0), Note("a", 0, 3840, number))[0][9600:85_000]
        window = np.blackman(len(sound))
        spectrum = np.abs(np.fft.rfft(sound * window))
        hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
        harmonic = hertz / (440 * 2 ** ((number - 69) / 12))
        apart = np.abs(harmonic - np.round(harmonic)) * (440 * 2 ** ((number - 69) / 12)) > 10
        assert 20 * np.log10(spectrum[apart].max() / spectrum.max()) < -68


def test_the_filter_takes_what_is_above_its_cutoff_and_resonates_at_it() -> None:
    def spectrum(**values: float) -> np.ndarray:
        sound = heard(synth("Organ", saw=1.0, key_track=0.0, **values), Note("a", 0, 3840, 45))[0][9600:85_000]
        return np.abs(np.fft.rfft(sound * np.hanning(len(sound))))

    def at(found: np.ndarray, harmonic: int) -> float:
        middle = round(110.0 * harmonic * 75_400 / RATE)
        return 20 * np.log10(found[middle - 5 : middle + 6].max())

    levels = {"sine_1": 0.0, "sine_2": 0.0, "sine_3": 0.0, "sine_4": 0.0}
    flat = spectrum(**levels)
    closed, ringing = (spectrum(**levels, cutoff_hz=880.0, resonance=q) for q in (0.0, 0.7))
    slope = (at(closed, 64) - at(flat, 64)) - (at(closed, 32) - at(flat, 32))
    assert slope == pytest.approx(-24, abs=1.5)
    assert at(closed, 2) - at(flat, 2) == pytest.approx(at(closed, 1) - at(flat, 1), abs=0.5)
    assert (at(ringing, 8) - at(ringing, 1)) - (at(closed, 8) - at(closed, 1)) == pytest.approx(16.8, abs=2)


def test_velocity_and_the_filter_envelope_are_heard() -> None:
    soft, hard = (heard(synth("Pluck"), Note("a", 0, 960, 48, v)) for v in (40, 120))
    assert peak_db(hard) - peak_db(soft) > 10
    assert centroid(hard) > 1.2 * centroid(soft)
    sound = heard(synth("Pluck"), Note("a", 0, 1920, 48))
    assert centroid(sound[:, 200:4000]) > 1.5 * centroid(sound[:, 20_000:30_000])


def test_bend_wheel_glide_and_fm_are_heard() -> None:
    def tone(instrument: Instrument, *controls: Control) -> Floats:
        return heard(instrument, Note("a", 0, 3840, 69), controls=controls)[:, 9600:85_000]

    assert pitch(tone(plain())) == pytest.approx(440, rel=0.001)
    assert pitch(tone(plain(), Bend(0, 8191))) == pytest.approx(440 * 2 ** (2 / 12), rel=0.001)
    assert pitch(tone(plain(bend=12.0), Bend(0, -8192))) == pytest.approx(220, rel=0.001)

    def width(sound: Floats) -> int:
        spectrum = np.abs(np.fft.rfft(sound[0] * np.hanning(sound.shape[1])))
        return int((spectrum > spectrum.max() / 10).sum())

    assert width(tone(plain(vibrato=1.0), Controller(0, 1, 127))) > 5 * width(tone(plain(vibrato=1.0)))
    gliding = heard(plain(mono=1.0, glide_ms=500.0), Note("a", 0, 960, 57), Note("b", 960, 1920, 69))
    assert 235 < pitch(gliding[:, BEAT + 2000 : BEAT + 6000]) < 320
    assert pitch(gliding[:, 2 * BEAT + 2000 :]) == pytest.approx(440, rel=0.01)
    values = {"sine_1": 0.0, "fm1_level": 1.0, "fm1_ratio": 1.0, "fm1_decay_ms": 10_000.0}
    dull, bright = (tone(plain(**values, fm1_index=index)) for index in (0.0, 4.0))
    assert pitch(dull) == pytest.approx(440, rel=0.001)
    assert centroid(bright) > 2 * centroid(dull)


def test_the_pedal_holds_and_lets_go() -> None:
    note = Note("a", 0, 240, 60)
    free = heard(synth("Organ"), note)
    held = heard(synth("Organ"), note, controls=(Controller(0, 64, 127), Controller(1920, 64, 0)))
    assert np.abs(free[:, BEAT : 2 * BEAT]).max() == 0
    assert np.abs(held[:, BEAT : 2 * BEAT - 10]).max() > 0.1
    assert np.abs(held[:, 2 * BEAT + RATE // 4 :]).max() == 0


def test_voices_are_stolen_and_notes_cut_without_a_click() -> None:
    alone = steepest(heard(plain(), Note("a", 0, 960, 69)))
    crowd = tuple(Note(f"n{at}", 20 * at, 3840, at) for at in range(MAX_VOICES + 20))
    assert steepest(heard(plain(), *crowd)) < 0.12  # a voice at its peak is 0.25
    low = (Note("a", 0, 3840, 24), *(Note(f"m{at}", 480 + 30 * at, 3000, 25 + at % 4) for at in range(3)))
    assert steepest(heard(plain(mono=1.0), *low)) < 0.01
    levels = (Controller(480, 7, 10), Controller(600, 7, 127), Controller(700, 10, 0), Controller(800, 10, 127))
    assert steepest(heard(plain(), Note("a", 0, 960, 69), controls=levels)) < 3.5 * alone


def test_the_number_of_voices_is_bounded() -> None:
    player = make_synth(synth("Pad"), RATE)
    assert isinstance(player, PolySynth)
    notes = tuple(Note(f"n{at}", at, 9600, 20 + at) for at in range(100))
    plan = song(notes, synth("Pad"))
    score = plan.strips[0].score
    player.reset(score, 0)
    counts = []
    for first in range(0, RATE, 1000):
        player.play(score, first, first + 1000)
        counts.append(sum(len(group.rows) for group in player._groups))
    assert MAX_VOICES <= counts[-1] <= MAX_VOICES + 1


def test_new_parameters_hold_from_the_next_note_on_without_a_click() -> None:
    player = make_synth(plain(), RATE)
    score = song((Note("a", 0, 9600, 69), Note("b", 1920, 1920, 69)), plain()).strips[0].score
    player.reset(score, 0)
    before = player.play(score, 0, 30_000)
    player.set(plain(saw=1.0))
    after = player.play(score, 30_000, 2 * RATE)
    whole = np.concatenate([before, after], axis=1)
    assert steepest(whole[:, : RATE - 100]) < 1.2 * steepest(before)
    assert centroid(after[:, -RATE // 2 :]) > 1.5 * centroid(before)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    notes=st.lists(
        st.tuples(st.integers(0, 3000), st.integers(0, 2000), st.integers(0, 127), st.integers(1, 127)), max_size=50
    ),
    preset=st.sampled_from(PRESETS),
    effects=st.booleans(),
    position=st.integers(0, 2 * BEAT),
    seed=st.integers(0, 99),
)
def test_any_split_gives_the_same_samples(
    notes: list[tuple[int, ...]], preset: str, effects: bool, position: int, seed: int
) -> None:
    controls = (Controller(100, 1, 90), Bend(1500, 4000), Controller(1700, 64, 127), Controller(2500, 64, 0))
    more = (Controller(600, 7, 50), Controller(900, 10, 10), Controller(3100, 123, 0), Controller(3300, 120, 0))
    inserts = (Insert("d", "delay"), Insert("h", "highpass")) if effects else ()
    plan = song(
        tuple(Note(f"n{at}", *one) for at, one in enumerate(notes)),
        synth(preset),
        tuple(sorted((*controls, *more), key=lambda one: one.tick)),
        inserts=inserts,
    )
    blocks = cuts(2 * RATE, seed)
    whole = played(plan, position, even(sum(blocks)))
    assert np.array_equal(played(plan, position, blocks), whole)
    with rendering(plan) as renderer:
        renderer.reset(0)
        stream(renderer, 0, even(30_000, 1024))
        renderer.reset(position)
        assert np.array_equal(stream(renderer, position, blocks), whole)


def test_no_note_hangs_when_the_song_jumps_or_changes() -> None:
    full, empty = (song(notes, synth("Organ")) for notes in ((Note("a", 0, 96_000, 60),), ()))
    with rendering(full) as renderer:
        renderer.reset(0)
        stream(renderer, 0, [4096])
        after = stream(renderer, 30 * BEAT, even(RATE))
    assert np.abs(after[:, :500]).max() > 1e-3
    assert np.abs(after[:, -2000:]).max() == 0
    pages = PageReader(RATE)
    renderer = Renderer(RATE, pages, 5.0)
    processors = prepare(full)
    renderer.adopt(full, processors)
    renderer.reset(0)
    stream(renderer, 0, [4096])
    renderer.adopt(empty, prepare(empty, processors))
    after = stream(renderer, 4096, even(RATE))
    pages.close()
    assert np.abs(after[:, -2000:]).max() == 0


def test_without_numba_it_is_silent_and_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "studio.engine.audio.instruments.voiceloop", None)
    monkeypatch.delattr(instruments, "voiceloop", raising=False)
    made = make_synth(synth(), RATE)
    assert isinstance(made, SilentSynth)
    assert "numba" in made.notice and "start.py" in made.notice


def test_a_score_is_prepared_so_that_no_table_is_made_while_it_plays(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = tuple(Note(f"n{at}", 200 * at, 150, at) for at in range(0, 128, 3))
    plan = song(notes, synth("Bass", resonance=0.3719, glide_ms=40.0))
    with rendering(plan) as renderer:
        asked = list[bool]()
        fill = Bank.fill
        monkeypatch.setattr(Bank, "fill", lambda self, at: (asked.append(self._filled[at]), fill(self, at))[1])
        assert stream(renderer, 0, even(5 * RATE)).any()
    assert asked and all(asked)
