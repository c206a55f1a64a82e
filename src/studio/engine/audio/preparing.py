"""What a plan needs to sound: the effects and instruments at work, made before the render thread gets it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...document.project import Insert
from .chain import Node
from .effects import KINDS, values_of
from .instruments.making import foresee, make_synth
from .instruments.synth import Synth
from .plan import RenderPlan
from .processors import MAKERS

NodeKey = tuple[str, str]
"""The id of an insert and its kind, or of a track and the `sound_key` of what it plays."""

Processors = Mapping[NodeKey, Node | Synth]


def prepare(
    plan: RenderPlan, before: Processors | None = None, font: Path | None = None
) -> dict[NodeKey, Node | Synth]:
    """The effects and instruments of a plan: those of `before` live on, new ones are made and primed.

    `before` is what this returned for the plan that was handed over before; `font` the SoundFont, None for the usual
    one. Compiler thread: takes milliseconds, and more where files are read.
    """
    made: dict[NodeKey, Node | Synth] = {}
    known = before or {}
    for insert in _inserts(plan):
        key = (insert.id, insert.kind)
        made[key] = known.get(key) or Node(
            KINDS[insert.kind], MAKERS[insert.kind](plan.rate), values_of(insert), plan.rate
        )
    for strip in plan.strips:
        if strip.instrument is not None:
            key = (strip.id, strip.sound)
            made[key] = known.get(key) or make_synth(strip.instrument, plan.rate, font, samples=strip.samples)
            foresee(strip.instrument, plan.rate, strip.score)
    return made


def _inserts(plan: RenderPlan) -> list[Insert]:
    return [insert for strip in (*plan.strips, plan.master) for insert in strip.inserts]
