"""What a song says to a model: its tempo, key and signature where its loop begins, and how long that is."""

from __future__ import annotations

from typing import Any

from ...document.harmony import key_at
from ...document.project import Project
from ...document.time import signature_at

NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


def facts_of(project: Project) -> dict[str, Any]:
    """Values for a form, by the names of its parameters; what the song does not say is left out."""
    begin, end, time = project.loop.start, project.loop.end, project.time
    facts: dict[str, Any] = {
        "seconds": round((time.frame(end) - time.frame(begin)) / project.rate, 3),
        "bpm": round(time.bpm_at(begin), 2),
    }
    key = key_at(project.keys, begin)
    if key is not None and key.mode in {"major", "minor"}:
        facts["key"] = f"{NAMES[key.tonic % 12]} {key.mode}"
    signature = signature_at(project.signatures, begin)
    if signature.numerator in {2, 3, 4, 6}:
        facts["meter"] = str(signature.numerator)
    return facts
