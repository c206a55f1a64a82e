"""What the commands do to the song: split, duplicate, delete, clipboard, nudge, names, markers, tracks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ...document.document import Edit
from ...document.edits import clips, mix, song, tracks
from ...document.edits.clips import Copied
from ...document.notes import NoteClip
from ...document.project import (
    Clip,
    Marker,
    Section,
    TrackKind,
    clip_end,
    clip_length,
    clip_start,
    fits,
    media_of,
    new_id,
)
from ..controls import InlineEdit
from . import grid
from .ruler_gestures import SECTION_COLORS
from .selection import locate

if TYPE_CHECKING:
    from .view import TimelineView


class Editing:
    """Commands on the selection, the current track and the playhead. Main thread; refused edits become `failed`."""

    def __init__(self, view: TimelineView) -> None:
        self._view = view
        self._stage = view.stage
        self.clipboard: tuple[Copied, ...] = ()

    # -- clips ---------------------------------------------------------------------------------------------------

    def chosen(self) -> tuple[Clip, ...]:
        """The selected clips."""
        found = [self._stage.clip(clip_id) for clip_id in self._stage.selection]
        return tuple(clip for clip in found if clip is not None)

    def sound_clip(self) -> str:
        """The id of the one selected clip if it is of sound, else empty."""
        chosen = self.chosen()
        return chosen[0].id if len(chosen) == 1 and not isinstance(chosen[0], NoteClip) else ""

    def _with_selection(self, edit: Callable[[tuple[str, ...]], Edit]) -> None:
        if self._stage.selection:
            self._stage.apply(edit(tuple(sorted(self._stage.selection))))

    def split(self, frame: int | None = None) -> None:
        """Splits the selected clips under a frame, by default the playhead; else those of the current track."""
        at = self._stage.playhead if frame is None else frame
        ids = self._under(at)
        if ids:
            self._stage.apply(clips.split_clips(ids, at))
        elif self._stage.selection:
            self._with_selection(lambda chosen: clips.split_clips(chosen, at))

    def _under(self, frame: int) -> tuple[str, ...]:
        time = self._stage.time
        track = self._stage.track(self._stage.track_id)
        pool = self.chosen() or (track.clips if track else ())
        if time is None:
            return ()
        return tuple(clip.id for clip in pool if clip_start(clip, time) < frame < clip_end(clip, time))

    def delete(self) -> None:
        """Deletes the selected clips."""
        self._with_selection(clips.delete_clips)

    def duplicate(self) -> None:
        """Repeats the selected clips after themselves and selects the copies."""
        if self._stage.selection and self._stage.project is not None:
            edit, ids = clips.duplicate_clips(self._stage.project, self._stage.selection)
            if self._stage.apply(edit):
                self._stage.select(ids)

    def copy(self) -> None:
        """Puts the selected clips on the clipboard."""
        if self._stage.selection and self._stage.project is not None:
            self.clipboard = clips.copy_clips(self._stage.project, self._stage.selection)

    def cut(self) -> None:
        """Copies and deletes."""
        self.copy()
        self.delete()

    def paste(self) -> None:
        """Pastes at the playhead on the current track, else on the first one, and selects what was pasted."""
        project = self._stage.project
        if not self.clipboard or project is None:
            return
        wanted = [track.id for track in project.tracks if fits(self.clipboard[0].clip, track)]
        target = self._stage.track_id if self._stage.track_id in wanted else next(iter(wanted), "")
        if target:
            edit, ids = clips.paste(project, self.clipboard, target, self._stage.playhead)
            if self._stage.apply(edit):
                self._stage.select(ids)

    def select_all(self) -> None:
        """Selects every clip."""
        project = self._stage.project
        self._stage.select(clip.id for track in project.tracks for clip in track.clips) if project else None

    def select_track_clips(self) -> None:
        """Selects every clip of the current track."""
        track = self._stage.track(self._stage.track_id)
        self._stage.select(clip.id for clip in track.clips) if track else None

    def nudge(self, by: int, fine: bool = False) -> None:
        """Moves the selected clips by a grid step, or by a millisecond."""
        stage, project = self._stage, self._stage.project
        if not stage.selection or project is None:
            return
        first = min(self.chosen(), key=lambda clip: clip_start(clip, project.time))
        start = clip_start(first, project.time)
        if fine:
            to = start + by * max(project.rate // 1000, 1)
        else:
            tick = float(project.time.exact_ticks(start)[0])
            per_tick = stage.canvas.axis.logical_per_tick()
            width = grid.width_at(project.signatures, tick, per_tick, self._view.pointer.grid)
            to = round(float(project.time.seconds_of(tick + by * width)[0]) * project.rate)
        self._with_selection(lambda ids: clips.move_clips(ids, first.id, max(to, 0)))

    def move_rows(self, by: int) -> None:
        """Moves the selected clips to tracks below (1) or above (-1)."""
        time, chosen = self._stage.time, self.chosen()
        if chosen and time is not None:
            first = chosen[0]
            self._with_selection(lambda ids: clips.move_clips(ids, first.id, clip_start(first, time), by))

    def trim_to_playhead(self, edge: str) -> None:
        """Moves the left or right edges of the selected clips to the playhead."""
        stage, time = self._stage, self._stage.time
        if time is None:
            return
        found = [
            clips.trim_clips((clip.id,), "left", stage.playhead - clip_start(clip, time))
            if edge == "left"
            else clips.trim_clips((clip.id,), "right", stage.playhead - clip_end(clip, time))
            for clip in self.chosen()
            if clip_start(clip, time) < stage.playhead < clip_end(clip, time)
        ]
        if found:
            stage.apply(song.sequence("Trim to playhead", found))

    def join(self) -> None:
        """Makes one clip of neighbouring pieces."""
        self._with_selection(clips.join_clips)

    def toggle_mute_clips(self) -> None:
        """Silences the selected clips, or lets them sound again if all are silent."""
        chosen = self.chosen()
        self._with_selection(lambda ids: clips.mute_clips(ids, not all(clip.muted for clip in chosen)))

    def fade(self, edge: str) -> None:
        """Fades the selected clips in or out up to the playhead, or over a tenth of their length."""
        stage, time = self._stage, self._stage.time
        if time is None:
            return
        edits = []
        for clip in self.chosen():
            start, end = int(clip_start(clip, time)), int(clip_end(clip, time))
            inside = start < stage.playhead < end
            if edge == "in":
                length = stage.playhead - start if inside else clip_length(clip, time) // 10
                edits.append(clips.set_fades(clip.id, fade_in=length))
            else:
                length = end - stage.playhead if inside else clip_length(clip, time) // 10
                edits.append(clips.set_fades(clip.id, fade_out=length))
        if edits:
            stage.apply(song.sequence(f"Fade {edge}", edits))

    def remove_fades(self) -> None:
        """Takes the fades off the selected clips."""
        edits = [clips.set_fades(clip.id, 0, 0) for clip in self.chosen() if clip.fade_in or clip.fade_out]
        if edits:
            self._stage.apply(song.sequence("Remove fades", edits))

    def reset_gain(self) -> None:
        """Sets the gain of the selected clips to 0 dB."""
        self._with_selection(lambda ids: clips.set_clip_gain(ids, 1.0))

    def rename_clip(self, clip_id: str = "") -> None:
        """Edits the name of a clip, by default the selected one, in place."""
        wanted = clip_id or next(iter(self._stage.selection), "")
        found = locate(self._stage, wanted) if wanted else None
        clip = self._stage.clip(wanted)
        if found is None or clip is None:
            return
        self._view.navigation.reveal_clip(wanted)
        editor = InlineEdit(self._view.viewport(), self._view.clip_name_box(*found), clip.name, "Name of the clip")
        editor.accepted.connect(lambda text: self._name_clip(wanted, text))

    def _name_clip(self, clip_id: str, text: str) -> None:
        if text.strip():
            self._stage.apply(clips.rename_clip(clip_id, text.strip()))

    # -- tracks --------------------------------------------------------------------------------------------------

    def add_track(self, kind: TrackKind = "audio") -> None:
        """Adds a track below the current one, or at the end, and makes it the current one."""
        project = self._stage.project
        if project is None:
            return
        ids = [track.id for track in project.tracks]
        index = ids.index(self._stage.track_id) + 1 if self._stage.track_id in ids else None
        fresh = tracks.fresh_track(project, kind=kind)
        label = "Add bus" if kind == "bus" else "Add track"
        if self._stage.apply(tracks.add_tracks((fresh,), index, label)):
            self._stage.pick_track(fresh.id)
            self._view.navigation.reveal_track(fresh.id)

    def delete_track(self) -> None:
        """Removes the current track with its clips; the one beside it becomes the current one."""
        project, track_id = self._stage.project, self._stage.track_id
        if project is None or project.track(track_id) is None:
            return
        ids = [track.id for track in project.tracks]
        at = ids.index(track_id)
        if self._stage.apply(tracks.remove_tracks((track_id,))):
            rest = ids[:at] + ids[at + 1 :]
            self._stage.pick_track(rest[min(at, len(rest) - 1)] if rest else "")

    def rename_track(self) -> None:
        """Edits the name of the current track in place."""
        self._view.headers.rename(self._stage.track_id)

    def name_track(self, track_id: str, text: str) -> None:
        """Gives a track a name."""
        if text.strip():
            self._stage.apply(tracks.rename_track(track_id, text.strip()))

    def move_track(self, by: int) -> None:
        """Moves the current track up (-1) or down (1)."""
        project = self._stage.project
        ids = [track.id for track in project.tracks] if project else []
        if self._stage.track_id in ids:
            at = ids.index(self._stage.track_id) + by
            if 0 <= at < len(ids):
                self._stage.apply(tracks.move_track(self._stage.track_id, at))
                self._view.navigation.reveal_track(self._stage.track_id)

    def toggle(self, what: str) -> None:
        """Switches mute, solo, arm, takes or the time base of the current track."""
        track = self._stage.track(self._stage.track_id)
        if track is None:
            return
        match what:
            case "mute":
                edit = mix.set_mute(track.id, not track.strip.mute)
            case "solo":
                edit = mix.set_solo(track.id, not track.strip.solo)
            case "arm":
                edit = tracks.arm(track.id, not track.armed)
            case "takes":
                edit = tracks.open_lanes(track.id, not track.lanes_open)
            case _:
                edit = tracks.set_time_base(track.id, "time" if track.base == "musical" else "musical")
        self._stage.apply(edit)

    # -- ruler ---------------------------------------------------------------------------------------------------

    def add_marker(self, tick: int | None = None, name: bool = False) -> None:
        """Puts a marker at a tick, by default the playhead; with `name` its name is edited at once."""
        project = self._stage.project
        if project is None:
            return
        at = int(project.time.tick(self._stage.playhead)) if tick is None else tick
        marker = Marker(new_id("marker"), max(at, 0), f"Marker {len(project.markers) + 1}")
        if self._stage.apply(song.put_marker(marker)) and name:
            self._view.ruler.rename_marker(marker.id)

    def name_marker(self, marker_id: str, text: str) -> None:
        """Gives a marker a name."""
        project = self._stage.project
        marker = next((m for m in project.markers if m.id == marker_id), None) if project else None
        if marker is not None and text.strip():
            self._stage.apply(song.put_marker(replace(marker, name=text.strip())))

    def go_to_marker(self, by: int) -> None:
        """Moves the playhead to the next or the previous marker or section."""
        project = self._stage.project
        if project is None:
            return
        spots = {marker.start for marker in project.markers} | {section.start for section in project.sections}
        frames = sorted({0, *(int(project.time.frame(tick)) for tick in spots)})
        here = self._stage.playhead
        found = [f for f in frames if f > here] if by > 0 else [f for f in reversed(frames) if f < here]
        if found:
            self._view.locate_requested.emit(found[0])
            self._view.navigation.reveal_frame(found[0])

    def add_section(self) -> None:
        """Makes a section of the loop range and lets its name be typed."""
        project = self._stage.project
        if project is None:
            return
        loop, count = project.loop, len(project.sections)
        color = SECTION_COLORS[count % len(SECTION_COLORS)]
        fresh = Section(new_id("section"), loop.start, f"Section {count + 1}", loop.end - loop.start, color)
        if self._stage.apply(song.put_section(fresh)):
            self._view.ruler.rename_section(fresh.id)

    def name_section(self, section_id: str, text: str) -> None:
        """Gives a section a name."""
        project = self._stage.project
        section = next((s for s in project.sections if s.id == section_id), None) if project else None
        if section is not None and text.strip():
            self._stage.apply(song.put_section(replace(section, name=text.strip())))

    def loop_selection(self) -> None:
        """Sets the loop around the selected clips and turns it on."""
        time, chosen = self._stage.time, self.chosen()
        if chosen and time is not None:
            first = min(clip_start(clip, time) for clip in chosen)
            last = max(clip_end(clip, time) for clip in chosen)
            self._stage.apply(song.set_loop(int(time.tick(first)), int(time.tick(last)), True))

    def toggle_snap(self) -> None:
        """Turns snapping on or off."""
        self._view.change_habit(snap=not self._view.pointer.snapping)

    def relink_wanted(self, clip: Clip) -> str:
        """The missing media of a clip, empty when nothing is missing."""
        missing = self._stage.session.missing if self._stage.session else frozenset[str]()
        return next((media_id for media_id in media_of(clip) if media_id in missing), "")
