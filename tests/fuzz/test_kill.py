"""kill -9 at random moments of editing and recording: what was announced durable is there, and the history opens."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bundles import document_of
from crash_child import fingerprint
from studio.storage.bundle import Bundle

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 50
MOST_ANNOUNCED = 6  # by a song that is killed, before the random wait

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the killed process is forked")


class Victim:
    """A warm process that forks songs to be killed, and what the last of them said."""

    def __init__(self) -> None:
        search = f"{ROOT / 'src'}{os.pathsep}{ROOT / 'tests'}"
        self._process = subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "crash_child.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": search},
            text=True,
        )

    def run(self, folder: Path, seed: int, busy: int, record: bool) -> dict[str, list[list[str]]]:
        """Lets a song live until it announced a random number of revisions and for a random while more, kills it,
        and returns the lines that it said, by first word."""
        assert self._process.stdin and self._process.stdout
        order = {"folder": str(folder), "seed": seed, "busy": busy, "record": record}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        said: dict[str, list[list[str]]] = {"durable": [], "recording": [], "failed": [], "state": []}
        chance = random.Random(seed)
        wanted, doomed = chance.randrange(MOST_ANNOUNCED), False
        for line in self._process.stdout:
            word, *rest = line.rstrip("\n").split(" ", 2)
            said.setdefault(word, []).append(rest)
            if word == "gone":
                break
            if not doomed and {"pid", "ready"} <= said.keys() and len(said["durable"]) >= wanted:
                doomed = True
                threading.Thread(target=kill, args=(int(said["pid"][0][0]), chance.uniform(0.0, 0.25))).start()
        return said

    def close(self) -> None:
        """Ends the warm process, which waits for orders."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        assert self._process.wait(10) == 0
        self._process.stdout.close()


def kill(pid: int, after: float) -> None:
    time.sleep(after)
    os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def victim() -> Iterator[Victim]:
    made = Victim()
    yield made
    made.close()


def check(folder: Path, said: dict[str, list[list[str]]], seen: int, states: dict[int, set[str]]) -> int:
    """Opens the song after its death; returns its newest revision. `states` are all that each revision ever was."""
    for number, state in said["state"]:
        states.setdefault(int(number), set()).add(state)
    bundle = Bundle.open(folder)
    project, known, present = bundle.load()
    numbers = {revision.number for revision in known}
    newest = max(numbers)
    durable = max((int(number) for (number,) in said["durable"]), default=seen)
    assert said["failed"] == []
    assert bundle.notice == ""
    assert numbers == set(range(newest + 1)), "no revision is missing in between"
    assert newest >= durable >= seen
    assert bundle.recall(present) == project
    for number in {newest, durable, present, *random.Random(newest).sample(sorted(numbers), min(10, len(numbers)))}:
        assert number == 0 or fingerprint(bundle.recall(number)) in states[number]
    for version in bundle.versions():
        assert version.number in numbers
    noted = {row.id: row for row in bundle.unfinished_recordings()}
    for recording, file in said["recording"]:
        assert noted[recording].file == file
    document = document_of(bundle)
    document.undo()
    document.redo()
    for row in noted.values():
        bundle.end_recording(row.id)
    bundle.close()
    return newest


@pytest.mark.parametrize(("rounds", "busy"), [(ROUNDS - 15, 0), (15, 2)])
def test_nothing_that_was_announced_is_lost(victim: Victim, tmp_path: Path, rounds: int, busy: int) -> None:
    """Every round kills a new song or one that was killed before, and half of them record."""
    folder, seen, announced = tmp_path / "Song.studio", 0, 0
    states: dict[int, set[str]] = {}
    for turn in range(rounds):
        if turn % 10 == 0:
            folder, seen, states = tmp_path / f"Song {turn}.studio", 0, {}
        said = victim.run(folder, turn, busy, record=turn % 2 == 1)
        assert said["gone"] == [["-9"]]
        announced += len(said["durable"])
        seen = check(folder, said, seen, states)
    assert announced > rounds
