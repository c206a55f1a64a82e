"""Models in a running program: a request goes through the queue to a file in the library, and waits over a restart."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from models import TinyModels
from rooms import Room, room
from studio.actions.generating import Making
from studio.actions.models import add_model
from studio.errors import StudioError

__all__ = ["room"]


@pytest.fixture
def tiny(room: Room, tiny_models: TinyModels) -> str:
    """A model of the user's own in the catalogue."""
    folder = str(tiny_models.folder("AceStepPipeline"))
    add_model({"name": "tiny", "task": "music", "loader": "AceStepPipeline", "licence": "MIT", "folder": folder,
               "title": "Tiny", "commercial": True, "attribution": "nobody"})  # fmt: skip
    return "tiny"


def making(**values: object) -> Making:
    return Making(task="music", model="tiny", values={"prompt": "slow dub", "seconds": 1.0, "steps": 2, **values})


def test_a_request_becomes_a_file_in_the_library(room: Room, tiny: str) -> None:
    neural = room.workspace.neural
    job = neural.generate(making(), "Slow dub")
    room.until(lambda: neural.queue.job(job.id).state in {"done", "failed"})
    done = neural.queue.job(job.id)
    assert done.state == "done", done.error
    (made,) = done.result["made"]
    assert soundfile.info(made["path"]).frames == 48_000
    assert [asset.path for asset in room.workspace.library.search("dub", tasks=["music"])] == [Path(made["path"])]
    wrong = neural.generate(making(seed=-1), "Wrong")
    room.until(lambda: neural.queue.job(wrong.id).state == "failed")
    assert neural.queue.job(wrong.id).error.startswith("Seed cannot be -1")


def test_what_waits_goes_on_after_a_restart(room: Room, tiny: str) -> None:
    neural = room.workspace.neural
    neural.queue.hold(True)
    job = neural.generate(making(), "Slow dub")
    room.restart()
    neural = room.workspace.neural
    assert neural.queue.job(job.id).state == "waiting"
    room.workspace.go_on()
    room.until(lambda: neural.queue.job(job.id).state == "done")


def test_a_model_that_is_not_known_is_said_at_once(room: Room) -> None:
    with pytest.raises(StudioError, match="is not in the catalogue"):
        room.workspace.neural.pull("nothing")
