"""The store thread: what it announces is on disk, in order; what fails stays in memory."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio.storage import database
from studio.storage.store import Store, Write


class Rig:
    """A store on a table of its own, with everything it told."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / database.DATABASE
        database.create(self.path, 1).close()
        db = database.connect(self.path, "rw")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE note (turn INTEGER PRIMARY KEY, number INTEGER, text TEXT)")
        self.transactions: list[str] = []
        db.set_trace_callback(self.transactions.append)
        self.told: list[int] = []
        self.errors: list[Exception] = []
        self.in_place: Callable[[], None] = lambda: None
        self.seen: list[tuple[int, int]] = []
        self.reader = database.connect(self.path, "ro")
        self.store = Store(db, threading.Lock(), -1, self.check_place, self.hear, self.errors.append)

    def check_place(self) -> None:
        self.in_place()

    def hear(self, number: int) -> None:
        """At the moment of the announcement another connection must find the revision."""
        self.told.append(number)
        with sqlite3.connect(self.path.as_uri() + "?mode=ro", uri=True) as other:
            found = other.execute("SELECT coalesce(max(number), -1) FROM note").fetchone()[0]
        other.close()
        self.seen.append((number, found))

    def put(self, number: int, text: str = "", gesture: bool = False) -> None:
        def action(db: sqlite3.Connection) -> None:
            db.execute("INSERT INTO note (number, text) VALUES (?, ?)", (number, text))

        self.store.submit(Write(action, number, gesture))

    def notes(self) -> list[tuple[int, str]]:
        return self.reader.execute("SELECT number, text FROM note ORDER BY turn").fetchall()

    def close(self) -> Exception | None:
        self.reader.close()
        return self.store.stop(lambda db: None)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.close()


def test_writes_arrive_in_order_and_are_there_when_announced(rig: Rig) -> None:
    for number in range(300):
        rig.put(number, str(number))
    assert rig.store.flush(10)
    assert rig.notes() == [(n, str(n)) for n in range(300)]
    assert rig.told[-1] == rig.store.durable == 299
    assert rig.told == sorted(rig.told)
    assert all(found >= number for number, found in rig.seen)
    assert rig.store.idle


def test_writes_are_committed_together(rig: Rig) -> None:
    for number in range(2000):
        rig.put(number)
    assert rig.store.flush(10)
    assert sum(text == "COMMIT" for text in rig.transactions) < 200


def test_a_gesture_is_written_rarely_but_its_end_always(rig: Rig) -> None:
    rig.put(1, "first")
    assert rig.store.flush(10)
    for n in range(1000):
        rig.put(1, str(n), gesture=True)
    rig.store.flush(10)
    texts = [text for _, text in rig.notes()]
    assert texts[0] == "first"
    assert texts[-1] == "999"
    assert len(texts) < 50


def test_a_gesture_is_written_before_what_follows_it(rig: Rig) -> None:
    rig.put(1, "press")
    rig.put(1, "release", gesture=True)
    rig.put(2, "next")
    assert rig.store.flush(10)
    assert [text for _, text in rig.notes()] == ["press", "release", "next"]


def test_a_gesture_alone_reaches_the_disk_without_a_flush(rig: Rig) -> None:
    arrived = threading.Event()
    rig.put(1, "press")
    assert rig.store.flush(10)
    hear = rig.hear

    def told(number: int) -> None:
        hear(number)
        arrived.set()

    rig.store._tell = told
    rig.put(1, "move", gesture=True)
    assert arrived.wait(10)
    assert rig.notes()[-1] == (1, "move")


def test_what_is_dirty_is_synced_within_a_second_or_so_without_being_asked(rig: Rig) -> None:
    rig.put(1)
    settled = threading.Event()

    def wait() -> None:
        with rig.store._changed:
            rig.store._changed.wait_for(lambda: rig.store._is_settled(1), 10)
        settled.set()

    waiter = threading.Thread(target=wait)
    waiter.start()
    waiter.join(10)
    assert settled.is_set()
    assert "PRAGMA synchronous=FULL" in rig.transactions
    assert rig.transactions.index("PRAGMA synchronous=NORMAL") < rig.transactions.index("PRAGMA synchronous=FULL")


def test_a_failed_write_stops_all_writing_and_keeps_what_was_not_written(rig: Rig) -> None:
    rig.put(1, "good")
    assert rig.store.flush(10)

    def bad(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO nowhere VALUES (1)")

    rig.store.submit(Write(bad, 2))
    assert not rig.store.flush(10)
    rig.put(3, "later")
    assert not rig.store.flush(10)
    assert [type(error) for error in rig.errors] == [sqlite3.OperationalError]
    assert [write.number for write in rig.store.unwritten] == [2, 3]
    assert rig.store.durable == 1
    assert rig.notes() == [(1, "good")]
    assert rig.store.stop(lambda db: pytest.fail("nothing is written after a failure")) is rig.errors[0]
    assert len(rig.errors) == 1


def test_nothing_is_announced_once_the_file_is_not_in_place(rig: Rig) -> None:
    def gone() -> None:
        raise FileNotFoundError("project.db")

    rig.in_place = gone
    rig.put(1)
    assert not rig.store.flush(10)
    assert rig.told == []
    assert [write.number for write in rig.store.unwritten] == [1]


def test_a_listener_that_fails_does_not_stop_the_store(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    def told(number: int) -> None:
        raise ValueError(number)

    rig.store._tell = told
    rig.put(1)
    rig.put(2)
    assert rig.store.flush(10)
    assert rig.notes() == [(1, ""), (2, "")]
    assert rig.close() is None
    assert "a listener of the store failed" in caplog.text


def test_stopping_writes_what_is_left_and_leaves_one_file(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    for number in range(50):
        rig.put(number, "x", gesture=number == 49)
    assert rig.close() is None
    assert [file.name for file in tmp_path.iterdir()] == [database.DATABASE]
    with sqlite3.connect(rig.path) as db:
        assert db.execute("SELECT count(*) FROM note").fetchone() == (50,)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    db.close()


def test_a_last_write_that_fails_is_told(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.reader.close()

    def bad(db: sqlite3.Connection) -> None:
        raise ValueError("no")

    assert isinstance(rig.store.stop(bad), ValueError)


def test_writes_from_many_threads_all_arrive(rig: Rig) -> None:
    threads = [threading.Thread(target=lambda: [rig.put(n) for n in range(100)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rig.store.flush(10)
    assert len(rig.notes()) == 800
