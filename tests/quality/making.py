"""Pieces made as a user makes them: a request, a composition put into an empty song, and a bounce of it."""

from __future__ import annotations

from pathlib import Path

from studio.actions.producing import produce
from studio.document.harmony import Key
from studio.document.project import Project, new_project
from studio.document.recipes import FormPart, Request
from studio.engine.audio.bounce import BounceReport, bounce
from studio.engine.audio.compiler import compile_plan
from studio.engine.music.composer.compose import Composition, compose
from studio.engine.music.genres.genre import Genre
from studio.engine.music.requests import Wishes, make_request

BARS = 8


def request(genre: Genre, seed: int, *, key: Key | None = None, form: tuple[FormPart, ...] = ()) -> Request:
    """What somebody gets who says no more than the genre; for comparing, also in a given key or form."""
    return make_request(genre, Wishes(bars=BARS, seed=seed, key=key, form=form))


def common_key(genre: Genre) -> Key:
    """A in the mode that the genre likes best, in which pieces are compared with one another."""
    return Key(0, 9, max(genre.modes, key=lambda mode: genre.modes[mode]))


def piece(genre: Genre, seed: int) -> tuple[Composition, Project]:
    """Eight bars of a genre, and the song that they make."""
    before = new_project(genre.name)
    produced = produce(before, genre, request(genre, seed))
    return produced.composition, produced.edit.change(before)


def song(genre: Genre, seed: int, form: tuple[FormPart, ...] = ()) -> Composition:
    """The notes alone, in the common key."""
    return compose(genre, request(genre, seed, key=common_key(genre), form=form))


def sound_of(project: Project, out: Path) -> BounceReport:
    """Renders a song as the export does, with the usual SoundFont."""
    return bounce(compile_plan(project, {}), out, format="wav", bits="24")
