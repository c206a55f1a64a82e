"""`studio models` as a user runs it: a model is added, fetched with one interruption, loaded, verified and removed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from hub import Fault, Hub
from models import TinyModels
from studio.__main__ import main
from studio.actions.models import fetch_models, needed_folders, open_catalogue, open_store, own_catalogue
from studio.engine.ai.catalogue import entry_text, load_catalogue
from studio.engine.ai.loading import load
from studio.engine.jobs import JobRunner
from studio.storage.preferences import Preferences

Studio = Callable[..., tuple[int, dict[str, Any]]]
ACE = "AceStepPipeline"


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Studio:
    """The headless door with a home of its own: exit status and report."""
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    for name in ("HF_ENDPOINT", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> tuple[int, dict[str, Any]]:
        status = main(["models", *arguments, "--json"])
        return status, json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def hub(tiny_models: TinyModels) -> Iterator[Hub]:
    with Hub() as server:
        server.add("maker/tiny-ace", tiny_models.folder(ACE))
        server.add("maker/voice", tiny_models.folder("PocketTTSForConditionalGeneration"))
        server.add("maker/codec", tiny_models.folder("PocketTTSAudioTokenizerModel"))
        yield server


def add(studio: Studio, hub: Hub, *more: str) -> None:
    commit = hub.repositories["maker/tiny-ace"].commit
    given = ("--task", "music", "--loader", ACE, "--licence", "MIT", "--repo", "maker/tiny-ace", "--revision", commit)
    status, report = studio("add", "tiny", *given, *more)
    assert (status, report["state"], report["accepted"]) == (0, "absent", False)


def test_a_model_is_added_fetched_loaded_verified_and_removed(studio: Studio, hub: Hub) -> None:
    add(studio, hub)
    status, refused = studio("pull", "tiny", "--endpoint", hub.endpoint)
    assert status == 1 and "licence MIT; accept it first, with --accept-licence" in refused["error"]
    status, told = studio("pull", "tiny", "--endpoint", hub.endpoint, "--dry-run")
    total = told["plans"]["tiny"]["total_bytes"]
    assert status == 0 and total == told["plans"]["tiny"]["missing_bytes"] > 1_000_000

    hub.fail("transformer/diffusion_pytorch_model.safetensors", Fault("status", status=404))
    status, broken = studio("pull", "tiny", "--endpoint", hub.endpoint, "--accept-licence")
    assert status == 1 and "has not got maker/tiny-ace" in broken["error"]
    assert studio("list", "--task", "music")[1]["models"][-1]["state"] == "partial"
    status, pulled = studio("pull", "tiny", "--endpoint", hub.endpoint)
    assert (status, pulled["state"], pulled["bytes"]) == (0, "ready", total)
    assert len([path for _, path, _ in hub.requests if path.endswith("vae/config.json")]) == 1, "nothing comes twice"

    spec = open_catalogue().spec("tiny")
    assert type(load(spec, open_store().folder(spec)).model).__name__ == ACE
    status, verified = studio("verify", "tiny")
    assert status == 0 and verified["wrong"] == [] and verified["files"] == told["plans"]["tiny"]["files"]
    status, listed = studio("list", "--task", "music")
    assert listed["disk"]["bytes"] == total and listed["disk"]["folders"][0]["repo"] == "maker/tiny-ace"
    status, removed = studio("remove", "tiny")
    assert (status, removed["freed_bytes"], removed["state"]) == (0, total, "absent")


def test_what_can_be_done_is_told_with_what_lacks(studio: Studio, tiny_models: TinyModels) -> None:
    given = ("--task", "music", "--loader", ACE, "--licence", "MIT", "--folder", str(tiny_models.folder(ACE)))
    assert studio("add", "tiny", *given)[0] == 0
    status, told = studio("capabilities")
    tasks = {task["task"]: task for task in told["tasks"]}
    assert status == 0 and tasks["music-extend"]["ready"] and tasks["music-extend"]["models"] == ["tiny"]
    assert not tasks["speech"]["ready"]
    lacks = {(lack["lacks"], lack["name"]) for lack in tasks["speech"]["missing"]}
    assert {("model", "pocket-tts"), ("model", "pocket-tts-codec"), ("package", "qwen_tts")} <= lacks


def test_a_file_that_changed_makes_verify_fail(studio: Studio, hub: Hub) -> None:
    add(studio, hub)
    _, pulled = studio("pull", "tiny", "--endpoint", hub.endpoint, "--accept-licence")
    (Path(pulled["folder"]) / "vae" / "config.json").write_text("{}")
    status, verified = studio("verify", "tiny")
    assert (status, verified["wrong"]) == (1, ["vae/config.json"])
    assert studio("pull", "tiny", "--endpoint", hub.endpoint)[1]["state"] == "ready"


def test_what_a_model_needs_beside_itself_comes_with_it(
    studio: Studio, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_catalogue().parent.mkdir(parents=True)
    shipped = load_catalogue()
    with own_catalogue().open("w") as file:
        for name, repo in (("pocket-tts", "maker/voice"), ("pocket-tts-codec", "maker/codec")):
            file.write(entry_text(shipped.spec(name)).replace(f'"{shipped.spec(name).repo}"', f'"{repo}"') + "\n")
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    status, pulled = studio("pull", "pocket-tts", "--accept-licence")
    assert (status, pulled["state"]) == (0, "ready")
    spec, store = open_catalogue().spec("pocket-tts"), open_store()
    loaded = load(spec, store.folder(spec), needed=needed_folders(open_catalogue(), store, spec))
    assert type(loaded.processor).__name__ == "PocketTTSProcessor"


def test_a_download_is_a_job_that_can_be_paused_and_cancelled(studio: Studio, hub: Hub, qtbot: QtBot) -> None:
    add(studio, hub)
    spec, store = open_catalogue().spec("tiny"), open_store(hub.endpoint)
    store.accept(spec)
    runner = JobRunner()
    hub.slow = 0.003
    job = runner.start("download", "Tiny", lambda work: fetch_models([spec], store, work))
    state = lambda: runner.job(job.id)  # noqa: E731
    qtbot.waitUntil(lambda: state().progress > 0.1, timeout=30_000)
    runner.pause(job.id)
    qtbot.waitUntil(lambda: state().state == "paused", timeout=30_000)
    come = store.state(spec).bytes
    qtbot.wait(200)
    assert store.state(spec).bytes == come
    runner.pause(job.id, False)
    qtbot.waitUntil(lambda: state().state == "running" and state().progress > 0.3, timeout=30_000)
    assert "MB" in state().message
    runner.cancel(job.id)
    qtbot.waitUntil(lambda: state().state == "cancelled", timeout=30_000)
    assert store.state(spec).kind == "partial"
    hub.slow = 0.0
    again = runner.start("download", "Tiny", lambda work: fetch_models([spec], store, work))
    qtbot.waitUntil(lambda: runner.job(again.id).over, timeout=30_000)
    assert runner.job(again.id).state == "done" and store.state(spec).usable
    assert runner.close()


def test_the_hub_is_the_one_that_the_user_names(studio: Studio, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_store().endpoint == "https://huggingface.co"
    Preferences(hub=hub.endpoint).save()
    assert open_store().endpoint == hub.endpoint
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example")
    assert open_store().endpoint == "https://mirror.example"
    assert open_store("https://given.example/").endpoint == "https://given.example"
    status, refused = studio("pull", "ace-step-turbo", "--endpoint", "nowhere")
    assert status == 1 and "not the address of a hub" in refused["error"]


def test_an_adapter_of_the_users_own_is_looked_at_and_remembered(studio: Studio, tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    file = tmp_path / "style.safetensors"
    pair = {"t.to_q.lora_A.weight": np.ones((2, 4), np.float32), "t.to_q.lora_B.weight": np.ones((4, 2), np.float32)}
    given = ("add", "style", "--task", "music", "--loader", ACE, "--licence", "CC-BY-4.0", "--folder", str(file))
    save_file({**pair, "t.to_k.lora_A.weight": np.ones((2, 4), np.float32)}, file)
    status, refused = studio(*given, "--base", "ace-step-turbo")
    assert status == 1 and "“style.safetensors” is incomplete" in refused["error"]
    save_file(pair, file)
    status, refused = studio(*given, "--base", "nowhere")
    assert status == 1 and "“nowhere” is not in the catalogue" in refused["error"]
    assert studio(*given, "--base", "ace-step-turbo", "--attribution", 'me "myself" \\ \x7f ä')[0] == 0
    spec = open_catalogue().spec("style")
    assert (spec.kind, spec.base, spec.attribution) == ("adapter", "ace-step-turbo", 'me "myself" \\ \x7f ä')
    assert studio("verify", "style")[0] == 0
    assert "already" in studio(*given, "--base", "ace-step-turbo")[1]["error"]
    save_file({name: 2 * array for name, array in pair.items()}, file)
    assert studio("verify", "style")[1]["wrong"] == ["style.safetensors"]
    status, refused = studio("remove", "style")
    assert status == 1 and "delete it there" in refused["error"] and file.exists()


def test_a_folder_that_must_not_be_loaded_is_not_added(studio: Studio, tiny_models: TinyModels, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_models.folder(ACE), tmp_path / "mine")
    given = ("add", "mine", "--task", "music", "--loader", ACE, "--licence", "MIT", "--folder", str(folder))
    (folder / "setup.py").write_text("")
    assert "“setup.py”, which could run code" in studio(*given)[1]["error"]
    assert not own_catalogue().exists()
    (folder / "setup.py").unlink()
    assert studio(*given)[1]["state"] == "local"
    status, refused = studio("pull", "mine")
    assert status == 0 and refused["state"] == "local"


def test_wrong_words_are_named(studio: Studio, capsys: pytest.CaptureFixture[str]) -> None:
    given = ("add", "x", "--task", "dance", "--loader", ACE, "--licence", "MIT", "--repo", "a/b")
    assert "The entry “x” of models.toml cannot be used: the field `task`" in studio(*given)[1]["error"]
    assert "choose one of ace-step-turbo" in studio("pull", "gpt")[1]["error"]
    assert main(["models", "list"]) == 0
    assert "ace-step-turbo" in capsys.readouterr().out
