"""The drum grid: steps, how hard they are struck, lanes and patterns, on the same notes as the piano roll."""

from __future__ import annotations

from PySide6.QtCore import Qt

from notesongs import BAR
from studio.document.edits import notes as edits
from studio.document.notes import Note
from studio.engine.audio.score import ON, score_of
from studio.ui.drumgrid.lanes import USUAL, drum_name, lanes_of
from studio.ui.drumgrid.view import DrumView

from ..pianoroll.conftest import BEAT, Editor, edit, kit

__all__ = ["edit", "kit"]

STEP = BEAT // 4
KICK, SNARE, HAT = 36, 38, 42


def test_a_drum_kit_opens_as_grid_with_named_lanes(kit: Editor) -> None:
    assert kit.view is kit.panel.drums
    assert isinstance(kit.view, DrumView)
    assert [row.name for row in kit.rows.rows][-2:] == ["Snare", "Kick"]
    kit.panel.switch.click()
    assert kit.view is kit.panel.roll
    kit.panel.switch.click()
    assert kit.view is kit.panel.drums


def test_a_click_sets_a_step_and_a_click_clears_it(kit: Editor) -> None:
    assert kit.view.hint().startswith("Click to set a step")
    kit.hand.click(*kit.at(1.1, KICK))
    assert kit.notes == [(BEAT, STEP, KICK, 96)]
    assert kit.view.hint() == ""
    kit.hand.click(*kit.at(1.1, KICK))
    assert kit.notes == []


def test_a_drag_across_sets_every_step_as_one_undo_step(kit: Editor) -> None:
    kit.hand.drag(kit.at(0.1, HAT), kit.at(1.9, HAT), steps=3)
    assert [(note[0], note[2]) for note in kit.notes] == [(n * STEP, HAT) for n in range(8)]
    kit.document.undo()
    assert kit.notes == []
    kit.hand.click(*kit.at(0.6, HAT))
    kit.hand.drag(kit.at(0.1, HAT), kit.at(1.9, HAT), steps=3)
    assert [note[0] for note in kit.notes] == [n * STEP for n in range(8)], "a step that is set is not set twice"


def test_up_and_down_on_a_step_sets_how_hard_it_is_struck(kit: Editor) -> None:
    kit.hand.click(*kit.at(0.1, SNARE))
    x, y = kit.at(0.1, SNARE)
    kit.hand.drag((x, y), (x, y - 20))
    assert kit.notes == [(0, STEP, SNARE, 116)]
    kit.hand.drag((x, y), (x, y + 300))
    assert kit.notes == [(0, STEP, SNARE, 1)]


def test_a_muted_lane_is_silent(kit: Editor) -> None:
    kit.hand.click(*kit.at(0.1, SNARE))
    kit.hand.click(*kit.at(1.1, KICK))
    header = kit.panel.drums.side
    header.button(SNARE).click()
    project = kit.document.project
    score = score_of(project.tracks[0], project.time)
    assert [event.number for event in score.between(0, 10**9) if event.kind == ON] == [KICK]
    assert header.button(SNARE).isChecked()
    kit.document.undo()
    assert not header.button(SNARE).isChecked()


def test_a_lane_is_renamed(kit: Editor) -> None:
    kit.panel.drums.side._name(KICK, "Boom")
    assert kit.rows.rows[-1].name == "Boom"
    assert kit.document.project.tracks[0].lanes[-1].name == "Boom"


def test_what_is_played_without_a_lane_gets_one(kit: Editor) -> None:
    kit.document.apply(edits.add_notes(kit.clip.id, (Note("b", 0, STEP, 56),)))
    assert kit.rows.rows[0].name == "Cowbell"
    assert len(lanes_of(None, [36, 38])) == len(USUAL)
    assert drum_name(20) == "G♯0"


def test_steps_of_a_pattern_stay_in_its_first_turn(kit: Editor) -> None:
    kit.panel.pattern.setCurrentIndex(2)
    kit.panel.pattern.activated.emit(2)
    assert kit.clip.loop == BAR
    kit.hand.click(*kit.at(5.1, KICK))
    assert [note[0] for note in kit.notes] == [BEAT]
    assert kit.panel.pattern.currentText() == "1 bar"


def test_arrows_move_steps_by_lanes(kit: Editor) -> None:
    kit.hand.click(*kit.at(0.1, KICK))
    kit.panel.stage.select((kit.clip.notes[0].id,))
    kit.view.editing.raise_rows(1, False)
    assert kit.notes == [(0, STEP, SNARE, 96)]
    kit.view.editing.raise_rows(-3, False)
    assert kit.notes == [(0, STEP, SNARE, 96)], "a step does not leave the lanes"


def test_a_rectangle_with_shift_selects(kit: Editor) -> None:
    kit.hand.drag(kit.at(0.1, HAT), kit.at(1.9, HAT))
    x0, y0 = kit.at(0.9, HAT)
    x1, _ = kit.at(1.4, HAT)
    kit.hand.drag((x0 + 3, y0 + 14), (x1, y0), Qt.KeyboardModifier.ShiftModifier)
    assert len(kit.panel.stage.selection) == 3
