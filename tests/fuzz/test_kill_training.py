"""kill -9 at random moments of a training: it goes on from what is on the disk and comes to the same file."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_ROUNDS = 5

CHILD = """
import os, sys, threading, time
from pathlib import Path
import torch
from safetensors.torch import save_file
from studio.engine.ai.training.loop import train
from studio.engine.ai.training.settings import Settings
from studio.engine.jobs import Work

class Line:
    subject, count, validations = "line", 5, 2
    def __init__(self):
        self.values = torch.zeros(4_000, requires_grad=True)
    def parameters(self):
        return {"values": self.values}
    def loss(self, items, chance):
        time.sleep(0.004)
        return ((self.values - sum(items) - torch.randn(4_000, generator=chance)) ** 2).mean()
    def validate(self, item, chance):
        return float(((self.values - item - 4.0) ** 2).mean())
    def keep(self, folder):
        folder.mkdir(exist_ok=True)
        part, file = folder / ".part", folder / "line.safetensors"
        save_file({"values": self.values.detach()}, part)
        return part.replace(file)
    def sample(self, step):
        pass

def say(words):
    os.write(1, f"{words}\\n".encode())  # in one piece: two processes write

settings = Settings(steps=60, learning_rate=0.1, batch=2, validate_every=7, checkpoint_every=2, patience=0, ema=0.5)
def go(folder):
    say("begun")
    outcome = train(Line(), settings, Path(folder), Work(lambda *_: None, threading.Event()))
    say(f"done {outcome.progress.step}")

say("warm")
for line in sys.stdin:
    pid = os.fork()
    if not pid:
        go(line.strip())
        os._exit(0)
    say(f"pid {pid}")
    os.waitpid(pid, 0)
    say("gone")
"""


class Victim:
    """A warm process that forks trainings to be killed."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        )
        assert self._process.stdout and self._process.stdout.readline() == "warm\n"

    def run(self, folder: Path, after: float | None) -> bool:
        """Trains until it is done, or is killed so many seconds after it began; whether it was done."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{folder}\n")
        self._process.stdin.flush()
        pid, done, begun = 0, False, False
        for line in self._process.stdout:
            word, *rest = line.split()
            pid, begun, done = int(rest[0]) if word == "pid" else pid, begun or word == "begun", done or word == "done"
            if word == "gone":
                return done
            if pid and begun and after is not None:
                time.sleep(after)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                after = None
        raise AssertionError("the warm process ended")

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the killed process is forked")
def test_a_training_that_is_killed_comes_to_the_same_file(tmp_path: Path) -> None:
    victim = Victim()
    try:
        assert victim.run(tmp_path / "whole", None)
        chance, rounds = random.Random(7), 0
        while not victim.run(tmp_path / "parts", chance.uniform(0.02, 0.3) if rounds < MOST_ROUNDS else None):
            rounds += 1
    finally:
        victim.close()
    assert rounds > 2
    whole, parts = (tmp_path / name / "best" / "line.safetensors" for name in ("whole", "parts"))
    assert parts.read_bytes() == whole.read_bytes()
    assert not list((tmp_path / "parts").glob(".step_*"))
