"""From the timeline to a model and back: what is selected is asked for, results go where they belong, and files tell
how they were made."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMenu, QPlainTextEdit, QWidget

from models import TinyModels
from studio.actions.generating import recipe_of
from studio.actions.madefiles import write_sound
from studio.actions.models import add_model
from studio.document.edits.song import set_loop
from studio.document.project import Comp, clip_end, clip_start
from studio.document.time import PPQ
from studio.engine.ai.recipes import Recipe
from studio.ui.generate.panel import GeneratePanel
from studio.ui.generate.recipe_dialog import RecipeDialog
from studio.ui.generate.songlink import SongLink
from studio.ui.shell import MainWindow
from studio.ui.timeline.drops import DropTarget
from windows import begin, idle, open_window, tone, window

__all__ = ["open_window", "window"]

RATE = 48_000
BAR = 4 * PPQ
ENTRY = {"task": "music", "loader": "AceStepPipeline", "licence": "MIT", "commercial": True, "attribution": "nobody"}


@pytest.fixture
def ready(window: MainWindow, qtbot: Any, tiny_models: TinyModels) -> Iterator[MainWindow]:
    """A window with an empty song, and a tiny model of music."""
    add_model({**ENTRY, "name": "tiny", "title": "Tiny", "folder": str(tiny_models.folder("AceStepPipeline"))})
    begin(window, qtbot)
    yield window
    queue = window.workspace.neural.queue
    queue.hold(True)
    for job in queue.jobs():
        queue.cancel(job.id)
    qtbot.waitUntil(lambda: not queue.running(), timeout=20_000)
    idle(window, qtbot)


def panel_of(window: MainWindow) -> GeneratePanel:
    panel = window.panels["generate"]
    assert isinstance(panel, GeneratePanel)
    return panel


def link_of(window: MainWindow) -> SongLink:
    link = window.findChild(SongLink)
    assert link is not None
    return link


def ask(window: MainWindow, qtbot: Any, command: str, **values: Any) -> GeneratePanel:
    """Runs a command of the timeline and fills in the rest of the form."""
    panel = panel_of(window)
    assert window.commands.run(command), command
    qtbot.waitUntil(lambda: panel.place.wish is not None and panel.queue.isEnabled(), timeout=20_000)
    panel.form.set_values({"prompt": "slow dub", "steps": 2, "seed": 3, **values})
    return panel


def made(window: MainWindow, qtbot: Any) -> Any:
    """Queues what stands in the form, waits for it and returns the job."""
    queue, before = window.workspace.neural.queue, {job.id for job in window.workspace.neural.queue.jobs()}
    panel_of(window).make()

    def over() -> list[Any]:
        return [job for job in queue.jobs() if job.id not in before and job.state in {"done", "failed"}]

    qtbot.waitUntil(lambda: bool(over()), timeout=60_000)
    (job,) = over()
    assert job.state == "done", job.error
    return job


def edges(window: MainWindow) -> list[list[tuple[int, int]]]:
    project = window.session.document.project
    time = project.time
    return [[(int(clip_start(c, time)), int(clip_end(c, time))) for c in track.clips] for track in project.tracks]


def said(window: MainWindow) -> str:
    return "\n".join(notice.text for notice in window.notices.all())


def test_music_for_a_range_goes_there_by_itself_or_by_hand(ready: MainWindow, qtbot: Any) -> None:
    window, document = ready, ready.session.document
    document.apply(set_loop(BAR, 2 * BAR, True))
    panel = ask(window, qtbot, "generate.music")
    assert panel.place.isVisible() and panel.place.said.text() == "For bar 2 of “Night Bus”, 2.00 s."
    assert float(panel.form.values()["seconds"]) == 2.0 and float(panel.form.values()["bpm"]) == 120.0
    panel.place.put.setChecked(True)
    before = document.project
    job = made(window, qtbot)
    qtbot.waitUntil(lambda: len(document.project.tracks) == 1, timeout=20_000)
    assert edges(window) == [[(2 * RATE, 4 * RATE)]] and document.revision.label.startswith("Put in slow dub")
    recipe = recipe_of(Path(job.result["made"][0]["path"]))
    assert recipe is not None and recipe.place is not None and recipe.place.song == document.project.id
    qtbot.waitUntil(lambda: "stands at bar 2" in said(window))
    idle(window, qtbot)
    document.undo()
    assert document.project.tracks == before.tracks
    panel.place.put.setChecked(False)
    assert window.commands.run("generate.music") and panel.form.values()["prompt"] == "slow dub", "it is kept"
    panel.form.set_values({"seed": 3})
    made(window, qtbot)
    (offer,) = panel.offers.all()
    assert offer.text == "“slow dub 2” is made for bar 2." and panel.offers.isVisible()
    assert not document.project.tracks
    card = next(notice for notice in window.notices.all() if notice.action == "Put into the Song")
    card.run()
    qtbot.waitUntil(lambda: len(document.project.tracks) == 1, timeout=20_000)
    assert edges(window) == [[(2 * RATE, 4 * RATE)]] and not panel.offers.all()
    panel.task.choose("music-cover")
    assert panel.place.wish is None and not panel.place.isVisible(), "that was asked for otherwise"
    (asset,) = [one for one in window.workspace.library.search("dub") if one.name.startswith("slow dub 2")]
    assert asset.kind == "generated"


def menu_entry(window: MainWindow, file: Path) -> QAction:
    """What the library's menu offers for a result."""
    library = window.workspace.library
    asset = library.find_by_path(file)
    menu = QMenu(window)
    link_of(window).fill_more(menu, [asset], list(library.marks_of([asset.id]).values()))
    (entry,) = menu.actions()
    return entry


def put_by_menu(window: MainWindow, file: Path) -> None:
    entry = menu_entry(window, file)
    assert entry.text() == "Put Where It Belongs" and entry.isEnabled()
    entry.trigger()


def test_a_range_is_made_anew_and_waits_while_the_song_is_closed(ready: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    window = ready
    window.song.import_paths([tone(tmp_path / "Tone.wav", 4)], 0)
    qtbot.waitUntil(lambda: bool(window.session.document.project.tracks), timeout=20_000)
    idle(window, qtbot)
    document, folder = window.session.document, window.session.bundle.folder
    document.apply(set_loop(BAR // 2, BAR, True))
    window.panels["timeline"].stage.select([document.project.tracks[0].clips[0].id])
    panel = ask(window, qtbot, "generate.repaint")
    values = panel.form.values()
    assert (float(values["begin"]), float(values["end"])) == (1.0, 2.0)
    assert Path(values["source"]).is_file() and Path(values["source"]).name.startswith("Night Bus, Tone")
    before = document.project
    queue = window.workspace.neural.queue
    queue.hold(True)
    panel.place.put.setChecked(True)
    panel.make()
    qtbot.waitUntil(lambda: bool(queue.jobs()), timeout=20_000)
    window.workspace.close_project()
    queue.hold(False)
    qtbot.waitUntil(lambda: queue.jobs()[0].state in {"done", "failed"}, timeout=60_000)
    job = queue.jobs()[0]
    assert job.state == "done", job.error
    assert "which is not open" in said(window)
    file = Path(job.result["made"][0]["path"])
    assert not menu_entry(window, file).isEnabled()
    assert menu_entry(window, file).text() == "Put Where It Belongs (open “Night Bus” first)"
    recipe = recipe_of(file)
    assert recipe is not None and recipe.place is not None
    assert not link_of(window).put(file, recipe.place) and "open that song first" in said(window)
    window.song.open_path(folder)
    qtbot.waitUntil(lambda: window.session is not None, timeout=20_000)
    document = window.session.document
    assert document.project == before
    put_by_menu(window, file)
    qtbot.waitUntil(lambda: isinstance(document.project.tracks[0].clips[0], Comp), timeout=20_000)
    (comp,) = document.project.tracks[0].clips
    assert edges(window) == [[(0, 4 * RATE)]] and [span.end for span in comp.spans] == [
        RATE - 240, 2 * RATE + 240, 4 * RATE]  # fmt: skip
    document.undo()
    assert document.project.tracks == before.tracks


def drop_on(widget: QWidget, file: Path) -> None:
    """Drags a file over a widget and lets it go, as Qt does: whoever around it takes it gets it."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    data.setText(file.as_uri())
    keys = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    drag = QDragEnterEvent(QPoint(20, 20), Qt.DropAction.CopyAction, data, *keys)
    QApplication.sendEvent(widget.viewport() if isinstance(widget, QPlainTextEdit) else widget, drag)
    taker: QWidget | None = widget
    while taker is not None and not isinstance(taker, GeneratePanel):
        assert not (isinstance(taker, QPlainTextEdit) and taker.canInsertFromMimeData(data))
        taker = taker.parentWidget()
    assert drag.isAccepted() and taker is not None
    QApplication.sendEvent(taker, QDropEvent(QPointF(20, 20), Qt.DropAction.CopyAction, data, *keys))


def dialog(qtbot: Any) -> RecipeDialog:
    def found() -> list[RecipeDialog]:
        return [w for w in QApplication.topLevelWidgets() if isinstance(w, RecipeDialog) and w.isVisible()]

    qtbot.waitUntil(lambda: bool(found()), timeout=20_000)
    return found()[0]


def test_a_file_tells_how_it_was_made_and_is_made_again(ready: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    window, link = ready, link_of(ready)
    panel = panel_of(window)
    window.show_dock("generate")
    panel.show_values("music", {"prompt": "slow dub", "seconds": 1.0, "steps": 2, "seed": 3}, "tiny")
    qtbot.waitUntil(panel.queue.isEnabled, timeout=20_000)
    first = Path(made(window, qtbot).result["made"][0]["path"])
    stranger = Path(shutil.copy(first, tmp_path / "from elsewhere.flac"))
    prompt = panel.form.field("prompt")
    drop_on(prompt, stranger)
    shown = dialog(qtbot)
    assert isinstance(prompt, QPlainTextEdit) and prompt.toPlainText() == "slow dub", "its path is no description"
    assert shown.again.isEnabled() and "comes out the same" in shown.said.text()
    queue = window.workspace.neural.queue
    count = len(queue.jobs())
    shown.again.click()
    qtbot.waitUntil(lambda: len(queue.jobs()) > count and all(job.state == "done" for job in queue.jobs()),
                    timeout=60_000)  # fmt: skip
    again = max(queue.jobs(), key=lambda job: job.finished)
    second = Path(again.result["made"][0]["path"])
    assert second != first and second.read_bytes() == first.read_bytes()
    panel.form.set_values({"prompt": "other", "seed": 9})
    link.told.show_recipe(stranger)
    dialog(qtbot).settings.click()
    assert panel.form.values()["prompt"] == "slow dub" and int(panel.form.values()["seed"]) == 3
    link.told.show_recipe(tone(tmp_path / "Plain.wav"))
    qtbot.waitUntil(lambda: "“Plain.wav” does not say how it was made" in said(window))


def strokes(path: Path, bpm: float) -> Path:
    """A file that a model made, by what it says: sixteen strokes at a tempo."""
    sound = np.zeros((2, round((16 * 60 / bpm + 0.4) * RATE)), np.float32)
    for n in range(16):
        at = round(n * 60 / bpm * RATE)
        sound[:, at : at + 4800] += 0.5 * np.exp(-np.arange(4800) / 600) * np.random.default_rng(n).uniform(-1, 1, 4800)
    write_sound(path, sound, RATE, Recipe(task="music", model="tiny", values={"prompt": "strokes"}))
    return path


def test_a_result_that_is_dropped_is_held_against_the_grid(ready: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    window, panel, document = ready, panel_of(ready), ready.session.document
    notes = tmp_path / "words.json"
    notes.write_text("{}")
    loop = strokes(tmp_path / "Loop.flac", 126.0)
    window.panels["timeline"].files_dropped.emit([str(loop), str(notes)], DropTarget(None, 0, 2 * RATE))
    qtbot.waitUntil(lambda: bool(panel.offers.all()), timeout=20_000)
    assert "“Loop” says how it was made." in said(window)
    assert "“words.json” does not say how it was made" in said(window), "it is no sound"
    (offer,) = panel.offers.all()
    assert (
        offer.action == "Align to Grid" and "It sounds like 126." in offer.text and "the song is at 120" in offer.text
    )
    before = document.project
    panel.offers.take(offer)
    qtbot.waitUntil(lambda: len(document.project.media) == 2, timeout=20_000)
    idle(window, qtbot)
    assert not panel.offers.all() and edges(window)[0][0][0] == 2 * RATE
    (clip,) = document.project.tracks[0].clips
    assert document.media(clip.media).name == "Loop (120 BPM)"
    window.panels["timeline"].stage.select([clip.id])
    window.commands.run("generate.align")
    qtbot.waitUntil(lambda: "“Loop” is on the grid: 120." in said(window), timeout=20_000)
    document.undo()
    assert document.project == before
    window.commands.run("generate.recipe")
    shown = dialog(qtbot)
    assert shown.windowTitle() == "How it was made"
    shown.reject()
    idle(window, qtbot)


def test_what_keeps_a_recipe_from_being_made_again_is_said(ready: MainWindow, qtbot: Any) -> None:
    from studio.actions.models import open_catalogue, open_store
    from studio.actions.recreating import hold_against

    library = ready.workspace.library
    recipe = Recipe(task="music", model="tiny", values={"prompt": "a", "steps": 2}, seed=3)

    def held(**changes: Any) -> Any:
        import msgspec

        return hold_against(msgspec.structs.replace(recipe, **changes), library, open_catalogue(), open_store())

    assert held().making is not None and not held().differs
    assert "does not have; add that model" in held(model="nobody").obstacle
    other = held(revision="ab" * 20)
    assert other.making is not None and "in another revision" in other.differs[0]
    shown = RecipeDialog("x.flac", held(model="nobody"), ready)
    qtbot.addWidget(shown)
    assert not shown.again.isEnabled() and shown.settings.isEnabled() and "add that model" in shown.said.text()
