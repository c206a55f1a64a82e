"""Stems land beside the mix that they were taken out of, cut alike, and one undo takes them away."""

from __future__ import annotations

from msgspec.structs import replace

from songs import RATE, media
from studio.actions.stemtracks import place_stems
from studio.document.document import Document
from studio.document.edits import clips, mix, song, tracks
from studio.document.project import AudioClip, Project, clip_start, new_project

MIX = media(4 * RATE, "Mix")


def mixed() -> Document:
    """A song with a track before, the mix in two pieces, and a track after."""
    document = Document(new_project("Song"))
    rows = [tracks.fresh_track(document.project, name) for name in ("Before", "Mix", "After")]
    whole = clips.make_clip(MIX, rows[1], RATE, document.project.time)
    other = media(RATE, "Other")
    pieces = [
        replace(whole, length=RATE, fade_in=100),
        replace(whole, id="late", offset=whole.offset + 2 * RATE, source=3 * RATE, length=RATE, gain=0.5),
        clips.make_clip(other, rows[1], 6 * RATE, document.project.time),
    ]
    edits = [song.put_media((MIX, other)), tracks.add_tracks(rows), clips.add_clips(rows[1].id, pieces)]
    document.apply(song.sequence("Begin", edits))
    document.apply(mix.set_gain(rows[1].id, 0.25))
    return document


def sounds(project: Project, name: str) -> list[tuple[int, int, int, float, int, bool]]:
    (track,) = [track for track in project.tracks if track.name == name]
    found = [clip for clip in track.clips if isinstance(clip, AudioClip)]
    return [(clip_start(c, project.time), c.source, c.length, c.gain, c.fade_in, c.muted) for c in found]


def test_stems_follow_the_mix_and_mute_it() -> None:
    document = mixed()
    before = document.project
    stems = [media(4 * RATE, "Mix (drums)"), media(4 * RATE - 7, "Mix (vocals)")]
    edit, ids = place_stems(before, stems, {MIX.id}, 0)
    document.apply(edit)
    after = document.project
    assert [track.name for track in after.tracks] == ["Before", "Mix", "Mix drums", "Mix vocals", "After"]
    cut = [(RATE, 0, RATE, 1.0, 100), (3 * RATE, 3 * RATE, RATE, 0.5, 0)]
    assert sounds(after, "Mix drums") == [(*one, False) for one in cut]
    assert sounds(after, "Mix vocals") == [(*cut[0], False), (3 * RATE, 3 * RATE, RATE - 7, 0.5, 0, False)]
    assert [one[-1] for one in sounds(after, "Mix")] == [True, True, False], "only what the stems replace is muted"
    assert [track.strip.gain for track in after.tracks] == [1.0, 0.25, 0.25, 0.25, 1.0]
    assert len({track.color for track in after.tracks[1:4]}) == 1 and len(ids) == 4
    document.undo()
    assert document.project == before


def test_stems_of_a_sound_that_is_not_in_the_song_begin_at_the_playhead() -> None:
    document = mixed()
    edit, _ = place_stems(document.project, [media(RATE, "Mix (drums)"), media(RATE, "Mix (bass)")], (), 5 * RATE)
    document.apply(edit)
    assert [track.name for track in document.project.tracks[3:]] == ["Mix (drums)", "Mix (bass)"]
    assert sounds(document.project, "Mix (bass)") == [(5 * RATE, 0, RATE, 1.0, 0, False)]
    assert not any(one[-1] for one in sounds(document.project, "Mix"))
