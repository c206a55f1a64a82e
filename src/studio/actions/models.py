"""The neural models of this computer: listed, added, fetched, verified and removed."""

from __future__ import annotations

import hashlib
import os
import re
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from ..engine.ai.catalogue import Catalogue, entry_text, load_catalogue, read_entry
from ..engine.ai.folders import check_folder
from ..engine.ai.hardware import accelerator, room_for
from ..engine.ai.specs import ModelSpec
from ..engine.ai.speech import voices_in
from ..engine.ai.tasks import can_do, capabilities, missing_for
from ..engine.jobs import Work
from ..errors import StudioError
from ..storage import locations
from ..storage.modelstore import HUB, Consent, ModelStore, Patience, Plan, Usage
from ..storage.modelstore.own import append_entry, drop_entry, own_names
from ..storage.modelstore.records import read_secret, write_secret
from ..storage.preferences import Preferences

Report = dict[str, Any]

ASKING = Patience(tries=3)
"""How long a hub is waited for while a person looks at the answer."""

HUB_VARIABLE = "HF_ENDPOINT"
TOKEN_VARIABLE = "HF_TOKEN"


def models_folder() -> Path:
    """Where downloaded models are."""
    return locations.data_folder() / "models"


def own_catalogue() -> Path:
    """The user's own entries."""
    return locations.config_folder() / "models.toml"


def open_catalogue() -> Catalogue:
    """The models of the studio and of the user. Any thread."""
    return load_catalogue(own_catalogue())


def open_store(endpoint: str = "", patience: Patience = Patience()) -> ModelStore:  # noqa: B008 - a frozen value
    """The store, asking the hub that is given, or that `HF_ENDPOINT` or the preferences name, or else the usual one."""
    hub = endpoint or os.environ.get(HUB_VARIABLE, "") or Preferences.load().hub or HUB
    return ModelStore(models_folder(), hub, hub_token() or None, _examine, patience)


def hub_token() -> str:
    """The access token for models behind a gate: that of `HF_TOKEN`, else the one that was kept; empty for none."""
    return os.environ.get(TOKEN_VARIABLE, "") or read_secret(token_file())


def keep_token(token: str) -> None:
    """Keeps an access token in a file that only this user can read; an empty one removes it.

    Raises StudioError for a token that cannot be one, or when the disk refuses.
    """
    if not re.fullmatch(r"[!-~]{0,400}", token):
        raise StudioError("That is no access token; copy it from the hub without spaces.")
    write_secret(token_file(), token)


def token_file() -> Path:
    """Where the access token is kept."""
    return locations.config_folder() / "hub-token"


def with_parts(catalogue: Catalogue, spec: ModelSpec) -> tuple[ModelSpec, ...]:
    """A model after the models that it needs beside itself."""
    return (*(catalogue.spec(name) for name in spec.needs.values()), spec)


def needed_folders(catalogue: Catalogue, store: ModelStore, spec: ModelSpec) -> Mapping[str, Path]:
    """The folders of what a model needs beside itself, by role. Raises StudioError for one that is not there."""
    return {role: store.folder(catalogue.spec(name)) for role, name in spec.needs.items()}


def hub_page(spec: ModelSpec, store: ModelStore) -> str:
    """The page of a model on its hub, where a gate is passed; empty for a folder of the user's."""
    return f"{store.endpoint}/{spec.repo}" if spec.repo else ""


def describe_model(spec: ModelSpec, store: ModelStore) -> Report:
    """What a list of models shows of one. Looks at the disk, not at the hub."""
    state = store.state(spec)
    return {
        "name": spec.name,
        "title": spec.title,
        "task": spec.task,
        "kind": spec.kind,
        "loader": spec.loader,
        "source": spec.folder or f"{spec.repo}@{spec.revision[:12] or 'first download'}",
        "licence": spec.licence,
        "accepted": store.consented(spec),
        "commercial": spec.commercial,
        "gated": spec.gated,
        "page": hub_page(spec, store),
        "base": spec.base,
        "attribution": spec.attribution,
        "note": spec.note,
        "memory_gb": spec.memory,
        "comfortable_gb": spec.comfortable,
        "runs_here": spec.runs_on.here,
        "state": state.kind,
        "bytes": state.bytes,
        "total_bytes": state.total,
    }


def usable_models(catalogue: Catalogue, store: ModelStore) -> Mapping[str, bool]:
    """Of every entry by name whether it is on this disk and whole."""
    return {name: store.state(spec).usable for name, spec in catalogue.specs.items()}


def list_capabilities() -> Report:
    """What this installation can do now, task by task: the models that are ready, and what the others lack."""
    catalogue, store = open_catalogue(), open_store()
    found = capabilities(catalogue, usable_models(catalogue, store))
    tasks = [
        {
            **msgspec.to_builtins(one),
            "ready": one.ready,
            "titles": [catalogue.spec(name).title for name in one.models],
        }
        for one in found
    ]
    return {"tasks": tasks, "refused": list(catalogue.refused)}


def models_for(task: str) -> Report:
    """The models for a task of the forms, each with what it lacks, the adapters for it and the voices that it has; and
    whether this machine's memory holds it, where torch is imported already and can tell."""
    catalogue, store = open_catalogue(), open_store()
    usable = usable_models(catalogue, store)
    device = accelerator() if "torch" in sys.modules else None

    def told(spec: ModelSpec) -> Report:
        lacks = missing_for(spec, catalogue, usable)
        voices = voices_in(store.folder(spec)) if task == "speech" and usable[spec.name] else ()
        adapters = [describe_model(one, store) for one in catalogue.adapters(spec.name)]
        return {
            **describe_model(spec, store),
            "lacks": msgspec.to_builtins(lacks),
            "adapters": adapters,
            "voices": list(voices),
            "room": room_for(spec, device) if device is not None else "",
        }

    fitting = [spec for spec in catalogue.specs.values() if can_do(spec, task)]
    return {"models": [told(spec) for spec in fitting], "refused": list(catalogue.refused)}


def list_models(task: str = "", machine: bool = False) -> Report:
    """Every model of the catalogue, what the store takes, and what of the catalogues cannot be used.

    With `machine` also whether this machine's memory holds each: torch is imported for that, which takes seconds.
    """
    catalogue, store = open_catalogue(), open_store()
    chosen = [spec for spec in catalogue.specs.values() if task in {"", spec.task}]
    used, own = store.ledger(), own_names(own_catalogue())
    when = {usage.folder: usage.used for usage in used}
    usable = usable_models(catalogue, store)
    listed = [
        {
            **describe_model(spec, store),
            "own": spec.name in own,
            "used": when.get(str(store.home(spec)), 0.0),
            "lacks": msgspec.to_builtins(missing_for(spec, catalogue, usable)),
        }
        for spec in chosen
    ]
    if machine:
        device = accelerator()
        listed = [{**one, "room": room_for(spec, device)} for one, spec in zip(listed, chosen, strict=True)]
    return {
        "models": listed,
        "disk": {
            "folder": str(store.root),
            "bytes": sum(usage.bytes for usage in used),
            "free_bytes": store.free(),
            "folders": [msgspec.to_builtins(usage) for usage in used],
        },
        "refused": list(catalogue.refused),
        "token": bool(read_secret(token_file())),
    }


def add_model(fields: Mapping[str, Any]) -> Report:
    """Adds an entry to the user's catalogue, checked first; of a local adapter the digest is recorded with it.

    Raises StudioError that names the field, or the file that must not be loaded.
    """
    raw = {name: value for name, value in fields.items() if value not in ("", None)}
    if "folder" in raw:
        raw["folder"] = str(Path(raw["folder"]).expanduser().absolute())
    spec = read_entry(raw, own_catalogue().name)
    if spec.name in load_catalogue(own_catalogue()).specs:
        raise StudioError(f"There is a model “{spec.name}” already; give yours another name.")
    if spec.base:
        open_catalogue().spec(spec.base)
    if spec.local:
        check_folder(spec, Path(spec.folder))
        spec = _with_digest(spec)
    append_entry(own_catalogue(), entry_text(spec))
    return describe_model(spec, open_store())


def forget_model(name: str) -> Report:
    """Takes an entry of the user's out of the catalogue; what it names stays on the disk. Raises StudioError for one
    of the studio's, or one that others are made for."""
    catalogue = open_catalogue()
    spec = catalogue.spec(name)
    others = [one.title for one in catalogue.specs.values() if spec.name in {one.base, *one.needs.values()}]
    if others:
        raise StudioError(f"“{spec.title}” is what “{others[0]}” is made for; remove that one first.")
    if not drop_entry(own_catalogue(), spec.name):
        raise StudioError(f"“{spec.title}” comes with the studio; its files can be deleted, its entry stays.")
    return {"name": spec.name, "title": spec.title}


def plan_model(name: str, endpoint: str, tell: Callable[[float, str], None], work: Work | None = None) -> Report:
    """What fetching a model would take; loads nothing. `work` can be cancelled, and hears of it in place of `tell`."""
    catalogue, store = open_catalogue(), open_store(endpoint, ASKING)
    spec = catalogue.spec(name)
    work = work or Work(tell, _never())
    plans = {part.name: store.plan(part, work) for part in with_parts(catalogue, spec) if not part.local}
    return {**describe_model(spec, store), "plans": {part: _planned(plan) for part, plan in plans.items()}}


def pull_model(name: str, endpoint: str, accept: bool, tell: Callable[[float, str], None]) -> Report:
    """Fetches a model and what it needs beside itself; goes on where an earlier call ended."""
    catalogue, store = open_catalogue(), open_store(endpoint)
    spec = catalogue.spec(name)
    parts = [part for part in with_parts(catalogue, spec) if not part.local]
    for part in parts:
        if accept and not store.consented(part):
            store.accept(part)
    try:
        fetch_models(parts, store, Work(tell, _never()))
    except Consent as error:
        raise StudioError(f"{str(error).removesuffix('.')}, with --accept-licence once you have read it.") from error
    return {**describe_model(spec, store), "folder": str(store.folder(spec))}


def fetch_models(parts: list[ModelSpec], store: ModelStore, work: Work) -> None:
    """Fetches models one after the other. Worker threads; a cancel keeps what has come."""
    for number, part in enumerate(parts):
        store.pull(part, work.part(number / len(parts), (number + 1) / len(parts)))


def verify_model(name: str, tell: Callable[[float, str], None], work: Work | None = None) -> tuple[Report, bool]:
    """Computes every digest of a model anew, and looks at its files as a load would; whether all is right comes too.

    `work` can be cancelled, and hears of it in place of `tell`.
    """
    store, spec = open_store(), open_catalogue().spec(name)
    found = store.verify(spec, work or Work(tell, _never()))
    if not found.wrong:
        check_folder(spec, store.folder(spec))
    return {**describe_model(spec, store), "files": found.files, "wrong": list(found.wrong)}, not found.wrong


def remove_model(name: str) -> Report:
    """Deletes a model from the disk; its entry and its digests stay."""
    store, spec = open_store(), open_catalogue().spec(name)
    freed = store.remove(spec)
    return {**describe_model(spec, store), "freed_bytes": freed}


def remove_folder(usage: Usage) -> Report:
    """Deletes a folder of models that the ledger names; for those whose entry is gone."""
    return {"repo": usage.repo, "freed_bytes": open_store().discard(usage)}


def _examine(spec: Any, folder: Path) -> None:
    check_folder(spec, folder)


def _with_digest(spec: ModelSpec) -> ModelSpec:
    file = Path(spec.folder)
    if spec.files or not file.is_file():
        return spec
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return read_entry(
        {**msgspec.to_builtins(spec), "files": [{"path": file.name, "sha256": digest, "bytes": file.stat().st_size}]},
        own_catalogue().name,
    )


def _planned(plan: Plan) -> Report:
    return {
        "commit": plan.commit,
        "files": len(plan.files),
        "total_bytes": plan.total,
        "missing_bytes": plan.missing,
        "free_bytes": plan.free,
        "fits": plan.fits,
    }


def _never() -> threading.Event:
    """For work that nobody cancels."""
    return threading.Event()
