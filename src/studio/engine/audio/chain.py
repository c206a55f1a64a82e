"""The inserts of a strip at work: batched into few calls, moved smoothly, watched for faults."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from .biquad import Cascade
from .effects import EffectKind
from .fades import Floats
from .processors import LARGEST, Filter, Plugins, Processor, run

PIECE = 64
"""Frames between two steps of a moving parameter."""

GLIDE = 0.02
"""Seconds in which a parameter arrives at a new value."""

MUTE_SECONDS = 1.0
"""How long an effect may answer sound with nothing at all."""

AUDIBLE = 0.001


class Node:
    """An insert at work: its processor and its parameters. Made on the compiler thread, owned by the render thread.

    `latency` is the delay in frames that an impulse showed. `moving`: a parameter is on its way.
    """

    def __init__(self, kind: EffectKind, processor: Processor, values: Mapping[str, float], rate: int) -> None:
        self.kind, self.processor, self.rate = kind, processor, rate
        self.values = self._from = self._to = dict(values)
        self._steps = self._left = 0
        self.faults = 0
        self.bypassed = self.moving = False
        processor.set(self.values)
        processor.reset()
        self.latency = self._measure() if kind.lookahead else 0

    def _measure(self) -> int:
        impulse = np.zeros((2, LARGEST), np.float32)
        impulse[:, 0] = 0.01
        at = int(np.argmax(np.abs(self.processor.process(impulse)[0])))
        self.processor.reset()
        return at

    def aim(self, values: Mapping[str, float]) -> None:
        """Move to these parameters within 20 ms."""
        if dict(values) != self._to:
            self._from, self._to = dict(self.values), dict(values)
            self._steps = self._left = max(round(GLIDE * self.rate / PIECE), 1)
            self.moving = True

    def step(self) -> None:
        """Move on by one piece."""
        self._left -= 1
        self.moving = self._left > 0
        way = 1.0 - self._left / self._steps
        self.values = {
            p.name: p.between(self._from[p.name], self._to[p.name], way) if self._left else self._to[p.name]
            for p in self.kind.parameters
        }
        self.processor.set(self.values)

    def reset(self) -> None:
        """As new, at the parameters it was moving to."""
        if self._left:
            self.values, self._left, self.moving = self._to, 0, False
            self.processor.set(self.values)
        self.processor.reset()

    def process(self, block: Floats) -> Floats:
        """The answer to a block, in pieces while a parameter moves."""
        if not self._left:
            return self.processor.process(block)
        out, at = [], 0
        while at < block.shape[1]:
            count = min(PIECE, block.shape[1] - at) if self._left else block.shape[1] - at
            if self._left:
                self.step()
            out.append(self.processor.process(np.ascontiguousarray(block[:, at : at + count])))
            at += count
        return np.concatenate(out, axis=1)


class Chain:
    """Nodes in a row. Render thread only; never blocks, never raises for what a processor does.

    `runs` are what its nodes are batched into, in order. `top` is the largest magnitude left and right of the block
    last processed. `notice` is a sentence about an effect that failed, empty if none did.
    """

    def __init__(self, nodes: Sequence[Node], rate: int) -> None:
        self.nodes, self.rate = list(nodes), rate
        self.top = (0.0, 0.0)
        self.notice = ""
        self._mute = 0
        self._probing = False
        self._arrange()

    def _arrange(self) -> None:
        """Batch neighbours: plug-ins into one call, filters into one cascade that holds their state."""
        live = [node for node in self.nodes if not node.bypassed]
        self.latency = sum(node.latency for node in live)
        self._batches: list[list[Node]] = []
        for node in live:
            kin = type(node.processor) if isinstance(node.processor, (Plugins, Filter)) else None
            if self._batches and kin is not None and type(self._batches[-1][-1].processor) is kin:
                self._batches[-1].append(node)
            else:
                self._batches.append([node])
        self.runs = [_batch(batch, self.rate) for batch in self._batches]

    @property
    def steady(self) -> bool:
        """Whether its `runs` may be called as they are: no parameter moves and no node is suspected."""
        return not self._probing and not any(node.moving for node in self.nodes)

    @property
    def hold(self) -> int:
        """The longest silence, in frames, that may lie within its tail."""
        return sum(node.processor.hold for node in self.nodes if not node.bypassed) + self.latency

    def reset(self) -> None:
        """As new."""
        for node in self.nodes:
            node.reset()
        self._mute, self._probing = 0, False

    def settle(self) -> None:
        """Let filters forget what has died away. Called at fixed song frames only."""
        for batch in self.runs:
            if isinstance(batch, Cascade):
                batch.settle()

    def process(self, block: Floats) -> Floats:
        """float32 (1 or 2, frames) through all nodes: a new array (2, frames) of finite samples."""
        if block.shape[0] == 1:
            block = np.repeat(block, 2, axis=0)
        frames = block.shape[1]
        if frames <= LARGEST:
            return self._watched(block)
        parts, top = [], (0.0, 0.0)
        for at in range(0, frames, LARGEST):
            parts.append(self._watched(np.ascontiguousarray(block[:, at : at + LARGEST])))
            top = (max(top[0], self.top[0]), max(top[1], self.top[1]))
        self.top = top
        return np.concatenate(parts, axis=1)

    def _watched(self, block: Floats) -> Floats:
        out = self._probed(block) if self._probing else self._ran(block)
        if not self.judge(peaks(out), block.shape[1]):
            return self.rescued(block)
        return out if out is not block else block.copy()

    def judge(self, top: tuple[float, float], frames: int) -> bool:
        """Take note of how loud `frames` frames came out; whether they are numbers, else call `rescued`."""
        self.top = top
        if not top[0] + top[1] < math.inf:
            return False
        self._mute = 0 if top != (0.0, 0.0) else self._mute + frames
        if self._mute > MUTE_SECONDS * self.rate:
            self._mute, self._probing = 0, True
        return True

    def _ran(self, block: Floats) -> Floats:
        out, moving = block, any(node.moving for node in self.nodes)
        for nodes, batch in zip(self._batches, self.runs, strict=True):
            if moving and any(node.moving for node in nodes):
                for node in nodes:
                    out = node.process(out)
            elif isinstance(batch, list):
                out = run(batch, out, self.rate)
            else:
                out = batch.process(out)
        return out

    def _probed(self, block: Floats) -> Floats:
        """One node at a time, to see whether one of them answers sound with nothing at all."""
        self._probing = False
        out = block
        for node in [node for node in self.nodes if not node.bypassed]:
            answer = node.process(out)
            if not node.kind.may_mute and not answer.any() and max(peaks(out)) >= AUDIBLE:
                self._blame(node)
                answer = out
            out = answer
        return out

    def rescued(self, block: Floats) -> Floats:
        """The block (1 or 2, frames) once more, all nodes reset, one at a time, without those that will not answer in
        numbers."""
        out = block = np.repeat(block, 2, axis=0) if block.shape[0] == 1 else block
        for node in [node for node in self.nodes if not node.bypassed]:
            if not np.isfinite(node.process(out)).all():
                self._blame(node)
            node.reset()
            answer = out if node.bypassed else node.process(out)
            if not np.isfinite(answer).all():
                self._blame(node)
                self._blame(node)
                answer = out
            out = answer
        self.top = peaks(out)
        return out if out is not block else block.copy()

    def _blame(self, node: Node) -> None:
        """Reset a node at fault; bypass it when that has happened before."""
        node.faults += 1
        node.reset()
        if node.faults > 1:
            node.bypassed = True
            self.notice = f"The effect “{node.kind.title}” failed and is bypassed; remove it and add it again."
            self._arrange()


def _batch(nodes: list[Node], rate: int) -> Cascade | list[object] | Processor:
    """What runs these nodes in one call."""
    first = nodes[0].processor
    if isinstance(first, Plugins):
        return [plugin for node in nodes if isinstance(node.processor, Plugins) for plugin in node.processor.plugins]
    if not isinstance(first, Filter):
        return first
    filters = [node.processor for node in nodes if isinstance(node.processor, Filter)]
    cascade = Cascade(np.stack([one.section for one in filters]))
    for at, one in enumerate(filters):
        cascade.state[:, at] = one.state
        one.section, one.state = cascade.sections[at], cascade.state[:, at]
    return cascade


def peaks(block: Floats) -> tuple[float, float]:
    """The largest magnitudes (left, right) of float32 (1 or 2, frames); not a number where a sample is none."""
    tops = np.maximum.reduce(np.abs(block), axis=1).tolist()
    return tops[0], tops[-1]
