"""Listening to a player on the virtual sound card, and judging what is heard."""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pytest

from studio.engine.audio.device import DeviceChoice
from studio.engine.audio.player import Player
from studio.engine.audio.status import EngineStatus
from studio.engine.interpreter import share_finely
from studio.errors import StudioError

Floats = npt.NDArray[np.float32]
RATE = 48_000

CHOICE = DeviceChoice()

stumbles: list[bool] = []
"""Whether the card itself stumbled, under each player of the present test."""

Test = TypeVar("Test", bound=Callable[..., None])


ATTEMPTS = 4


def undisturbed(test: Test) -> Test:
    """Repeat a test that failed on the virtual card, which on a shared machine loses and repeats samples by itself.

    It does not always say so. Samples that come through equal cannot be equal by chance, so one good run is a proof; a
    test that fails every time fails, unless the card said each time that it stumbled: then nothing is proved, skipped.
    The same promises are tested without a card, step by step, in the unit tests of the transport.
    """

    @functools.wraps(test)
    def repeated(*arguments: Any, **fixtures: Any) -> None:
        folder = fixtures.get("tmp_path")
        stumbled = 0
        for attempt in range(ATTEMPTS):
            stumbles.clear()
            if folder is not None:
                fixtures["tmp_path"] = folder / str(attempt)
                fixtures["tmp_path"].mkdir()
            try:
                return test(*arguments, **fixtures)
            except (AssertionError, StudioError, ValueError, IndexError):
                stumbled += any(stumbles)
                if attempt == ATTEMPTS - 1 and stumbled < ATTEMPTS:
                    raise
        pytest.skip("the virtual sound card stumbles: this machine is too busy")

    return repeated  # type: ignore[return-value]


def until(condition: Callable[[], Any], what: str, seconds: float = 15.0) -> Any:
    """Wait for a condition and return what it returned; fails when it never comes true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.005)
    raise AssertionError(f"never happened: {what}")


@contextmanager
def playing_on(source: Any, choice: DeviceChoice | None = None, rate: int = RATE) -> Iterator[Player]:
    """A player of `source` on the device, which runs."""
    interval = sys.getswitchinterval()
    share_finely()
    player = Player(source, rate)
    player.start()
    try:
        player.open_device(choice or CHOICE)
        until(lambda: player.status().device == "running", "the device runs")
        yield player
    finally:
        stumbles.append(_stumbled(player))
        player.close()
        sys.setswitchinterval(interval)


def _stumbled(player: Player) -> bool:
    """Whether PortAudio has reported a gap of the card's own, or the card does not run."""
    stream = player._thread.stream
    stream = getattr(stream, "_inner", stream)
    return not stream.device or not stream.running() or stream.device_gaps + stream.input_dropouts > 0


def settle(player: Player) -> EngineStatus:
    """Wait until the player has carried out all that was asked, and return its status."""
    done: list[int] = []
    player._thread.post(lambda: done.append(1))
    until(lambda: done, "the commands are carried out")
    shot = player._thread.shot
    until(lambda: player._thread.shot is not shot, "the player goes on")
    return player.status()


def hear_frames(player: Player, frames: int) -> None:
    """Wait until the song has moved on by so many frames, by the device's clock."""
    start = settle(player).position
    until(lambda: player.status().position >= start + frames, f"{frames} frames are heard")


class Ear:
    """Records what comes in at the player's own input: on the virtual card, what it plays."""

    def __init__(self, player: Player) -> None:
        self._blocks: list[Floats] = []
        self._open = True
        player._thread.capture.listen(self._hear)
        until(lambda: self._blocks, "the card is recorded")

    def _hear(self, _: int, block: Floats) -> bool:
        if self._open:
            self._blocks.append(block)
        return self._open

    def wait(self, frames: int) -> None:
        """Wait until so many more frames came in, and as many as may be on their way."""
        goal = self._frames() + frames + RATE // 4
        until(lambda: self._frames() >= goal, "the card is recorded")

    def stop(self) -> Floats:
        """End; what was heard: float32 (frames, 2)."""
        self._open = False
        return np.concatenate(self._blocks)

    def _frames(self) -> int:
        return sum(map(len, tuple(self._blocks)))


class Tape:
    """What a player rendered, by way of its tap."""

    def __init__(self, player: Player) -> None:
        self.blocks: list[tuple[int, Floats]] = []
        player.set_tap(lambda position, block: self.blocks.append((position, block.copy())))

    def runs(self) -> list[tuple[int, Floats]]:
        """The stretches that were rendered without a jump: (first song frame, float32 (frames, 2))."""
        joined: list[tuple[int, list[Floats]]] = []
        end = None
        for position, block in tuple(self.blocks):
            if position != end:
                joined.append((position, []))
            joined[-1][1].append(block.T)
            end = position + block.shape[1]
        return [(position, np.concatenate(parts)) for position, parts in joined]


def find(part: Floats, whole: Floats) -> int:
    """The frame of `whole` at which `part` is found best, both (frames, 2), by correlation of the left channel."""
    size = 1 << (len(part) + len(whole)).bit_length()
    match = np.fft.irfft(np.fft.rfft(whole[:, 0], size) * np.conj(np.fft.rfft(part[:, 0], size)), size)
    return int(match[: len(whole)].argmax())


def steepest(sound: Floats) -> float:
    """The largest step from one sample to the next: what is heard as a click if it stands out."""
    return float(np.abs(np.diff(sound, axis=0)).max())


def slope(pitch: float, level: float, rate: int = RATE) -> float:
    """The largest step within a sine."""
    return 2 * np.pi * pitch / rate * level
