"""`studio models` of the headless door: its arguments and what it prints."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from .doors import Report, door, progress


def add_models(doors: Any) -> None:
    """Adds the sub-command with its own."""
    models = doors.add_parser("models", help="list, add, fetch, verify and remove neural models")
    inner = models.add_subparsers(required=True, metavar="list|capabilities|add|pull|verify|remove")
    listing = door(inner, "list", "list the neural models of the catalogue", _list, _show_list)
    listing.add_argument("--task", default="", help="only those for music, cover, chat, speech, lyrics, stems or video")
    listing.add_argument("--machine", action="store_true", help="also whether this machine's memory holds each")

    door(inner, "capabilities", "tell what can be done now, and what is missing for the rest", _able, _show_able)

    pull = door(inner, "pull", "fetch a model; an interrupted download goes on", _pull, _show_pull)
    pull.add_argument("name", metavar="NAME")
    pull.add_argument("--endpoint", default="", metavar="URL", help="from this hub, such as a mirror")
    pull.add_argument("--accept-licence", action="store_true", help="accept the licence that the list shows")
    pull.add_argument("--dry-run", action="store_true", help="only tell how large it is")

    for name, text, command, show in (
        ("verify", "compare every file of a model with its digest", _verify, _show_verify),
        ("remove", "delete a model from the disk", _remove, _show_remove),
    ):
        door(inner, name, text, command, show).add_argument("name", metavar="NAME")

    _add_add(door(inner, "add", "add a model or adapter of your own to the catalogue", _add, _show_one))
    models.set_defaults(progress=progress)


def _add_add(add: Any) -> None:
    add.add_argument("name", metavar="NAME")
    add.add_argument("--title", default="")
    add.add_argument("--task", required=True, help="music, cover, chat, speech, lyrics, stems or video")
    add.add_argument("--loader", required=True, help="the class that loads it, such as AceStepPipeline")
    add.add_argument("--licence", required=True, help="its short name, such as Apache-2.0")
    add.add_argument("--commercial", action="store_true", help="what it makes may be sold")
    add.add_argument("--attribution", default="", help="whom to name")
    add.add_argument("--repo", default="", metavar="OWNER/NAME")
    add.add_argument(
        "--revision", default="", metavar="COMMIT", help="40 digits; without it the first download pins one"
    )
    add.add_argument("--folder", default="", help="a folder of yours, or the .safetensors file of an adapter")
    add.add_argument("--base", default="", metavar="NAME", help="it is an adapter for this model")
    add.add_argument("--dtype", default="", help="float32, bfloat16 or float16")
    add.add_argument("--memory", type=float, default=None, metavar="GB")
    add.add_argument("--gated", action="store_true", help="the hub asks for an access token (HF_TOKEN)")


def _list(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.models import list_models

    return list_models(options.task, options.machine), True


def _able(_: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.models import list_capabilities

    return list_capabilities(), True


def _show_able(report: Report) -> None:
    for task in report["tasks"]:
        ready = "yes" if task["ready"] else "no"
        print(f"{task['task']:<14} {ready:<4} {task['title']}  {', '.join(task['models'])}".rstrip())
        for lack in () if task["ready"] else task["missing"]:
            print(f"{'':<19} {lack['hint']}")
    for sentence in report["refused"]:
        print(f"studio: {sentence}", file=sys.stderr)


def _pull(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.models import plan_model, pull_model

    if options.dry_run:
        return plan_model(options.name, options.endpoint, options.progress), True
    return pull_model(options.name, options.endpoint, options.accept_licence, options.progress), True


def _verify(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.models import verify_model

    return verify_model(options.name, options.progress)


def _remove(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.models import remove_model

    return remove_model(options.name), True


def _add(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.models import add_model

    names = ("name", "task", "loader", "licence", "commercial", "repo", "revision", "folder", "base", "dtype", "memory")
    fields = {name: getattr(options, name) for name in names}
    fields |= {"title": options.title or options.name, "kind": "adapter" if options.base else "model"}
    report = add_model({**fields, "gated": options.gated or None} | {"attribution": options.attribution or "unknown"})
    return report, True


def _show_list(report: Report) -> None:
    for model in report["models"]:
        _show_one(model)
    disk = report["disk"]
    print(f"{_size(disk['bytes'])} in {disk['folder']}, {_size(disk['free_bytes'])} free")
    for sentence in report["refused"]:
        print(f"studio: {sentence}", file=sys.stderr)


def _show_one(model: Report) -> None:
    memory = f"{model['memory_gb']:g} GB" if model["memory_gb"] else ""
    memory += {"short": " (too much)", "parts": " (in parts)"}.get(model.get("room", ""), "")
    use = "" if model["commercial"] else "  no commercial use"
    size = _size(model["bytes"]) if model["bytes"] else ""
    print(
        f"{model['name']:<24} {model['task']:<7} {model['state']:<8} {size:>9} {memory:>8}  {model['licence']}{use}"
        f"  {model['title']}"
    )


def _show_pull(report: Report) -> None:
    for name, plan in report.get("plans", {}).items():
        room = "" if plan["fits"] else "  the disk has too little room"
        print(f"{name}  {_size(plan['total_bytes'])}, {_size(plan['missing_bytes'])} to come{room}")
    if "folder" in report:
        print(f"{report['name']}  {_size(report['bytes'])}  {report['folder']}")


def _show_verify(report: Report) -> None:
    print(f"{report['name']}  {report['files']} files  {'as they should be' if not report['wrong'] else ''}".rstrip())
    for path in report["wrong"]:
        print(f"studio: {path} is missing or another; fetch the model again", file=sys.stderr)


def _show_remove(report: Report) -> None:
    print(f"{report['name']}  {_size(report['freed_bytes'])} freed")


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
