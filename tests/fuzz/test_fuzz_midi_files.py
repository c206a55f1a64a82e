"""Damaged MIDI files: read as far as they go or refused by a sentence, and what is read can be kept in a song."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from midibytes import chunk, meta, midi, off, on, track
from studio.actions.midi import place_midi
from studio.actions.placing import Target
from studio.document.document import Document
from studio.document.project import new_project
from studio.engine.music.midievents import MidiError
from studio.engine.music.midifile import parse_midi

WHOLE = midi(
    [
        track((0, meta(3, b"Song")), (0, meta(0x51, b"\x07\xa1\x20")), (0, meta(0x58, b"\x06\x03\x18\x08"))),
        track(
            (0, meta(3, b"Piano")),
            (0, bytes([0xB0, 0, 1])),
            (0, bytes([0xC0, 5])),
            *((n % 3 * 40, (on if n % 2 else off)(60 + n % 5)) for n in range(60)),
            (5, bytes([0xE0, 1, 2])),
            (5, b"\xf0\x03\x01\x02\xf7"),
            (0, meta(6, b"[Am7]")),
            (960, meta(5, b"la")),
        ),
        chunk(b"abc", b"XYZW"),
        track((0, on(36, 90, 9)), (96, off(36, 9))),
    ],
    division=96,
)


def _kept(data: bytes) -> None:
    try:
        song = parse_midi(data, "title", "odd.mid")
    except MidiError as error:
        assert str(error).startswith("“odd.mid” ")
        return
    document = Document(new_project("Song"))
    edit, _ = place_midi(document.project, [song], Target())
    document.apply(edit)


@settings(deadline=None, max_examples=400)
@given(st.data())
def test_a_damaged_file_is_read_or_refused(data: st.DataObject) -> None:
    raw = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(raw) - 1))
        junk = data.draw(st.one_of(st.binary(min_size=1, max_size=8), st.sampled_from([b"\xff" * 4, bytes(4)])))
        raw[at : at + len(junk)] = junk
    if data.draw(st.booleans()):
        del raw[data.draw(st.integers(1, len(raw))) :]
    _kept(bytes(raw))


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 2), st.integers(1, 0x7FFF), st.lists(st.binary(max_size=120), max_size=4))
def test_tracks_of_any_bytes(kind: int, division: int, tracks: list[bytes]) -> None:
    _kept(midi([chunk(data) for data in tracks], kind, division))
