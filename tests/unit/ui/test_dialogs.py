"""The dialogs, in a window with a real workspace; no sound device is needed."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from studio.actions.workspace import Opened, Workspace
from studio.document.edits.song import put_section
from studio.document.project import Section, new_id
from studio.engine.audio.device import Device
from studio.engine.audio.tags import read_tags
from studio.ui.audio_page import AudioPage
from studio.ui.export_dialog import ExportDialog, safe_name
from studio.ui.general_page import GeneralPage
from studio.ui.help_dialogs import AboutDialog, ShortcutsDialog
from studio.ui.latency_dialog import LatencyDialog
from studio.ui.plugin_folders import PluginFolders
from studio.ui.preferences_dialog import PreferencesDialog
from studio.ui.shell import MainWindow, prepare


@pytest.fixture(scope="module", autouse=True)
def look(qapp: QApplication) -> None:
    prepare(qapp)


@pytest.fixture
def window(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    made = MainWindow(tmp_path / "home" / "config")
    workspace = Workspace(Opened(), made.notices.error)
    made.show()
    with qtbot.waitSignal(made.ready, timeout=20_000):
        made.attach(workspace)
    workspace.new_project("Night: Bus")
    qtbot.waitUntil(lambda: made.session is not None, timeout=20_000)
    yield made
    made.close()
    workspace.close()
    made.deleteLater()


@pytest.fixture
def filled(window: MainWindow, qtbot, tmp_path: Path) -> MainWindow:
    soundfile.write(tmp_path / "tone.wav", 0.3 * np.sin(np.arange(24_000) / 20).astype(np.float32), 48_000)
    window.song.import_paths([tmp_path / "tone.wav"], 0)
    qtbot.waitUntil(lambda: bool(window.session.document.project.tracks), timeout=20_000)
    return window


def test_export_writes_the_file_and_remembers_the_choices(filled: MainWindow, qtbot, tmp_path: Path) -> None:
    dialog = ExportDialog(filled)
    dialog.format.choose("flac")
    dialog.format.currentIndexChanged.emit(dialog.format.currentIndex())
    dialog.bits.choose("16")
    dialog.path.setText(str(tmp_path / "mix.flac"))
    assert dialog.go.isEnabled()
    dialog.go.click()
    qtbot.waitUntil((tmp_path / "mix.flac").exists, timeout=20_000)
    qtbot.waitUntil(lambda: not filled.workspace.jobs.running(), timeout=20_000)
    sound, rate = soundfile.read(tmp_path / "mix.flac")
    assert rate == 48_000
    assert len(sound) >= 24_000
    again = ExportDialog(filled)
    assert (again.format.value, again.bits.value) == ("flac", "16")
    assert again.choice.out == tmp_path / "Night Bus.flac"


def test_export_says_what_is_missing(window: MainWindow, tmp_path: Path) -> None:
    dialog = ExportDialog(window)
    assert not dialog.go.isEnabled()
    assert dialog.hint.text().startswith("There is nothing to export yet")


def test_export_checks_the_place(filled: MainWindow, tmp_path: Path) -> None:
    dialog = ExportDialog(filled)
    dialog.path.setText(str(tmp_path / "nowhere" / "mix.wav"))
    assert not dialog.go.isEnabled()
    (tmp_path / "there.wav").write_bytes(b"x")
    dialog.path.setText(str(tmp_path / "there.wav"))
    assert dialog.go.isEnabled()
    assert "replaced" in dialog.hint.text()


def test_export_offers_the_song_the_loop_and_each_section(filled: MainWindow) -> None:
    filled.session.document.apply(put_section(Section(new_id("section"), 3840, "Chorus", 3840)))
    dialog = ExportDialog(filled)
    texts = [dialog.range.itemText(n).split(",")[0] for n in range(dialog.range.count())]
    assert texts == ["The whole song", "The loop", "Chorus"]
    dialog.range.setCurrentIndex(2)
    assert (dialog.choice.start, dialog.choice.end) == (96_000, 192_000)


def test_compressed_formats_have_no_depth_and_the_name_follows_the_format(filled: MainWindow) -> None:
    dialog = ExportDialog(filled)
    dialog.format.setCurrentIndex(dialog.format.findData("opus"))
    assert not dialog.bits.isEnabled()
    assert dialog.path.text().endswith(".opus")


@pytest.mark.parametrize(
    ("name", "file"), [("Night: Bus", "Night Bus"), ("a/b\\c", "a b c"), ("...", "Mix"), ("", "Mix"), ("é ✨", "é ✨")]
)
def test_song_names_become_file_names(name: str, file: str) -> None:
    assert safe_name(name) == file


DEVICES = (
    Device("ALSA", "Interface", 2, 2, 48_000.0, True, True),
    Device("ALSA", "HDMI", 0, 8, 48_000.0),
    Device("JACK", "system", 4, 4, 96_000.0),
)


def test_devices_are_offered_by_host_and_a_choice_is_remembered(window: MainWindow, qtbot) -> None:
    page = AudioPage(window)
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: not page._loading, timeout=20_000)
    page._show_devices(DEVICES)
    assert [page.host.itemText(n) for n in range(page.host.count())] == ["System default", "ALSA", "JACK"]
    page.host.setCurrentIndex(1)
    assert [page.output.itemData(n) for n in range(page.output.count())] == ["", "Interface", "HDMI"]
    assert [page.input.itemData(n) for n in range(page.input.count())] == ["", "Interface"]
    page.output.setCurrentIndex(2)
    page.buffer.setCurrentIndex(page.buffer.findData(256))
    audio = window.workspace.preferences.audio
    assert (audio.host_api, audio.output, audio.input, audio.buffer) == ("ALSA", "HDMI", "", 256)


def test_the_soundfont_is_chosen_on_the_sound_page(
    window: MainWindow, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = AudioPage(window)
    qtbot.addWidget(page)
    assert page.font.value == "" and page.font.count() >= 2
    other = tmp_path / "Strings.sf2"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(other), ""))
    page.font.setCurrentIndex(page.font.count() - 1)
    assert window.workspace.preferences.font == other and page.font.currentText() == "Strings"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    page.font.setCurrentIndex(page.font.count() - 1)
    assert page.font.value == str(other), "a cancelled choice changes nothing"
    page.font.setCurrentIndex(0)
    assert window.workspace.preferences.font is None


def test_a_device_that_is_not_there_stays_chosen(window: MainWindow, qtbot) -> None:
    from msgspec.structs import replace

    window.remember(audio=replace(window.workspace.preferences.audio, host_api="ALSA", output="Old interface"))
    page = AudioPage(window)
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: not page._loading, timeout=20_000)
    page._show_devices(DEVICES)
    assert page.output.value == "Old interface"
    assert "not there now" in page.output.currentText()


def test_without_a_device_the_page_and_the_latency_dialog_say_so(window: MainWindow, qtbot) -> None:
    qtbot.waitUntil(
        lambda: window.playing.status is not None and window.playing.status.device != "starting", timeout=20_000
    )
    if window.playing.status.device == "running":
        pytest.skip("this machine has a sound device")
    dialog = LatencyDialog(window)
    assert not dialog.go.isEnabled()
    assert "no sound device" in dialog.found.text()
    page = AudioPage(window)
    qtbot.addWidget(page)
    page._tick()
    assert page.state.property("role") == "error"
    dialog.close()


def test_preferences_open_at_each_page_and_changes_are_kept(window: MainWindow, qtbot, tmp_path: Path) -> None:
    for name in ("sound", "keys", "folders"):
        dialog = PreferencesDialog(window, name)
        dialog.show()
        dialog.close()
    general = GeneralPage(window)
    qtbot.addWidget(general)
    general.folder.setText(str(tmp_path / "songs"))
    general.folder.editingFinished.emit()
    general.scale.setCurrentIndex(general.scale.findData(1.5))
    assert window.projects_folder == tmp_path / "songs"
    assert window.workspace.preferences.ui_scale == 1.5


def test_help_lists_every_key_and_finds_them(window: MainWindow, qtbot) -> None:
    dialog = ShortcutsDialog(window.commands, window)
    dialog.show()
    words = {text for text, _ in dialog._lines}
    assert any("play" in text and "space" in text for text in words)
    dialog.findChild(QLineEdit).setText("duplicate")
    shown = [text for text, line in dialog._lines if not line.isHidden()]
    assert any("ctrl+d" in text for text in shown)
    assert len(shown) < 6
    dialog.close()


def test_about_names_the_licence(window: MainWindow) -> None:
    from PySide6.QtWidgets import QLabel

    words = " ".join(label.text() for label in AboutDialog(window).findChildren(QLabel))
    assert "General Public License" in words


def test_plug_in_folders_are_added_and_left_out(
    window: MainWindow, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = AudioPage(window)
    qtbot.addWidget(page)
    (field,) = page.findChildren(PluginFolders)
    assert field.currentText() == "The usual ones"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "Broken.vst3").write_text("no library")
    for chosen in (str(tmp_path / "mine"), str(tmp_path / "mine"), ""):
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, chosen=chosen: chosen)
        field.setCurrentIndex(field.count() - 1)
        assert window.workspace.preferences.plugin_folders == (str(tmp_path / "mine"),)
        assert field.currentText() == "The usual ones and 1 more"
    qtbot.waitUntil(lambda: any("1 blocked" in notice.text for notice in window.notices.all()), timeout=20_000)
    field.setCurrentIndex(1)
    assert window.workspace.preferences.plugin_folders == ()
    qtbot.waitUntil(lambda: not window.workspace.jobs.running(), timeout=20_000)


def test_the_cover_is_chosen_once_and_stays_with_the_song(
    filled: MainWindow, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = QImage(90, 30, QImage.Format.Format_RGB32)
    made.fill(0x336699)
    assert made.save(str(tmp_path / "cover.png"))
    dialog = ExportDialog(filled)
    assert not dialog.cover.isEnabled(), "a WAV has no place for it"
    dialog.format.setCurrentIndex(dialog.format.findData("flac"))
    assert dialog.cover.isEnabled() and dialog.cover.picture is None
    (tmp_path / "bad.png").write_bytes(b"no picture")
    for name in ("bad.png", "cover.png"):
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, name=name: (str(tmp_path / name), ""))
        dialog.cover.choose.click()
        assert dialog.go.isEnabled() == (name == "cover.png")
    dialog.path.setText(str(tmp_path / "mix.flac"))
    dialog.go.click()
    qtbot.waitUntil((tmp_path / "mix.flac").exists, timeout=20_000)
    qtbot.waitUntil(lambda: not filled.workspace.jobs.running(), timeout=20_000)
    again = ExportDialog(filled)
    assert again.cover.picture == filled.session.bundle.folder / "cover.jpg"
    assert not again.cover.thumbnail.picture.isNull()
    assert read_tags(tmp_path / "mix.flac").cover == again.cover.picture.read_bytes()
