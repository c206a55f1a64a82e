"""Who feeds whom: the order in which strips are computed, and what mute and solo let through."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

HALF_POWER = math.sqrt(0.5)
"""-3.01 dB."""


class Open(NamedTuple):
    """What of a strip may pass: its way to the master, and the buses among those it feeds."""

    direct: bool
    buses: frozenset[str]


def strip_order(feeds: Mapping[str, Sequence[str]]) -> tuple[list[str], set[tuple[str, str]]]:
    """The strips in an order in which every bus follows all that feed it, and the feeds (strip, bus) left out for it.

    `feeds` maps each strip, in the order of the window, to the buses it feeds. A feed is left out when it closes a
    loop. The order is the same for the same input.
    """
    closing: set[tuple[str, str]] = set()
    while True:
        sorter: TopologicalSorter[str] = TopologicalSorter()
        for strip in feeds:
            sorter.add(strip)
        for strip, buses in feeds.items():
            for bus in buses:
                if (strip, bus) not in closing:
                    sorter.add(bus, strip)
        try:
            return list(sorter.static_order()), closing
        except CycleError as error:
            loop = error.args[1]
            closing.add((loop[-2], loop[-1]))


def what_passes(feeds: Mapping[str, Sequence[str]], muted: Collection[str], soloed: Collection[str]) -> dict[str, Open]:
    """What mute and solo let through, for each strip of `feeds` (strip to the buses it feeds).

    Without a solo everything passes that is not muted. Else the soloed strips pass, and the buses they feed, directly
    or through others; whatever feeds a soloed bus still feeds it, but is not heard by itself.
    """
    fed_by: dict[str, list[str]] = {strip: [] for strip in feeds}
    for strip, buses in feeds.items():
        for bus in buses:
            fed_by[bus].append(strip)
    heard = _reached(soloed, feeds) if soloed else set(feeds)
    kept = _reached(soloed, fed_by) if soloed else set(feeds)
    passing = {}
    for strip, buses in feeds.items():
        if strip in muted:
            passing[strip] = Open(False, frozenset())
        else:
            fed = (bus for bus in buses if strip in heard or (strip in kept and bus in kept))
            passing[strip] = Open(strip in heard, frozenset(fed))
    return passing


def _reached(start: Collection[str], edges: Mapping[str, Sequence[str]]) -> set[str]:
    found, todo = set(start), list(start)
    while todo:
        for target in edges[todo.pop()]:
            if target not in found:
                found.add(target)
                todo.append(target)
    return found


def stereo_gains(gain: float, pan: float, mono: bool) -> tuple[float, float]:
    """Linear gains (left, right) of a fader and a pan of -1 (left) to 1 (right).

    Mono: constant power, -3.01 dB a side at the centre. Stereo: balance, unity at the centre.
    """
    if not mono:
        return gain * min(1.0, 1.0 - pan), gain * min(1.0, 1.0 + pan)
    if pan == 0.0:
        return gain * HALF_POWER, gain * HALF_POWER
    angle = (pan + 1.0) * math.pi / 4
    return gain * max(math.cos(angle), 0.0), gain * math.sin(angle)
