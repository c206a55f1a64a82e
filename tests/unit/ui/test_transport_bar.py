from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QWheelEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow

from studio.document.document import Document
from studio.document.edits.song import set_signature, set_tempo
from studio.document.project import new_project
from studio.engine.audio.status import EngineStatus
from studio.ui.commands import Command, Commands
from studio.ui.readouts import install_accessibility
from studio.ui.transport_bar import BUTTONS, TransportBar


@pytest.fixture
def log() -> list[str]:
    return []


@pytest.fixture
def bar(qtbot, log):
    window = QMainWindow()
    qtbot.addWidget(window)
    commands = Commands(window)
    commands.add(
        [
            *(Command(i, i, "", lambda i=i: log.append(i)) for i, _, _ in BUTTONS if i != "transport.loop"),
            Command(
                "transport.loop", "Loop", "L", lambda: log.append("loop"), checked=lambda: log.count("loop") % 2 == 1
            ),
        ]
    )
    made = TransportBar(commands)
    window.setCentralWidget(made)
    window.resize(1400, 80)
    window.show()
    made.set_session(SimpleNamespace(document=Document(new_project("Song"))))
    return made


def document(bar: TransportBar) -> Document:
    return bar._session.document


def double_click(qtbot, field) -> QLineEdit:
    qtbot.mouseDClick(field, Qt.MouseButton.LeftButton)
    return field.findChild(QLineEdit)


def test_the_display_follows_the_engine(bar) -> None:
    bar.tick(EngineStatus(position=2 * 96_000 + 30_000))
    assert (bar.position.text, bar.time.text) == ("3.2.240", "00:04.625")
    assert (bar.tempo.text, bar.signature.text) == ("120.00", "4/4")


def test_tempo_and_signature_are_those_in_force_at_the_playhead(bar) -> None:
    document(bar).apply(set_signature(4 * 960, 3, 4))
    document(bar).apply(set_tempo(4 * 960, 90.0))
    bar.redraw()
    bar.tick(EngineStatus(position=10_000))
    assert (bar.tempo.text, bar.signature.text) == ("120.00", "4/4")
    bar.tick(EngineStatus(position=100_000))
    assert (bar.tempo.text, bar.signature.text) == ("90.00", "3/4")


def test_a_typed_tempo_changes_the_point_in_force_as_one_step(bar, qtbot) -> None:
    document(bar).apply(set_tempo(4 * 960, 90.0))
    bar.tick(EngineStatus(position=100_000))
    line = double_click(qtbot, bar.tempo)
    line.setText("101,5")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert [point.bpm for point in document(bar).project.tempo] == [120.0, 101.5]
    assert not [field for field in bar.tempo.findChildren(QLineEdit) if field.isVisible()], "Enter ends the typing"
    document(bar).undo()
    assert [point.bpm for point in document(bar).project.tempo] == [120.0, 90.0]


def test_escape_leaves_the_value_as_it_was(bar, qtbot) -> None:
    line = double_click(qtbot, bar.tempo)
    line.setText("60")
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert document(bar).project.tempo[0].bpm == 120.0
    assert document(bar).revision.number == 0


def test_nonsense_is_refused_with_a_sentence(bar, qtbot) -> None:
    line = double_click(qtbot, bar.signature)
    line.setText("5/7")
    with qtbot.waitSignal(bar.failed):
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert bar.signature.text == "4/4"


def test_a_drag_is_one_undo_step(bar, qtbot) -> None:
    start = bar.tempo.rect().center()
    qtbot.mousePress(bar.tempo, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 11):
        qtbot.mouseMove(bar.tempo, start - QPoint(0, 3 * step))
    qtbot.mouseRelease(bar.tempo, Qt.MouseButton.LeftButton, pos=start - QPoint(0, 30))
    assert document(bar).project.tempo[0].bpm == 130.0
    assert document(bar).revision.number == 1
    bar._step_tempo(1, True)
    assert document(bar).revision.number == 2


def test_the_wheel_steps_and_ctrl_steps_finely(bar) -> None:
    def turn(modifier: Qt.KeyboardModifier) -> None:
        at = QPointF(bar.tempo.rect().center())
        event = QWheelEvent(
            at, at, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, modifier, Qt.ScrollPhase.NoScrollPhase, False
        )
        QApplication.sendEvent(bar.tempo, event)

    turn(Qt.KeyboardModifier.NoModifier)
    turn(Qt.KeyboardModifier.ControlModifier)
    assert document(bar).project.tempo[0].bpm == pytest.approx(121.1)


def test_a_typed_position_asks_to_go_there(bar, qtbot) -> None:
    line = double_click(qtbot, bar.position)
    line.setText("5")
    with qtbot.waitSignal(bar.locate_requested) as asked:
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert asked.args == [4 * 96_000]


def test_nothing_changes_its_width_while_numbers_run(bar) -> None:
    widths = [(field.width(), field.x()) for field in (bar.position, bar.time, bar.tempo, bar.signature)]
    chips = [(chip.width(), chip.x()) for chip in (bar.peak, bar.load)]
    for load, position, peak in ((0.001, 0, 0.0), (0.5, 48_000 * 3599, 0.5), (1.0, 48_000 * 1800, 1.4)):
        bar.tick(EngineStatus(position=position, load=load, meters={"master": (peak, peak)}))
        QApplication.processEvents()
        assert [(f.width(), f.x()) for f in (bar.position, bar.time, bar.tempo, bar.signature)] == widths
        assert [(chip.width(), chip.x()) for chip in (bar.peak, bar.load)] == chips


def test_a_clipped_peak_stays_red_until_it_is_clicked(bar, qtbot) -> None:
    bar.tick(EngineStatus(meters={"master": (0.5, 1.2)}))
    bar.tick(EngineStatus(meters={"master": (0.1, 0.1)}))
    assert bar.peak._tint == "rec_text"
    qtbot.mouseClick(bar.peak, Qt.MouseButton.LeftButton)
    bar.tick(EngineStatus(meters={"master": (0.1, 0.1)}))
    assert (bar.peak._tint, bar.peak.text()) == ("dim", "peak −20.0 dB")


def test_buttons_run_their_commands_and_show_their_state(bar, qtbot, log) -> None:
    loop = next(b for b in bar.children() if getattr(b, "isCheckable", lambda: False)())
    qtbot.mouseClick(loop, Qt.MouseButton.LeftButton)
    assert log == ["loop"]
    assert loop.isChecked()
    qtbot.mouseClick(loop, Qt.MouseButton.LeftButton)
    assert not loop.isChecked()


def test_jobs_are_told_of_once_they_take_a_while(bar) -> None:
    job = SimpleNamespace(started=1.0, progress=0.41)
    bar.show_jobs([job, SimpleNamespace(started=0.0, progress=0.0)])
    assert (bar.jobs.isHidden(), bar.jobs.text()) == (False, "1 job · 41 %")
    bar.show_jobs([])
    assert bar.jobs.isHidden()


def test_without_a_song_the_display_is_empty_and_closed(bar, qtbot) -> None:
    bar.set_session(None)
    bar.tick(EngineStatus(position=48_000))
    assert bar.position.text == ""
    assert double_click(qtbot, bar.tempo) is None


def test_screen_readers_find_name_role_and_value(bar) -> None:
    install_accessibility()
    bar.tick(EngineStatus(position=0))
    tempo = QAccessible.queryAccessibleInterface(bar.tempo)
    assert tempo.role() == QAccessible.Role.SpinBox
    assert tempo.text(QAccessible.Text.Name) == "tempo"
    assert tempo.text(QAccessible.Text.Value) == "120.00"
    play = QAccessible.queryAccessibleInterface(bar._row.itemAt(1).widget())
    assert play.role() == QAccessible.Role.Button
    assert play.text(QAccessible.Text.Name) == "transport.play"
