"""The key of a sound, from its name and from its pitch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.engine.audio.rootpitch import heard_key, named, root_of

from .test_onsets import RATE, read

TIME = np.arange(RATE) / RATE


@pytest.mark.parametrize("key", [28, 33, 40, 45, 57, 69, 76])
def test_plain_tones_of_several_shapes_are_heard(key: int) -> None:
    phase = 440 * 2 ** ((key - 69) / 12) * TIME
    for wave in (np.sin(2 * np.pi * phase), np.sign(np.sin(2 * np.pi * phase)), phase % 1 - 0.5):
        sound = (wave * np.exp(-TIME))[None].astype(np.float32)
        assert heard_key(sound, RATE) == key


@pytest.mark.parametrize(
    ("name", "key"),
    [("bass_dnb_f", 29), ("guit_harmonics", 71), ("bass_voxy_hit_c", 36), ("drum_snare_hard", None), ("hat_cab", None),
     ("vinyl_hiss", None), ("drum_cymbal_open", None)],
)  # fmt: skip
def test_real_samples_have_their_key_and_drums_none(testdata: Path, name: str, key: int | None) -> None:
    assert root_of(name, read(testdata, name), RATE) == key


@pytest.mark.parametrize(
    ("name", "found"),
    [("Piano C4", (0, 4)), ("piano_c#3", (1, 3)), ("Pad Eb", (3, None)), ("Bass (F#2)", (6, 2)), ("Cs4", (1, 4)),
     ("A4", (9, 4)), ("Kick", (None, None)), ("a", (None, None)), ("bd_808", (None, None)),
     ("a new day", (None, None))],
)  # fmt: skip
def test_names_say_keys(name: str, found: tuple[int | None, int | None]) -> None:
    assert named(name) == found


def test_a_name_comes_before_the_ear_and_takes_its_octave_from_it() -> None:
    sound = np.sin(2 * np.pi * 110 * TIME)[None].astype(np.float32)
    assert root_of("Horn C5", sound, RATE) == 72
    assert root_of("horn_g", sound, RATE) == 43
    assert root_of("Horn", sound, RATE) == 45
    assert root_of("Horn", np.zeros((2, 10), np.float32), RATE) is None
    assert root_of("Horn G9", sound, RATE) == 127
