"""Grooves of the note editor: taken from notes or from a sound, kept by name, and played onto notes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtWidgets import QInputDialog, QMenu

from ...document.document import EditRefused
from ...document.edits import timing
from ...document.grooves import Groove, groove_of
from ...document.time import PPQ, signature_at
from ...errors import StudioError

if TYPE_CHECKING:
    from .panel import NotePanel

STRENGTHS = (0.25, 0.5, 0.75, 1.0)
MPC = (54, 58, 62, 66)
"""Percent of two sixteenths that the first one lasts, as drum machines count swing."""

NO_NOTES = "There are no notes to take a groove from; draw or select some first."
NO_SOUND = "Select a clip of sound on the timeline, then take its groove."


class Kept(msgspec.Struct, frozen=True):
    """A groove by its name."""

    name: str
    groove: Groove


def mpc_swing(percent: int) -> Kept:
    """The swing of sixteenths that drum machines have: 50 is straight, 66 a triplet."""
    late = round((percent / 50 - 1) * PPQ / 4)
    return Kept(f"MPC Swing {percent} %", Groove(PPQ // 4, (0, late), (0, 0)))


BUILT_IN = tuple(mpc_swing(percent) for percent in MPC)


class Grooves:
    """The grooves of the editor. Main thread; `changed` is called when what is to be remembered is another."""

    def __init__(self, panel: NotePanel, changed: Callable[[], object]) -> None:
        self._panel, self._changed = panel, changed
        self.kept: tuple[Kept, ...] = ()
        self.strength, self.accents = 1.0, True

    def take_habits(self, kept: Iterable[dict[str, Any]], strength: float, accents: bool) -> None:
        """Takes over what was remembered; what does not hold together is left out."""
        found = [Kept(str(k["name"]), Groove(k["step"], tuple(k["shifts"]), tuple(k["accents"]))) for k in kept]
        self.kept = tuple(one for one in found if len(one.groove.shifts) == len(one.groove.accents))
        self.strength, self.accents = strength, accents

    def habits(self) -> list[dict[str, Any]]:
        """The kept grooves as plain values."""
        return [{"name": one.name, **msgspec.to_builtins(one.groove)} for one in self.kept]

    # -- taking --------------------------------------------------------------------------------------------------

    def _cycle(self) -> tuple[int, int]:
        """The step and the cycle of a groove that is taken now: the grid, up to eighths, and a bar."""
        stage = self._panel.stage
        assert stage.project is not None
        at = stage.clip.anchor if stage.clip else 0
        step = min(self._panel.view.grid().step(at), PPQ // 2)
        return step, signature_at(stage.project.signatures, at).bar_ticks

    def take_from_notes(self) -> None:
        """Keeps the groove of the selected notes, or of all."""
        stage = self._panel.stage
        clip = stage.written
        if clip is None:
            return
        notes = stage.chosen() or clip.notes
        groove = groove_of(((clip.origin + note.start, note.velocity) for note in notes), *self._cycle())
        if groove is None:
            stage.failed.emit(EditRefused(NO_NOTES))
        else:
            self.keep(clip.name, groove)

    def take_from_sound(self) -> None:
        """Keeps the groove of the clip of sound that is selected on the timeline, once its onsets are found."""
        from ...actions.grooves import groove_from_audio

        stage, clip_id = self._panel.stage, self._panel.sound_clip
        clip = stage.document.clip(clip_id) if stage.document and clip_id else None
        if clip is None:
            stage.failed.emit(EditRefused(NO_SOUND))
            return
        try:
            session: Any = stage.session
            groove_from_audio(session, clip_id, *self._cycle(), lambda groove: self.keep(clip.name, groove))
        except StudioError as error:
            stage.failed.emit(error)

    def keep(self, name: str, groove: Groove) -> None:
        """Keeps a groove; a name that is taken gets a number."""
        taken = {one.name for one in self.kept}
        names = itertools.chain((name,), (f"{name} {n}" for n in itertools.count(2)))
        self.kept = (*self.kept, Kept(next(one for one in names if one not in taken), groove))
        self._changed()

    # -- using ---------------------------------------------------------------------------------------------------

    def apply(self, kept: Kept) -> None:
        """Draws the selected notes, or all, to a groove, as far as the strength says."""
        accent = 1.0 if self.accents else 0.0
        grid = timing.Grid(strength=self.strength, groove=kept.groove, accent=accent)
        self._panel.view.editing.run(lambda clip, ids: timing.quantise(clip, ids, grid))

    def set_strength(self, strength: float) -> None:
        """Chooses how far notes are drawn to grooves."""
        self.strength = strength
        self._changed()

    def toggle_accents(self) -> None:
        """Lets grooves change velocities too, or not."""
        self.accents = not self.accents
        self._changed()

    def rename(self, kept: Kept) -> None:
        """Asks for another name of a groove."""
        text, taken = QInputDialog.getText(self._panel, "Groove", "Name of the groove:", text=kept.name)
        if taken and text.strip():
            self.kept = tuple(Kept(text.strip()[:100], one.groove) if one is kept else one for one in self.kept)
            self._changed()

    def forget(self, kept: Kept) -> None:
        """Lets go of a groove. What was played with it stays as it is."""
        self.kept = tuple(one for one in self.kept if one is not kept)
        self._changed()

    def fill(self, menu: QMenu) -> None:
        """Adds the kept grooves and the strength to a menu."""
        writes = self._panel.stage.may_write
        for one in self.kept:
            action = menu.addAction(one.name)
            action.setEnabled(writes)
            action.triggered.connect(lambda _=False, one=one: self.apply(one))
        menu.addSeparator()
        strengths = menu.addMenu(f"Strength: {self.strength:.0%}")
        for strength in STRENGTHS:
            action = strengths.addAction(f"{strength:.0%}")
            action.setCheckable(True)
            action.setChecked(strength == self.strength)
            action.triggered.connect(lambda _=False, s=strength: self.set_strength(s))
        for text, run in (("Rename", self.rename), ("Forget", self.forget)):
            below = menu.addMenu(text)
            below.setEnabled(bool(self.kept))
            for one in self.kept:
                below.addAction(one.name).triggered.connect(lambda _=False, run=run, one=one: run(one))
