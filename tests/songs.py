"""Songs and edits made up by hypothesis, shared by the tests of document, storage and renderer."""

from __future__ import annotations

from hypothesis import strategies as st

from studio.document.document import Document, Edit, EditRefused
from studio.document.edits import clips, mix, song, takes, tracks
from studio.document.project import Insert, Marker, Media, Project, Section, Track, clip_start, new_id, new_project

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


numbers = st.tuples(st.integers(0, 40), st.integers(0, 10_000), st.integers(-400_000, 900_000), st.floats(0, 2))


def edit_from(project: Project, drawn: tuple[int, int, int, float]) -> Edit | None:  # noqa: PLR0911, PLR0912
    """One edit out of all kinds, aimed at something that exists in `project` (or refused)."""
    kind, pick, amount, level = drawn
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
    start = clip_start(clip, project.time)
    match kind:
        case 19 | 20 | 21:
            return clips.move_clips((clip_id,), clip_id, start + amount, pick % 3 - 1)
        case 22 | 23:
            return clips.trim_clips((clip_id,), "left" if pick % 2 else "right", amount)
        case 24 | 25 | 26:
            return clips.split_clips((clip_id,), start + abs(amount) % clip.length)
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
                begin = abs(amount) % clip.length
                return takes.choose_range(clip_id, listed[pick % len(listed)].id, begin, begin + 10_000)
            return clips.rename_clip(clip_id, str(level))


def perform(document: Document, drawn: tuple[int, int, int, float]) -> bool:
    """Makes the drawn edit; False when there is none or it is refused."""
    edit = edit_from(document.project, drawn)
    if edit is None:
        return False
    try:
        return bool(document.apply(edit))
    except EditRefused:
        return False
