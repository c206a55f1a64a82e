"""The sampler: what zones sound like, alone and beside the sounds of another kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mixes import RATE, Mix, even, noise, rendering, stream
from playing import BEAT, cuts, length, peak_db, pitch, played
from studio.document.blocks import control_blocks, note_blocks
from studio.document.instruments import Instrument, Zone
from studio.document.notes import BEND_RANGE, Bend, Control, Controller, Note, NoteClip
from studio.document.project import Track
from studio.engine.audio import samples
from studio.engine.audio.bounce import bounce
from studio.engine.audio.instruments.making import make_synth
from studio.engine.audio.plan import RenderPlan
from studio.engine.audio.preparing import prepare
from studio.engine.audio.samples import Sample, pool_of

HALF = np.float32(np.sqrt(0.5))


def song(mix: Mix, instrument: Instrument, notes: tuple[Note, ...], controls: tuple[Control, ...] = ()) -> RenderPlan:
    """The plan of a song with one instrument track at 120 BPM beside the media of `mix`."""
    clip = NoteClip("c", "c", 0, 96_000, 0, 0, note_blocks(notes), control_blocks(controls))
    track = Track("t", "t", "#ffffff", "instrument", "musical", clips=(clip,), instrument=instrument)
    mix.project = replace(mix.project, tracks=(track,))
    return mix.plan()


def sampler(*zones: Zone, **values: float) -> Instrument:
    return Instrument("sampler", parameters=tuple(sorted(values.items())), zones=zones)


def tone(frequency: float, seconds: float = 1.0, level: float = 0.3) -> np.ndarray:
    """float32 (2, frames)."""
    time = np.arange(round(seconds * RATE)) / RATE
    return np.tile(level * np.sin(2 * np.pi * frequency * time), (2, 1)).astype(np.float32)


@pytest.fixture
def mix(tmp_path: Path) -> Mix:
    return Mix(tmp_path)


def heard(mix: Mix, instrument: Instrument, *notes: Note, controls: tuple[Control, ...] = (), seconds: float = 2.0):
    return played(song(mix, instrument, notes, controls), 0, even(int(seconds * RATE)))


@pytest.mark.parametrize("channels", [1, 2])
def test_the_root_plays_the_very_samples_at_the_frame_of_the_note(mix: Mix, channels: int) -> None:
    sound = noise(5000, channels)
    zone = Zone(mix.media(sound), 0, 127, 60, 0, 5000)
    out = heard(mix, sampler(zone), Note("a", 960, 100, 60, 100))
    wanted = np.zeros_like(out)
    wanted[:, BEAT : BEAT + 5000] = sound if channels == 2 else sound * HALF
    assert np.array_equal(out, wanted)


def test_keys_transpose_and_tuning_adds_cents(mix: Mix) -> None:
    media = mix.media(tone(440))
    for zone, key, wanted in (
        (Zone(media, 0, 127, 60, 0, RATE), 72, 880.0),
        (Zone(media, 0, 127, 60, 0, RATE), 53, 440 * 2 ** (-7 / 12)),
        (Zone(media, 0, 127, 60, 0, RATE, tune=50.0), 60, 440 * 2 ** (0.5 / 12)),
    ):
        out = heard(mix, sampler(zone), Note("a", 0, 960, key))
        assert pitch(out[:, 2000:20_000]) == pytest.approx(wanted, rel=1e-3)
        assert np.abs(out).max() == pytest.approx(0.3 * 0.96**1.5, rel=0.01)


def test_what_would_fold_is_held_back_and_what_fits_is_clean(mix: Mix) -> None:
    high = Zone(mix.media(tone(15_000)), 0, 127, 60, 0, RATE)
    assert peak_db(heard(mix, sampler(high), Note("a", 0, 480, 79, 100))[:, 500:8000]) < -40
    low = Zone(mix.media(tone(1000)), 0, 127, 60, 0, RATE)
    out = heard(mix, sampler(low), Note("a", 0, 960, 67, 100))[0, 2000:14_000].astype(np.float64)
    time = np.arange(len(out)) / RATE * 2 * np.pi * 1000 * 2 ** (7 / 12)
    basis = np.stack([np.sin(time), np.cos(time)], axis=1)
    rest = out - basis @ np.linalg.lstsq(basis, out, rcond=None)[0]
    assert 20 * np.log10(np.abs(rest).max() / 0.3) < -70


def test_velocity_and_zone_gain_make_louder(mix: Mix) -> None:
    media = mix.media(tone(200))
    soft, hard = (heard(mix, sampler(Zone(media, 0, 127, 60, 0, RATE)), Note("a", 0, 960, 60, v)) for v in (30, 120))
    assert peak_db(hard) - peak_db(soft) == pytest.approx(20 * np.log10(4**1.5), abs=0.1)
    level = sampler(Zone(media, 0, 127, 60, 0, RATE, gain=0.5), velocity=0.0)
    assert np.abs(heard(mix, level, Note("a", 0, 960, 60, 3))).max() == pytest.approx(0.15, rel=0.01)


def test_a_one_shot_rings_to_its_end_and_a_held_sound_until_its_release(mix: Mix) -> None:
    media = mix.media(noise(RATE))
    note = Note("a", 0, 240, 60)
    once = heard(mix, sampler(Zone(media, 0, 127, 60, 0, RATE)), note)
    held = heard(mix, sampler(Zone(media, 0, 127, 60, 0, RATE, one_shot=False), release_ms=100.0), note)
    assert np.flatnonzero(once.any(0))[-1] == RATE - 1
    assert length(held, 80) == pytest.approx(0.225, abs=0.01)
    down, up = Controller(0, 64, 127), Controller(1440, 64, 0)
    pedal = sampler(Zone(media, 0, 127, 60, 0, RATE, one_shot=False), release_ms=100.0)
    assert length(heard(mix, pedal, note, controls=(down, up)), 80) == pytest.approx(0.85, abs=0.01)


def test_attack_decay_and_sustain_shape_it(mix: Mix) -> None:
    flat = mix.media(np.full((2, 2 * RATE), 0.5, np.float32))
    shape = sampler(Zone(flat, 0, 127, 60, 0, 2 * RATE), attack_ms=100.0, decay_ms=200.0, sustain=0.4)
    out = heard(mix, shape, Note("a", 0, 1920, 60, 100))[0]
    assert out[2400] == pytest.approx(0.25, abs=0.01)
    assert out[:4900].argmax() == pytest.approx(4800, abs=5)
    assert out[20_000] == pytest.approx(0.2, abs=1e-4)


def test_a_bend_raises_what_sounds_without_a_click(mix: Mix) -> None:
    zone = Zone(mix.media(tone(440, 2.0)), 0, 127, 60, 0, 2 * RATE)
    out = heard(mix, sampler(zone), Note("a", 0, 1920, 60, 100), controls=(Bend(480, BEND_RANGE - 1),))
    assert pitch(out[:, :12_000]) == pytest.approx(440, rel=2e-3)
    assert pitch(out[:, 13_000:25_000]) == pytest.approx(440 * 2 ** (2 / 12), rel=2e-3)
    assert np.abs(np.diff(out[:, :40_000])).max() < 0.3 * 2 * np.pi * 500 / RATE


def test_a_choke_group_silences_its_other_zones_within_milliseconds(mix: Mix) -> None:
    one, two = mix.media(tone(100)), mix.media(np.zeros((2, 100), np.float32))
    pair = sampler(Zone(one, 46, 46, 46, 0, RATE, choke=1), Zone(two, 42, 42, 42, 0, 100, choke=1))
    out = heard(mix, pair, Note("a", 0, 960, 46, 100), Note("b", 480, 960, 42, 100))
    assert length(out, 80) == pytest.approx(0.255, abs=0.001)
    assert np.abs(np.diff(out)).max() < 0.3 * (2 * np.pi * 100 / RATE + 2 / 240)


def test_a_stolen_voice_fades(mix: Mix) -> None:
    zone = Zone(mix.media(tone(60, 3.0, 0.1)), 0, 127, 60, 0, 3 * RATE)
    notes = tuple(Note(f"n{n}", n * 32, 960, 60, 100) for n in range(24))
    many = heard(mix, sampler(zone, voices=4.0), *notes, seconds=3.0)
    assert np.abs(many).max() < 0.6, "about four at once"
    assert np.abs(np.diff(many)).max() < 5 * 0.1 * 2 * np.pi * 60 / RATE + 2 * 0.1 / 144 + 1e-4
    assert np.abs(heard(mix, sampler(zone), *notes, seconds=3.0)).max() > 0.6


def test_stretches_cut_from_a_longer_sound_fade_and_neighbours_add_up(mix: Mix) -> None:
    sound = noise(RATE)
    media = mix.media(sound)
    alone = heard(mix, sampler(Zone(media, 60, 60, 60, 12_000, 12_000)), Note("a", 0, 480, 60, 100))
    assert np.abs(alone[:, :4]).max() < 0.05 < np.abs(sound[:, 12_000:12_064]).max()
    assert np.flatnonzero(alone.any(0))[-1] <= 12_000 + 64
    both = sampler(Zone(media, 60, 60, 60, 0, 12_000), Zone(media, 61, 61, 61, 12_000, RATE - 12_000))
    out = heard(mix, both, Note("a", 0, 480, 60, 100), Note("b", 480, 480, 61, 100), seconds=1.0)
    assert np.abs(out - sound).max() < 1e-6


def test_missing_and_too_long_sounds_are_named_and_the_others_play(mix: Mix, tmp_path: Path) -> None:
    here, gone = mix.media(noise(1000)), mix.media(noise(1000))
    mix.paths[gone] = None
    plan = song(mix, sampler(Zone(here, 60, 60, 60, 0, 1000), Zone(gone, 61, 61, 61, 0, 1000)), (Note("a", 0, 9, 60),))
    with rendering(plan) as renderer:
        assert any(gone in notice and "missing" in notice for notice in renderer.notices)
        assert renderer.render(0, 2000).master.any()
    soundfile.write(tmp_path / "long.wav", np.ones(62 * RATE) * 0.1, RATE, "PCM_16")
    (sample,) = (Sample("m", "Long", str(tmp_path / "long.wav"), 62 * RATE),)
    long = pool_of((Zone("m", 0, 127, 60, 0, 62 * RATE),), (sample,), RATE)
    assert long.stretches[0] is not None
    assert long.stretches[0].length == 60 * RATE
    assert "first minute" in long.notices[0]
    cut = pool_of((Zone("m", 0, 127, 60, 70 * RATE, RATE),), (sample,), RATE)
    assert (cut.stretches, "shorter than its zone" in cut.notices[0]) == ([None], True)
    assert "no sound yet" in make_synth(Instrument("sampler"), RATE).notice


def test_a_file_that_is_no_sound_is_named(mix: Mix, tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_bytes(b"RIFF nothing")
    synth = make_synth(sampler(Zone("m", 0, 127, 60, 0, 100)), RATE,
                       samples=(Sample("m", "Bad", str(tmp_path / "bad.wav"), 100),))  # fmt: skip
    assert "bad.wav" in synth.notice


def test_zones_play_on_some_keys_of_another_kind(mix: Mix) -> None:
    sound = noise(3000)
    zone = Zone(mix.media(sound), 36, 36, 36, 0, 3000)
    kick, snare = Note("a", 0, 240, 36, 100), Note("b", 960, 240, 38, 100)
    plain, mixed = Instrument("drums"), Instrument("drums", zones=(zone,))
    assert np.array_equal(heard(mix, mixed, snare), heard(mix, plain, snare))
    both = heard(mix, mixed, kick, snare)
    assert np.array_equal(both[:, :3000], sound)
    assert not both[:, 3000:BEAT].any()
    assert np.array_equal(both[:, BEAT:], heard(mix, plain, snare)[:, BEAT:])


def test_instruments_with_the_same_zones_share_their_sounds(mix: Mix) -> None:
    instrument = sampler(Zone(mix.media(noise(1000)), 60, 60, 60, 0, 1000))
    plan = song(mix, instrument, ())
    known = plan.strips[0].samples
    pool = pool_of(instrument.zones, known, RATE)
    assert pool_of(replace(instrument, preset="Soft sampler").zones, known, RATE) is pool
    assert next(iter(prepare(plan).values()))._pool is pool
    count = len(samples._pools)
    del pool
    assert len(samples._pools) == count - 1


@pytest.mark.parametrize("kind", ["sampler", "drums", "synth"])
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    strokes=st.lists(st.tuples(st.integers(0, 3500), st.integers(50, 74), st.integers(1, 127)), max_size=60),
    position=st.integers(0, 2 * BEAT),
    seed=st.integers(0, 99),
)
def test_any_split_gives_the_same_samples(
    tmp_path: Path, kind: str, strokes: list[tuple[int, int, int]], position: int, seed: int
) -> None:
    mix = Mix(tmp_path)
    media = mix.media(noise(20_000))
    zones = (
        Zone(media, 50, 60, 55, 0, 20_000, one_shot=False, tune=3.0),
        Zone(media, 58, 62, 60, 4000, 9000, choke=1),
        Zone(media, 63, 63, 63, 0, 20_000, 0.5),
    )
    instrument = Instrument(kind, parameters=(("attack_ms", 20.0), ("decay_ms", 50.0), ("sustain", 0.5)), zones=zones)
    notes = tuple(Note(f"n{at}", start, 90, number, force) for at, (start, number, force) in enumerate(strokes))
    controls: tuple[Control, ...] = (
        *(Controller(800, 7, 60), Bend(1000, 5000), Controller(1200, 10, 20), Controller(1205, 11, 90)),
        *(Controller(1500, 64, 127), Bend(1800, 0), Controller(1900, 64, 0), Controller(2500, 123, 0)),
    )
    plan, blocks = song(mix, instrument, notes, controls), cuts(2 * RATE, seed)
    whole = played(plan, position, even(sum(blocks)))
    assert np.array_equal(played(plan, position, blocks), whole)
    with rendering(plan) as renderer:
        renderer.reset(0)
        stream(renderer, 0, even(30_000, 1024))
        renderer.reset(position)
        assert np.array_equal(stream(renderer, position, blocks), whole)


def test_a_bounce_has_the_same_samples(mix: Mix, tmp_path: Path) -> None:
    zone = Zone(mix.media(noise(20_000)), 0, 127, 60, 0, 20_000)
    plan = song(mix, sampler(zone), tuple(Note(f"n{n}", n * 300, 90, 55 + n) for n in range(12)))
    bounce(plan, tmp_path / "out.wav", end=2 * RATE, bits="32f")
    written, _ = soundfile.read(tmp_path / "out.wav", dtype="float32", always_2d=True)
    assert np.array_equal(written.T, played(plan, 0, even(2 * RATE)))


def test_other_zones_make_another_sampler_and_what_sounded_fades_out(mix: Mix) -> None:
    low, high = mix.media(tone(100, 2.0)), mix.media(tone(150, 2.0))
    note = Note("a", 0, 960, 60, 100)
    before = song(mix, sampler(Zone(low, 0, 127, 60, 0, 2 * RATE)), (note,))
    after = song(mix, sampler(Zone(high, 0, 127, 60, 0, 2 * RATE)), (note, Note("b", 1920, 960, 60, 100)))
    kept = song(mix, sampler(Zone(low, 0, 127, 60, 0, 2 * RATE), release_ms=900.0), (note,))
    first = prepare(before)
    assert prepare(kept, first).values().__iter__().__next__() is next(iter(first.values()))
    second = prepare(after, first)
    assert next(iter(second.values())) is not next(iter(first.values()))
    with rendering(before) as renderer:
        renderer.adopt(before, first)
        head = stream(renderer, 0, even(10_000, 1000))
        renderer.adopt(after, second)
        tail = stream(renderer, 10_000, even(70_000, 700))
        assert next(iter(first.values())) in renderer.retired
    out = np.concatenate([head, tail], axis=1)
    assert np.abs(np.diff(out[:, :47_000])).max() < 0.3 * (2 * np.pi * 100 / RATE + 1 / 480)
    assert out[:, 10_000:10_300].any()
    assert not out[:, 10_480:48_000].any()
    assert pitch(out[:, 50_000:70_000]) == pytest.approx(150, rel=0.01)
