"""The headless door: `studio SUBCOMMAND` does one job without the window."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from .. import __version__
from ..errors import StudioError
from .coach import add_coach
from .correct import add_correct
from .dataset import add_dataset
from .doctor import add_doctor
from .generate import add_generate
from .groove import add_groove
from .instruments import add_instruments
from .models import add_models
from .producer import add_producer
from .song import add_song
from .train import add_train


def run(arguments: Sequence[str]) -> int:
    """Runs one sub-command and returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        report, complete = options.command(options)
    except StudioError as error:
        return _refuse(str(error), options.json)
    except KeyboardInterrupt:
        return _refuse("Interrupted.", options.json)
    if options.json:
        print(json.dumps(report, ensure_ascii=False, indent=None))
    else:
        options.show(report)
    return 0 if complete else 1


def _refuse(sentence: str, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"error": sentence}, ensure_ascii=False))
    print(f"studio: {sentence}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="studio", description="A music studio. Without a sub-command: the window.")
    parser.add_argument("--version", action="version", version=f"studio {__version__}")
    doors = parser.add_subparsers(required=True, metavar="SUBCOMMAND")
    add_song(doors)
    add_producer(doors)
    add_coach(doors)
    add_correct(doors)
    add_instruments(doors)
    add_models(doors)
    add_generate(doors)
    add_dataset(doors)
    add_groove(doors)
    add_train(doors)
    add_doctor(doors)
    return parser
