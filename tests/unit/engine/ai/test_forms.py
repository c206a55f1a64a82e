"""What a task can be told: everything has a sensible default, and what makes no sense is refused with a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.engine.ai.forms import FORMS, SEED_LIMIT, TITLES, form, parse_settings, read_values
from studio.errors import StudioError

NEEDED: dict[str, dict[str, Any]] = {"prompt": {"prompt": "warm piano"}, "source": {"source": "/a.wav"}}


def least(task: str) -> dict[str, Any]:
    """The least that a task must be told."""
    names = {one.name for one in form(task)}
    return {key: value for name, given in NEEDED.items() if name in names for key, value in given.items()}


@pytest.mark.parametrize("task", FORMS)
def test_defaults_are_enough_and_read_again_as_they_are(task: str) -> None:
    values = read_values(task, least(task))
    assert set(values) == {one.name for one in form(task)}
    assert read_values(task, values) == values
    assert TITLES[task]


@pytest.mark.parametrize(
    ("task", "values", "sentence"),
    [
        ("music", {}, "Description is empty; say in a few words"),
        ("music", {"prompt": " \n\t "}, "Description is empty"),
        ("music", {"prompt": "x" * 100_000}, "Description has 100,000 characters; 4,000 is the most"),
        ("music", {"prompt": "a", "seed": -1}, "Seed cannot be -1; give a whole number from 0 to 9007199254740991"),
        ("music", {"prompt": "a", "seed": SEED_LIMIT}, "Seed cannot be 9007199254740992"),
        ("music", {"prompt": "a", "seed": 1.5}, "Seed cannot be 1.5; give a whole number"),
        ("music", {"prompt": "a", "seconds": 36_000}, "Length cannot be 36000; give a number from 1 to 600 s"),
        ("music", {"prompt": "a", "seconds": "nan"}, "Length cannot be nan"),
        ("music", {"prompt": "a", "seconds": ""}, "Length needs a number from 1 to 600 s"),
        ("music", {"prompt": "a", "bpm": True}, "Tempo cannot be True"),
        ("music", {"prompt": "a", "key": "H dur"}, "Key cannot be “H dur”; choose one of C major"),
        ("music", {"prompt": "a", "colour": "red"}, "Music from text has no “colour”; it has batch, bpm"),
        ("music", {"prompt": 7}, "Description is to be a text"),
        ("music", {"prompt": "a", "seed": SEED_LIMIT - 1, "batch": 2}, "not so many seeds after this one"),
        ("music-repaint", {"prompt": "a", "source": "/a", "begin": 4, "end": 3}, "ends before it begins"),
        ("stems", {}, "Sound is missing; choose a sound"),
        ("speech", {"prompt": "hello", "reference": "/voice.wav"}, "only when its speaker has agreed"),
        ("speech", {"prompt": "hello", "consent": "perhaps"}, "say yes or no"),
        ("dance", {}, "There is no task “dance”; choose one of music"),
    ],
)
def test_what_makes_no_sense_is_said(task: str, values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(StudioError) as refused:
        read_values(task, values)
    assert sentence in str(refused.value)


def test_texts_keep_what_people_write() -> None:
    values = read_values("music", {"prompt": "  dub\x00 \u202e 🎹 naïve\t日本 ", "lyrics": "[verse]\nla  la\r\nlo"})
    assert values["prompt"] == "dub 🎹 naïve 日本" and values["lyrics"] == "[verse]\nla la\nlo"
    agreed = read_values("speech", {"prompt": "a", "reference": "/v.wav", "consent": "yes"})
    assert agreed["consent"] is True


def test_settings_are_names_and_values() -> None:
    values = read_values("music", {"prompt": "a", **parse_settings("music", ["steps=12", "seed=9007199254740991"])})
    assert values["steps"] == 12 and values["seed"] == SEED_LIMIT - 1
    with pytest.raises(StudioError, match="“steps” is no setting; write name=value"):
        parse_settings("music", ["steps"])


ANYTHING = st.one_of(
    st.none(), st.text(max_size=20), st.floats(), st.integers(), st.booleans(), st.lists(st.integers(), max_size=2)
)


@given(st.dictionaries(st.sampled_from([one.name for one in form("music")]), ANYTHING))
def test_anything_is_read_or_refused(values: dict[str, Any]) -> None:
    try:
        read = read_values("music", values)
    except StudioError as error:
        assert str(error).endswith((".", "!"))
    else:
        assert read_values("music", read) == read
