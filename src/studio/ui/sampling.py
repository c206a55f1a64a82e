"""Samples and samplers in the window: files dropped or chosen for tracks and lanes, clips made into samplers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QFileDialog

from ..document.edits.sampling import has_sample
from ..errors import StudioError
from .commands import Command

if TYPE_CHECKING:
    from .drumgrid.view import DrumView
    from .shell import MainWindow
    from .timeline.view import TimelineView

SOUNDS = (
    "Sounds (*.wav *.aif *.aiff *.aifc *.flac *.mp3 *.ogg *.oga *.opus *.m4a *.aac *.caf *.w64 *.rf64 *.au *.wma *.wv)"
    ";;All files (*)"
)

MENU = "Clip/Notes"


class Sampling(QObject):
    """Joins what timeline and drum grid ask for to the actions. Main thread."""

    def __init__(self, window: MainWindow, timeline: TimelineView, drums: DrumView) -> None:
        super().__init__(window)
        self._window, self._timeline, self._drums = window, timeline, drums
        timeline.samples_dropped.connect(self.sample)
        timeline.sample_requested.connect(self.ask_sample)
        timeline.sampler_requested.connect(self.make_sampler)
        timeline.slices_requested.connect(self.slice)
        drums.samples_dropped.connect(self._drop_on_lane)
        drums.sample_requested.connect(self._ask_for_lane)

    def commands(self) -> list[Command]:
        """What can be done with the lane of the selected steps."""
        return [
            Command("notes.sample", "Sample on Lane…", "", self._ask_for_chosen, self._lane_chosen, MENU,
                    group="sample"),
            Command("notes.remove_sample", "Remove Sample from Lane", "", self._remove_from_chosen, self._has_sample,
                    MENU, group="sample"),
        ]  # fmt: skip

    def sample(self, paths: Sequence[str | Path], track_id: str, pitch: int | None = None) -> None:
        """Lets an instrument track play sounds, on one key with a `pitch`."""
        from ..actions.sampling import sample_files

        listed = [Path(path) for path in paths]
        self._guard(lambda: sample_files(self._session, listed, track_id, pitch))

    def ask_sample(self, track_id: str, pitch: int | None = None) -> None:
        """Asks for sounds, one for a key, and lets an instrument track play them."""
        start = self._window.workspace.preferences.import_folder or str(Path.home())
        if pitch is None:
            chosen, _ = QFileDialog.getOpenFileNames(self._window, "Sounds for the sampler", start, SOUNDS)
        else:
            one, _ = QFileDialog.getOpenFileName(self._window, "A sound for the lane", start, SOUNDS)
            chosen = [one] if one else []
        if chosen:
            self._window.remember(import_folder=str(Path(chosen[0]).parent))
            self.sample(chosen, track_id, pitch)

    def make_sampler(self, clip_id: str) -> None:
        """Makes an instrument track of what a clip plays."""
        from ..actions.sampling import make_sampler

        self._guard(lambda: make_sampler(self._session, clip_id, self._show_track))

    def slice(self, clip_id: str) -> None:
        """Asks how to cut a clip, and makes a sampler of its slices."""
        from ..actions.sampling import slice_to_sampler
        from .slice_dialog import SliceDialog

        def ask() -> None:
            dialog = SliceDialog(self._window, self._session, clip_id)
            if dialog.exec() == QDialog.DialogCode.Accepted:
                slice_to_sampler(self._session, clip_id, dialog.slicing, self._show_slices)
            dialog.deleteLater()

        self._guard(ask)

    def _show_track(self, ids: tuple[str, ...]) -> None:
        self._timeline.stage.pick_track(ids[0])
        self._timeline.navigation.reveal_track(ids[0])

    def _show_slices(self, ids: tuple[str, ...]) -> None:
        self._show_track(ids)
        self._timeline.stage.select((ids[1],))
        self._timeline.notes_requested.emit(ids[1])

    # -- lanes ---------------------------------------------------------------------------------------------------

    def _drop_on_lane(self, paths: list[str], pitch: int) -> None:
        track = self._drums.stage.track
        if track is not None:
            self.sample(paths, track.id, pitch)

    def _ask_for_lane(self, pitch: int) -> None:
        track = self._drums.stage.track
        if track is not None:
            self.ask_sample(track.id, pitch)

    def _lane_chosen(self) -> bool:
        stage = self._drums.stage
        return self._drums.isVisible() and stage.may_write and self._drums.chosen_pitch >= 0

    def _has_sample(self) -> bool:
        return self._lane_chosen() and has_sample(self._drums.stage.track, self._drums.chosen_pitch)

    def _ask_for_chosen(self) -> None:
        self._ask_for_lane(self._drums.chosen_pitch)

    def _remove_from_chosen(self) -> None:
        self._drums.side.remove_sample(self._drums.chosen_pitch)

    @property
    def _session(self) -> Any:
        if self._window.session is None:
            raise StudioError("Open or make a song first.")
        return self._window.session

    def _guard(self, action: Callable[[], object]) -> None:
        try:
            action()
        except StudioError as error:
            self._window.notices.error(error)
