"""Clips that a producer wrote: written anew, locked and let go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from ..document import Edit, EditRefused
from ..notes import NoteClip
from ..project import Clip, Project
from ._parts import change_clips, each_clip, find_clips


def rewrite_clips(clips: Sequence[NoteClip], label: str, merge: str = "") -> Edit:
    """Puts clips in the place of those with their ids. Raises EditRefused where one is gone."""

    def change(project: Project) -> Project:
        find_clips(project, [clip.id for clip in clips])
        return change_clips(project, {clip.id: (clip,) for clip in clips})

    return Edit(label, change, merge)


def lock_clips(clip_ids: Iterable[str], locked: bool) -> Edit:
    """Keeps clips from being written anew, or lets them be."""
    wanted = tuple(clip_ids)

    def change(clip: Clip) -> Clip:
        if not isinstance(clip, NoteClip) or clip.recipe is None:
            raise EditRefused("Only clips that the producer wrote can be locked; choose one of those.")
        return replace(clip, recipe=replace(clip.recipe, locked=locked))

    return Edit("Lock part" if locked else "Unlock part", lambda project: each_clip(project, wanted, change))
