"""The one exception root: every error a person can meet carries a sentence for them."""

from __future__ import annotations


class StudioError(Exception):
    """Something could not be done. `str(error)` says what is wrong and what to do, in one sentence for the user.

    The technical cause, where there is one, is chained with `raise ... from cause`.
    """


class Unreachable(StudioError):
    """The network failed what was asked; the same may work in a while."""
