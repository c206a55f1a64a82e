"""Sounds on keys, and clips cut into slices: what the song holds afterwards."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from songs import RATE, media
from studio.document import codec
from studio.document.document import Document, EditRefused
from studio.document.edits import clips, sampling, song, tracks
from studio.document.edits.slicing import slice_clip
from studio.document.edits.tracks import fresh_track, set_instrument
from studio.document.instruments import DRUM_BANK, MAX_ZONES, Instrument, Zone
from studio.document.notes import NoteClip
from studio.document.project import Project, Track, clip_start, new_project
from studio.document.time import PPQ


@pytest.fixture
def document() -> Document:
    """A song with an instrument track, an audio track and one sound of five seconds, of which a clip shows two."""
    made = Document(new_project("Song", RATE))
    sound = media(5 * RATE, "Break")
    keys = fresh_track(made.project, "Keys", "instrument", instrument=Instrument("drums", bank=DRUM_BANK))
    made.apply(song.sequence("Begin", [song.put_media((sound,)), tracks.add_tracks((keys,))]))
    lane = fresh_track(made.project, "Loops")
    clip = replace(clips.make_clip(sound, lane, 1000, made.project.time), source=RATE, length=2 * RATE, gain=0.5)
    made.apply(song.sequence("Clip", [tracks.add_tracks((lane,)), clips.add_clips(lane.id, (clip,))]))
    return made


def keys(document: Document) -> Track:
    return document.project.tracks[0]


def zones(document: Document) -> tuple[Zone, ...]:
    instrument = keys(document).instrument
    assert instrument is not None
    return instrument.zones


def sound(project: Project) -> str:
    return project.media[0].id


def test_a_sound_goes_on_one_key_of_any_instrument_and_comes_off_again(document: Document) -> None:
    track, item = keys(document), document.project.media[0]
    document.apply(sampling.put_sample(track.id, 38, item))
    assert zones(document) == (Zone(item.id, 38, 38, 38, 0, item.frames),)
    assert keys(document).instrument.kind == "drums"
    assert sampling.has_sample(keys(document), 38)
    document.apply(sampling.put_sample(track.id, 38, item))
    assert len(zones(document)) == 1, "in place of the one before"
    document.apply(sampling.put_sample(track.id, 42, item))
    assert zones(document)[1].choke == 1
    document.apply(sampling.remove_sample(track.id, 38))
    assert [zone.low for zone in zones(document)] == [42]
    with pytest.raises(EditRefused, match="no sound of its own"):
        document.apply(sampling.remove_sample(track.id, 38))
    for _ in range(4):
        document.undo()
    assert zones(document) == ()


def test_a_key_is_cut_out_of_a_zone_that_covers_it(document: Document) -> None:
    track, item = keys(document), document.project.media[0]
    document.apply(sampling.set_zones(track.id, (sampling.whole_zone(item, 48),), item.name))
    assert keys(document).instrument == Instrument("sampler", "Sampler", zones=(sampling.whole_zone(item, 48),))
    document.apply(sampling.put_sample(track.id, 60, item))
    assert [(zone.low, zone.high) for zone in zones(document)] == [(0, 59), (61, 127), (60, 60)]


def test_other_sounds_keep_what_the_sampler_was_set_to(document: Document) -> None:
    track, item = keys(document), document.project.media[0]
    document.apply(set_instrument(track.id, Instrument("sampler", "Soft sampler", parameters=(("tune", 2.0),))))
    document.apply(sampling.set_zones(track.id, sampling.kit_zones([item, item]), "2 sounds"))
    instrument = keys(document).instrument
    assert (instrument.preset, instrument.parameters, instrument.bank) == ("Soft sampler", (("tune", 2.0),), DRUM_BANK)
    assert [zone.low for zone in instrument.zones] == [36, 37]
    with pytest.raises(EditRefused, match="room for 92"):
        sampling.kit_zones([item] * 93)


def test_root_and_one_shot_are_those_of_all_zones_that_have_them(document: Document) -> None:
    track, item = keys(document), document.project.media[0]
    with pytest.raises(EditRefused, match="plays no samples"):
        document.apply(sampling.set_root(track.id, 50))
    document.apply(sampling.set_zones(track.id, (sampling.whole_zone(item, 48),), item.name))
    document.apply(sampling.put_sample(track.id, 60, item))
    document.apply(sampling.set_root(track.id, 50))
    assert [zone.root for zone in zones(document)] == [50, 50, 60]
    document.apply(sampling.set_one_shot(track.id, True))
    assert all(zone.one_shot for zone in zones(document))


def test_a_song_with_zones_is_stored_and_read_and_one_without_reads_as_before(document: Document) -> None:
    document.apply(sampling.put_sample(keys(document).id, 38, document.project.media[0]))
    parts = {key: codec.decode(codec.encode(part)) for key, part in codec.parts(document.project).items()}
    assert codec.assemble(parts) == document.project
    old = codec.encode(codec.track_part(keys(document))).replace(b"\xa5zones", b"\xa5xones")
    assert codec.decode(old).track.instrument.zones == ()


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        (Zone("gone", 0, 127, 60, 0, 10), "the song does not have"),
        (Zone("m", 61, 60, 60, 0, 10), "the keys of a zone"),
        (Zone("m", 0, 128, 60, 0, 10), "the keys of a zone"),
        (Zone("m", 0, 127, 60, -1, 10), "the part of its media"),
        (Zone("m", 0, 127, 60, 0, 0), "the part of its media"),
        (Zone("m", 0, 127, 60, 0, 10, gain=99.0), "gain or tuning"),
        (Zone("m", 0, 127, 60, 0, 10, tune=1e9), "gain or tuning"),
    ],
)
def test_zones_that_make_no_sense_are_refused(document: Document, zone: Zone, said: str) -> None:
    one = zone if zone.media == "gone" else replace(zone, media=sound(document.project))
    with pytest.raises(EditRefused, match=said):
        document.apply(set_instrument(keys(document).id, Instrument("sampler", zones=(one,))))
    many = (Zone(sound(document.project), 0, 127, 60, 0, 10),) * (MAX_ZONES + 1)
    with pytest.raises(EditRefused, match="more than 128 zones"):
        document.apply(set_instrument(keys(document).id, Instrument("sampler", zones=many)))


def test_a_sound_that_zones_play_stays_in_the_song(document: Document) -> None:
    document.apply(sampling.put_sample(keys(document).id, 38, document.project.media[0]))
    document.apply(clips.delete_clips((document.project.tracks[1].clips[0].id,)))
    with pytest.raises(EditRefused, match="An instrument plays a sound"):
        document.apply(song.Edit("Remove", lambda project: replace(project, media=())))


def test_a_clip_becomes_a_sampler_on_a_track_below_it(document: Document) -> None:
    clip = document.project.tracks[1].clips[0]
    edit, track_id = sampling.sampler_from_clip(document.project, clip.id, 50)
    document.apply(edit)
    made = document.project.tracks[2]
    assert (made.id, made.name, made.kind) == (track_id, "Break", "instrument")
    assert made.instrument.zones == (Zone(sound(document.project), 0, 127, 50, RATE, 2 * RATE, 0.5, one_shot=False),)
    document.undo()
    document.apply(clips.delete_clips((clip.id,)))
    with pytest.raises(EditRefused, match="no longer"):
        document.apply(edit)


def test_slices_begin_at_ticks_before_their_cuts_and_lie_side_by_side(document: Document) -> None:
    clip, before = document.project.tracks[1].clips[0], document.project
    made = slice_clip(before, clip.id, [30_000, 30_000, 60_007, 60_050, 95_990, 200_000])
    document.apply(made.edit)
    track, time = document.project.track(made.track), document.project.time
    played = document.clip(made.clip)
    assert track is not None
    assert isinstance(played, NoteClip)
    start = int(clip_start(clip, time))
    frames = [int(time.frame(played.anchor + note.start)) for note in played.notes]
    assert [note.pitch for note in played.notes] == [36, 37, 38]
    for zone, frame in zip(track.instrument.zones, frames, strict=True):
        assert zone.start == RATE + frame - start
    assert 0 <= frames[0] - start < 25
    for cut, frame in zip((30_000, 60_007), frames[1:], strict=True):
        assert 0 <= start + cut - frame < 25
    ends = [zone.start + zone.length for zone in track.instrument.zones]
    assert ends == [zone.start for zone in track.instrument.zones[1:]] + [3 * RATE - 64]
    assert {(zone.choke, zone.one_shot, zone.gain) for zone in track.instrument.zones} == {(1, True, 0.5)}
    assert [lane.name for lane in track.lanes] == ["Slice 3", "Slice 2", "Slice 1"]
    assert document.clip(clip.id).muted
    document.undo()
    assert document.project == before


def test_what_cannot_be_sliced_is_refused_in_a_sentence(document: Document) -> None:
    clip = document.project.tracks[1].clips[0]
    with pytest.raises(EditRefused, match="there are keys for 92"):
        slice_clip(document.project, clip.id, range(0, 2 * RATE, 900))
    notes = NoteClip("n", "Notes", 0, PPQ)
    document.apply(clips.add_clips(keys(document).id, (notes,)))
    with pytest.raises(EditRefused, match="has no sound"):
        slice_clip(document.project, "n", [])
    with pytest.raises(EditRefused, match="no longer"):
        slice_clip(document.project, "gone", [])
