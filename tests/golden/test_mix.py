"""A small song that uses most of the renderer, held against the samples it gave when it was last listened to.

The tolerance is that of another machine's arithmetic, not of another sound. After a change that is meant to be heard:
`python tests/golden/test_mix.py` writes the file anew; listen to it before it is committed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
from msgspec.structs import replace

GOLDEN = Path(__file__).with_name("mix.flac")
RATE = 22_050
LENGTH = 2 * RATE

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "src")]

from mixes import Floats, Mix, even, rendered  # noqa: E402
from studio.document.project import Comp, Insert, Send, Span, Strip, Take  # noqa: E402


def tones(frames: int, *frequencies: float, decay: float = 1e9) -> Floats:
    """float32 (len(frequencies), frames): one sine a channel."""
    time = np.arange(frames)
    waves = [0.4 * np.sin(2 * np.pi * f * time / RATE) * np.exp(-time / decay) for f in frequencies]
    return np.array(waves, np.float32)


def chain(*kinds: tuple[str, tuple[tuple[str, float], ...]]) -> tuple[Insert, ...]:
    return tuple(Insert(f"{kind}-{values}", kind, values) for kind, values in kinds)


def song(folder: Path) -> Floats:
    """The song, rendered."""
    mix = Mix(folder, RATE)
    pluck = mix.media(tones(LENGTH, 220.0, decay=4000))
    pad = mix.media(tones(LENGTH, 110.0, 165.0))
    bell = mix.media(tones(LENGTH, 880.0, 1320.0, decay=2500), "PCM_24")
    voice = chain(("highpass", ()), ("peak", (("gain_db", 4.0),)), ("compressor", (("makeup_db", 3.0),)))
    send = Send("send", "track-3", 0.6)
    plucks = [mix.clip(pluck, start, 0, 9000, gain=0.9) for start in (0, 11_025, 22_050)]
    mix.track(plucks, Strip(0.8, -0.4, inserts=voice, sends=(send,)))
    wide = chain(("chorus", ()), ("high_shelf", (("gain_db", -6.0),)), ("limiter", ()))
    mix.track([mix.clip(pad, 2000, 500, 38_000, fade_in=6000, fade_out=9000)], Strip(0.5, inserts=wide))
    takes = (Take("a", 1, "", bell, 0, 0, 20_000), Take("b", 2, "", pad, 0, 0, 20_000, 0.5))
    comp = Comp("comp", "", 0, 12_000, 0, 20_000, takes, (Span(9000, "a"), Span(20_000, "b")))
    echo = chain(("delay", (("time_ms", 160.0),)), ("phaser", ()), ("saturation", (("drive_db", 3.0),)))
    mix.track([comp], Strip(0.6, 0.5, inserts=echo, sends=(replace(send, id="other", pre_fader=True),)))
    mix.track((), Strip(0.9, inserts=chain(("reverb", (("mix", 1.0),)), ("low_shelf", ()))), "bus")
    mix.strip("master", gain=0.9, inserts=chain(("gate", (("threshold_db", -70.0),)), ("limiter", ())))
    return rendered(mix.plan(), 0, even(LENGTH, 1500))


def test_the_song_sounds_as_it_did(tmp_path: Path) -> None:
    golden = soundfile.read(GOLDEN, dtype="float32")[0].T
    assert np.abs(song(tmp_path) - golden).max() < 1e-4


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        soundfile.write(GOLDEN, song(Path(folder)).T, RATE, "PCM_24")
