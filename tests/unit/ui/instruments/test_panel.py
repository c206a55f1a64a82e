"""The editor of instruments as a hand uses it: real widgets, a real document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from studio.document.document import Document
from studio.document.edits import tracks
from studio.document.instruments import DRUM_BANK, Instrument
from studio.document.project import new_project
from studio.engine.audio.instruments import plugins
from studio.engine.audio.instruments.presets import KINDS, values_of
from studio.ui import theme
from studio.ui.controls import Knob
from studio.ui.instruments.board import groups_of
from studio.ui.instruments.panel import InstrumentPanel

Left = Qt.MouseButton.LeftButton


class OpenSong:
    """What the panel needs of an open song."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.tried: list[Instrument | None] = []
        self.by_hand: list[str] = []
        self.notes: list[tuple[int, int]] = []

    def try_instrument(self, track_id: str, instrument: Instrument | None) -> None:
        self.tried.append(instrument)

    def play_by_hand(self, track_id: str) -> None:
        self.by_hand.append(track_id)

    def note(self, pitch: int, velocity: int) -> None:
        self.notes.append((pitch, velocity))


class Editor:
    """A panel that shows the first of some tracks."""

    def __init__(self, panel: InstrumentPanel, *instruments: Instrument) -> None:
        self.document = Document(new_project("Song"))
        for instrument in instruments:
            made = tracks.fresh_track(self.document.project, kind="instrument", instrument=instrument)
            self.document.apply(tracks.add_tracks((made,)))
        self.panel, self.song = panel, OpenSong(self.document)
        self.failures: list[str] = []
        panel.failed.connect(lambda error: self.failures.append(str(error)))
        panel.set_session(self.song)
        self.show(0)

    def show(self, row: int) -> None:
        self.panel.show_track(self.document.project.tracks[row].id)

    @property
    def instrument(self) -> Instrument:
        found = self.document.project.tracks[0].instrument
        assert found is not None
        return found

    def knob(self, name: str) -> Knob:
        assert self.panel.board is not None
        return self.panel.board.knobs[name]

    def drag(self, knob: Knob, up: int, release: bool = True) -> None:
        middle = QPoint(knob.width() // 2, knob.height() // 2)
        QTest.mousePress(knob, Left, pos=middle)
        for n in range(1, 11):
            QTest.mouseMove(knob, middle - QPoint(0, up * n // 10))
        if release:
            QTest.mouseRelease(knob, Left, pos=middle - QPoint(0, up))


@pytest.fixture
def panel(qapp: QApplication) -> Iterator[InstrumentPanel]:
    theme.load_fonts()
    made = InstrumentPanel()
    made.resize(1200, 320)
    made.show()
    yield made
    made.set_session(None)
    made.close()
    made.deleteLater()
    qapp.processEvents()


@pytest.fixture
def synth(panel: InstrumentPanel) -> Editor:
    return Editor(panel, Instrument("synth", "Lead"), Instrument("drums", "808", bank=DRUM_BANK), Instrument())


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_parameter_of_a_kind_has_one_knob(panel: InstrumentPanel, kind: Any) -> None:
    if not kind.parameters:
        pytest.skip("no parameters")
    named = [name for group in groups_of(kind) for name in group.parameters]
    assert sorted(named) == sorted(parameter.name for parameter in kind.parameters)


def test_a_drag_is_heard_while_it_lasts_and_one_step_of_undo(synth: Editor, qtbot: Any) -> None:
    before, knob = synth.document.project, synth.knob("resonance")
    synth.drag(knob, 50, release=False)
    qtbot.waitUntil(lambda: bool(synth.song.tried))
    tried = synth.song.tried[-1]
    assert tried is not None and values_of(tried)["resonance"] > 0.3
    assert synth.document.project is before, "the song changes only when the hand lets go"
    QTest.mouseRelease(knob, Left)
    assert values_of(synth.instrument)["resonance"] == pytest.approx(0.5)
    assert knob.changed and synth.panel.reset.isEnabled()
    assert synth.panel.preset.currentText() == "Lead  •"
    assert synth.panel.preset.accessibleDescription() == "Changed"
    synth.document.undo()
    assert synth.document.project is before
    assert not knob.changed and knob.amount() == 0.25


def test_escape_puts_back_what_was(synth: Editor, qtbot: Any) -> None:
    before, knob = synth.document.project, synth.knob("cutoff_hz")
    synth.drag(knob, 60, release=False)
    qtbot.waitUntil(lambda: bool(synth.song.tried))
    QTest.keyClick(knob, Qt.Key.Key_Escape)
    assert knob.amount() == 2600.0
    qtbot.waitUntil(lambda: synth.song.tried[-1] is None)
    QTest.mouseRelease(knob, Left)
    assert synth.document.project is before


def test_a_double_click_goes_back_to_the_preset(synth: Editor) -> None:
    knob = synth.knob("cutoff_hz")
    synth.drag(knob, -40)
    assert dict(synth.instrument.parameters).keys() == {"cutoff_hz"}
    QTest.mouseDClick(knob, Left, pos=QPoint(knob.width() // 2, 30))
    assert synth.instrument == Instrument("synth", "Lead")
    assert knob.amount() == 2600.0


def test_values_are_typed_with_their_units(synth: Editor, qtbot: Any) -> None:
    for name, text, value in (("cutoff_hz", "1.5 kHz", 1500.0), ("sustain", "40", 0.4), ("attack_ms", "0,2 s", 200.0)):
        knob = synth.knob(name)
        knob.setFocus()
        QTest.keyClick(knob, Qt.Key.Key_Return)
        line = knob.findChild(QLineEdit)
        assert line is not None
        line.setText(text)
        QTest.keyClick(line, Qt.Key.Key_Return)
        assert values_of(synth.instrument)[name] == pytest.approx(value)
    assert synth.failures == []


def test_a_run_of_keys_is_one_step(synth: Editor) -> None:
    before, knob = synth.document.project, synth.knob("unison")
    for _ in range(3):
        QTest.keyClick(knob, Qt.Key.Key_Up)
    assert values_of(synth.instrument)["unison"] == 6.0 and knob.text() == "6"
    synth.document.undo()
    assert synth.document.project is before


def test_a_preset_takes_the_place_of_every_knob(synth: Editor) -> None:
    synth.drag(synth.knob("resonance"), 30)
    synth.panel.preset.setCurrentIndex(3)
    synth.panel.preset.activated.emit(3)
    assert synth.instrument == Instrument("synth", "Pad")
    synth.drag(synth.knob("resonance"), 30)
    QTest.mouseClick(synth.panel.reset, Left)
    assert synth.instrument == Instrument("synth", "Pad")
    assert not synth.panel.reset.isEnabled()


def test_keys_are_heard_and_end(synth: Editor) -> None:
    strip = synth.panel.strip
    at = QPointF(strip.width() / 28, strip.height() - 4)
    QTest.mousePress(strip, Left, pos=at.toPoint())
    assert synth.song.by_hand[-1] == synth.panel.track_id
    assert synth.song.notes[-1][0] == 48 and synth.song.notes[-1][1] > 90
    QTest.mouseRelease(strip, Left, pos=at.toPoint())
    assert synth.song.notes[-1] == (48, 0)
    strip.setFocus()
    QTest.keyClick(strip, Qt.Key.Key_Right)
    QTest.keyPress(strip, Qt.Key.Key_Return)
    assert synth.song.notes[-1] == (49, 96)
    synth.show(1)
    assert synth.song.notes[-1] == (49, 0), "another track is shown: the note must not hang"


def test_a_drum_is_heard_by_its_name_and_by_its_knobs(synth: Editor, qtbot: Any) -> None:
    synth.show(1)
    board = synth.panel.board
    assert board is not None and board.kind.name == "drums"
    box = next(box for box in board._boxes if box.group.title == "Snare")
    QTest.mouseClick(box.title, Left)
    assert synth.song.notes[-2:] == [(38, 100), (38, 0)]
    synth.song.notes.clear()
    synth.drag(synth.knob("clap_tone"), 40)
    qtbot.waitUntil(lambda: synth.song.notes[-1:] == [(39, 0)])
    synth.song.notes.clear()
    synth.panel.hearing.playing = True
    synth.drag(synth.knob("clap_tone"), -20)
    qtbot.wait(120)
    assert synth.song.notes == [], "the song plays: it shows what the knob does"
    synth.panel.hearing.playing = False
    synth.panel.hear.setChecked(False)
    synth.drag(synth.knob("clap_tone"), 40)
    qtbot.wait(120)
    assert synth.song.notes == []


def test_choices_have_names(synth: Editor) -> None:
    synth.show(1)
    knob = synth.knob("kick_model")
    assert knob.text() == "808"
    QTest.keyClick(knob, Qt.Key.Key_Up)
    assert knob.text() == "909"
    assert synth.document.project.tracks[1].instrument.parameters == (("kick_model", 1.0),)


def test_a_soundfont_lists_its_sounds(panel: InstrumentPanel) -> None:
    panel.ask_sounds = lambda then: then(
        [(0, 0, "Grand Piano"), (0, 4, "Rhodes"), (8, 4, "Detuned EP"), (128, 0, "Kit")]
    )
    editor = Editor(panel, Instrument())
    listed = panel.sounds.list
    assert [listed.item(n).text().split()[-1] for n in range(listed.count())] == ["Piano", "Rhodes", "EP", "Kit"]
    assert listed.currentRow() == 0
    panel.sounds.search.setText("8:5")
    assert [n for n in range(listed.count()) if not listed.item(n).isHidden()] == [2]
    listed.setCurrentRow(2)
    assert editor.instrument == Instrument(preset="Detuned EP", program=4, bank=8)
    editor.document.undo()
    assert editor.instrument == Instrument()


def test_without_a_font_the_sentence_and_the_names_of_general_midi_are_shown(panel: InstrumentPanel) -> None:
    panel.ask_sounds = lambda then: then("No SoundFont was found.")
    Editor(panel, Instrument())
    assert panel.sounds.notice.text() == "No SoundFont was found."
    assert panel.sounds.list.count() > 128


def test_a_song_to_be_read_only_is_shown_and_not_changed(synth: Editor) -> None:
    synth.document.read_only = "This song is open elsewhere."
    synth.panel._show_state()
    before = synth.document.project
    synth.drag(synth.knob("resonance"), 50)
    assert synth.document.project is before
    assert not synth.panel.preset.isEnabled()


def test_plug_ins_have_knobs_of_their_own(panel: InstrumentPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = plugins.Catalogue()
    monkeypatch.setattr(plugins, "catalogue", catalogue)
    knobs = tuple(plugins.Knob(f"p{n}", f"P {n}", 0.25) for n in range(300))
    many, two = plugins.Plugin("Many", "Maker", knobs=knobs), plugins.Plugin("Two", "Maker", knobs=knobs[:2])
    catalogue.know((plugins.PluginFile("/a.vst3", (0, 0), (many, two)),))
    editor = Editor(panel, *(Instrument("plugin", name) for name in ("Many (Maker)", "Two (Maker)", "Gone (Maker)")))
    board = panel.board
    assert board is not None and len(board.findChildren(Knob)) == plugins.MOST_KNOBS
    editor.drag(editor.knob("p3"), 10)
    ((name, value),) = editor.instrument.parameters
    assert (name, value > 0.25) == ("p3", True)
    editor.show(1)
    assert panel.board is not None and panel.board is not board
    assert len(panel.board.findChildren(Knob)) == 2
    editor.show(2)
    assert panel.board is None
