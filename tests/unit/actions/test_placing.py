"""Where dropped sounds land."""

from __future__ import annotations

import pytest

from songs import RATE, media
from studio.actions.placing import Target, place_sounds
from studio.document.document import Document, EditRefused
from studio.document.edits import tracks
from studio.document.project import clip_start, new_project


def _drop(document: Document, target: Target, *names: str) -> tuple[str, ...]:
    edit, ids = place_sounds(document.project, [media(RATE, name) for name in names], target)
    document.apply(edit)
    return ids


def _layout(document: Document) -> dict[str, list[tuple[str, int]]]:
    time = document.project.time
    return {t.name: [(c.name, clip_start(c, time)) for c in t.clips] for t in document.project.tracks}


def test_on_empty_space_every_sound_gets_a_track() -> None:
    document = Document(new_project("Song"))
    _drop(document, Target(frame=500), "Kick", "Snare", "Kick")
    assert _layout(document) == {"Kick": [("Kick", 500)], "Snare": [("Snare", 500)], "Kick 2": [("Kick", 500)]}
    document.undo()
    assert document.project.tracks == ()
    assert document.project.media == ()


def test_between_tracks_the_new_ones_stand_there() -> None:
    document = Document(new_project("Song"))
    _drop(document, Target(), "A", "B")
    _drop(document, Target(index=1), "X", "Y")
    assert list(_layout(document)) == ["A", "X", "Y", "B"]


def test_on_a_track_sounds_follow_each_other() -> None:
    document = Document(new_project("Song"))
    _drop(document, Target(), "A")
    ids = _drop(document, Target(frame=RATE, track=document.project.tracks[0].id), "B", "C")
    assert _layout(document) == {"A": [("A", 0), ("B", RATE), ("C", 2 * RATE)]}
    assert [document.clip(key).name for key in ids] == ["B", "C"]


def test_a_named_track_takes_them_all() -> None:
    document = Document(new_project("Song"))
    _drop(document, Target(name="Loops"), "A", "B")
    assert _layout(document) == {"Loops": [("A", 0), ("B", RATE)]}


def test_a_bus_takes_no_sounds() -> None:
    document = Document(new_project("Song"))
    bus = tracks.fresh_track(document.project, kind="bus")
    document.apply(tracks.add_tracks((bus,)))
    with pytest.raises(EditRefused, match="audio tracks only"):
        _drop(document, Target(track=bus.id), "A")
