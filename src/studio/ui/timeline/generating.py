"""What models can be asked for from the timeline: music for what is selected, and sound made anew from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...document.notes import NoteClip
from ..commands import Command

if TYPE_CHECKING:
    from .view import TimelineView

MENU = "Clip/Generate"

GROUND = ("generate.music", "generate.repaint", "generate.cover")
"""The commands that go by a range and the track."""

CLIP = (*GROUND, "", "generate.extend", "generate.fill", "", "generate.align", "generate.recipe")
"""All of them, as a clip's menu lists them; an empty id is a separator."""


def generating_commands(view: TimelineView) -> list[Command]:
    """The commands. Each asks by `model_requested` with the last part of its id."""

    def ask(what: str) -> None:
        view.model_requested.emit(what)

    def song() -> bool:
        return view.stage.project is not None

    def heard() -> bool:
        return song() and (bool(view.stage.selection) or view.stage.track(view.stage.track_id) is not None)

    def one_sound() -> bool:
        return bool(view.editing.sound_clip())

    def two_sounds() -> bool:
        chosen = view.editing.chosen()
        return len(chosen) == 2 and not any(isinstance(clip, NoteClip) for clip in chosen)

    def writable() -> bool:
        return one_sound() and view.stage.document is not None and not view.stage.document.read_only

    return [
        Command("generate.music", "Generate into Selection…", "Ctrl+Alt+M", lambda: ask("music"), song, MENU),
        Command("generate.repaint", "Make Selection Anew…", "Ctrl+Alt+R", lambda: ask("repaint"), heard, MENU),
        Command("generate.cover", "Play Selection Another Way…", "", lambda: ask("cover"), heard, MENU),
        Command("generate.extend", "Go On after Clip…", "", lambda: ask("extend"), one_sound, MENU, group="clip"),
        Command("generate.fill", "Fill Gap between Clips…", "", lambda: ask("fill"), two_sounds, MENU, group="clip"),
        Command("generate.align", "Align Clip to Grid…", "", lambda: ask("align"), writable, MENU, group="result"),
        Command("generate.recipe", "Show How It Was Made…", "", lambda: ask("recipe"), one_sound, MENU, group="result"),
    ]
