"""`studio dataset` of the headless door: its arguments and what it prints."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from .doors import Report, door, number, progress

NAMES = "list|create|add|edit|remove|check|freeze|diff|export|import|revert|delete"


def add_dataset(doors: Any) -> None:
    """Adds the sub-command with its own."""
    datasets = doors.add_parser("dataset", help="collect what models learn from, and freeze it as versions")
    inner = datasets.add_subparsers(required=True, metavar=NAMES)

    listing = door(inner, "list", "list the datasets, or the items and figures of one", _list, _show_list)
    listing.add_argument("name", nargs="?", default="", metavar="NAME[@v3]", help="without a version: the draft")
    create = door(inner, "create", "make an empty dataset", _create, _show_dataset)
    create.add_argument("name", metavar="NAME")
    create.add_argument("--type", required=True, help="music, drums, voice, image or text")

    add = door(inner, "add", "add files, what was approved, or a part of a song", _add, _show_added)
    add.add_argument("name", metavar="NAME")
    add.add_argument("files", type=Path, nargs="*", metavar="FILE", help="files or folders")
    add.add_argument("--approved", action="store_true", help="what was approved in the library and fits the type")
    add.add_argument("--since", default="", metavar="DATE", help="with --approved: made since, such as 2026-01-31")
    add.add_argument("--task", action="append", default=[], help="with --approved: only of this task")
    add.add_argument("--project", type=Path, default=None, metavar="PROJECT", help="a song; with --track")
    add.add_argument("--track", default="", metavar="NAME")
    add.add_argument("--from", dest="begin", type=number(0, 864_000, float), default=None, metavar="S")
    add.add_argument("--to", dest="end", type=number(0, 864_000, float), default=None, metavar="S")
    _add_said(add)

    edit = door(inner, "edit", "change what is said of items", _edit, _show_items)
    edit.add_argument("name", metavar="NAME")
    edit.add_argument("items", nargs="+", metavar="ITEM", help="as the list shows it, or “all”")
    edit.add_argument("--title", default=None, metavar="TEXT", help="what the item is called")
    edit.add_argument("--split", choices=("train", "validation", "test"), default=None, help="of its whole song")
    _add_said(edit)
    remove = door(inner, "remove", "take items out of the draft", _remove, _show_removed)
    remove.add_argument("name", metavar="NAME")
    remove.add_argument("items", nargs="+", metavar="ITEM")

    check = door(inner, "check", "look at every file again", _check, _show_checked)
    check.add_argument("name", metavar="NAME[@v3]")
    check.add_argument("--tidy", action="store_true", help="delete files that neither the draft nor a version has")
    door(inner, "freeze", "make the draft a version", _freeze, _show_frozen).add_argument("name", metavar="NAME")
    diff = door(inner, "diff", "tell what differs between two versions, or a version and the draft", _diff, _show_diff)
    diff.add_argument("before", metavar="NAME@v1")
    diff.add_argument("after", metavar="NAME[@v2]")

    export = door(inner, "export", "write a version with its files to a folder or zip", _export, _show_version)
    export.add_argument("name", metavar="NAME[@v3]")
    export.add_argument("out", type=Path, metavar="OUT", help="a zip where it ends so, else a new folder")
    come = door(inner, "import", "take in a version that was exported", _import, _show_version)
    come.add_argument("path", type=Path, metavar="FOLDER|ZIP")
    come.add_argument("--name", default="", help="into this dataset, made if it is not there")
    back = door(inner, "revert", "make a version the draft", _revert, _show_version)
    back.add_argument("name", metavar="NAME@v3")
    back.add_argument("--discard", action="store_true", help="even where the draft has changes that no version holds")
    delete = door(inner, "delete", "delete a dataset with all its versions", _delete, _show_deleted)
    delete.add_argument("name", metavar="NAME")
    delete.add_argument("--yes", action="store_true", help="it should really go")
    datasets.set_defaults(progress=progress)


def _add_said(door: Any) -> None:
    door.add_argument("--caption", default=None, metavar="TEXT", help="what it is, in plain words")
    door.add_argument("--tag", action="append", default=None, metavar="TAG")
    door.add_argument("--lyrics", default=None, metavar="TEXT")
    door.add_argument("--bpm", type=number(10, 999, float), default=None, metavar="N")
    door.add_argument("--key", default=None, help="such as “A minor”")
    door.add_argument("--licence", default=None, metavar="TEXT", help="such as CC-BY-4.0")
    door.add_argument("--song", default=None, metavar="NAME", help="what is never divided between splits")


def _said(options: argparse.Namespace) -> dict[str, Any]:
    names = {"caption": "caption", "tag": "tags", "lyrics": "lyrics", "bpm": "bpm", "key": "key", "licence": "licence"}
    told = {field: getattr(options, name) for name, field in {**names, "song": "song"}.items()}
    return {name: value for name, value in told.items() if value is not None}


def _list(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.datasets.headless import describe_dataset, list_datasets

    return (describe_dataset(options.name) if options.name else list_datasets()), True


def _create(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.datasets.headless import create_dataset

    return create_dataset(options.name, options.type), True


def _add(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.datasets.adding import Said
    from ..actions.datasets.headless import Range, add_items

    told = _said(options)
    said = Said(**{**told, "tags": tuple(told.get("tags", ()))})
    part = Range(options.project, options.track, options.begin, options.end) if options.project else None
    return add_items(
        options.name, options.files, said, options.progress, options.approved, options.since, options.task, part
    )


def _edit(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.datasets.headless import edit_items

    told = {"name": options.title, "split": options.split}
    changes = _said(options) | {name: value for name, value in told.items() if value is not None}
    return edit_items(options.name, options.items, changes), True


def _remove(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.datasets.headless import remove_items

    return remove_items(options.name, options.items), True


def _check(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.datasets.headless import check_dataset

    return check_dataset(options.name, options.progress, options.tidy)


def _freeze(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.datasets.headless import freeze_dataset

    return freeze_dataset(options.name, options.progress), True


def _diff(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.datasets.headless import compare_versions

    return compare_versions(options.before, options.after), True


def _export(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.datasets.headless import export_dataset

    return export_dataset(options.name, options.out, options.progress), True


def _import(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.datasets.headless import import_dataset

    return import_dataset(options.path, options.name, options.progress), True


def _revert(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.datasets.headless import revert_dataset

    return revert_dataset(options.name, options.discard), True


def _delete(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.datasets.headless import delete_dataset

    return delete_dataset(options.name, options.yes), True


def _show_list(report: Report) -> None:
    if "datasets" in report:
        for dataset in report["datasets"]:
            _show_dataset(dataset)
        if not report["datasets"]:
            print("no datasets yet; make one with `studio dataset create NAME --type music`")
        return
    _show_dataset(report)
    _show_items(report)
    told = report["statistics"]
    splits = ", ".join(f"{part['items']} {name}" for name, part in told["splits"].items() if part["items"])
    whole = f"{told['items']:,} items of {told['songs']:,} songs"
    print("; ".join(part for part in (whole, _length(told["seconds"]), splits) if part))
    _say(report.get("notices", ()))


def _show_dataset(report: Report) -> None:
    latest = f"v{report['latest']}" if report["latest"] else "no version"
    print(f"{report['name']:<24} {report['type']:<6} {report['draft']:>7,} items in the draft  {latest}")


def _show_items(report: Report) -> None:
    for item in report["items"]:
        about = "  ".join(filter(None, (_length(item["seconds"]), item["bpm"] and f"{item['bpm']:g} BPM", item["key"])))
        caption = " ".join(item["caption"].split())[:60]
        print(f"{item['item']}  {item['split']:<10} {item['name']:<28.28} {about:<24} {caption}".rstrip())
        for sentence in item.get("doubts", ()):
            print(f"{'':14}{sentence}")


def _show_added(report: Report) -> None:
    for item in report["added"]:
        print(f"{item['item']}  {item['name']}" + ("" if item["new"] else "  (there already)"))
        for sentence in item["doubts"] if item["new"] else ():
            print(f"{'':14}{sentence}")
    new = sum(item["new"] for item in report["added"])
    print(f"{new:,} added, {report['draft']:,} items in the draft of {report['name']}")
    _say(report["failed"])


def _show_removed(report: Report) -> None:
    print(f"{report['removed']:,} taken out, {report['items']:,} items left in the draft of {report['name']}")


def _show_checked(report: Report) -> None:
    for item in report["items"]:
        print(f"{item['item']}  {item['name']}")
        for sentence in item["doubts"]:
            print(f"{'':14}{sentence}")
    unused = report["unused"]
    print(f"{report['checked']:,} items checked, {len(report['items']):,} of them doubtful")
    if unused["files"]:
        done = "deleted" if unused["deleted"] else "in use by nothing; --tidy deletes them"
        print(f"{unused['files']:,} files ({unused['bytes'] / 1e6:.1f} MB) {done}")


def _show_frozen(report: Report) -> None:
    _show_version(report)
    if not report["new"]:
        print("the draft has not changed since")
    _say(report["notices"])


def _show_version(report: Report) -> None:
    splits = ", ".join(f"{count:,} {name}" for name, count in report["splits"].items() if count)
    told = (f"{report['name']}@v{report['number']}", splits, _length(report["seconds"]), report["digest"][:12])
    print("  ".join(part for part in (*told, report.get("path", "")) if part))


def _show_diff(report: Report) -> None:
    for sign, items in (("+", report["new"]), ("-", report["gone"])):
        for item in items:
            print(f"{sign} {item['item']}  {item['name']}")
    for change in report["changes"]:
        print(f"~ {change['item']}  {change['name']}")
        for name, (old, new) in change["fields"].items():
            print(f"{'':16}{name}: {_brief(old)} -> {_brief(new)}")
    moved = ", in another order" if report["moved"] else ""
    print(f"{report['added']:,} added, {report['removed']:,} removed, {report['changed']:,} changed, "
          f"{report['same']:,} the same{moved}")  # fmt: skip


def _show_deleted(report: Report) -> None:
    print(f"{report['name']} deleted")


def _brief(value: Any) -> str:
    told = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")
    text = " ".join(told.split()) or "nothing"
    return text if len(text) <= 60 else text[:59] + "…"


def _length(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds else ""
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02} min"


def _say(sentences: Any) -> None:
    for sentence in sentences:
        print(f"studio: {sentence}", file=sys.stderr)
