"""Between the timeline and the models: what is asked for a place of the song, results that go there, sounds held
against the grid, and recipes that files bring.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from ...actions.aligning import Fit, align, measure_fit
from ...actions.fromsong import (
    Wish,
    bars_said,
    range_of,
    wish_cover,
    wish_extend,
    wish_fill,
    wish_music,
    wish_repaint,
    with_chords,
)
from ...actions.generatefile import generated_folder
from ...actions.generating import Making, recipe_of
from ...actions.models import open_catalogue, open_store
from ...actions.puttingin import begin_of, obstacle, put_in
from ...actions.recreating import Again, hold_against, made_of
from ...actions.songsound import write_heard
from ...document.project import AudioClip, Media, Project
from ...engine.ai.recipes import Place
from ...engine.jobs import Job
from ...errors import StudioError
from ...storage.library.records import Asset, Mark
from ..file_drops import FileDrops
from .panel import GeneratePanel
from .recipe_dialog import RecipeDialog
from .selection import Offer

if TYPE_CHECKING:
    from ...document.document import Announcement
    from ..library.panel import LibraryPanel
    from ..shell import MainWindow
    from ..timeline.view import TimelineView

TOLD = frozenset({".flac", ".wav", ".png", ".json", ".mp3", ".ogg", ".opus"})
"""Endings of files that can say how they were made."""

NO_SOUND = frozenset({".png", ".json"})

LOOKED_AT = 8
"""Sounds of one import that are looked at for recipes."""

PUT = "Put into the Song"


class SongLink(QObject):
    """Main thread."""

    def __init__(self, window: MainWindow, timeline: TimelineView, panel: GeneratePanel, library: LibraryPanel) -> None:
        super().__init__(window)
        self._window, self._timeline, self._panel = window, timeline, panel
        self._forget_song: Callable[[], None] = lambda: None
        self._own: set[str] = set()
        timeline.model_requested.connect(self.ask)
        window.workspace.neural.queue.subscribe(self._job_changed)
        window.workspace.subscribe_session(self._follow)
        panel.offers.gone.connect(window.cards.withdraw)
        window.song.sounds_of = self.sounds_of
        library.shelf.fill_more = self.fill_more
        self._drops = FileDrops(panel, lambda _: True, lambda paths, _: self.show_recipes(paths))

    # -- what is asked for -----------------------------------------------------------------------------------------

    def ask(self, what: str) -> None:
        """Does what a command of the timeline asks for; see `timeline.generating`."""
        self._guard(lambda: self._ask(what))

    def _ask(self, what: str) -> None:
        session, stage = self._window.session, self._timeline.stage
        if session is None:
            raise StudioError("Open or make a song first.")
        if what == "align":
            self._measure(stage_clip(self._timeline), always=True)
        elif what == "recipe":
            self._show_recipe_of(session, stage_clip(self._timeline))
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
            if job.state == "done":
                self._fill(replace(wish, source=str(job.result)))

        session.start(
            "bounce", "Listen to the song",
            lambda work: write_heard(session.bundle, project, heard, folder, library, work, font), done,
        )  # fmt: skip

    def _fill(self, wish: Wish) -> None:
        panel, more = self._panel, {"source": wish.source} if wish.source else {}
        prompt = with_chords(str(panel.form.values().get("prompt") or ""), wish.chords)
        self._window.show_dock("generate")
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
            project = session.document.project
            self._own.update(media for clip in (session.document.clip(clip_id),) for media in _media(clip))
            self._timeline.stage.select((clip_id,))
            self._window.notices.say(f"“{file.stem}” stands at {_where(project, place)}. Undo takes it out again.")
            if not place.over:
                end = begin_of(project, place) + place.length
                self._measure(clip_id, until=end)

        return self._guard(lambda: put_in(session, file, place, arrived))

    def put_back(self, file: Path) -> None:
        """Puts a file where its recipe says that it belongs."""

        def found(recipe: Any, error: StudioError | None) -> None:
            place = recipe.place if recipe is not None else None
            if error is not None:
                self._window.notices.error(error)
            elif place is None:
                text = f"“{file.name}” was made for no place of a song; drag it to where it is to be."
                self._window.notices.say(text)
            else:
                self.put(file, place)

        self._window.workspace.neural.look_up(lambda: recipe_of(file), found)

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

    # -- the grid --------------------------------------------------------------------------------------------------

    def _measure(self, clip_id: str, until: int = 0, always: bool = False) -> None:
        """Measures a clip and offers to align it; `always` says what was measured where there is nothing to align."""
        session = self._window.session

        def measured(fit: Fit) -> None:
            if session is not self._window.session:
                return
            if not fit.on_grid:
                self._offer_align(session, fit, until)
            elif fit.told:
                self._window.notices.say(f"{_name(session, fit.clip)}: {' '.join(fit.told)}")
            elif always:
                self._window.notices.say(_nothing(session, fit))

        if session is not None:
            self._guard(lambda: measure_fit(session, clip_id, measured))

    def _offer_align(self, session: Any, fit: Fit, until: int) -> None:
        text, action = f"{_name(session, fit.clip)}: {' '.join(fit.told)}", "Align to Grid"

        def run() -> bool:
            if session is not self._window.session:
                self._window.notices.error(StudioError("The clip to be aligned is in another song; open that first."))
                return False
            return self._guard(lambda: align(session, fit, until, self._aligned))

        offer = Offer(text, action, run)
        self._panel.offers.add(offer)
        self._window.notices.offer(text, action, lambda: self._panel.offers.take(offer))

    def _aligned(self, clip_id: str) -> None:
        clip = self._window.session.document.clip(clip_id)
        self._own.update(_media(clip))
        self._window.notices.say("The clip is on the grid. Undo takes that back.")

    # -- recipes ---------------------------------------------------------------------------------------------------

    def show_recipes(self, paths: Sequence[str | Path]) -> None:
        """Shows how files were made that were dropped, one dialog each for the first few."""
        for path in [Path(one) for one in paths][:3]:
            self.show_recipe(path)

    def sounds_of(self, paths: list[Path]) -> list[Path]:
        """The files among these that may be sounds; of pictures and words it is shown how they were made."""
        others = [path for path in paths if path.suffix.lower() in NO_SOUND]
        self.show_recipes(others)
        return [path for path in paths if path not in others]

    def show_recipe(self, path: Path, name: str = "") -> None:
        """Shows how a file was made, or says that it does not tell."""
        library = self._window.workspace.library

        def read() -> Again | None:
            recipe = recipe_of(path)
            if recipe is None:
                return None
            return hold_against(recipe, library, open_catalogue(), open_store(), made_of(library, path))

        def arrived(again: Any, error: StudioError | None) -> None:
            if error is not None:
                self._window.notices.error(error)
            elif again is None:
                text = f"“{name or path.name}” does not say how it was made; no model of this studio made it."
                self._window.notices.say(text)
            else:
                self._open(name or path.name, again)

        self._window.workspace.neural.look_up(read, arrived)

    def _open(self, name: str, again: Again) -> None:
        dialog = RecipeDialog(name, again, self._window)
        dialog.again_requested.connect(lambda making: self._guard(lambda: self._make_again(name, making)))
        dialog.settings_requested.connect(self._use_settings)
        dialog.show()

    def _make_again(self, name: str, making: Making) -> None:
        self._window.workspace.neural.generate(making, f"{Path(name).stem[:60]}, again")
        self._window.notices.say(f"“{name}” is being made again; it comes into the library.")

    def _use_settings(self, again: Again) -> None:
        recipe = again.recipe
        values = again.making.values if again.making is not None else {**recipe.values, "seed": recipe.seed}
        self._window.show_dock("generate")
        self._panel.show_values(recipe.task, dict(values), recipe.model)

    def _show_recipe_of(self, session: Any, clip_id: str) -> None:
        media = _media_of(session, clip_id)
        if media is None or media.id in session.missing:
            raise StudioError("Select one clip of sound whose file is there.")
        self.show_recipe(session.bundle.media_path(media), media.name)

    # -- what comes into the song ------------------------------------------------------------------------------------

    def _follow(self, session: Any) -> None:
        wish = self._panel.place.wish
        if session is not None and wish is not None and wish.place.song != session.document.project.id:
            self._panel.place.show_wish(None)
        self._forget_song()
        self._own.clear()
        self._forget_song = session.document.subscribe(self._hear) if session is not None else lambda: None

    def _hear(self, announcement: Announcement) -> None:
        """Looks for recipes in sounds that were imported just now."""
        changes = announcement.changes
        if not (announcement.new and changes.media):
            return
        before = {media.id for media in changes.before.media}
        fresh = [one for one in changes.after.media if one.id not in before and one.origin == "import"]
        session = self._window.session
        files = {one.id: session.bundle.media_path(one) for one in fresh[:LOOKED_AT] if _may_tell(one)}
        if not files or session is None:
            return
        library = self._window.workspace.library

        def read() -> dict[str, bool]:
            """The sounds that a model of music made, and whether the library knows them."""
            found: dict[str, bool] = {}
            for media_id, path in files.items():
                recipe = _quietly(path)
                if recipe is not None and recipe.task.startswith("music"):
                    found[media_id] = made_of(library, path) is not None
            return found

        def arrived(found: Any, error: StudioError | None) -> None:
            if error is None and session is self._window.session:
                for media_id, known in found.items():
                    self._came(session, media_id, known)

        self._window.workspace.neural.look_up(read, arrived)

    def _came(self, session: Any, media_id: str, known: bool) -> None:
        """A sound of a model came into the song by hand: held against the grid, and from elsewhere, its recipe."""
        if media_id in self._own:
            return
        project: Project = session.document.project
        media = project.medium(media_id)
        clips = [clip for track in project.tracks for clip in track.clips if media_id in _media(clip)]
        plain = [clip for clip in clips if isinstance(clip, AudioClip)]
        if media is None:
            return
        if not known:
            path = session.bundle.media_path(media)
            text = f"“{media.name}” says how it was made."
            self._window.notices.offer(text, "Show How", lambda: self.show_recipe(path, media.name))
        if plain:
            self._measure(plain[0].id)

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


def stage_clip(timeline: TimelineView) -> str:
    """The one selected clip of sound."""
    return timeline.editing.sound_clip()


def _media_of(session: Any, clip_id: str) -> Media | None:
    """The sound of a clip; of one with takes, of the newest take."""
    ids = _media(session.document.clip(clip_id))
    return session.document.media(ids[-1]) if ids else None


def _media(clip: Any) -> tuple[str, ...]:
    from ...document.project import media_of

    return media_of(clip) if clip is not None else ()


def _may_tell(media: Media) -> bool:
    return Path(media.file).suffix.lower() in TOLD


def _place_of(recipe: Any) -> Place | None:
    """Where the result of a recipe of the library belongs."""
    told = recipe.get("place") if isinstance(recipe, dict) else None
    try:
        return msgspec.convert(told, Place) if told else None
    except msgspec.ValidationError:
        return None


def _quietly(path: Path) -> Any:
    """The recipe of a file, None where there is none that can be read."""
    try:
        return recipe_of(path)
    except StudioError:
        return None


def _where(project: Project, place: Place) -> str:
    begin = begin_of(project, place)
    track = project.track(place.track)
    on = f" on “{track.name}”" if track is not None else ""
    return f"{bars_said(project, begin, begin + place.length)}{on}"


def _name(session: Any, clip_id: str) -> str:
    clip = session.document.clip(clip_id)
    return f"“{clip.name}”" if clip is not None else "A clip"


def _nothing(session: Any, fit: Fit) -> str:
    """What is said of a clip where there is nothing to align."""
    name = _name(session, fit.clip)
    if fit.beat is None:
        return f"{name} has no beat that is sure enough to be aligned."
    return f"{name} is on the grid: {fit.bpm:.1f} BPM, its first strong beat on the bar."
