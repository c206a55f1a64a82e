"""What a clip's menu offers where a producer wrote the clip: to write it anew, in whole or in part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from ...document.notes import NoteClip
from ...document.recipes import Recipe

if TYPE_CHECKING:
    from .view import TimelineView

CHOICES = (("reroll", "Re-roll"), ("alike", "More Like This"), ("simpler", "Simpler"), ("busier", "Busier"))


def produced_clips(view: TimelineView) -> list[tuple[NoteClip, Recipe]]:
    """The selected clips that a producer wrote."""
    clips = view.editing.chosen()
    return [(clip, clip.recipe) for clip in clips if isinstance(clip, NoteClip) and clip.recipe is not None]


def add_producing(menu: QMenu, view: TimelineView, frame: int) -> None:
    """Adds what can be written anew of the selected clips; nothing where a producer wrote none of them."""
    found = produced_clips(view)
    if not found or view.stage.document is None:
        return
    ids = [clip.id for clip, _ in found]
    writable = not view.stage.document.read_only
    menu.addSeparator()
    sub = menu.addMenu("Producer")
    for action, text in CHOICES:
        entry = sub.addAction(text, lambda a=action: view.rewrite_requested.emit(ids, a, None))
        entry.setEnabled(writable and not all(recipe.locked for _, recipe in found))
    bar = _bar_at(view, found, frame)
    if bar is not None:
        clip, number = bar
        text = f"Re-roll Bar {number + 1} of This Clip"
        sub.addAction(text, lambda: view.rewrite_requested.emit([clip.id], "reroll", [number])).setEnabled(writable)
    section = clips_between(view, found[0][0].anchor, found[0][0].end)
    if len(section) > 1:
        sub.addAction("Re-roll Section, All Parts", lambda: view.rewrite_requested.emit(section, "reroll", None))
    locked = all(recipe.locked for _, recipe in found)
    sub.addSeparator()
    sub.addAction("Unlock" if locked else "Lock", lambda: view.lock_requested.emit(ids, not locked)).setEnabled(
        writable
    )
    sub.addAction("Show Request", lambda: view.request_requested.emit(found[0][1].request))


def _bar_at(view: TimelineView, found: list[tuple[NoteClip, Recipe]], frame: int) -> tuple[NoteClip, int] | None:
    """The clip under a frame and the bar of its own time there, where just one clip is selected."""
    project = view.stage.project
    if project is None or len(found) != 1:
        return None
    clip, recipe = found[0]
    tick = int(project.time.tick(max(frame, 0)))
    number = (tick - clip.origin) // recipe.request.bar_ticks
    return (clip, number) if clip.anchor <= tick < clip.end and 0 <= number < len(recipe.seeds) else None


def clips_between(view: TimelineView, start: int, end: int) -> list[str]:
    """What a producer wrote of all parts between two ticks."""
    project = view.stage.project
    tracks = project.tracks if project is not None else ()
    clips = (one for track in tracks for one in track.clips if isinstance(one, NoteClip) and one.recipe is not None)
    return [one.id for one in clips if one.anchor < end and one.end > start]
