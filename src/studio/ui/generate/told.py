"""Files that tell how a model made them: shown, made again, their settings used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from ...actions.generating import Making, recipe_of
from ...actions.models import open_catalogue, open_store
from ...actions.recreating import Again, hold_against, made_of
from ...errors import StudioError
from ..file_drops import FileDrops
from .panel import GeneratePanel
from .recipe_dialog import RecipeDialog

if TYPE_CHECKING:
    from ..shell import MainWindow

NO_SOUND = frozenset({".png", ".json"})
"""Endings of pictures and words that can say how they were made."""

SHOWN = 3
"""Dialogs that are opened at once."""


class Told(QObject):
    """Main thread. Takes what is dropped on the panel, and what is no sound wherever it is dropped or imported."""

    def __init__(self, window: MainWindow, panel: GeneratePanel) -> None:
        super().__init__(window)
        self._window, self._panel = window, panel
        window.song.sounds_of = self.sounds_of
        self._drops = FileDrops(panel, lambda _: True, lambda paths, _: self.show_recipes(paths))

    def sounds_of(self, paths: list[Path]) -> list[Path]:
        """The files among these that may be sounds; of pictures and words it is shown how they were made."""
        others = [path for path in paths if path.suffix.lower() in NO_SOUND]
        self.show_recipes(others)
        return [path for path in paths if path not in others]

    def show_recipes(self, paths: Sequence[str | Path]) -> None:
        """Shows how files were made, one dialog each for the first few."""
        for path in [Path(one) for one in paths][:SHOWN]:
            self.show_recipe(path)

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
        dialog.again_requested.connect(lambda making: self._make_again(name, making))
        dialog.settings_requested.connect(self._use_settings)
        dialog.show()

    def _make_again(self, name: str, making: Making) -> None:
        try:
            self._window.workspace.neural.generate(making, f"{Path(name).stem[:60]}, again")
        except StudioError as error:
            self._window.notices.error(error)
        else:
            self._window.notices.say(f"“{name}” is being made again; it comes into the library.")

    def _use_settings(self, again: Again) -> None:
        recipe = again.recipe
        values = again.making.values if again.making is not None else {**recipe.values, "seed": recipe.seed}
        self._window.show_dock("generate")
        self._panel.show_values(recipe.task, dict(values), recipe.model, recipe.adapters)
