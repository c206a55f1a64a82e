import sys
import threading

import pytest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QWidget

from studio.errors import StudioError
from studio.ui.icons import IconButton
from studio.ui.notices import SHOWN, DetailDialog, NoticeCards, Notices, NoticesDialog, catch_unhandled


@pytest.fixture
def window(qtbot):
    made = QWidget()
    made.resize(1000, 700)
    qtbot.addWidget(made)
    made.show()
    return made


def texts(window) -> list[str]:
    return sorted(label.text() for label in window.findChildren(QLabel) if label.isVisible())


def test_a_refusal_shows_its_sentence_and_keeps_its_cause() -> None:
    notices = Notices()
    try:
        try:
            raise OSError("No space left on device")
        except OSError as cause:
            raise StudioError("The disk is full; free some space.") from cause
    except StudioError as error:
        notices.error(error)
    (notice,) = notices.all()
    assert (notice.text, notice.kind) == ("The disk is full; free some space.", "error")
    assert "No space left on device" in notice.detail


def test_a_repeated_notice_is_shown_once() -> None:
    notices = Notices()
    for _ in range(5):
        notices.say("The device is gone.", "error")
    assert len(notices.all()) == 1


def test_cards_stay_in_the_corner_and_only_the_newest_are_shown(window, qtbot) -> None:
    notices = Notices()
    cards = NoticeCards(notices, window, window)
    for n in range(SHOWN + 2):
        notices.say(f"Number {n}", "error")
    qtbot.waitUntil(lambda: texts(window) == [f"Number {n}" for n in range(2, SHOWN + 2)])
    window.resize(800, 600)
    cards.place()
    boxes = [label.parentWidget().geometry() for label in window.findChildren(QLabel) if label.isVisible()]
    assert all(box.right() < 800 and box.bottom() < 600 for box in boxes)
    assert not any(a.intersects(b) for n, a in enumerate(boxes) for b in boxes[n + 1 :])


def test_an_offer_stays_until_it_is_taken(window, qtbot, monkeypatch) -> None:
    monkeypatch.setattr("studio.ui.notices.INFO_MS", 30)
    notices, taken = Notices(), list[str]()
    cards = NoticeCards(notices, window, window)
    notices.say("It is done.")
    notices.offer("The dub is made for bar 2.", "Put into the Song", lambda: taken.append("put"))
    qtbot.waitUntil(lambda: texts(window) == ["The dub is made for bar 2."])
    (button,) = [one for one in window.findChildren(QPushButton) if one.isVisible()]
    assert button.accessibleName() == "Put into the Song: The dub is made for bar 2."
    button.click()
    assert taken == ["put"] and texts(window) == []
    notices.offer("Another.", "Put into the Song", lambda: taken.append("again"))
    cards.withdraw("Another.")
    assert texts(window) == [] and taken == ["put"]


def test_a_card_can_be_dismissed_and_opens_its_detail(window, qtbot) -> None:
    notices = Notices()
    NoticeCards(notices, window, window)
    notices.say("It failed.", "error", "the cause")
    button = next(b for b in window.findChildren(QPushButton) if b.text() == "Details")
    button.click()
    (dialog,) = window.findChildren(DetailDialog)
    assert dialog.isVisible()
    dialog.close()
    window.findChild(IconButton).click()
    qtbot.waitUntil(lambda: "It failed." not in texts(window))


def test_a_notice_from_another_thread_arrives_on_the_main_thread(window, qtbot) -> None:
    notices = Notices()
    NoticeCards(notices, window, window)
    thread = threading.Thread(target=lambda: notices.error(StudioError("From afar.")))
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: "From afar." in texts(window))


def test_uncaught_exceptions_become_notices_and_are_still_printed(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    notices = Notices()
    catch_unhandled(notices)
    error = ValueError("odd value")
    sys.excepthook(ValueError, error, None)
    thread = threading.Thread(target=lambda: 1 / 0, name="worker")
    thread.start()
    thread.join()
    assert ["odd value" in notices.all()[0].text, "ZeroDivisionError" in notices.all()[1].text] == [True, True]
    assert "odd value" in capsys.readouterr().err


def test_the_list_has_the_newest_first(qtbot) -> None:
    notices = Notices()
    notices.say("first")
    notices.say("second", "warning", "why")
    dialog = NoticesDialog(notices)
    qtbot.addWidget(dialog)
    text = dialog.findChild(QPlainTextEdit).toPlainText()
    assert text.index("second") < text.index("why") < text.index("first")


def test_what_is_said_again_moves_its_card_instead_of_adding_one(window, monkeypatch) -> None:
    monkeypatch.setattr("studio.ui.notices.REPEAT_SECONDS", 0.0)
    notices = Notices()
    NoticeCards(notices, window, window)
    for text in ("The disk is full.", "The cable is out.", "The disk is full."):
        notices.say(text, "error")
    assert texts(window) == ["The cable is out.", "The disk is full."]
