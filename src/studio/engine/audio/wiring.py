"""The ways from strip to strip, and the delays that let everything arrive together."""

from __future__ import annotations

from collections.abc import Sequence

from .fader import SILENT, Fader
from .plan import MASTER
from .strip import StripAtWork, Way


def connect(strips: Sequence[StripAtWork], master: StripAtWork, ramp: int) -> None:
    """Give every strip its ways: to the master, then its sends. Those that were there before keep their fader."""
    for strip in strips:
        before = {(way.to, way.pre_fader): way for way in strip.ways}
        wanted = [(MASTER, 1.0, False), *((s.bus, s.gain, s.pre_fader) for s in strip.plan.sends)]
        ways = []
        for to, gain, pre_fader in wanted:
            way = before.pop((to, pre_fader), None) or Way(to, gain, pre_fader, Fader(SILENT, ramp))
            way.gain = gain
            ways.append(way)
        strip.ways = ways
    if not master.ways:
        master.ways = [Way("", 1.0, False, Fader(SILENT, ramp))]


def line_up(strips: Sequence[StripAtWork], master: StripAtWork) -> int:
    """Delay every way so that what looks ahead and what does not arrive together; how late that is, in frames.

    `strips` are in an order in which each follows all that feed it.
    """
    arrival: dict[str, int] = {}
    leaves: dict[str, int] = {}
    for strip in strips:
        key = strip.plan.id
        leaves[key] = arrival.get(key, 0) + (strip.chain.latency if strip.chain else 0)
        for way in strip.ways:
            arrival[way.to] = max(arrival.get(way.to, 0), leaves[key])
    for strip in strips:
        for way in strip.ways:
            way.set_delay(arrival[way.to] - leaves[strip.plan.id])
    return arrival.get(MASTER, 0) + (master.chain.latency if master.chain else 0)
