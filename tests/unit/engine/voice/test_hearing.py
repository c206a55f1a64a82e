"""Voices with known pitch are heard as such, whole or while they sound; what is no voice is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from studio.engine.voice import tracking
from studio.engine.voice.livepitch import FINAL, HINT, LEAST, LOOK_AHEAD, LivePitch
from studio.engine.voice.notes import find_notes
from studio.engine.voice.pitchtrack import cents_off, decode_track, encode_track, hz_of, joined, name_of, semitone_of
from studio.engine.voice.tracking import track_pitch
from studio.errors import StudioError
from voices import note, rest, sung

RATE = 48_000


@pytest.mark.parametrize("semitone", [43.0, 52.3, 60.0, 69.0, 76.6, 84.0])
def test_a_note_is_heard_within_five_cents(semitone: float) -> None:
    track = track_pitch([note(semitone, 1.0, RATE)], RATE)
    middle = track.between(0.2, 0.8)
    assert middle.voiced.all()
    assert np.abs(100 * (middle.semitones - semitone)).max() < 5


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_every_rate_is_heard(rate: int) -> None:
    track = track_pitch([note(57.0, 0.7, rate)], rate)
    assert abs(float(np.median(track.semitones[track.voiced])) - 57.0) < 0.05


def test_the_blocks_in_which_a_sound_comes_do_not_matter() -> None:
    sound = np.concatenate([note(60.0, 20.0, 16_000), rest(1.0, 16_000), note(64.0, 20.0, 16_000)])
    whole = track_pitch([sound], 16_000)
    pieces = track_pitch([sound[at : at + 7_919] for at in range(0, len(sound), 7_919)], 16_000)
    assert len(whole) == len(pieces)
    assert np.array_equal(whole.voiced, pieces.voiced)
    assert np.abs(whole.semitones - pieces.semitones)[whole.voiced].max() < 0.01


def test_notes_have_their_places_and_pitches() -> None:
    sound = np.concatenate(
        [rest(0.5, RATE), note(60.0, 0.6, RATE), note(64.25, 0.5, RATE), rest(0.4, RATE), note(67.0, 1.0, RATE)]
    )
    found = find_notes(track_pitch([sound], RATE))
    assert [one.name for one in found] == ["C4", "E4", "G4"]
    assert [one.start for one in found] == pytest.approx([0.5, 1.1, 2.0], abs=0.05)
    assert [one.end for one in found] == pytest.approx([1.1, 1.6, 3.0], abs=0.05)
    assert [one.cents for one in found] == pytest.approx([0, 25, 0], abs=5)
    assert all(one.vibrato is None and one.scoop == 0.0 and abs(one.drift) < 10 for one in found)


def test_vibrato_is_measured_and_its_centre_is_the_pitch() -> None:
    (one,) = find_notes(track_pitch([note(67.0, 1.5, RATE, (5.8, 1.0))], RATE))
    assert one.vibrato is not None
    assert one.vibrato.rate == pytest.approx(5.8, abs=0.25)
    assert one.vibrato.extent == pytest.approx(1.0, abs=0.25)
    assert one.vibrato.kind == "vibrato"
    assert abs(one.cents) < 12


def test_a_scoop_and_a_drift_are_measured() -> None:
    times = np.arange(round(1.2 * RATE)) / RATE
    scooped = 62.0 - 2.0 * np.clip(1 - times / 0.15, 0, 1)
    (one,) = find_notes(track_pitch([sung(scooped, RATE)], RATE))
    assert 60 < one.scoop < 260
    sagging = 62.0 - 0.6 * times
    (low,) = find_notes(track_pitch([sung(sagging, RATE)], RATE))
    assert low.drift == pytest.approx(-60, abs=20)
    assert low.scoop == 0.0


@pytest.mark.parametrize("sound", ["silence", "white", "brown", "clicks"])
def test_what_is_no_voice_has_no_notes(sound: str) -> None:
    chance = np.random.default_rng(3)
    white = chance.standard_normal(3 * RATE)
    sounds = {
        "silence": np.zeros(3 * RATE),
        "white": 0.1 * white,
        "brown": np.cumsum(white) / 2000,
        "clicks": 0.9 * (np.arange(3 * RATE) % 9_600 == 0),
    }
    assert find_notes(track_pitch([sounds[sound].astype(np.float32)], RATE)) == []


def test_numbers_that_are_none_and_no_sound_at_all_do_no_harm() -> None:
    broken = note(60.0, 0.5, RATE)
    broken[1000:1010] = np.nan
    assert len(track_pitch([broken], RATE)) > 0
    with pytest.raises(StudioError, match="no sound"):
        track_pitch([], RATE)


def test_a_track_is_stored_small_and_read_back() -> None:
    track = track_pitch([note(60.5, 1.0, RATE), rest(0.2, RATE)], RATE)
    data = encode_track(track)
    again = decode_track(data)
    assert len(data) < 4 * len(track) + 100
    assert np.array_equal(again.voiced, track.voiced)
    assert np.abs(again.semitones - track.semitones)[track.voiced].max() < 0.002
    for wrong in (b"", data[:-3], data + b"x", b"\x93\x01\x02\x03"):
        with pytest.raises(StudioError):
            decode_track(wrong)


def test_parts_of_a_track_join_to_the_whole() -> None:
    track = track_pitch([note(60.0, 1.0, RATE)], RATE)
    both = joined([track.between(0.0, 0.4), track.between(0.4, 9.0)])
    assert np.array_equal(both.hz, track.hz)


@pytest.mark.parametrize("rate", [44_100, 48_000])
@pytest.mark.parametrize("piece", [137, 480, 5_000])
def test_live_answers_come_early_and_settle(rate: int, piece: int) -> None:
    sound = np.concatenate([rest(0.3, rate), note(64.0, 1.2, rate), rest(0.3, rate)])
    live = LivePitch(rate)
    first: dict[int, float] = {}
    final: dict[int, float] = {}
    hints: dict[int, float] = {}
    late = []
    for at in range(0, len(sound), piece):
        for frame in live.push(at, sound[at : at + piece]):
            if frame.hint:
                hints[frame.at] = (at + piece - frame.at) / rate
                continue
            (final if frame.final else first)[frame.at] = frame.hz if frame.confidence >= 0.6 else 0.0
            if not frame.final:
                late.append((at + piece - frame.at) / rate)
    assert min(late) < (LOOK_AHEAD + 2) * 0.016
    assert min(hints.values()) < (HINT + 2) * 0.016
    if piece < 768:  # each frame has had its hint before it is answered
        assert len(set(first) - set(hints)) <= LEAST
    sounding = [semitone_of(hz) for at, hz in final.items() if 0.4 * rate < at < 1.4 * rate]
    assert len(sounding) > 55
    assert max(abs(one - 64.0) for one in sounding) < 0.05
    assert all(hz == 0.0 for at, hz in final.items() if at < 0.25 * rate)
    assert len(set(final) & set(first)) >= (len(first) - FINAL) * (0.4 if piece > 2_000 else 0.9)


def test_a_gap_in_the_input_starts_anew() -> None:
    live, sound = LivePitch(RATE), note(60.0, 1.0, RATE)
    live.push(0, sound)
    frames = live.push(500_000, sound)
    assert min(frame.at for frame in frames) == 500_000


def test_a_long_recording_is_followed_in_chunks_as_if_it_were_one(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = np.concatenate([note(pitch, 1.3, 16_000, (5.5, 0.6)) for pitch in (57, 62, 69, 64, 60)])
    whole = track_pitch([sound], 16_000)
    sizes: list[int] = []
    monkeypatch.setattr(tracking, "CHUNK", 16_000)
    detect = tracking._at_network_rate

    def counted(blocks: Iterable[np.ndarray], rate: int) -> Iterator[tuple[np.ndarray, bool]]:
        for chunk, last in detect(blocks, rate):
            sizes.append(len(chunk))
            yield chunk, last

    monkeypatch.setattr(tracking, "_at_network_rate", counted)
    parted = track_pitch((sound[at : at + 4_000] for at in range(0, len(sound), 4_000)), 16_000)
    assert max(sizes) < 2 * 16_000 and len(sizes) >= 6
    assert len(parted) == len(whole)
    both = whole.voiced & parted.voiced
    assert (whole.voiced == parted.voiced).mean() > 0.995
    assert np.abs(whole.semitones - parted.semitones)[both].max() < 0.05


def test_names_and_cents() -> None:
    assert name_of(69.0) == "A4"
    assert name_of(semitone_of(261.6)) == "C4"
    assert cents_off(60.25) == pytest.approx(25.0)
    assert semitone_of(hz_of(61.3)) == pytest.approx(61.3)
