"""Songs and edits made up by hypothesis, shared by the tests of document, storage and renderer."""

from __future__ import annotations

from hypothesis import strategies as st

from studio.document.document import Document, Edit, EditRefused
from studio.document.edits import (
    clips,
    controls,
    harmony,
    mix,
    notes,
    pitches,
    sampling,
    song,
    takes,
    timing,
    tracks,
    velocities,
)
from studio.document.edits.slicing import slice_clip
from studio.document.harmony import Chord
from studio.document.instruments import Instrument, Lane
from studio.document.notes import Bend, Controller, NoteClip
from studio.document.project import (
    Insert,
    Marker,
    Media,
    Project,
    Section,
    Track,
    clip_length,
    clip_start,
    new_id,
    new_project,
)

RATE = 48_000


def media(frames: int = 5 * RATE, name: str = "Sound") -> Media:
    """A media of the song that no file stands behind."""
    key = new_id("media")
    return Media(key, name, f"media/{key}.wav", frames, 2, RATE)


def small_song(track_count: int = 3, clip_count: int = 4, frames: int = RATE) -> Project:
    """A song with a few tracks of a few clips, every other track musical."""
    document = Document(new_project("Song", RATE))
    for row in range(track_count):
        sound = media(frames)
        track = tracks.fresh_track(document.project, base="musical" if row % 2 else "time")
        document.apply(song.sequence("Track", [song.put_media((sound,)), tracks.add_tracks((track,))]))
        made = [clips.make_clip(sound, track, n * frames, document.project.time) for n in range(clip_count)]
        document.apply(clips.add_clips(track.id, made))
    return document.project


def _any_clip(project: Project, pick: int) -> tuple[Track, str] | None:
    every = [(track, clip.id) for track in project.tracks for clip in track.clips]
    return every[pick % len(every)] if every else None


numbers = st.tuples(st.integers(0, 64), st.integers(0, 10_000), st.integers(-400_000, 900_000), st.floats(0, 2))


def edit_from(project: Project, drawn: tuple[int, int, int, float]) -> Edit | None:  # noqa: PLR0911, PLR0912
    """One edit out of all kinds, aimed at something that exists in `project` (or refused)."""
    kind, pick, amount, level = drawn
    if kind > 60:
        return sample_edit_from(project, kind - 61, pick, amount)
    if kind > 40:
        return note_edit_from(project, kind - 41, pick, amount, level)
    if not project.tracks or kind in {0, 1}:
        return tracks.add_tracks((tracks.fresh_track(project, base="musical" if pick % 2 else "time"),), pick % 5)
    track = project.tracks[pick % len(project.tracks)]
    match kind:
        case 2:
            return tracks.remove_tracks((track.id,))
        case 3:
            return tracks.move_track(track.id, amount % 7)
        case 4:
            return tracks.rename_track(track.id, f"Näme {amount} \U0001f3b5")
        case 5:
            return tracks.set_time_base(track.id, "musical" if amount % 2 else "time")
        case 6:
            return mix.set_gain(track.id, level)
        case 7:
            return mix.set_pan("master" if pick % 3 == 0 else track.id, level - 1)
        case 8:
            return mix.set_mute(track.id, bool(amount % 2))
        case 9:
            return mix.add_insert(track.id, Insert(new_id("insert"), "reverb", (("mix", level),)))
        case 10 | 11:
            sound = media(1000 + abs(amount))
            clip = clips.make_clip(sound, track, abs(amount), project.time)
            return song.sequence("Import", [song.put_media((sound,)), clips.add_clips(track.id, (clip,))])
        case 12 | 13:
            length = 2000 + abs(amount) // 4
            passes = [takes.Pass(abs(amount), n * length, length) for n in range(1 + pick % 3)]
            return takes.record_passes(track.id, media(length * len(passes)), passes)
        case 14:
            return song.set_tempo(abs(amount) // 960 * 960, 30 + level * 150, ramp=bool(pick % 2))
        case 15:
            return song.set_signature(0, 2 + pick % 9, (2, 4, 8)[pick % 3])
        case 16:
            return song.set_loop(abs(amount), pick, bool(pick % 2))
        case 17:
            return song.put_section(Section(new_id("section"), abs(amount), "Verse", 1 + pick))
        case 18:
            return song.put_marker(Marker(new_id("marker"), abs(amount), "Here"))
    found = _any_clip(project, pick)
    if found is None:
        return None
    owner, clip_id = found
    clip = next(clip for clip in owner.clips if clip.id == clip_id)
    start, length = clip_start(clip, project.time), clip_length(clip, project.time)
    match kind:
        case 19 | 20 | 21:
            return clips.move_clips((clip_id,), clip_id, start + amount, pick % 3 - 1)
        case 22 | 23:
            return clips.trim_clips((clip_id,), "left" if pick % 2 else "right", amount)
        case 24 | 25 | 26:
            return clips.split_clips((clip_id,), start + abs(amount) % length)
        case 27:
            return clips.duplicate_clips(project, (clip_id,))[0]
        case 28:
            return clips.delete_clips((clip_id,))
        case 29:
            return clips.set_clip_gain((clip_id,), level)
        case 30:
            return clips.set_fades(clip_id, abs(amount), pick)
        case 31:
            return clips.mute_clips((clip_id,), bool(amount % 2))
        case 32:
            return clips.paste(project, clips.copy_clips(project, (clip_id,)), track.id, abs(amount))[0]
        case _:
            listed = getattr(clip, "takes", ())
            if listed:
                begin = abs(amount) % length
                return takes.choose_range(clip_id, listed[pick % len(listed)].id, begin, begin + 10_000)
            return clips.rename_clip(clip_id, str(level))


def note_edit_from(project: Project, kind: int, pick: int, amount: int, level: float) -> Edit | None:  # noqa: PLR0911, PLR0912
    """One edit of notes, chords or keys."""
    players = [track for track in project.tracks if track.kind == "instrument"]
    found = [clip for track in players for clip in track.clips if isinstance(clip, NoteClip)]
    match kind:
        case 0:
            return tracks.add_tracks((tracks.fresh_track(project, kind="instrument"),), pick % 5)
        case 1:
            return harmony.put_chord(Chord(new_id("chord"), abs(amount), 1 + pick, pick % 12, "m7"))
        case 2:
            return harmony.set_key(abs(amount), pick % 12, "dorian" if pick % 2 else "major")
    if not players:
        return tracks.add_tracks((tracks.fresh_track(project, kind="instrument"),))
    track = players[pick % len(players)]
    if not found or kind in {3, 4}:
        made = [notes.make_note(n * 240, 100 + pick, (pick + n) % 128, 1 + n) for n in range(pick % 40)]
        points = [Controller(n * 60, 64, n % 128) for n in range(pick % 7)] + [Bend(5, min(amount % 9000, 8191))]
        return clips.add_clips(track.id, (notes.make_note_clip("Part", amount, 1 + pick, made, points),))
    clip = found[pick % len(found)]
    some = tuple(note.id for note in clip.notes[:: 1 + pick % 3])
    match kind:
        case 5:
            return notes.add_notes(clip.id, [notes.make_note(amount, 1 + pick, pick % 128)])
        case 6:
            return notes.remove_notes(clip.id, some)
        case 7:
            return notes.move_notes(clip.id, some, amount, pick % 5 - 2)
        case 8:
            return timing.quantise(clip.id, None, timing.Grid(60 + pick % 900, min(level, 1.0), 0.5 + pick % 20 / 80))
        case 9:
            return timing.humanise(clip.id, some, pick % 50, pick % 30, amount)
        case 10:
            return pitches.transpose_in_key(clip.id, None, pick % 9 - 4)
        case 11:
            return velocities.ramp_velocities(clip.id, None, pick % 128, abs(amount) % 128)
        case 12:
            return notes.set_pattern(clip.id, pick)
        case 13:
            return controls.draw_controls(clip.id, 64, amount, amount + pick, [Controller(amount, 64, pick % 128)])
        case 14:
            return tracks.set_instrument(track.id, Instrument("synth", parameters=(("cutoff", level),)))
        case 15:
            return tracks.set_lanes(track.id, [Lane(n, f"Lane {n}") for n in range(pick % 9)])
        case 16:
            return clips.join_clips([clip.id for clip in track.clips])
        case 17:
            return clips.split_clips([clip.id], clip_start(clip, project.time) + abs(amount) % 90_000)
        case _:
            return notes.set_transpose(clip.id, pick % 30 - 15)


def sample_edit_from(project: Project, kind: int, pick: int, amount: int) -> Edit | None:
    """One edit of samples and slices."""
    players = [track for track in project.tracks if track.kind == "instrument"]
    sounds = [clip for track in project.tracks if track.kind == "audio" for clip in track.clips]
    if kind == 0 and sounds:
        try:
            cuts = range(abs(amount) % 9000, 900_000, 6000 + pick)
            return slice_clip(project, sounds[pick % len(sounds)].id, cuts).edit
        except EditRefused:
            return None
    if not players or not project.media:
        return None
    track, sound = players[pick % len(players)], project.media[amount % len(project.media)]
    match kind:
        case 1:
            return sampling.put_sample(track.id, pick % 128, sound)
        case 2:
            return sampling.set_zones(track.id, (sampling.whole_zone(sound, pick % 128),), sound.name)
        case _:
            return sampling.remove_sample(track.id, pick % 128)


def perform(document: Document, drawn: tuple[int, int, int, float]) -> bool:
    """Makes the drawn edit; False when there is none or it is refused."""
    edit = edit_from(document.project, drawn)
    if edit is None:
        return False
    try:
        return bool(document.apply(edit))
    except EditRefused:
        return False
