"""A corrected voice has the pitch that was asked for and its own formants, and is itself wherever nothing was asked."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

import vowels
from studio.document.bounds import CodecError, check
from studio.document.correction import Correction, TunedNote, digest, raw_id, sound_id
from studio.document.edits.correction import merge, placed, split
from studio.document.parts import ClipPart
from studio.document.project import AudioClip
from studio.engine.voice.correction import corrected, exact, lift, sounding, stretches, sung_line, tunable
from studio.engine.voice.heard import Heard, listen
from studio.engine.voice.notes import find_notes
from studio.engine.voice.pitchtrack import PitchTrack
from studio.errors import StudioError
from voices import note, rest, sung

RATE = 48_000
Sound = np.ndarray


def whole(*parts: Sound) -> Sound:
    """Parts one after the other, a quarter of a second of silence around them: (1, frames)."""
    return np.concatenate([rest(0.25, RATE), *parts, rest(0.25, RATE)])[None]


def heard(sound: Sound) -> Heard:
    return listen([sound], RATE)


def tuned(hearing: Heard, sound: Sound, **changes: float) -> Correction:
    """A correction that does the same to all notes."""
    notes = exact(tunable(hearing, RATE, sound.shape[1]), [sound], RATE, hearing.track)
    return Correction(tuple(replace(one, **changes) for one in notes))


def made(sound: Sound, hearing: Heard, correction: Correction, size: int = 1 << 16) -> Sound:
    blocks = (sound[:, at : at + size] for at in range(0, sound.shape[1], size))
    return np.concatenate(list(corrected(blocks, RATE, hearing.track, correction)), axis=1)


def pitches(sound: Sound) -> list[float]:
    return [one.pitch for one in find_notes(heard(sound).track)]


@pytest.fixture(scope="module")
def melody() -> tuple[Sound, Heard]:
    """Three sharp notes with a breath of noise between them."""
    breath = (0.02 * np.random.default_rng(3).standard_normal(RATE // 4)).astype(np.float32)
    sound = whole(note(57.35, 0.6, RATE), breath, note(60.3, 0.6, RATE), breath, note(64.4, 0.6, RATE))
    return sound, heard(sound)


def test_nothing_asked_for_changes_nothing(melody: tuple[Sound, Heard]) -> None:
    sound, hearing = melody
    plain = tuned(hearing, sound)
    bypassed = replace(tuned(hearing, sound, centre=1.0), bypassed=True)
    for correction in (plain, bypassed, replace(tuned(hearing, sound, centre=1.0), strength=0.0)):
        assert not correction.sounds and made(sound, hearing, correction).tobytes() == sound.tobytes()
    stereo = np.concatenate([sound, 0.5 * sound])
    assert made(stereo, hearing, plain).tobytes() == stereo.tobytes()


def test_notes_come_to_their_semitones_and_to_those_of_a_scale(melody: tuple[Sound, Heard]) -> None:
    sound, hearing = melody
    correction = tuned(hearing, sound, centre=1.0)
    assert pitches(made(sound, hearing, correction)) == pytest.approx((57, 60, 64), abs=0.07)
    scale = replace(correction, scale=(2, 7, 9))  # D, G, A
    assert pitches(made(sound, hearing, scale)) == pytest.approx((57, 62, 62), abs=0.07)
    half = replace(correction, strength=0.5)
    assert pitches(made(sound, hearing, half)) == pytest.approx((57.175, 60.15, 64.2), abs=0.07)


def test_pitches_are_measured_to_a_cent(melody: tuple[Sound, Heard]) -> None:
    sound, hearing = melody
    found = [one.pitch for one in tuned(hearing, sound).notes]
    assert found == pytest.approx((57.35, 60.3, 64.4), abs=0.01)
    blocks = np.array_split(sound, 50, axis=1)
    assert [one.pitch for one in exact(tuned(hearing, sound).notes, blocks, RATE, hearing.track)] == found


def test_what_has_no_pitch_is_left_bit_for_bit(melody: tuple[Sound, Heard]) -> None:
    sound, hearing = melody
    correction = tuned(hearing, sound, shift=2.0)
    out = made(sound, hearing, correction)
    voiced = np.repeat(sounding(hearing.track, sung_line(hearing.track), correction, RATE), round(RATE * 0.008))
    silent = np.flatnonzero(~voiced)
    silent = silent[silent < sound.shape[1]]
    assert len(silent) > RATE // 2 and out.shape == sound.shape
    assert np.array_equal(out[0, silent], sound[0, silent])
    assert not np.array_equal(out, sound)


def test_a_note_alone_is_moved_and_its_neighbours_stay(melody: tuple[Sound, Heard]) -> None:
    sound, hearing = melody
    notes = list(tunable(hearing, RATE, sound.shape[1]))
    notes[1] = replace(notes[1], shift=-1.0)
    out = made(sound, hearing, Correction(tuple(notes)))
    assert pitches(out) == pytest.approx((57.35, 59.3, 64.4), abs=0.06)
    left, right = notes[0].end, notes[2].start
    assert np.array_equal(out[:, :left], sound[:, :left]) and np.array_equal(out[:, right:], sound[:, right:])


def test_any_blocks_give_the_same_samples(melody: tuple[Sound, Heard]) -> None:
    sound, hearing = melody
    correction = tuned(hearing, sound, shift=-2.0, drift=0.5)
    one = made(sound, hearing, correction, sound.shape[1])
    for size in (997, 4096, 50_000):
        assert np.array_equal(made(sound, hearing, correction, size), one)


def test_both_channels_go_the_same_way(melody: tuple[Sound, Heard]) -> None:
    sound, hearing = melody
    correction = tuned(hearing, sound, shift=1.0)
    left, right = made(np.concatenate([sound, -0.25 * sound]), hearing, correction)
    assert np.array_equal(left, made(sound, hearing, correction)[0])
    assert np.abs(right + 0.25 * left).max() < 1e-6


def test_formants_stay_where_they_were() -> None:
    moved = []
    for name in ("a", "o"):
        line = np.full(RATE, 48.0) + 0.2 * np.sin(2 * np.pi * 5 * np.arange(RATE) / RATE)
        sound = whole(vowels.vowel(name, line, RATE))
        hearing = heard(sound)
        before = np.array(vowels.formants(sound[0, RATE // 4 : -RATE // 4], RATE))
        for shift in (-3.0, 3.0):
            out = made(sound, hearing, tuned(hearing, sound, shift=shift))
            assert pitches(out) == pytest.approx([48 + shift], abs=0.08)
            after = np.array(vowels.formants(out[0, RATE // 4 : -RATE // 4], RATE))
            moved += (np.abs(after / before - 1))[:2].tolist()
    assert np.median(moved) < 0.04, moved


def test_vibrato_is_kept_taken_away_or_doubled() -> None:
    sound = whole(note(60.4, 1.5, RATE, (5.5, 0.8)))
    hearing = heard(sound)

    def extent(**changes: float) -> float:
        (one,) = find_notes(heard(made(sound, hearing, tuned(hearing, sound, **changes))).track)
        return one.vibrato.extent if one.vibrato else 0.0

    assert extent(centre=1.0) == pytest.approx(0.8, abs=0.12)
    assert extent(vibrato=0.0) < 0.3
    assert extent(vibrato=2.0) == pytest.approx(1.6, abs=0.25)


def test_drift_is_taken_away() -> None:
    sound = whole(sung(np.linspace(59.8, 60.2, RATE), RATE))
    hearing = heard(sound)
    (before,) = find_notes(hearing.track)
    (after,) = find_notes(heard(made(sound, hearing, tuned(hearing, sound, drift=1.0))).track)
    assert before.drift > 25 and abs(after.drift) < 8
    assert after.pitch == pytest.approx(before.pitch, abs=0.06)


def test_speed_is_how_long_the_way_between_two_corrections_takes() -> None:
    sound = whole(sung(np.concatenate([np.full(RATE // 2, 60.0), np.full(RATE // 2, 64.0)]), RATE))
    hearing = heard(sound)
    notes = tunable(hearing, RATE, sound.shape[1])
    assert len(notes) == 2
    moved = Correction((replace(notes[0], shift=-1.0), replace(notes[1], shift=1.0)))

    def way(speed: float) -> int:
        """Frames of 8 ms in which the lift is on its way."""
        line = lift(hearing.track, sung_line(hearing.track), replace(moved, speed=speed), RATE)
        return int(((line > -0.99) & (line < 0.99) & (line != 0)).sum())

    assert way(0.0) <= 1 and 5 < way(80.0) < 14 and 20 < way(240.0) < 40


def test_there_are_no_clicks(melody: tuple[Sound, Heard]) -> None:
    sound, hearing = melody
    for shift in (-3.0, -0.3, 0.4, 3.0):
        out = made(sound, hearing, tuned(hearing, sound, shift=shift))
        assert np.abs(np.diff(out[0], 2)).max() < 1.3 * np.abs(np.diff(sound[0], 2)).max() * 2 ** (max(shift, 0) / 6)


@pytest.mark.parametrize("what", ["silence", "noise", "click", "several voices"])
def test_what_is_not_one_voice_is_refused_with_a_sentence(what: str) -> None:
    random = np.random.default_rng(5)
    sounds = {
        "silence": rest(1.0, RATE),
        "noise": (0.2 * random.standard_normal(RATE)).astype(np.float32),
        "click": np.eye(1, RATE, 500, dtype=np.float32)[0],
        "several voices": sum(sung(np.full(2 * RATE, pitch), RATE) for pitch in (52.0, 57.3, 61.1, 66.7, 71.2)),
    }
    sound = whole(np.asarray(sounds[what], np.float32))
    with pytest.raises(StudioError, match="There is nothing to correct"):
        tunable(heard(sound), RATE, sound.shape[1])


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_whatever_is_asked_of_whatever_track_the_sound_stays_whole(data: st.DataObject) -> None:
    seed = data.draw(st.integers(0, 2**16))
    random = np.random.default_rng(seed)
    frames = data.draw(st.integers(2, 120))
    hz = np.exp(random.uniform(np.log(20), np.log(3000), frames)).astype(np.float32)
    if data.draw(st.booleans()):
        hz[:] = hz[0]
    track = PitchTrack(0.0, 0.008, hz, random.uniform(0, 1, frames).astype(np.float32) ** 0.2, hz * 0 - 20)
    size = data.draw(st.integers(1, frames * 384 + 2000))
    sound = (random.standard_normal((data.draw(st.sampled_from((1, 2))), size)) * 0.3).astype(np.float32)
    edges = np.unique(random.integers(0, frames * 384, 2 * data.draw(st.integers(1, 4))))
    notes = tuple(
        TunedNote(int(a), int(b), float(random.uniform(20, 100)), *random.uniform((-24, 0, 0, 0), (24, 1, 1, 2)))
        for a, b in zip(edges[::2], edges[1::2], strict=False)
    )
    correction = Correction(notes, float(random.uniform()), float(random.uniform(0, 2000)))
    out = np.concatenate(
        [np.zeros((len(sound), 0)), *corrected(np.array_split(sound, 3, axis=1), RATE, track, correction)], axis=1
    )
    assert out.shape == sound.shape and np.isfinite(out).all()
    assert np.abs(out).max(initial=0) < 20 * np.abs(sound).max()


def test_stretches_lie_within_the_voice(melody: tuple[Sound, Heard]) -> None:
    sound, hearing = melody
    correction = tuned(hearing, sound, shift=1.0)
    line = sung_line(hearing.track)
    found = stretches(
        hearing.track, lift(hearing.track, line, correction, RATE), sounding(hearing.track, line, correction, RATE)
    )
    assert len(found) == 3 and all(one.first < one.quiet <= one.last for one in found)


def test_a_sound_is_named_by_what_is_done_to_it() -> None:
    one = Correction((TunedNote(0, 4800, 60.2, centre=1.0),))
    assert sound_id("media-1", None) == "media-1" == sound_id("media-1", Correction((TunedNote(0, 4800, 60.2),)))
    assert raw_id(sound_id("media-1", one)) == "media-1" and raw_id("media-1") == "media-1"
    others = [replace(one, speed=10.0), replace(one, strength=0.5), replace(one, scale=(2,))]
    assert len({digest(one), *map(digest, others)}) == 4
    assert digest(msgspec.convert(msgspec.to_builtins(one), Correction)) == digest(one)


@pytest.mark.parametrize(
    "broken",
    [
        Correction((TunedNote(10, 10, 60.0),)),
        Correction((TunedNote(0, 10, 60.0, shift=float("nan")),)),
        Correction((TunedNote(0, 10, 60.0, shift=99.0),)),
        Correction((TunedNote(0, 10, 60.0, vibrato=3.0),)),
        Correction((TunedNote(0, 10, 60.0), TunedNote(5, 20, 60.0))),
        Correction((), strength=2.0),
        Correction((), speed=-1.0),
        Correction((), scale=(3, 2)),
        Correction((), scale=(12,)),
    ],
)
def test_what_makes_no_sense_is_refused(broken: Correction) -> None:
    with pytest.raises(CodecError):
        check(ClipPart("track-1", AudioClip("clip-1", "Voice", "media-1", 0, 0, 0, 100, correction=broken)))


def test_notes_are_moved_split_and_merged() -> None:
    one = TunedNote(0, 9600, 60.2, centre=1.0)
    assert placed(one, 62.0, False) == replace(one, shift=62.0 - 60.2)
    assert placed(one, 61.5, True).centre == 0.0
    two = split((one,), 0, 4800, 1920)
    assert [(part.start, part.end) for part in two] == [(0, 4800), (4800, 9600)]
    assert merge(two, (0, 1)) == (one,)
    with pytest.raises(StudioError, match="close to its end"):
        split((one,), 0, 100, 1920)
    with pytest.raises(StudioError, match="neighbouring"):
        merge((*two, replace(one, start=9600, end=10_000)), (0, 2))


def test_a_moved_note_comes_back_in_phase_with_the_one_after_it() -> None:
    sound = whole(note(57.0, 1.6, RATE))
    hearing = heard(sound)
    (one,) = tunable(hearing, RATE, sound.shape[1])
    half = (one.start + one.end) // 2
    for shift in (-2.3, 0.37, 1.9):
        first, second = split((one,), 0, half, 1920)
        out = made(sound, hearing, Correction((replace(first, shift=shift), second)))[0]
        joined = slice(half, half + RATE // 4)
        assert not np.array_equal(out[half - 4800 : half], sound[0, half - 4800 : half])
        assert np.array_equal(out[joined.stop :], sound[0, joined.stop :])
        assert np.abs(np.diff(out[joined])).max() < 1.3 * np.abs(np.diff(sound[0])).max(), "no leap where they meet"
