"""What is kept of models: verified, measured, removed, and changed files noticed without reading them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec
import pytest

from hub import Hub
from studio.engine.ai.specs import ModelFile, ModelSpec
from studio.engine.jobs import Work
from studio.errors import StudioError
from studio.storage.modelstore import ModelStore
from studio.storage.modelstore.own import append_entry, drop_entry, own_names
from studio.storage.modelstore.wanted import is_plain

UNET = "unet/model.safetensors"


def test_a_file_that_changed_is_not_used_and_only_it_is_fetched_again(
    store: ModelStore, spec: ModelSpec, hub: Hub, repository: Path, work: Work
) -> None:
    folder = store.pull(spec, work)
    content = (folder / UNET).read_bytes()
    (folder / UNET).write_bytes(content[:-4] + b"\1\1\1\1")
    assert store.state(spec).kind == "changed"
    with pytest.raises(StudioError, match="have changed since they were checked"):
        store.folder(spec)
    found = store.verify(spec, work)
    assert (found.files, found.wrong) == (4, (UNET,))
    before = len(hub.requests)
    assert (store.pull(spec, work) / UNET).read_bytes() == content
    assert {path.split("/")[-1] for _, path, _ in hub.requests[before:]} == {spec.revision, "model.safetensors"}


def test_a_time_that_changed_is_set_right_by_a_check(store: ModelStore, spec: ModelSpec, work: Work) -> None:
    folder = store.pull(spec, work)
    os.utime(folder / UNET, (1, 1))
    assert store.state(spec).kind == "changed"
    assert store.verify(spec, work).wrong == ()
    assert store.state(spec).kind == "ready"


def test_a_disk_that_forgets_is_found_by_a_check(store: ModelStore, spec: ModelSpec, work: Work) -> None:
    folder = store.pull(spec, work)
    whole, seen = (folder / UNET).read_bytes(), (folder / UNET).stat()
    (folder / UNET).write_bytes(whole[:-1] + b"\7")
    os.utime(folder / UNET, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert store.state(spec).kind == "ready"
    assert store.verify(spec, work).wrong == (UNET,) and not store.state(spec).usable
    assert (store.pull(spec, work) / UNET).read_bytes() == whole


def test_a_file_that_is_gone_is_named(store: ModelStore, spec: ModelSpec, work: Work) -> None:
    (store.pull(spec, work) / "config.json").unlink()
    assert store.state(spec).kind == "changed"
    assert store.verify(spec, work).wrong == ("config.json",)
    assert (store.pull(spec, work) / "config.json").read_text() == "{}"


def test_the_ledger_names_every_folder(store: ModelStore, spec: ModelSpec, work: Work) -> None:
    assert store.ledger() == ()
    store.pull(spec, work)
    (used,) = store.ledger()
    assert used.repo == "maker/model" and used.whole and used.bytes == store.state(spec).bytes > 240_000
    assert used.used == 0.0
    store.touch(spec)
    (used,) = store.ledger()
    assert used.used > 0
    assert store.remove(spec) == used.bytes and store.ledger() == ()
    assert store.consented(spec)


def test_a_folder_without_an_entry_is_deleted_only_as_it_was_shown(
    store: ModelStore, spec: ModelSpec, work: Work
) -> None:
    folder = store.pull(spec, work)
    (seen,) = store.ledger()
    (folder / "more.txt").write_text("more")
    with pytest.raises(StudioError, match="has changed meanwhile"):
        store.discard(seen)
    (seen,) = store.ledger()
    with pytest.raises(StudioError, match="has changed meanwhile"):
        store.discard(msgspec.structs.replace(seen, folder=str(folder.parent.parent.parent)))
    assert store.discard(seen) == seen.bytes and not folder.exists()


def test_entries_of_ones_own_are_taken_out_and_the_rest_stays_as_written(tmp_path: Path) -> None:
    file = tmp_path / "models.toml"
    assert own_names(file) == frozenset() and not drop_entry(file, "a")
    append_entry(file, '[[model]]\nname = "a"\n')
    file.write_text(file.read_text() + '\n# by hand\n[[model]]\nname = "b"  # best\n[[model]]\nbroken =\n')
    append_entry(file, '[[model]]\nname = "c"\n')
    assert own_names(file) == {"a", "b", "c"}
    assert drop_entry(file, "c") and not drop_entry(file, "c") and drop_entry(file, "a")
    left = file.read_text()
    assert (
        left.startswith("# Neural models of your own")
        and '# by hand\n[[model]]\nname = "b"  # best' in left
        and "broken =" in left
    )
    assert own_names(file) == {"b"}


def test_a_folder_of_the_users_stays_theirs(store: ModelStore, spec: ModelSpec, tmp_path: Path, work: Work) -> None:
    file = tmp_path / "style.safetensors"
    file.write_bytes(b"12345678")
    own = msgspec.structs.replace(spec, repo="", revision="", folder=str(file))
    assert store.state(own).kind == "local" and store.folder(own) == file and store.consented(own)
    for refused in (lambda: store.remove(own), lambda: store.plan(own, work)):
        with pytest.raises(StudioError, match="folder of yours"):
            refused()
    digest = hashlib.sha256(b"12345678").hexdigest()
    known = msgspec.structs.replace(own, files=(ModelFile("style.safetensors", digest),))
    assert store.verify(known, work).wrong == ()
    file.write_bytes(b"12345679")
    assert store.verify(known, work).wrong == ("style.safetensors",) and file.exists()
    file.unlink()
    with pytest.raises(StudioError, match=r"not at .* any more"):
        store.folder(own)


def test_what_is_not_there_says_so(store: ModelStore, spec: ModelSpec, work: Work) -> None:
    for ask in (lambda: store.folder(spec), lambda: store.verify(spec, work)):
        with pytest.raises(StudioError, match="fetch it first"):
            ask()
    assert store.remove(spec) == 0


@pytest.mark.parametrize(
    "path", ["../x", "a/../x", "/etc/x", "a//x", "C:/x", "a\\x", "a/./x", "x\n", " /x", "...", "x" * 300]
)
def test_names_that_lead_elsewhere_are_refused(path: str) -> None:
    assert not is_plain(path)
    assert is_plain("unet/model-00001-of-00002.safetensors")
