"""The SoundFont player, on the General MIDI SoundFont of this machine."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mixes import RATE, Floats, even, rendering, stream
from studio.document.blocks import control_blocks, note_blocks
from studio.document.instruments import DRUM_BANK, Instrument
from studio.document.notes import Bend, Control, Controller, Note, NoteClip, Program
from studio.document.project import Insert, Strip, Track, new_project
from studio.engine.audio.compiler import compile_plan
from studio.engine.audio.instruments.making import make_synth
from studio.engine.audio.instruments.soundfont import EARLY, SPARES, SoundFontSynth, find_fonts
from studio.engine.audio.pages import PageReader
from studio.engine.audio.plan import RenderPlan
from studio.engine.audio.preparing import prepare
from studio.engine.audio.renderer import Renderer
from studio.engine.audio.score import SILENT_SCORE

pytestmark = pytest.mark.skipif(not find_fonts(), reason="no SoundFont is installed")
BEAT = RATE // 2


def plan(
    notes: tuple[Note, ...], controls: tuple[Control, ...] = (), instrument: Instrument | None = None, **strip: object
) -> RenderPlan:
    """A song of one instrument track."""
    clip = NoteClip("c", "c", 0, 96_000, 0, 0, note_blocks(notes), control_blocks(controls))
    track = Track(
        "t", "t", "#ffffff", "instrument", "musical", Strip(**strip), (clip,), instrument=instrument or Instrument()
    )
    return compile_plan(_with(track), {})


def _with(*tracks: Track) -> object:
    from msgspec.structs import replace

    return replace(new_project("Notes", RATE), tracks=tracks)


def played(plan: RenderPlan, position: int, blocks: list[int]) -> Floats:
    with rendering(plan) as renderer:
        renderer.reset(position)
        return stream(renderer, position, blocks)


def pitch(sound: Floats) -> float:
    """The strongest frequency, in Hz."""
    spectrum = np.abs(np.fft.rfft(sound[0] * np.hanning(sound.shape[1]), 1 << 18))
    return float(spectrum.argmax() * RATE / (1 << 18))


def test_a_note_sounds_at_its_time_pitch_and_for_its_length() -> None:
    organ = Instrument(program=16)
    sound = played(plan((Note("a", 960, 960, 69),), instrument=organ), 0, even(4 * BEAT))
    loud = np.flatnonzero(np.abs(sound[0]) > 1e-4)
    assert BEAT <= loud[0] < BEAT + 64 + 480
    assert 2 * BEAT < loud[-1] < 3 * BEAT
    middle = sound[:, BEAT + 4000 : 2 * BEAT]
    assert min(abs(pitch(middle) / 440 - ratio) for ratio in (0.5, 1.0, 1.5, 2.0)) < 0.01


def test_velocity_is_heard() -> None:
    soft, hard = (np.abs(played(plan((Note("a", 0, 960, 60, v),)), 0, even(BEAT))).max() for v in (30, 120))
    assert hard > 3 * soft


def test_bend_and_program_are_heard() -> None:
    organ, note = Instrument(program=16), (Note("a", 0, 1920, 69),)
    straight = played(plan(note, instrument=organ), 0, even(BEAT))
    bent = played(plan(note, (Bend(0, 8191),), organ), 0, even(BEAT))
    assert 1.10 < pitch(bent) / pitch(straight) < 1.14
    other = played(plan(note, (Program(0, 40),), organ), 0, even(BEAT))
    assert not np.allclose(other, straight, atol=1e-3)


def test_a_sustain_pedal_before_the_start_holds_notes() -> None:
    controls = (Controller(0, 64, 127),)
    held, free = (
        played(plan((Note("a", 960, 480, 60),), one), BEAT - 1000, even(4 * BEAT))[:, -BEAT:] for one in (controls, ())
    )
    assert np.abs(held).max() > 10 * np.abs(free).max()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    notes=st.lists(
        st.tuples(st.integers(0, 3000), st.integers(0, 2000), st.integers(30, 90), st.integers(1, 127)), max_size=12
    ),
    bank=st.sampled_from([0, DRUM_BANK]),
    program=st.integers(0, 127),
    effects=st.booleans(),
    position=st.integers(0, 2 * BEAT),
    seed=st.integers(0, 99),
)
def test_any_split_gives_the_same_samples(
    notes: list[tuple[int, ...]], bank: int, program: int, effects: bool, position: int, seed: int
) -> None:
    controls = (Controller(100, 1, 90), Bend(1500, 4000), Controller(1700, 64, 127), Controller(2500, 64, 0))
    inserts = (Insert("d", "delay"), Insert("h", "highpass")) if effects else ()
    song = plan(
        tuple(Note(f"n{at}", *one) for at, one in enumerate(notes)),
        controls,
        Instrument(program=program, bank=bank),
        inserts=inserts,
    )
    random, blocks = np.random.default_rng(seed), list[int]()
    while sum(blocks) < 2 * RATE:
        blocks.append(int(random.integers(1, random.choice([70, 2000, 20_000]))))
    whole = played(song, position, even(sum(blocks)))
    assert np.array_equal(played(song, position, blocks), whole)
    with rendering(song) as renderer:
        renderer.reset(0)
        stream(renderer, 0, even(30_000, 1024))
        _rested(renderer)
        renderer.reset(position)
        assert np.array_equal(stream(renderer, position, blocks), whole)


def _rested(renderer: Renderer) -> None:
    """Waits until the players have their spares."""
    synths = [node for node in renderer._nodes.values() if isinstance(node, SoundFontSynth)]
    for _ in range(500):
        if all(len(synth._spares) == SPARES for synth in synths):
            return
        time.sleep(0.01)
    raise AssertionError("no spares were made")


def test_no_note_hangs_when_the_song_jumps() -> None:
    song = plan((Note("a", 0, 96_000, 60),), instrument=Instrument(program=16))
    with rendering(song) as renderer:
        renderer.reset(0)
        stream(renderer, 0, [4096])
        after = stream(renderer, 30 * BEAT, even(2 * RATE))
    assert np.abs(after[:, :2000]).max() > 1e-3
    assert np.abs(after[:, -2000:]).max() < 1e-4


def test_no_note_hangs_when_it_is_taken_away_while_it_sounds() -> None:
    song, empty = (plan(notes, instrument=Instrument(program=16)) for notes in ((Note("a", 0, 96_000, 60),), ()))
    pages = PageReader(RATE)
    renderer = Renderer(RATE, pages, 5.0)
    processors = prepare(song)
    renderer.adopt(song, processors)
    renderer.reset(0)
    stream(renderer, 0, [4096])
    renderer.adopt(empty, prepare(empty, processors))
    after = stream(renderer, 4096, even(2 * RATE))
    pages.close()
    assert np.abs(after[:, -2000:]).max() < 1e-4


def test_what_cannot_be_played_is_silent_and_says_why(tmp_path: Path) -> None:
    broken = tmp_path / "broken.sf2"
    broken.write_bytes(b"RIFF\xff\xff\xff\xffsfbk" + bytes(range(256)))
    for instrument, font, word in (
        (Instrument(), broken, "cannot be read"),
        (Instrument(), tmp_path / "gone.sf2", "cannot be read"),
        (Instrument(kind="theremin"), None, "not known"),
    ):
        synth = make_synth(instrument, RATE, font)
        assert word in synth.notice
        assert not synth.play(SILENT_SCORE, 0, 100).any()


def test_every_program_sounds() -> None:
    for bank, program in ((0, 0), (0, 127), (7, 12), (DRUM_BANK, 0), (DRUM_BANK, 99)):
        song = plan((Note("a", 0, 480, 60),), instrument=Instrument(program=program, bank=bank))
        assert np.abs(played(song, 0, even(BEAT))).max() > 1e-4, (bank, program)


def _begins(sound: np.ndarray, after: int) -> int:
    return after + int(np.flatnonzero(np.abs(sound[:, after:]).max(0) > 1e-4)[0])


def test_a_note_after_silence_begins_at_its_very_frame() -> None:
    notes = tuple(Note(f"n{at}", at * 960 + 7 * at, 60, 76, 110) for at in range(1, 6))
    block = Instrument(program=115)
    sound = played(plan(notes, instrument=block), 0, even(7 * BEAT))
    alone = played(plan((Note("a", 0, 60, 76, 110),), instrument=block), 0, even(BEAT))
    late = {_begins(sound, round(n.start * BEAT / 960) - 40) - round(n.start * BEAT / 960) for n in notes}
    assert late == {_begins(alone, 0)}


def test_a_note_among_others_begins_within_half_a_quantum() -> None:
    organ, held = Instrument(program=16), Note("held", 0, 9000, 40)
    alone = _begins(played(plan((Note("a", 0, 960, 76, 110),), instrument=organ), 0, even(BEAT)), 0)
    without = played(plan((held,), instrument=organ), 0, even(2 * BEAT))
    off = []
    for at in range(960, 1000, 3):
        both = played(plan((held, Note("a", at, 960, 76, 110)), instrument=organ), 0, even(2 * BEAT))
        off.append(_begins(both - without, 0) - alone - round(at * BEAT / 960))
    assert all(-EARLY <= one <= EARLY for one in off)
    assert min(off) < 0 < max(off)
