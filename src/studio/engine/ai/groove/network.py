"""The network: a transformer over hits that reads musical time.

It says first where the next hit stands and on what (or that the bar ends), then, knowing that, looks back from there
and says how early or late it is, then how hard. Positions are rotations by musical time, so that a bar back is the same
angle everywhere. This module imports torch and is itself imported inside functions only.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
import torch
from torch import Tensor, nn
from torch.nn import functional

from .codes import BAR, NOTHING, PLACES, TEMPI
from .hits import FINES, LANES, STEPS, STYLES, VELOCITIES


class Shape(msgspec.Struct, frozen=True):
    """How large a network is. `readers` are the layers that look back from the place of the next hit."""

    width: int = 160
    heads: int = 5
    layers: int = 4
    readers: int = 2
    dropout: float = 0.1


Turn = tuple[Tensor, Tensor]
"""Cosines and sines of positions."""

LONGEST, SHORTEST = 600.0, 2.0
"""Periods of the rotations in steps."""


class Batch(msgspec.Struct, frozen=True):
    """Sequences side by side: int64 tensors (sequences, codes), of which `style` and `tempo` stand for each code.

    `piece` tells performances apart that stand in one row: no code sees another one's. The rest is of `echoes_of`.
    """

    places: Tensor
    fines: Tensor
    velocities: Tensor
    at: Tensor
    fills: Tensor
    style: Tensor
    tempo: Tensor
    piece: Tensor
    then1: Tensor
    then2: Tensor
    fine1: Tensor
    fine2: Tensor
    loud1: Tensor
    loud2: Tensor


class Memory:
    """What a network has read: keys and values of each layer, (sequences, heads, codes, width of a head)."""

    def __init__(self) -> None:
        self.kept: dict[int, tuple[Tensor, Tensor]] = {}

    def grown(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """All keys and values of a layer, the new ones last."""
        if layer in self.kept:
            keys = torch.cat([self.kept[layer][0], keys], 2)
            values = torch.cat([self.kept[layer][1], values], 2)
        self.kept[layer] = (keys, values)
        return keys, values


class Drop(nn.Module):
    """Dropout whose chances are drawn eight at a time: one by one they take a third of a training's time."""

    def __init__(self, chance: float) -> None:
        super().__init__()
        self.least = round(256 * chance)

    def forward(self, x: Tensor) -> Tensor:
        """`x` with some numbers set to 0 and the rest made larger, while training."""
        if not self.training or not self.least:
            return x
        drawn = torch.empty((x.numel() + 7) // 8, dtype=torch.int64).random_(-(2**63), None)
        kept = drawn.view(torch.uint8)[: x.numel()].view(x.shape) >= self.least
        return x * kept.to(x.device, x.dtype).mul_(256 / (256 - self.least))


class Feed(nn.Module):
    """The two linear maps of a layer."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(shape.width)
        self.up = nn.Linear(shape.width, 4 * shape.width)
        self.down = nn.Linear(4 * shape.width, shape.width)
        self.drop = Drop(shape.dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(…, width) to the same."""
        out: Tensor = self.drop(self.down(functional.gelu(self.up(self.norm(x)))))
        return x + out


class Attention(nn.Module):
    """Looks from some places in musical time at what stood at others."""

    def __init__(self, shape: Shape, number: int) -> None:
        super().__init__()
        self.heads, self.number = shape.heads, number
        self.asking, self.told = nn.LayerNorm(shape.width), nn.LayerNorm(shape.width)
        self.query = nn.Linear(shape.width, shape.width)
        self.key = nn.Linear(shape.width, shape.width)
        self.value = nn.Linear(shape.width, shape.width)
        self.out = nn.Linear(shape.width, shape.width)
        self.drop = Drop(shape.dropout)

    def known(self, source: Tensor, turn: Turn) -> tuple[Tensor, Tensor]:
        """Keys and values of codes at the positions of `turn`: (sequences, heads, codes, width of a head)."""
        told = self.told(source)
        return _turned(self._split(self.key(told)), turn), self._split(self.value(told))

    def forward(self, x: Tensor, turn: Turn, known: tuple[Tensor, Tensor], mask: Tensor | None) -> Tensor:
        """`x` (sequences, codes, width) with what it found among keys and values."""
        query = _turned(self._split(self.query(self.asking(x))), turn)
        found = functional.scaled_dot_product_attention(query, *known, attn_mask=mask)
        out: Tensor = self.drop(self.out(found.transpose(1, 2).flatten(2)))
        return x + out

    def _split(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:2], self.heads, -1).transpose(1, 2)


class Layer(nn.Module):
    """Attention and its linear maps."""

    def __init__(self, shape: Shape, number: int) -> None:
        super().__init__()
        self.attention, self.feed = Attention(shape, number), Feed(shape)

    def forward(self, x: Tensor, turn: Turn, known: tuple[Tensor, Tensor], mask: Tensor | None) -> Tensor:
        """As of Attention."""
        out: Tensor = self.feed(self.attention(x, turn, known, mask))
        return out


class GrooveNetwork(nn.Module):
    """Scores of what comes next. Float32 on a CPU; one thread at a time."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        width = shape.width
        self.step, self.lane = nn.Embedding(STEPS + 1, width), nn.Embedding(len(LANES) + 1, width)
        self.fine, self.velocity = nn.Embedding(FINES + 1, width), nn.Embedding(VELOCITIES + 1, width)
        self.style, self.tempo, self.filling = (
            nn.Embedding(len(STYLES), width), nn.Embedding(TEMPI, width), nn.Embedding(3, width)
        )  # fmt: skip
        self.then = nn.ModuleList(nn.Embedding(NOTHING + 1, width) for _ in range(2))
        self.layers = nn.ModuleList(Layer(shape, n) for n in range(shape.layers))
        self.readers = nn.ModuleList(Layer(shape, shape.layers + n) for n in range(shape.readers))
        self.drop = Drop(shape.dropout)
        self.to_place = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, PLACES + 1))
        self.next_step, self.next_lane = nn.Embedding(STEPS + 1, width), nn.Embedding(len(LANES) + 1, width)
        self.next_fine = nn.Embedding(FINES + 1, width)
        self.past_fine = nn.ModuleList(nn.Embedding(FINES + 2, width) for _ in range(2))
        self.past_velocity = nn.ModuleList(nn.Embedding(VELOCITIES + 2, width) for _ in range(2))
        self.to_fine = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, FINES))
        self.last = Feed(shape)
        self.to_velocity = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, VELOCITIES))
        per_head = width // shape.heads // 2
        periods = SHORTEST * (LONGEST / SHORTEST) ** (torch.arange(per_head) / max(per_head - 1, 1))
        self.register_buffer("pace", 2 * math.pi / periods, persistent=False)
        self.apply(_begin)

    def read(self, given: Batch, mask: Tensor | None, memory: Memory | None = None) -> Tensor:
        """What the network makes of codes: (sequences, codes, width)."""
        step, lane = _step_and_lane(given.places)
        x: Tensor = self.step(step) + self.lane(lane) + self.fine(given.fines) + self.velocity(given.velocities)
        x = x + self.then[0](given.then1) + self.then[1](given.then2)
        x = self.drop(x + self.style(given.style) + self.tempo(given.tempo) + self.filling(given.fills))
        turn = self.turn(given.at)
        for layer in self.layers:
            x = layer(x, turn, self._known(layer, x, turn, memory), mask)
        if memory is not None:
            for reader in self.readers:
                self._known(reader, x, turn, memory)
        return x

    def places(self, read: Tensor, before: Tensor) -> Tensor:
        """Scores of the next place (…, PLACES + 1); those that cannot follow the places `before` are impossible."""
        scores: Tensor = self.to_place(read)
        classes = torch.arange(PLACES + 1, device=read.device)
        earlier = (classes < before[..., None]) & (before[..., None] != BAR)
        return scores.float().masked_fill(earlier, -1e9)

    def look_back(
        self, read: Tensor, at: Tensor, following: Batch, mask: Tensor | None, memory: Memory | None = None
    ) -> Tensor:
        """What the network makes of the place and the echoes of the codes that follow: like `read`.

        What was read stands at steps `at`; a memory already has it.
        """
        step, lane = _step_and_lane(following.places)
        x: Tensor = read + self.next_step(step) + self.next_lane(lane)
        x = x + self.past_fine[0](following.fine1) + self.past_fine[1](following.fine2)
        x = x + self.past_velocity[0](following.loud1) + self.past_velocity[1](following.loud2)
        here, there = self.turn(following.at), self.turn(at)
        for reader in self.readers:
            attention: Any = reader.attention
            known = memory.kept[attention.number] if memory is not None else attention.known(read, there)
            x = reader(x, here, known, mask)
        return x

    @staticmethod
    def _known(layer: Any, x: Tensor, turn: Turn, memory: Memory | None) -> tuple[Tensor, Tensor]:
        """Keys and values of codes for a layer; with a memory they are kept there and come with all before them."""
        known: tuple[Tensor, Tensor] = layer.attention.known(x, turn)
        return known if memory is None else memory.grown(layer.attention.number, *known)

    def fines(self, looked: Tensor) -> Tensor:
        """Scores of the fine timing (…, FINES)."""
        scores: Tensor = self.to_fine(looked)
        return scores.float()

    def velocities(self, looked: Tensor, fine: Tensor) -> Tensor:
        """Scores of the velocity (…, VELOCITIES) of a hit whose fine timing is known."""
        scores: Tensor = self.to_velocity(self.last(looked + self.next_fine(fine)))
        return scores.float()

    def turn(self, at: Tensor) -> Turn:
        """Cosines and sines of positions in steps, (sequences, 1, codes, half the width of a head)."""
        pace: Any = self.pace
        angle: Tensor = at[:, None, :, None].float() * pace
        return angle.cos(), angle.sin()


def mask_of(piece: Tensor) -> Tensor:
    """Which code may see which, bool (sequences, 1, codes, codes): itself and those before it in the same piece."""
    count = piece.shape[1]
    before = torch.ones(count, count, dtype=torch.bool, device=piece.device).tril()
    return (before & (piece[:, :, None] == piece[:, None, :]))[:, None]


def losses(network: GrooveNetwork, given: Batch, wanted: Batch, scored: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Nats of place, fine timing and velocity of each code in `wanted`, which follows the one in `given`.

    `scored` bool (sequences, codes): all others cost nothing. Bar lines cost their place alone.
    """
    mask = mask_of(given.piece)
    read = network.read(given, mask)
    is_hit = scored & (wanted.places != BAR)
    place = _cost(network.places(read, given.places), wanted.places, scored)
    looked = network.look_back(read, given.at, wanted, mask)
    fine = _cost(network.fines(looked), wanted.fines.clamp(max=FINES - 1), is_hit)
    velocity = _cost(network.velocities(looked, wanted.fines), wanted.velocities.clamp(max=VELOCITIES - 1), is_hit)
    return place, fine, velocity


def _cost(scores: Tensor, wanted: Tensor, counted: Tensor) -> Tensor:
    cost = functional.cross_entropy(scores.flatten(0, 1), wanted.flatten(), reduction="none").view_as(wanted)
    return cost * counted


def _step_and_lane(places: Tensor) -> tuple[Tensor, Tensor]:
    is_bar = places == BAR
    lanes = len(LANES)
    return torch.where(is_bar, STEPS, places // lanes), torch.where(is_bar, lanes, places % lanes)


def _turned(x: Tensor, turn: Turn) -> Tensor:
    cos, sin = turn
    one, other = x.chunk(2, -1)
    return torch.cat([one * cos - other * sin, one * sin + other * cos], -1).to(x.dtype)


def _begin(module: nn.Module) -> None:
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=0.04 if isinstance(module, nn.Linear) else 0.3)
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)
