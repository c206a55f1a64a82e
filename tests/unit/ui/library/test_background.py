"""Answers that come late."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, Timer, get_ident

import pytest
from pytestqt.qtbot import QtBot

from studio.errors import StudioError
from studio.ui.library.background import Background


@pytest.fixture
def background(qtbot: QtBot) -> Iterator[Background]:
    made = Background()
    yield made
    made.close()


def test_an_answer_comes_back_to_the_main_thread(qtbot: QtBot, background: Background) -> None:
    threads: list[int] = []
    background.ask("x", get_ident, lambda there: threads.extend((there, get_ident())))
    qtbot.waitUntil(lambda: not background.busy)
    assert threads[0] != threads[1] == get_ident()


def test_only_the_last_question_of_a_topic_is_answered(qtbot: QtBot, background: Background) -> None:
    gate, ran, heard = Event(), list[int](), list[int]()

    def slow(n: int) -> int:
        ran.append(n)
        gate.wait(5)
        return n

    for n in range(5):
        background.ask("search", lambda n=n: slow(n), heard.append)
        if n == 0:
            qtbot.waitUntil(lambda: ran == [0])
    background.ask("other", lambda: 99, heard.append)
    gate.set()
    qtbot.waitUntil(lambda: not background.busy)
    assert ran == [0, 4]  # 1 to 3 were never asked
    assert heard == [4, 99]  # 0 came too late


def test_what_must_be_done_is_done_in_order(qtbot: QtBot, background: Background) -> None:
    done: list[int] = []
    for n in range(5):
        background.do(lambda n=n: done.append(n))
    qtbot.waitUntil(lambda: not background.busy)
    assert done == [0, 1, 2, 3, 4]


def test_failures_become_sentences(qtbot: QtBot, background: Background) -> None:
    errors: list[StudioError] = []
    background.failed.connect(errors.append)

    def refuse() -> None:
        raise StudioError("It is locked; wait.")

    background.do(refuse)
    background.do(lambda: 1 / 0)
    qtbot.waitUntil(lambda: not background.busy)
    assert str(errors[0]) == "It is locked; wait."
    assert "ZeroDivisionError" in str(errors[1])
    assert isinstance(errors[1].__cause__, ZeroDivisionError)


def test_closing_does_what_must_be_done_and_drops_the_questions(qtbot: QtBot, background: Background) -> None:
    gate, ran = Event(), list[str]()
    background.do(lambda: (ran.append("first"), gate.wait(5)))
    background.ask("topic", lambda: ran.append("question"), lambda _: None)
    background.do(lambda: ran.append("second"))
    qtbot.waitUntil(lambda: ran == ["first"])
    Timer(0.2, gate.set).start()  # while it closes
    background.close()
    background.do(lambda: ran.append("third"))
    assert ran == ["first", "second"]
    assert not background.busy
