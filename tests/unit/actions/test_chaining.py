"""A song in one go: words, music and cover in the queue, each after the one before; and the queue without a window."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import soundfile
from msgspec.structs import replace

from models import TinyModels
from rooms import Room, room
from studio.actions.chaining import SongWishes, plan_song
from studio.actions.generating import recipe_of
from studio.actions.models import add_model
from studio.actions.queuefile import change_jobs
from studio.cli import run
from studio.errors import StudioError
from studio.storage import locations
from studio.storage.library import JobRecord, Library

__all__ = ["room"]

LOADERS = {
    "writer": ("chat", "AutoModelForCausalLM"),
    "player": ("music", "AceStepPipeline"),
    "mute": ("music", "StableAudioPipeline"),
    "painter": ("cover", "ZImagePipeline"),
}


@pytest.fixture
def models(tmp_path: Path, tiny_models: TinyModels, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tiny model for each part in the user's catalogue."""
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    for name, (task, loader) in LOADERS.items():
        folder = str(tiny_models.folder(loader))
        add_model({"name": name, "title": name.title(), "task": task, "loader": loader, "licence": "MIT",
                   "commercial": True, "attribution": "nobody", "folder": folder})  # fmt: skip


WISHES = SongWishes(about="a late bus", style="slow dub", seconds=1.0, seed=4, writer="writer", player="player",
                    painter="painter")  # fmt: skip


def quick(jobs: list[JobRecord]) -> list[JobRecord]:
    """The same jobs with as little work as can be."""
    less = {"chat": {"longest": 12}, "music": {"steps": 1}, "cover": {"steps": 1, "size": "512"}}
    changed = []
    for job in jobs:
        values = {**job.parameters["values"], **less[job.parameters["task"]]}
        changed.append(replace(job, parameters={**job.parameters, "values": values}))
    return changed


def test_words_are_written_then_sung_then_painted(models: None, room: Room) -> None:
    jobs = plan_song(WISHES)
    assert [job.label for job in jobs] == ["Words: a late bus", "Music: a late bus", "Cover: a late bus"]
    assert [job.needs for job in jobs] == [(), (jobs[0].id,), (jobs[1].id,)]
    queue = room.workspace.neural.queue
    queue.add_all(quick(jobs))
    room.until(lambda: queue.job(jobs[2].id).state in {"done", "failed"}, 120.0)
    words, music, cover = (queue.job(job.id) for job in jobs)
    assert [job.state for job in (words, music, cover)] == ["done"] * 3, [job.error for job in (words, music, cover)]
    recipe = recipe_of(Path(music.result["made"][0]["path"]))
    written = words.result["made"][0]["text"]
    assert recipe is not None and written and recipe.values["lyrics"].split() == written.split()
    assert soundfile.info(music.result["made"][0]["path"]).frames == 48_000
    assert cover.result["made"][0]["path"].endswith(".png")


def test_parts_can_be_left_out(models: None) -> None:
    (music,) = plan_song(replace(WISHES, writer="", painter="", lyrics="[verse]\nla la"))
    assert music.needs == () and music.parameters["values"]["lyrics"] == "[verse]\nla la"
    (instrumental,) = plan_song(replace(WISHES, writer="", painter="", player="mute"))
    assert instrumental.parameters["values"]["lyrics"] == ""
    words, cover = plan_song(replace(WISHES, player="", picture="a red bus"))
    assert cover.needs == (words.id,) and cover.parameters["values"]["prompt"] == "a red bus"
    words, music, _ = plan_song(WISHES)
    assert music.parameters["values"]["lyrics"] == {"job": words.id}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"about": " ", "style": ""}, "Say in a few words what the song is about"),
        ({"about": ""}, "so that its words can be written"),
        ({"writer": "", "player": "", "painter": ""}, "choose at least one of words, music and cover"),
        ({"player": "mute"}, "“Mute” does not sing; leave the words out"),
        ({"player": "painter"}, "“Painter” does not do this"),
        ({"painter": "flux2-klein-4b"}, "is not here yet; fetch it first"),
        ({"painter": "nothing"}, "is not in the catalogue"),
        ({"seconds": 36_000.0}, "Length cannot be 36000"),
        ({"seed": -1}, "Seed cannot be -1"),
        ({"about": "🎹" * 100_000}, "2,000 is the most, shorten it"),
        ({"style": "x" * 100_000}, "shorten it"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_queued(
    models: None, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(StudioError, match=sentence):
        plan_song(replace(WISHES, **changes))


def test_words_that_came_out_empty_are_not_sung(models: None, room: Room) -> None:
    queue = room.workspace.neural.queue
    queue.can("silent", lambda *_: {"made": [{"path": "/made/words.txt", "text": ""}]})
    words = queue.add("silent", "Words")
    values = {"prompt": "dub", "lyrics": {"job": words.id}}
    music = queue.add("generate", "Music", {"task": "music", "model": "player", "values": values}, [words.id])
    room.until(lambda: queue.job(music.id).state in {"done", "failed"})
    assert queue.job(music.id).error == "The job before has written no word; begin it again with another seed."


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library with jobs in every state."""
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    locations.create_folders()
    with Library(locations.library_file()) as library:
        for n, state in enumerate(("waiting", "failed", "cancelled", "interrupted", "done")):
            needs = ("job-1failed",) if state == "cancelled" else ()
            job = JobRecord(f"job-{n}{state}", "generate", state.title(), state=state, needs=needs, error="No." * n)
            library.save_job(replace(job, place=float(n), finished=0.0 if state == "waiting" else 5.0))
    return locations.library_file()


def states(report: dict[str, Any]) -> dict[str, str]:
    return {job["label"]: job["state"] for job in report["jobs"]}


def test_jobs_are_cancelled_and_begun_again_without_a_window(rows: Path) -> None:
    assert states(change_jobs(cancel=["0wait"]))["Waiting"] == "cancelled"
    report = change_jobs(retry=["job-2cancelled", "3"])
    assert states(report) == {
        "Waiting": "cancelled", "Failed": "waiting", "Cancelled": "waiting", "Interrupted": "waiting", "Done": "done",
    }  # fmt: skip
    assert all(not job["error"] and not job["finished"] for job in report["jobs"] if job["state"] == "waiting")
    assert states(change_jobs(forget=True)).keys() == {"Failed", "Cancelled", "Interrupted"}
    assert states(change_jobs(["1failed"], forget=True)).keys() == {"Failed", "Cancelled", "Interrupted"}, "is needed"


@pytest.mark.parametrize(
    ("cancel", "retry", "sentence"),
    [
        (["9"], [], "there is no job"),
        ([""], [], "there is no job"),
        (["0waiting", "4done"], [], "“Done” is over already: done"),
        ([], ["0waiting"], "“Waiting” is waiting; only what failed"),
        (["0waiting"], ["4done"], "“Done” is done; only what failed"),
    ],
)
def test_what_cannot_be_changed_changes_nothing(
    rows: Path, cancel: list[str], retry: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(StudioError, match=sentence):
        change_jobs(cancel, retry)
    assert states(change_jobs())["Waiting"] == "waiting"
    words = [word for name in cancel for word in ("--cancel", name)]
    assert run(["jobs", *words, *(word for name in retry for word in ("--retry", name))]) == 1
    assert run(["jobs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["jobs"][0]["id"] == "job-0waiting"
