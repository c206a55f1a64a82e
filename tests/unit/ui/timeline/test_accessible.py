"""What screen readers find on the canvas."""

from __future__ import annotations

from PySide6.QtGui import QAccessible

from studio.document.edits import clips, mix
from studio.ui.timeline.accessible import CanvasAccessible, ClipAccessible, TrackAccessible

from .conftest import Shown

Text = QAccessible.Text


def test_tracks_and_clips_have_names_roles_and_places(shown: Shown) -> None:
    document = shown.song.document
    document.apply(mix.set_mute(document.project.tracks[1].id, True))
    canvas = CanvasAccessible(shown.view)
    assert (canvas.role(), canvas.text(Text.Name), canvas.text(Text.Description)) == (
        QAccessible.Role.List,
        "Timeline",
        "3 tracks",
    )
    first, second = canvas.child(0), canvas.child(1)
    assert isinstance(first, TrackAccessible)
    assert isinstance(second, TrackAccessible)
    assert canvas.child(9) is None
    assert (first.text(Text.Name), first.text(Text.Description)) == ("One", "2 clips")
    assert second.text(Text.Description) == "1 clip, muted"
    clip = first.child(1)
    assert isinstance(clip, ClipAccessible)
    assert clip.text(Text.Name) == "Tone"
    assert clip.text(Text.Description) == "on One, at bar 3 beat 3, 2.0 seconds"
    assert clip.parent() is first
    assert (canvas.indexOfChild(second), first.indexOfChild(clip)) == (1, 1)
    place = clip.rect()
    assert canvas.childAt(place.center().x(), place.center().y()) is clip
    assert abs(place.width() - (shown.x(7) - shown.x(5))) <= 2


def test_a_clip_that_is_gone_is_not_valid(shown: Shown) -> None:
    document = shown.song.document
    canvas = CanvasAccessible(shown.view)
    clip_id = document.project.tracks[0].clips[0].id
    clip = canvas.clip(clip_id)
    assert clip.isValid()
    shown.view.stage.select((clip_id,))
    assert canvas.focusChild() is clip
    assert clip.state().selected
    document.apply(clips.delete_clips((clip_id,)))
    assert not clip.isValid()
    assert clip.text(Text.Name) == ""
    assert canvas.focusChild() is None
