"""A process that is killed: it forks songs that edit and record for as long as they live, one after another.

Started as `python crash_child.py`. Each line of standard input is an object of "folder", "seed", "busy", "record". The
answer is the process id of the song's own process, which then reports on standard output, in lines, every state it made
and every revision and recording that was announced durable. Forking from one warm process keeps a round short.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
import threading
import time
from pathlib import Path

import msgspec

from songs import perform
from studio.document.document import Announcement, Document
from studio.document.edits import mix
from studio.document.project import Project, new_project
from studio.storage.bundle import Bundle, RecordingRow

SECOND = b"\0" * 4 * 48_000


def say(*words: object) -> None:
    """One line in one write, so that a kill never leaves half of it."""
    os.write(1, (" ".join(str(word) for word in words) + "\n").encode())


def fingerprint(project: Project) -> str:
    """What tells states apart."""
    return hashlib.sha256(msgspec.msgpack.encode(project)).hexdigest()[:16]


def spin() -> None:
    """Busy Python."""
    total = 0
    while True:
        total = (total + 1) % 1_000_003


def live(folder: str, seed: int, busy: int, record: bool) -> None:
    """Edits for ever, as somebody in a great hurry would."""
    for _ in range(busy):
        threading.Thread(target=spin, daemon=True).start()
    path = Path(folder)
    bundle = Bundle.open(path) if path.exists() else Bundle.create(path.parent, path.stem, new_project("Song"))
    document = Document(*bundle.load(), bundle.recall)
    document.subscribe(tell)  # before the bundle, which may announce a revision durable at once
    bundle.subscribe_to(document)
    bundle.listen(lambda number: say("durable", number), lambda reason: say("failed", reason))
    if record:
        threading.Thread(target=take, args=(bundle,), daemon=True).start()
    chance = random.Random(seed)
    say("ready", document.revision.number)
    while True:
        edit(bundle, document, chance)
        time.sleep(chance.choice((0, 0, 0.001, 0.01)))


def tell(announcement: Announcement) -> None:
    """Says what a revision is now."""
    if announcement.new:
        say("state", announcement.revision.number, fingerprint(announcement.changes.after))


def edit(bundle: Bundle, document: Document, chance: random.Random) -> None:
    """One edit, undo, gesture or named version."""
    match chance.randrange(12):
        case 0:
            document.undo()
        case 1:
            document.redo()
        case 2:
            for _ in range(chance.randrange(20)):
                document.apply(mix.set_gain("master", chance.random(), merge="drag"))
            document.close_gesture()
        case 3:
            bundle.name_version(f"Version {chance.random()}")
        case _:
            drawn = (chance.randrange(41), chance.randrange(10_000), chance.randrange(-400_000, 900_000))
            perform(document, (*drawn, chance.random() * 2))


def take(bundle: Bundle) -> None:
    """Records: the journal first, then sound that grows."""
    path = bundle.recording_path("Vocals")
    row = RecordingRow(
        id="",
        file=bundle.relative(path),
        track="track-1",
        position=0,
        latency=0,
        channels=1,
        rate=48_000,
        started=time.time(),
    )
    row = bundle.begin_recording(row)
    bundle.flush()
    say("recording", row.id, row.file)
    with path.open("xb", buffering=0) as file:
        while True:
            file.write(SECOND[:4096])
            time.sleep(0.005)


def serve() -> None:
    """Forks one song for each line, and waits for it to be killed."""
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                live(**order)
            finally:
                os._exit(1)
        say("pid", child)
        _, status = os.waitpid(child, 0)
        say("gone", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    serve()
