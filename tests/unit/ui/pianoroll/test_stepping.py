"""Step entry: what is played is written at the cursor, which goes on, leaves rests, ties and goes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.actions.hands import Touch
from studio.engine.audio.score import OFF, ON
from studio.engine.audio.status import EngineStatus

from .conftest import BEAT, Editor

Key = Qt.Key


class Steps:
    """A hand on a keyboard beside an editor whose playhead goes where it asks for."""

    def __init__(self, editor: Editor) -> None:
        self.editor, self.steps = editor, editor.panel.steps
        self.before = {note.id for note in editor.clip.notes}
        self.locates: list[int] = []
        editor.panel.locate_requested.connect(self.locate)
        editor.panel.change_snap("1/8")
        self.locate(self.frame(editor.clip.anchor))
        self.steps.switch(True)

    def frame(self, tick: int) -> int:
        return int(self.editor.document.project.time.frame(tick))

    def locate(self, frame: int) -> None:
        self.locates.append(frame)
        self.editor.panel.tick(EngineStatus(position=frame))

    def play(self, *pitches: int, velocity: int = 70) -> None:
        """Keys go down together and come up again."""
        for kind in (ON, OFF):
            for pitch in pitches:
                self.steps.hear(Touch(0.0, "keys", kind, pitch, velocity if kind == ON else 0))

    def press(self, key: Qt.Key, shift: bool = False) -> None:
        held = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
        QTest.keyClick(self.editor.view, key, held)

    @property
    def written(self) -> list[tuple[int, int, int]]:
        """(start, length, pitch) of what came, in ticks of the clip."""
        return sorted((n.start, n.length, n.pitch) for n in self.editor.clip.notes if n.id not in self.before)


@pytest.fixture
def hand(editor: Editor) -> Steps:
    return Steps(editor)


HALF = BEAT // 2


def test_notes_and_chords_follow_one_another(hand: Steps) -> None:
    hand.play(61)
    hand.play(66, 70, 73, velocity=99)
    hand.press(Key.Key_Right)
    hand.play(61)
    assert hand.written == [
        (0, HALF, 61), (HALF, HALF, 66), (HALF, HALF, 70), (HALF, HALF, 73), (3 * HALF, HALF, 61),
    ]  # fmt: skip
    assert {n.velocity for n in hand.editor.clip.notes if n.id not in hand.before} == {70, 99}
    assert hand.locates[-1] == hand.frame(hand.editor.clip.anchor + 4 * HALF), "the playhead shows the cursor"
    hand.editor.document.undo()
    hand.editor.document.undo()
    assert hand.written == [(0, HALF, 61)], "a chord is one step"


def test_a_tie_lengthens_and_backspace_takes_away(hand: Steps) -> None:
    hand.play(61)
    hand.press(Key.Key_Right, shift=True)
    hand.play(66)
    assert hand.written == [(0, BEAT, 61), (BEAT, HALF, 66)]
    hand.press(Key.Key_Backspace)
    assert hand.written == [(0, BEAT, 61)]
    hand.play(68)
    hand.press(Key.Key_Left)
    hand.play(73)
    assert hand.written == [(0, BEAT, 61), (BEAT, HALF, 68), (BEAT, HALF, 73)]


def test_it_goes_where_the_playhead_is_put_and_rests_while_the_song_plays(hand: Steps) -> None:
    hand.editor.panel.tick(EngineStatus(position=hand.frame(hand.editor.clip.anchor + 3 * BEAT)))
    hand.play(61)
    assert hand.written == [(3 * BEAT, HALF, 61)]
    hand.editor.panel.tick(EngineStatus(position=999_999, playing=True))
    hand.play(62)
    assert len(hand.written) == 1


def test_the_clip_grows_with_it_and_off_nothing_is_written(hand: Steps) -> None:
    end = hand.editor.clip.end
    for _ in range((end - hand.editor.clip.anchor) // HALF):
        hand.press(Key.Key_Right)
    hand.play(61)
    assert hand.editor.clip.end > end
    hand.press(Key.Key_Escape)
    assert not hand.steps.on and not hand.editor.panel.step_button.isChecked()
    count = len(hand.written)
    hand.play(61)
    assert len(hand.written) == count


def test_undone_notes_are_neither_tied_nor_removed(hand: Steps, editor: Editor, check: Callable[[], None]) -> None:
    hand.play(61)
    editor.document.undo()
    hand.press(Key.Key_Right, shift=True)
    hand.press(Key.Key_Backspace)
    assert hand.written == [] and editor.failures == []
    check()


@pytest.fixture
def check(editor: Editor) -> Callable[[], None]:
    return editor.paint
