"""Every task in the panel: a form of its own, through the real queue, and what comes of it where it was asked for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QFileDialog, QPushButton, QWidget
from safetensors.numpy import save_file

from models import TinyModels
from networks import write_splitter
from neural import write_style
from studio.actions.generating import recipe_of
from studio.actions.models import add_model
from studio.document.edits import clips, song, tracks
from studio.document.edits.notes import make_note, make_note_clip
from studio.document.edits.tracks import add_tracks
from studio.engine.ai.recipes import AdapterUse, Recipe
from studio.ui.generate.fields import SeedField
from studio.ui.generate.panel import GeneratePanel
from studio.ui.shell import MainWindow
from windows import OpenWindow, begin, idle, open_window, press, window

__all__ = ["open_window", "window"]

COMMON = {"licence": "MIT", "commercial": True, "attribution": "nobody"}
ACE = "AceStepPipeline"
STEMS = ("drums", "bass", "other", "vocals", "guitar", "piano")


@pytest.fixture
def shop(window: MainWindow, qtbot: Any, tiny_models: TinyModels) -> Iterator[tuple[MainWindow, GeneratePanel]]:
    """A window with a song whose catalogue has a tiny model."""
    begin(window, qtbot)
    panel = window.panels["generate"]
    assert isinstance(panel, GeneratePanel)
    yield window, panel


def model(name: str, task: str, loader: str, folder: Path, **more: Any) -> None:
    add_model({**COMMON, "name": name, "title": name.title(), "task": task, "loader": loader,
               "folder": str(folder), **more})  # fmt: skip


def opened(window: MainWindow, qtbot: Any, task: str) -> GeneratePanel:
    """The panel at a task, once it has found the model for it."""
    panel = window.panels["generate"]
    assert isinstance(panel, GeneratePanel)
    if not panel.isVisible():
        press(window, qtbot, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        qtbot.waitUntil(panel.isVisible)
    panel.show_task(task)
    qtbot.waitUntil(lambda: panel.model.ready, timeout=20_000)
    return panel


def made(panel: GeneratePanel, qtbot: Any) -> Recipe:
    """Makes what stands in the form, and returns the recipe of the first file that came of it."""
    jobs = panel._workspace.neural.queue.jobs
    before = {job.id for job in jobs()}
    panel.make()
    qtbot.waitUntil(lambda: len(jobs()) > len(before), timeout=20_000)
    (new,) = {job.id for job in jobs()} - before
    one = lambda: panel._workspace.neural.queue.job(new)  # noqa: E731
    qtbot.waitUntil(lambda: one().state in {"done", "failed"}, timeout=60_000)
    assert one().state == "done" and panel.results.label == one().label, one().error
    return recipe_of(Path(one().result["made"][0]["path"])) or Recipe(task="", model="")


def mix(path: Path) -> Path:
    """Half a second of noise in stereo."""
    noise = np.random.default_rng(5).uniform(-0.3, 0.3, (24_000, 2)).astype(np.float32)
    soundfile.write(path, noise, 48_000)
    return path


def button(inside: QWidget, text: str) -> QPushButton:
    return next(one for one in inside.findChildren(QPushButton) if one.text() == text)


def test_a_voice_is_followed_with_consent_which_stays_in_the_recipe(
    shop: tuple[MainWindow, GeneratePanel], qtbot: Any, tiny_models: TinyModels, tmp_path: Path
) -> None:
    window, _ = shop
    model("codec", "speech", "PocketTTSAudioTokenizerModel", tiny_models.folder("PocketTTSAudioTokenizerModel"),
          kind="part")  # fmt: skip
    folder = Path(shutil.copytree(tiny_models.folder("PocketTTSForConditionalGeneration"), tmp_path / "pocket"))
    (folder / "voices").mkdir(exist_ok=True)
    for name in ("ada", "bo"):
        save_file({"latents": np.zeros((4, 8), np.float32)}, folder / "voices" / f"{name}.safetensors")
    model("pocket", "speech", "PocketTTSForConditionalGeneration", folder, needs={"audio-tokenizer": "codec"})
    panel = opened(window, qtbot, "speech")
    assert panel.model.box.count() == 3, "a part of a model speaks for nobody"
    voice, consent = panel.form.field("voice"), panel.form.field("consent")
    assert isinstance(voice, QComboBox) and isinstance(consent, QCheckBox)
    assert [voice.itemData(n) for n in range(voice.count())] == ["", "ada", "bo"]
    assert not consent.isVisible()
    panel.form.set_values({"prompt": "Hello.", "reference": str(mix(tmp_path / "voice.wav"))})
    assert consent.isVisible()
    panel.make()
    assert "only when its speaker has agreed" in panel.said.text()
    consent.setChecked(True)
    recipe = None
    soundfile.write(tmp_path / "voice.wav", np.tile(soundfile.read(tmp_path / "voice.wav")[0], (3, 1)), 48_000)
    recipe = made(panel, qtbot)
    assert recipe.values["consent"] is True and recipe.sources["reference"].name == "voice"
    (row,) = panel.results.rows
    row.play.click()
    assert panel.results.preview is not None and panel.results.preview.path == row.path
    panel.results.preview.stop()
    assert "consent" not in panel.habits().values["speech"] and "reference" not in panel.habits().values["speech"]


def test_words_become_lyrics_and_pictures_are_seen(
    shop: tuple[MainWindow, GeneratePanel], qtbot: Any, tiny_models: TinyModels
) -> None:
    window, _ = shop
    model("talker", "chat", "AutoModelForCausalLM", tiny_models.folder("AutoModelForCausalLM"), dtype="float32")
    model("painter", "cover", "ZImagePipeline", tiny_models.folder("ZImagePipeline"), dtype="float32")
    panel = opened(window, qtbot, "chat")
    assert not panel.from_song.isVisible(), "a question has no tempo"
    panel.form.set_values({"prompt": "Rhyme on bus 🚌", "longest": 5})
    made(panel, qtbot)
    text = panel.results.text
    assert text is not None and text.isReadOnly()
    button(panel.results, "Copy").click()
    assert QApplication.clipboard().text() == text.toPlainText()
    button(panel.results, "Use as lyrics").click()
    assert panel.task.value == "music" and panel.form.values()["lyrics"] == text.toPlainText().strip()
    opened(window, qtbot, "cover")
    assert panel.form.values()["prompt"] == "", "a question is no picture"
    panel.form.set_values({"prompt": "night bus", "size": "512", "steps": 1, "batch": 2})
    recipe = made(panel, qtbot)
    assert recipe.values["prompt"] == "night bus" and len(panel.results.pictures) == 2
    qtbot.waitUntil(lambda: all(not one.image.isNull() for one in panel.results.pictures))
    opened(window, qtbot, "chat")
    assert panel.form.values()["prompt"] == "Rhyme on bus 🚌"


def test_stems_come_into_the_song_beside_the_mix_and_its_words_are_saved(
    shop: tuple[MainWindow, GeneratePanel], qtbot: Any, tiny_models: TinyModels, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    window, _ = shop
    folder = tmp_path / "splitter"
    folder.mkdir()
    write_splitter(folder / "splitter.onnx", 4096)
    model("splitter", "stems", "InferenceSession", folder, stems=list(STEMS))
    whisper = "WhisperForConditionalGeneration"
    model("listener", "lyrics", whisper, tiny_models.folder(whisper), dtype="float32")
    sound = mix(tmp_path / "Night mix.wav")
    window.song.import_paths([sound], 24_000)
    idle(window, qtbot)
    document = window.session.document
    panel = opened(window, qtbot, "stems")
    ((name, path),) = panel._sounds()
    assert name == "Night mix"
    panel.form.set_values({"source": path})
    made(panel, qtbot)
    assert [row.path.stem.rpartition("(")[2] for row in panel.results.rows] == [f"{stem})" for stem in STEMS]
    before = document.project
    button(panel.results, "Put the stems into the song").click()
    qtbot.waitUntil(lambda: document.project is not before, timeout=20_000)
    rows = document.project.tracks
    assert [track.name for track in rows] == ["Night mix", *(f"Night mix {stem}" for stem in STEMS)]
    assert {(track.clips[0].offset, track.clips[0].length) for track in rows} == {(24_000, 24_000)}
    assert [track.clips[0].muted for track in rows] == [True, *[False] * 6]
    assert panel.said.text() == "6 stems are in the song, beside the mix, which is muted."
    document.undo()
    assert document.project == before
    opened(window, qtbot, "lyrics")
    panel.form.set_values({"source": path})
    made(panel, qtbot)
    text = panel.results.text
    assert text is not None
    out = tmp_path / "words.lrc"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    button(panel.results, "Save…").click()
    qtbot.waitUntil(out.exists)
    assert out.read_text("utf-8").startswith("[00:")
    button(panel.results, "Under notes").click()
    assert panel.said.text().startswith("Select the clip whose notes sing these words")
    tune = tracks.fresh_track(document.project, "Tune", "instrument")
    clip = make_note_clip("Tune", 960, 3840, [make_note(0, 480, 60, 90)])
    document.apply(song.sequence("Tune", [add_tracks((tune,)), clips.add_clips(tune.id, (clip,))]))
    panel.selection = lambda: {clip.id}
    button(panel.results, "Under notes").click()
    qtbot.waitUntil(lambda: panel.said.text().startswith("The words are under the notes of “Tune”."), timeout=10_000)
    assert document.clip(clip.id).notes[0].text.strip()


def test_what_was_chosen_is_there_again_after_a_restart(
    open_window: OpenWindow, qtbot: Any, tiny_models: TinyModels, tmp_path: Path
) -> None:
    window = open_window()
    begin(window, qtbot)
    style = Path(shutil.copy(write_style(tiny_models, tmp_path), tmp_path / "warm.safetensors"))
    for name in ("first", "second"):
        model(name, "music", ACE, tiny_models.folder(ACE))
    model("warm", "music", ACE, style, kind="adapter", base="second")
    panel = opened(window, qtbot, "music")
    panel.model.box.choose("second")
    tick, strength = panel.adapters.rows["warm"]
    tick.setChecked(True)
    strength.setText("loud")
    panel.form.set_values({"prompt": "slow dub 👩🏽\u200d🎤", "seconds": 1, "steps": 2, "seed": 7})
    panel.make()
    assert panel.said.text() == "Strength cannot be loud; give a number from 0 to 4."
    strength.setText("0.5")
    recipe = made(panel, qtbot)
    assert (recipe.seed, [(use.name, use.weight) for use in recipe.adapters]) == (7, [("warm", 0.5)])
    assert recipe.values["prompt"] == "slow dub 👩🏽\u200d🎤"
    assert made(panel, qtbot).seed != 7, "each request draws another seed"
    seed = panel.form.field("seed")
    assert isinstance(seed, SeedField)
    seed.hold.setChecked(True)
    held = int(panel.form.values()["seed"])
    assert made(panel, qtbot).seed == held
    idle(window, qtbot)
    window.close()
    window.workspace.close()
    again = open_window()
    panel = opened(again, qtbot, "music")
    qtbot.waitUntil(lambda: "warm" in panel.adapters.rows)
    assert panel.model.value == "second" and panel.form.values()["prompt"] == "slow dub 👩🏽\u200d🎤"
    tick, strength = panel.adapters.rows["warm"]
    assert tick.isChecked() and strength.text() == "0.5"
    tick.setChecked(False)
    opened(again, qtbot, "music-cover")
    qtbot.waitUntil(lambda: "warm" in panel.adapters.rows)
    assert not panel.adapters.rows["warm"][0].isChecked(), "what is taken off stays off"
    panel.show_values("music", {"prompt": "as before"}, "second", (AdapterUse("warm", "", 0.7),))
    shown = panel.adapters
    qtbot.waitUntil(lambda: "warm" in shown.rows and shown.rows["warm"][1].text() == "0.7", timeout=10_000)
    assert panel.adapters.rows["warm"][0].isChecked() and panel.form.values()["prompt"] == "as before"
    panel.model.box.choose("first")
    assert not panel.adapters.isVisible(), "it was not trained on this one"


def test_tab_goes_from_the_top_to_the_bottom(
    shop: tuple[MainWindow, GeneratePanel], qtbot: Any, tiny_models: TinyModels
) -> None:
    window, _ = shop
    model("tiny", "music", ACE, tiny_models.folder(ACE))
    panel = opened(window, qtbot, "music-cover")
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    panel.model.verify.setFocus()
    names: list[str] = []
    while len(names) < 40 and QApplication.focusWidget() is not panel.queue:
        press(window, qtbot, Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        names.append(focus.accessibleName() or getattr(focus, "text", str)() if focus is not None else "")
    said = ["Description", "Sound", "Choose", "Likeness", "Lyrics", "Language", "Tempo", "Key", "Beats a bar", "Seed"]
    assert names[:10] == said and names[10] == "Hold the seed" and names[-1] == "Make it"


REFUSED = {
    "Description has 100,000 characters; 4,000 is the most, shorten it.": {"prompt": "x" * 100_000},
    "Seed cannot be 9007199254740992; give a whole number from 0 to": {"prompt": "a", "seed": str(2**53)},
    "Length cannot be 36000; give a number from 1 to 600 s.": {"prompt": "a", "seed": 1, "seconds": 36_000},
    "How many cannot be 9": {"prompt": "a", "seconds": 1, "batch": 9},
    "The sound /nowhere.wav is not there; choose another.": {"prompt": "a", "batch": 1, "source": "/nowhere.wav"},
}


def test_what_cannot_be_made_is_said_and_nothing_is_queued(
    shop: tuple[MainWindow, GeneratePanel], qtbot: Any, tiny_models: TinyModels
) -> None:
    window, _ = shop
    model("tiny", "music", ACE, tiny_models.folder(ACE))
    for sentence, values in REFUSED.items():
        panel = opened(window, qtbot, "music-cover" if "source" in values else "music")
        panel.form.set_values(values)
        panel.make()
        said = panel.said
        qtbot.waitUntil(lambda said=said, sentence=sentence: said.text().startswith(sentence), timeout=10_000)
        assert not panel._workspace.neural.queue.jobs() and panel.queue.isEnabled()
