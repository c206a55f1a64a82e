"""Between the timeline and the models: what is asked for a place of the song, and results that go there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from ...actions.fromsong import (
    Wish,
    range_of,
    wish_cover,
    wish_extend,
    wish_fill,
    wish_music,
    wish_repaint,
)
from ...actions.generatefile import generated_folder
from ...actions.puttingin import begin_of, obstacle, put_in
from ...actions.songfacts import bars_said, with_chords
from ...actions.songsound import write_heard
from ...document.project import Media, Project, media_of
from ...engine.ai.recipes import Place
from ...engine.jobs import Job
from ...errors import StudioError
from ...storage.library.records import Asset, Mark
from .fitting import Fitting
from .panel import GeneratePanel
from .selection import Offer
from .told import Told

if TYPE_CHECKING:
    from ..library.panel import LibraryPanel
    from ..shell import MainWindow
    from ..timeline.view import TimelineView

PUT = "Put into the Song"


class SongLink(QObject):
    """What the timeline's commands ask for goes into the panel's form; results that belong somewhere are offered, or go
    there by themselves. Main thread."""

    def __init__(self, window: MainWindow, timeline: TimelineView, panel: GeneratePanel, library: LibraryPanel) -> None:
        super().__init__(window)
        self._window, self._timeline, self._panel = window, timeline, panel
        self.told = Told(window, panel)
        self._fitting = Fitting(window, panel.offers, self.told)
        library.shelf.fill_more = self.fill_more
        panel.offers.gone.connect(window.cards.withdraw)
        timeline.model_requested.connect(self.ask)
        window.workspace.neural.queue.subscribe(self._job_changed)
        window.workspace.subscribe_session(self._follow)

    def _follow(self, session: Any) -> None:
        """Another song is open: a place of the one before is forgotten."""
        wish = self._panel.place.wish
        if session is not None and wish is not None and wish.place.song != session.document.project.id:
            self._panel.place.show_wish(None)

    # -- what is asked for -----------------------------------------------------------------------------------------

    def ask(self, what: str) -> None:
        """Does what a command of the timeline asks for; see `timeline.generating`."""
        self._guard(lambda: self._ask(what))

    def _ask(self, what: str) -> None:
        session, stage = self._window.session, self._timeline.stage
        if session is None:
            raise StudioError("Open or make a song first.")
        if what == "align":
            self._fitting.measure(self._timeline.editing.sound_clip(), always=True)
        elif what == "recipe":
            self._show_recipe_of(session, self._timeline.editing.sound_clip())
        else:
            project: Project = session.document.project
            self._show(session, _wish(what, project, stage.selection, stage.track_id))

    def _show(self, session: Any, wish: Wish) -> None:
        """Shows a wish in the panel, once what the model is to hear of the song is a file."""
        heard = wish.heard
        if heard is None:
            self._fill(wish)
            return
        project, workspace = session.document.project, self._window.workspace
        library, font, folder = workspace.library, workspace.preferences.font, generated_folder() / "from songs"

        def done(job: Job) -> None:
            if job.state == "done" and session is self._window.session:
                self._fill(replace(wish, source=str(job.result)))

        session.start(
            "bounce", "Listen to the song",
            lambda work: write_heard(session.bundle, project, heard, folder, library, work, font), done,
        )  # fmt: skip

    def _fill(self, wish: Wish) -> None:
        panel, more = self._panel, {"source": wish.source} if wish.source else {}
        self._window.show_dock("generate")
        panel.show_task(wish.task)
        prompt = with_chords(str(panel.form.values().get("prompt") or ""), wish.chords)
        panel.show_values(wish.task, {**wish.values, **more, "prompt": prompt})
        panel.place.show_wish(wish)
        panel.form.field("prompt").setFocus()

    # -- results ---------------------------------------------------------------------------------------------------

    def _job_changed(self, job: Any) -> None:
        result = job.result if job.kind == "generate" and job.state == "done" else None
        if not result or not result.get("place"):
            return
        place = msgspec.convert(result["place"], Place)
        files = [Path(made["path"]) for made in result["made"]]
        session = self._window.session
        project = session.document.project if session is not None else None
        why = obstacle(project, place) or (session.read_only if session is not None else "")
        rest = files
        if result.get("put") and not why and files:
            self.put(files[0], place)
            rest = files[1:]
        for file in rest:
            self._offer(file, place, why, project)

    def _offer(self, file: Path, place: Place, why: str, project: Project | None) -> None:
        name = f"“{file.stem}”"
        if project is None or project.id != place.song:
            text = f"{name} is done and waits in the library, where “Put Where It Belongs” is found. {why}"
        elif why:
            text = f"{name} is done and waits in the library. {why}"
        else:
            text = f"{name} is made for {_where(project, place)}."
        offer = Offer(text, PUT, lambda: self.put(file, place))
        self._panel.offers.add(offer)
        if project is not None and project.id == place.song:
            self._window.notices.offer(text, PUT, lambda: self._panel.offers.take(offer))
        else:
            self._window.notices.say(text)

    def put(self, file: Path, place: Place) -> bool:
        """Puts a result where it belongs; False, and a notice that says why, where that cannot be."""
        session = self._window.session
        if session is None:
            self._window.notices.error(StudioError(f"This belongs into “{place.name}”; open that song first."))
            return False

        def arrived(clip_id: str) -> None:
            project, track = session.document.project, session.document.track_of(clip_id)
            there = replace(place, track=track.id if track is not None else "")
            self._fitting.own.update(_media(session, clip_id))
            self._timeline.stage.select((clip_id,))
            self._window.notices.say(f"“{file.stem}” stands at {_where(project, there)}. Undo takes it out again.")
            if not place.over:
                end = begin_of(project, place) + place.length
                self._guard(lambda: self._fitting.measure(clip_id, until=end))

        return self._guard(lambda: put_in(session, file, place, arrived))

    def fill_more(self, menu: QMenu, assets: Sequence[Asset], marks: Sequence[Mark]) -> None:
        """Adds to the library's menu that a result goes where it belongs; nothing where it was made for no song."""
        generation = self._window.workspace.library.generation(marks[0].generation) if len(marks) == 1 else None
        place = _place_of(generation.recipe) if generation is not None else None
        if place is None or len(assets) != 1:
            return
        session, file = self._window.session, assets[0].path
        here = session is not None and session.document.project.id == place.song
        text = "Put Where It Belongs" if here else f"Put Where It Belongs (open “{place.name}” first)"
        action = menu.addAction(text, lambda: self.put(file, place))
        action.setEnabled(here and not session.read_only)

    def _show_recipe_of(self, session: Any, clip_id: str) -> None:
        media = _media_of(session, clip_id)
        if media is None or media.id in session.missing:
            raise StudioError("Select one clip of sound whose file is there.")
        self.told.show_recipe(session.bundle.media_path(media), media.name)

    def _guard(self, action: Callable[[], object]) -> bool:
        try:
            action()
        except StudioError as error:
            self._window.notices.error(error)
            return False
        return True


def _wish(what: str, project: Project, selection: frozenset[str], track: str) -> Wish:
    if what == "fill":
        return wish_fill(project, selection)
    if what == "extend":
        return wish_extend(project, next(iter(selection), ""))
    ask = {"music": wish_music, "repaint": wish_repaint, "cover": wish_cover}[what]
    return ask(project, range_of(project, selection, track))


def _media_of(session: Any, clip_id: str) -> Media | None:
    """The sound of a clip; of one with takes, of the newest take."""
    ids = _media(session, clip_id)
    return session.document.media(ids[-1]) if ids else None


def _media(session: Any, clip_id: str) -> tuple[str, ...]:
    clip = session.document.clip(clip_id) if session is not None else None
    return media_of(clip) if clip is not None else ()


def _place_of(recipe: Any) -> Place | None:
    """Where the result of a recipe of the library belongs."""
    told = recipe.get("place") if isinstance(recipe, dict) else None
    try:
        return msgspec.convert(told, Place) if told else None
    except msgspec.ValidationError:
        return None


def _where(project: Project, place: Place) -> str:
    begin = begin_of(project, place)
    track = project.track(place.track)
    on = f" on “{track.name}”" if track is not None else ""
    return f"{bars_said(project, begin, begin + place.length)}{on}"
