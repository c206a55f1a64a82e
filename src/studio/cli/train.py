"""`studio train` of the headless door: its arguments and what it prints."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from .doors import Report, door, progress


def add_train(doors: Any) -> None:
    """Adds the sub-command."""
    train = door(doors, "train", "teach a model by a frozen dataset", _train, _show)
    train.add_argument("--dataset", required=True, metavar="NAME@v3", help="a frozen version")
    train.add_argument("--model", required=True, metavar="NAME", help="the model an adapter is trained for")
    train.add_argument("--steps", default="", metavar="N")
    train.add_argument("--seed", default="", metavar="S")
    train.add_argument("--title", default="", help="what the adapter is called")
    train.add_argument(
        "--set", action="append", default=[], dest="settings", metavar="K=V", help="another setting, such as rank=4"
    )
    train.set_defaults(progress=progress)


def _train(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.trainfile import train_file

    given = {"steps": options.steps, "seed": options.seed}
    settings = {**_settings(options.settings), **{name: value for name, value in given.items() if value}}
    return train_file(options.dataset, options.model, settings, options.title, options.progress), True


def _settings(words: Sequence[str]) -> dict[str, Any]:
    from ..errors import StudioError

    found: dict[str, Any] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name.strip():
            raise StudioError(f"“{word[:60]}” is no setting; write name=value, such as rank=4.")
        found[name.strip()] = value.split(",") if name.strip() == "targets" else value
    return found


def _show(report: Report) -> None:
    print(report["said"])
    if report["base"] is not None:
        print(f"Judged by what it has not seen: {report['base']:.4f} before, {report['best']:.4f} at its best.")
    if report["adapter"]:
        print(f"The adapter is “{report['adapter']}”; use it with `studio generate … --adapter {report['adapter']}`.")
    else:
        print("It is no better than none on what it has not seen, so it is not offered.")
