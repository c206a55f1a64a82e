"""`studio` opens the window, `studio SUBCOMMAND` does one job without it."""

from __future__ import annotations

import sys

COMMANDS = frozenset(
    {
        "arrange", "beat", "bounce", "chords", "coach", "correct", "dataset", "doctor", "export-midi", "generate",
        "genres", "groove", "import", "info", "instrument", "instruments", "jobs", "melody", "models", "new", "plugins",
        "train",
    }
)  # fmt: skip
"""The sub-commands of `cli`. Everything else is a song to open."""


def main(arguments: list[str] | None = None) -> int:
    """Runs the window or the headless door and returns the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    if given and (given[0] in COMMANDS or given[0].startswith("-")):
        from .cli import run as run_headless

        return run_headless(given)
    from .app import run

    return run(given)


if __name__ == "__main__":
    sys.exit(main())
