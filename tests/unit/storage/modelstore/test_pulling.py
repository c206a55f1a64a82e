"""Models come from a hub whole, checked and only when asked for; whatever breaks on the way costs nothing that came."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from bundles import fill_up, small_disk
from hub import TOKEN, Fault, Hub
from studio.engine.ai.specs import ModelFile, ModelSpec
from studio.engine.jobs import Cancelled, Work
from studio.errors import StudioError, Unreachable
from studio.storage.modelstore import Consent, GatedModel, HubAway, HubError, ModelStore, endpoint_of
from studio.storage.modelstore import store as module
from studio.storage.modelstore.fetching import Patience
from studio.storage.modelstore.hub import asking, gate

from .conftest import QUICK, weights

UNET = "unet/model.safetensors"
WANTED = {"config.json", "LICENSE", UNET, "more.safetensors"}


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def same(folder: Path, repository: Path) -> bool:
    return all((folder / name).read_bytes() == (repository / name).read_bytes() for name in WANTED)


def test_the_plan_tells_size_and_files_and_loads_nothing(
    store: ModelStore, spec: ModelSpec, hub: Hub, work: Work
) -> None:
    plan = store.plan(spec, work)
    assert {file.path for file in plan.files} == WANTED
    assert (
        plan.total == plan.missing == sum((hub.repositories["maker/model"].folder / n).stat().st_size for n in WANTED)
    )
    assert plan.fits and plan.commit == spec.revision
    assert not hub.asked("safetensors")
    assert store.state(spec).kind == "absent"


def test_a_model_comes_whole_and_without_anything_that_could_run(
    store: ModelStore, spec: ModelSpec, repository: Path, work: Work, hub: Hub
) -> None:
    told: list[tuple[float, str]] = []
    folder = store.pull(spec, Work(lambda progress, message: told.append((progress, message)), threading.Event()))
    assert names(folder) == WANTED and same(folder, repository)
    assert store.state(spec).kind == "ready" and store.folder(spec) == folder
    assert told[-1][0] == 1.0 and any("MB" in message for _, message in told)
    assert [progress for progress, _ in told] == sorted(progress for progress, _ in told)
    assert not any(path.endswith((".bin", ".pt", ".py", ".ckpt")) for _, path, _ in hub.requests)


def test_what_is_there_needs_no_hub(store: ModelStore, spec: ModelSpec, hub: Hub, work: Work) -> None:
    folder = store.pull(spec, work)
    asked = len(hub.requests)
    assert store.pull(spec, work) == folder and store.verify(spec, work).wrong == ()
    assert len(hub.requests) == asked


def test_nothing_is_loaded_before_the_licence_is_accepted(
    hub: Hub, spec: ModelSpec, tmp_path: Path, work: Work
) -> None:
    fresh = ModelStore(tmp_path / "other", hub.endpoint, patience=QUICK)
    with pytest.raises(Consent, match="licence MIT"):
        fresh.pull(spec, work)
    assert not hub.requests
    fresh.accept(spec)
    assert ModelStore(tmp_path / "other", hub.endpoint).consented(spec)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("close", after=9_000),
        Fault("stall", after=9_000),
        Fault("status", status=500),
        Fault("status", status=429, headers={"Retry-After": "0"}),
        Fault("status", times=2, status=503),
    ],
    ids=["close", "stall", "500", "429", "503 twice"],
)
def test_a_broken_line_is_tried_again_from_where_it_broke(
    store: ModelStore, spec: ModelSpec, hub: Hub, repository: Path, work: Work, fault: Fault
) -> None:
    after = fault.after if fault.kind in {"close", "stall"} else 0
    hub.fail(UNET, fault)
    if fault.kind == "stall":
        store = ModelStore(store.root, hub.endpoint, patience=Patience(silence=0.3, tries=50, pause=0.001))
    assert same(store.pull(spec, work), repository)
    sent = [request for request in hub.asked(UNET) if "/stored/" in request[1]]
    assert len(sent) > 1
    assert (f"bytes={after}-" if after else "") in [begun for _, _, begun in sent[1:]]


def test_progress_gives_new_patience(
    store: ModelStore, spec: ModelSpec, hub: Hub, repository: Path, work: Work
) -> None:
    hub.fail(UNET, *(Fault("close", after=5_000) for _ in range(3 * QUICK.tries)))
    assert same(store.pull(spec, work), repository)


def test_a_hub_that_fails_for_good_is_given_up_and_what_came_is_kept(
    store: ModelStore, spec: ModelSpec, hub: Hub, repository: Path, work: Work
) -> None:
    hub.fail(UNET, Fault("close", after=7_000), Fault("status", times=QUICK.tries, status=500))
    with pytest.raises(HubAway, match=r"answered 500; what has come is kept"):
        store.pull(spec, work)
    state = store.state(spec)
    assert state.kind == "partial" and state.bytes >= 7_000 and state.total > state.bytes
    assert same(store.pull(spec, work), repository)
    assert "bytes=7000-" in [request[2] for request in hub.asked(UNET)]


@pytest.mark.parametrize(("path", "fault"), [(UNET, Fault("status", 9, 404)), ("list", Fault("status", 9, 404))])
def test_what_the_hub_has_not_got_is_asked_for_once(
    store: ModelStore, spec: ModelSpec, hub: Hub, work: Work, path: str, fault: Fault
) -> None:
    hub.fail(path, fault)
    with pytest.raises(HubError, match="has not got") as refused:
        store.pull(spec, work)
    assert fault.times == 8 and not isinstance(refused.value, Unreachable)


def test_an_unknown_repository_or_revision_is_named(store: ModelStore, spec: ModelSpec, work: Work) -> None:
    for other in (
        msgspec.structs.replace(spec, repo="maker/nothing"),
        msgspec.structs.replace(spec, revision="0" * 40),
    ):
        store.accept(other)
        with pytest.raises(HubError, match=f"has not got {other.repo}"):
            store.pull(other, work)


def test_a_hub_that_nobody_answers_at(spec: ModelSpec, tmp_path: Path, work: Work) -> None:
    store = ModelStore(tmp_path / "models", "http://127.0.0.1:9", patience=QUICK)
    store.accept(spec)
    with pytest.raises(HubAway, match=r"127\.0\.0\.1:9 could not be reached"):
        store.pull(spec, work)


def test_other_bytes_are_refused_and_thrown_away(store: ModelStore, spec: ModelSpec, hub: Hub, work: Work) -> None:
    for path in ("config.json", "more.safetensors", UNET):  # by git's digest, and the large one by SHA-256
        hub.fail(path, Fault("wrong"))
        with pytest.raises(StudioError, match=f"“{path}” .* is not the file that was promised"):
            store.pull(spec, work)
        part = store.root / "maker--model" / f"{spec.revision}.part"
        assert not (part / path).exists() and not (part / f"{path}.part").exists()
    assert store.pull(spec, work)


def test_a_digest_of_the_catalogue_is_the_last_word(
    store: ModelStore, spec: ModelSpec, repository: Path, work: Work
) -> None:
    right = hashlib.sha256((repository / UNET).read_bytes()).hexdigest()
    known = (ModelFile(UNET, "0" * 64),)
    with pytest.raises(StudioError, match="not the file that was promised"):
        store.pull(msgspec.structs.replace(spec, files=known), work)
    assert store.pull(msgspec.structs.replace(spec, files=(ModelFile(UNET, right),)), work)


def test_what_came_the_first_time_must_come_again(
    store: ModelStore, spec: ModelSpec, hub: Hub, repository: Path, work: Work
) -> None:
    store.pull(spec, work)
    freed = store.remove(spec)
    assert freed > 240_000 and store.state(spec).kind == "absent"
    (repository / UNET).write_bytes(weights(60_000, 2))  # the same commit, told with another digest
    with pytest.raises(StudioError, match="not the file that was promised"):
        store.pull(spec, work)


def test_a_model_without_a_revision_is_pinned_by_its_first_download(
    store: ModelStore, spec: ModelSpec, hub: Hub, repository: Path, work: Work
) -> None:
    loose = msgspec.structs.replace(spec, revision="")
    store.pull(loose, work)
    store.remove(loose)
    (repository / UNET).write_bytes(weights(60_000, 2))
    hub.add("maker/model", repository)
    with pytest.raises(HubError, match="has not got maker/model"):
        store.pull(loose, work)


def test_cancel_keeps_what_came_and_the_next_pull_goes_on(
    store: ModelStore, spec: ModelSpec, hub: Hub, repository: Path, work: Work, stopping: Callable[[float], Work]
) -> None:
    hub.slow = 0.004
    with pytest.raises(Cancelled):
        store.pull(spec, stopping(0.5))
    come = store.state(spec)
    assert come.kind == "partial" and come.bytes > 0
    hub.slow, before = 0.0, len(hub.requests)
    plan = store.plan(spec, work)
    assert plan.missing == plan.total - come.bytes
    assert same(store.pull(spec, work), repository)
    begun = [request[2] for request in hub.requests[before:] if request[2]]
    assert begun and int(begun[0].removeprefix("bytes=").removesuffix("-")) > 0


def test_cancel_is_heard_while_the_hub_is_waited_for(store: ModelStore, spec: ModelSpec, hub: Hub) -> None:
    patient = ModelStore(store.root, hub.endpoint, patience=Patience(tries=3, pause=2.0))
    hub.fail("list", Fault("status", times=9, status=503))
    looks: list[int] = []

    class Fourth:
        """Cancels when it is asked for the fourth time: there are three tries, and many looks between them."""

        def report(self, progress: float, message: str = "") -> None: ...

        def check(self) -> None:
            looks.append(len(hub.requests))
            if len(looks) > 3:
                raise Cancelled("Enough.")

    with pytest.raises(Cancelled):
        patient.pull(spec, Fourth())


def test_a_hub_that_ignores_the_range_sends_all_of_it_again(
    store: ModelStore, spec: ModelSpec, hub: Hub, repository: Path, work: Work
) -> None:
    hub.fail(UNET, Fault("close", after=9_000), Fault("whole"))
    assert same(store.pull(spec, work), repository)


CHILD = """
import sys, threading
from pathlib import Path
import msgspec
from studio.engine.ai.specs import ModelSpec
from studio.engine.jobs import Work
from studio.storage.modelstore import ModelStore
spec = msgspec.json.decode(sys.argv[3], type=ModelSpec)
ModelStore(Path(sys.argv[1]), sys.argv[2]).pull(spec, Work(lambda *_: None, threading.Event()))
"""


def test_kill_9_during_a_download_loses_nothing(
    store: ModelStore, spec: ModelSpec, hub: Hub, repository: Path, work: Work
) -> None:
    hub.slow = 0.02
    arguments = [sys.executable, "-c", CHILD, str(store.root), hub.endpoint, msgspec.json.encode(spec).decode()]
    with subprocess.Popen(arguments, env={**os.environ, "PYTHONPATH": "src"}, cwd=Path(__file__).parents[4]) as child:
        part = store.root / "maker--model" / f"{spec.revision}.part" / f"{UNET}.part"
        while child.poll() is None and not (part.exists() and part.stat().st_size > 20_000):
            time.sleep(0.01)
        with pytest.raises(StudioError, match="being fetched already"):
            store.pull(spec, work)
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    hub.slow, come = 0.0, part.stat().st_size
    assert store.state(spec).kind == "partial" and come >= 20_000
    assert same(store.pull(spec, work), repository)
    assert hub.asked(UNET)[-1][2] == f"bytes={come}-"


def test_a_disk_without_room_is_told_before_anything_is_loaded(
    store: ModelStore, spec: ModelSpec, hub: Hub, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SPARE", 2**60)
    with pytest.raises(StudioError, match=r"needs 0\.0 GB more, and the disk has .* free some space or remove a model"):
        store.pull(spec, work)
    assert not hub.asked("safetensors")


def test_a_disk_that_becomes_full_costs_nothing_that_came(
    hub: Hub, spec: ModelSpec, repository: Path, work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SPARE", 0)
    hub.slow = 0.002
    with small_disk(tmp_path / "disk", 600) as disk:
        store = ModelStore(disk / "models", hub.endpoint, patience=QUICK)
        store.accept(spec)

        def fill(progress: float, _: str) -> None:
            if progress > 0.1:
                fill_up(disk)

        with pytest.raises(StudioError, match=r"disk is full, so “The Model” is not complete; what has come is"):
            store.pull(spec, Work(fill, threading.Event()))
        state = store.state(spec)
        assert state.kind == "partial" and state.bytes > 0
        (disk / "hog").unlink()
        hub.slow = 0.0
        assert same(store.pull(spec, work), repository)


def test_a_hub_on_this_machine_is_not_asked_by_way_of_a_proxy(
    store: ModelStore, spec: ModelSpec, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import close_session

    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    close_session()
    assert store.pull(spec, work)
    close_session()


def test_the_hub_hears_nothing_but_what_the_user_asked_for(
    store: ModelStore, spec: ModelSpec, hub: Hub, work: Work
) -> None:
    import httpx2
    from huggingface_hub import HfApi, get_session
    from huggingface_hub.errors import OfflineModeIsEnabled

    store.pull(spec, work)
    asked = len(hub.requests)
    for ask in (
        lambda: HfApi(endpoint=hub.endpoint).model_info("maker/model"),
        lambda: get_session().get(hub.endpoint),
    ):
        with pytest.raises(OfflineModeIsEnabled):
            ask()
    assert len(hub.requests) == asked
    assert not any("agent" in path or "telemetry" in path for _, path, _ in hub.requests)
    with asking("https://hub.example"), pytest.raises(OfflineModeIsEnabled):  # a redirect to an open line
        gate(httpx2.Request("GET", "http://elsewhere.example/weights"))


def test_a_gate_asks_for_its_terms_and_the_token_goes_nowhere_else(
    store: ModelStore, spec: ModelSpec, hub: Hub, repository: Path, work: Work
) -> None:
    hub.add("maker/gated", repository, gated=True)
    gated = msgspec.structs.replace(spec, repo="maker/gated", gated=True)
    store.accept(gated)
    with pytest.raises(GatedModel, match=rf"accept its terms at {hub.endpoint}/maker/gated"):
        store.pull(gated, work)
    signed = ModelStore(store.root, hub.endpoint, token=TOKEN, patience=QUICK)
    assert same(signed.pull(gated, work), repository)
    hub.tokens.clear()
    signed.pull(spec, work)
    assert hub.tokens and not any(hub.tokens)


def test_a_repository_of_pickles_is_refused(
    store: ModelStore, spec: ModelSpec, hub: Hub, tmp_path: Path, work: Work
) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    (folder / "config.json").write_text("{}")
    made = hub.add("maker/old", folder)
    old = msgspec.structs.replace(spec, repo="maker/old", revision=made.commit)
    store.accept(old)
    with pytest.raises(StudioError, match="no weights in safetensors; others could run code"):
        store.pull(old, work)
    assert not hub.asked(".bin")


def test_patterns_of_the_entry_narrow_the_download(store: ModelStore, spec: ModelSpec, work: Work) -> None:
    folder = store.pull(msgspec.structs.replace(spec, only=("*.json", "unet/*"), skip=("LICENSE",)), work)
    assert names(folder) == {"config.json", UNET}


def test_names_that_cannot_be_stored_matter_only_where_they_would_be(
    store: ModelStore, spec: ModelSpec, hub: Hub, repository: Path, work: Work
) -> None:
    (repository / "what?.png").write_bytes(b"picture")
    first = msgspec.structs.replace(spec, revision=hub.add("maker/model", repository).commit)
    assert names(store.pull(first, work)) == WANTED
    (repository / "what?.json").write_text("{}")
    second = msgspec.structs.replace(spec, revision=hub.add("maker/model", repository).commit)
    with pytest.raises(StudioError, match="names a file “what"):
        store.pull(second, work)


def test_a_model_that_is_looked_at_and_refused_is_not_there(
    hub: Hub, spec: ModelSpec, tmp_path: Path, work: Work
) -> None:
    def refuse(_: object, folder: Path) -> None:
        assert names(folder) == WANTED
        raise StudioError("It is refused.")

    store = ModelStore(tmp_path / "models", hub.endpoint, examine=refuse, patience=QUICK)
    store.accept(spec)
    with pytest.raises(StudioError, match="It is refused"):
        store.pull(spec, work)
    assert store.state(spec).kind == "partial"


def test_an_address_that_is_none() -> None:
    assert endpoint_of("https://mirror.example/hub/") == "https://mirror.example/hub"
    for wrong in ("", "mirror.example", "file:///etc", "https://name:word@mirror.example", "ftp://x"):
        with pytest.raises(StudioError, match="not the address of a hub"):
            endpoint_of(wrong)
