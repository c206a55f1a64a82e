"""Sounds of models held against the grid of the song when they come into it, and offers to align them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from ...actions.aligning import Fit, align, measure_fit, transpose
from ...actions.generating import recipe_of
from ...actions.recreating import made_of
from ...document.project import AudioClip, Media, media_of
from ...errors import StudioError
from .selection import Offer, Offers

if TYPE_CHECKING:
    from ...document.document import Announcement
    from ..shell import MainWindow
    from .told import Told

TOLD = frozenset({".flac", ".wav", ".mp3", ".ogg", ".opus"})
"""Endings of sounds that can say how they were made."""

LOOKED_AT = 8
"""Sounds of one import that are looked at."""

ALIGN = "Align to Grid"


class Fitting(QObject):
    """Main thread. `own` are the sounds that were put in here and need no look when they come."""

    def __init__(self, window: MainWindow, offers: Offers, told: Told) -> None:
        super().__init__(window)
        self.own: set[str] = set()
        self._window, self._offers, self._told = window, offers, told
        self._forget: Callable[[], None] = lambda: None
        window.workspace.subscribe_session(self._follow)

    def measure(self, clip_id: str, until: int = 0, always: bool = False) -> None:
        """Measures a clip and offers to align it, with its end at the frame `until` at the latest (0: as there is
        room). `always` says what was measured where there is nothing to align too. Raises StudioError."""
        session = self._window.session
        if session is not None:
            measure_fit(session, clip_id, lambda fit: self._measured(session, fit, until, always))

    def _measured(self, session: Any, fit: Fit, until: int, always: bool) -> None:
        if session is not self._window.session:
            return
        clip = session.document.clip(fit.clip)
        name = f"“{clip.name}”" if clip is not None else "A clip"
        if not fit.on_grid:
            self._offer(session, f"{name}: {' '.join(fit.told)}", ALIGN, lambda: align(session, fit, until, self._done))
        if fit.semitones:
            count, way = abs(fit.semitones), "Up" if fit.semitones > 0 else "Down"
            action = f"Move {count} Semitone{'s' * (count > 1)} {way}"
            self._offer(session, f"{name}: {fit.key_told}", action, lambda: transpose(session, fit, self._done))
        if not fit.on_grid or fit.semitones:
            return
        if always and fit.beat is None:
            self._window.notices.say(f"{name} has no beat that is sure enough to be aligned.")
        elif always:
            self._window.notices.say(f"{name} is on the grid: {fit.bpm:.1f} BPM, its first strong beat on the bar.")

    def _offer(self, session: Any, text: str, action: str, change: Callable[[], object]) -> None:
        def run() -> bool:
            try:
                if session is not self._window.session:
                    raise StudioError("The clip that this is about is in another song; open that first.")
                change()
            except StudioError as error:
                self._window.notices.error(error)
                return False
            return True

        offer = Offer(text, action, run)
        self._offers.add(offer)
        self._window.notices.offer(text, action, lambda: self._offers.take(offer))

    def _done(self, _clip_id: str) -> None:
        self._window.notices.say("The clip fits the song now. Undo takes that back.")

    # -- what comes into the song ------------------------------------------------------------------------------------

    def _follow(self, session: Any) -> None:
        self._forget()
        self.own.clear()
        self._forget = session.document.subscribe(self._hear) if session is not None else lambda: None

    def _hear(self, announcement: Announcement) -> None:
        """Looks for recipes in sounds that were imported just now."""
        changes, session = announcement.changes, self._window.session
        if not (announcement.new and changes.media) or session is None:
            return
        before = {media.id for media in changes.before.media}
        fresh = [one for one in changes.after.media if one.id not in before and _may_tell(one)]
        files = {one.id: session.bundle.media_path(one) for one in fresh[:LOOKED_AT]}
        library = self._window.workspace.library

        def read() -> dict[str, bool]:
            """The sounds that a model of music made, and whether the library knows them."""
            made = {media_id: path for media_id, path in files.items() if _of_music(path)}
            return {media_id: made_of(library, path) is not None for media_id, path in made.items()}

        def arrived(found: Any, error: StudioError | None) -> None:
            if error is None and session is self._window.session:
                for media_id, known in found.items():
                    self._came(session, media_id, known)

        if files:
            self._window.workspace.neural.look_up(read, arrived)

    def _came(self, session: Any, media_id: str, known: bool) -> None:
        """A sound of a model came into the song by hand: held against the grid, and from elsewhere, its recipe."""
        media = session.document.media(media_id)
        if media is None or media_id in self.own:
            return
        clips = [clip for track in session.document.project.tracks for clip in track.clips]
        plain = [clip for clip in clips if isinstance(clip, AudioClip) and media_id in media_of(clip)]
        if not known:
            path = session.bundle.media_path(media)
            text = f"“{media.name}” says how it was made."
            self._window.notices.offer(text, "Show How", lambda: self._told.show_recipe(path, media.name))
        try:
            if plain:
                self.measure(plain[0].id)
        except StudioError as error:
            self._window.notices.error(error)


def _may_tell(media: Media) -> bool:
    return media.origin == "import" and Path(media.file).suffix.lower() in TOLD


def _of_music(path: Path) -> bool:
    """Whether a file says that a model of music made it; one that cannot be read says nothing."""
    try:
        recipe = recipe_of(path)
    except StudioError:
        return False
    return recipe is not None and recipe.task.startswith("music")
