"""Items, lines, splits, differences and figures of datasets."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from studio.engine.ai.datasets.comparing import compare
from studio.engine.ai.datasets.items import (
    MAX_LINE,
    SPLITS,
    DatasetError,
    Item,
    Unfit,
    convert_item,
    folded,
    group_of,
    plain,
    read_item,
    write_item,
)
from studio.engine.ai.datasets.kinds import kind_of
from studio.engine.ai.datasets.lines import digest_lines, read_lines, write_lines
from studio.engine.ai.datasets.splits import plan_splits, settled
from studio.engine.ai.datasets.statistics import LENGTHS, statistics
from studio.engine.ai.datasets.versions import Version, read_version, split_reference, write_version
from studio.errors import StudioError


def item(number: int = 1, **values: Any) -> Item:
    sha256 = hashlib.sha256(str(number).encode()).hexdigest()
    return Item(**{"media": f"media/{sha256}.wav", "sha256": sha256, "size": 10, "split": "train", **values})


def read(*items: Item, extra: bytes = b"") -> list[Item]:
    return list(read_lines(io.BytesIO(b"".join(write_lines(items)) + extra), "dataset_v1.jsonl"))


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
items = st.builds(
    item,
    st.integers(0, 10**9),
    name=texts,
    caption=texts,
    tags=st.lists(texts.filter(bool), max_size=3).map(tuple),
    lyrics=texts,
    bpm=st.none() | st.floats(10, 999),
    key=texts,
    song=texts,
    seconds=st.floats(0, 1e6),
    recipe=st.none() | st.dictionaries(texts, st.integers() | texts | st.none(), max_size=3),
    split=st.sampled_from(SPLITS),
)


@given(items)
def test_an_item_comes_back_from_its_line(one: Item) -> None:
    line = write_item(one)
    assert b"\n" not in line
    assert read_item(line) == one
    assert write_item(read_item(line)) == line


def test_the_same_item_is_the_same_line_whatever_the_order_of_its_recipe() -> None:
    one, other = item(recipe={"a": 1, "b": [2]}), item(recipe={"b": [2], "a": 1})
    assert write_item(one) == write_item(other)


BAD = {
    "no JSON": b"nothing",
    "empty": b"",
    "a list": b"[]",
    "another field": write_item(item())[:-1] + b',"extra":1}',
    "a path that leads outside": write_item(item()).replace(b"media/", b"../../"),
    "an absolute path": write_item(item()).replace(b"media/", b"/media/"),
    "another file's digest": write_item(item()).replace(item().sha256.encode(), b"0" * 64, 1),
    "half a letter": write_item(item(name="x")).replace(b'"x"', b'"\xff"'),
    "a tempo beyond all music": write_item(item(bpm=100.0)).replace(b"100.0", b"1e9"),
    "a length below nothing": write_item(item(seconds=3.5)).replace(b"3.5", b"-3.5"),
    "an unknown split": write_item(item()).replace(b'"train"', b'"practice"'),
    "a deep recipe": write_item(item(recipe={"x": 7})).replace(b"7", b"[" * 5000 + b"]" * 5000),
    "a long line": write_item(item()) + b" " * MAX_LINE,
}


@pytest.mark.parametrize("line", BAD.values(), ids=BAD.keys())
def test_what_is_no_item_is_refused_with_its_line(line: bytes) -> None:
    with pytest.raises(DatasetError, match=r"Line 2 of “dataset_v1.jsonl” cannot be read: .{10}"):
        read(item(9), extra=line + b"\n")


def test_plain_values_are_checked_alike() -> None:
    assert convert_item({"media": item().media, "sha256": item().sha256, "size": 3}).size == 3
    with pytest.raises(Unfit):
        convert_item({"media": item(2).media, "sha256": item().sha256, "size": 3})


def test_lines_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(DatasetError, match="names one file twice"):
        read(item(1), item(2), item(1, caption="again"))
    with pytest.raises(DatasetError, match="parts of one song in two splits"):
        read(item(1, song="Blue  Sky"), item(2, song="blue sky", split="test"))
    with pytest.raises(DatasetError, match=r"Line 1 .* does not say its split"):
        read(item(1, split=""))
    assert len(read(item(1, song="Blue"), item(2, song="Sky", split="test"))) == 2


def test_a_long_list_is_read_in_little_memory() -> None:
    class Many(io.RawIOBase):
        """A hundred thousand lines that are made while they are read."""

        def __init__(self) -> None:
            self.left, self.lines = b"", write_lines(item(n, caption="c" * 200) for n in range(count))

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            self.left = self.left or next(self.lines, b"")
            taken = self.left[: len(buffer)]
            self.left = self.left[len(taken) :]
            buffer[: len(taken)] = taken
            return len(taken)

    count = 20_000
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_lines(io.BufferedReader(Many()), "many")) == count
        assert tracemalloc.get_traced_memory()[1] < count * 100  # the items themselves take ten times that
    finally:
        tracemalloc.stop()


songs = st.lists(st.tuples(st.sampled_from("ABCDEFGH"), st.sampled_from(["", *SPLITS])), min_size=1, max_size=30)


def planned(drawn: list[tuple[str, Any]], seed: int) -> list[Item]:
    draft = [item(n, song=f"song {song}", split=split) for n, (song, split) in enumerate(drawn)]
    plan = plan_splits(settled(draft), seed)
    return [replace(one, split=plan.split(one)) for one in draft]


@given(songs, st.integers(0, 99))
def test_no_song_is_in_two_splits_and_with_two_there_is_validation(drawn: list[tuple[str, Any]], seed: int) -> None:
    frozen = planned(drawn, seed)
    by_song = {group_of(one): {each.split for each in frozen if group_of(each) == group_of(one)} for one in frozen}
    assert all(len(splits) == 1 and "" not in splits for splits in by_song.values())
    used = set.union(*by_song.values())
    assert "train" in used
    assert len(by_song) == 1 or "validation" in used
    read(*frozen)


@given(songs, st.integers(0, 99), st.lists(st.sampled_from("IJKLMNOP"), max_size=10))
def test_a_song_keeps_its_split_from_version_to_version(
    drawn: list[tuple[str, Any]], seed: int, more: list[str]
) -> None:
    first = planned([(song, "") for song, _ in drawn], seed)
    both = [*((one.song[-1], one.split) for one in first), *((song, "") for song in more)]
    second = planned(both, seed)[: len(first)]
    alone = len({song for song, _ in drawn}) == 1 or "validation" not in {one.split for one in first}
    assert alone or [one.split for one in first] == [one.split for one in second]


def test_about_one_in_ten_songs_validates_and_one_tests() -> None:
    plan = plan_splits({f"song {n}": "" for n in range(3000)}, 7).of
    counts = {split: list(plan.values()).count(split) for split in SPLITS}
    assert 200 < counts["validation"] < 400 and 200 < counts["test"] < 400
    assert plan_splits({f"song {n}": "" for n in range(3000)}, 8).of != plan


def test_what_was_learnt_from_never_tests_and_validates_only_when_told() -> None:
    mixed = settled([item(1, song="a", split="test"), item(2, song="A ", split="train")])
    assert mixed == {"a": "train"}
    assert plan_splits({"a": "train"}, 0).notices == (
        "There is one song, so nothing is left to validate by; add others.",
    )
    assert plan_splits({"a": "train", "b": "test"}, 0).of == {"a": "train", "b": "validation"}
    plan = plan_splits({"a": "train", "b": "train"}, 0)
    assert sorted(plan.of.values()) == ["train", "validation"] and "trained on" in plan.notices[0]
    assert plan_splits({}, 0).of == {}


def test_songs_are_the_same_however_they_are_spelt() -> None:
    assert folded("Caf\u00e9  del MAR") == folded("cafe\u0301 del mar")
    assert group_of(item(1)) != group_of(item(2))


def test_differences_are_counted_and_named() -> None:
    before = [item(n, name=f"n{n}") for n in range(6)]
    after = [*before[1:3], replace(before[3], caption="new", bpm=90.0), *before[4:], item(50), item(51)]

    def again(things: list[Item]) -> Any:
        def opened() -> Iterator[Item]:
            return iter(things)

        return opened

    found = compare(again(before), again(after))
    assert (found.added, found.removed, found.changed, found.same, found.moved) == (2, 1, 1, 4, False)
    assert found.gone == (before[0],) and [one.sha256 for one in found.new] == [item(50).sha256, item(51).sha256]
    assert found.changes[0].fields == {"caption": ("", "new"), "bpm": (None, 90.0)}
    short = compare(again(before), again([]), listed=2)
    assert (short.removed, len(short.gone)) == (6, 2)
    assert compare(again(before), again(before)).empty
    swapped = compare(again(before), again([before[1], before[0], *before[2:]]))
    assert swapped.moved and not swapped.empty and swapped.same == 6


def test_figures() -> None:
    told = statistics([
        item(1, song="a", seconds=3.0, bpm=92.0, key="C major", tags=("Warm", "pad"), caption="x", licence="CC0"),
        item(2, song="A", seconds=700.0, bpm=30.0, key="C major", tags=("warm", "Warm")),
        item(3, song="b", split="validation", seconds=0.0),
    ])  # fmt: skip
    assert (told.items, told.songs, told.seconds, told.bytes, told.bare) == (3, 2, 703.0, 30, 2)
    assert (told.splits["train"].items, told.splits["train"].songs, told.splits["validation"].songs) == (2, 1, 1)
    assert told.lengths.counts[LENGTHS.index(2.0)] == (1, 0, 0) and told.lengths.counts[-1] == (1, 0, 0)
    assert sum(map(sum, told.tempos.counts)) == 2
    assert told.keys == (("C major", 2),)
    assert told.tags == (("Warm", 2), ("pad", 1))
    assert told.licences == (("not said", 2), ("CC0", 1))
    assert statistics([]).lengths.empty


def test_a_version_comes_back_and_anything_else_is_refused() -> None:
    told = Version(
        name="Beats", kind="drums", number=3, digest="a" * 64, parent="b" * 64, seed=5, items=2, songs=2,
        splits={"train": 1, "validation": 1}, seconds=8.5, bytes=99, made="2026-01-31T12:00:00+00:00",
    )  # fmt: skip
    assert read_version(write_version(told), "dataset_v3.json") == told
    for old, new in ((b'"drums"', b'"dance"'), (b": 3,", b": 0,"), (b"a" * 64, b"a"), (b"{", b"[")):
        with pytest.raises(DatasetError, match=r"“dataset_v3.json” does not describe a version"):
            read_version(write_version(told).replace(old, new, 1), "dataset_v3.json")


def test_versions_are_named() -> None:
    assert split_reference("Beats") == ("Beats", None)
    assert split_reference("My beats@v12") == ("My beats", 12)
    assert split_reference("Beats@latest") == ("Beats", 0)
    for wrong in ("Beats@v0", "Beats@vv", "@v1", "Beats@"):
        with pytest.raises(DatasetError, match="NAME@v3"):
            split_reference(wrong)
    assert kind_of("Drums ") == "drums"
    with pytest.raises(StudioError, match="music, drums, voice, image, text"):
        kind_of("video")


@settings(max_examples=30)
@given(st.lists(items, max_size=8, unique_by=lambda one: one.sha256))
def test_lines_come_back_with_their_digest(drawn: list[Item]) -> None:
    whole = [replace(one, split="train") for one in drawn]
    data = b"".join(write_lines(whole))
    assert digest_lines(write_lines(whole)) == hashlib.sha256(data).hexdigest()
    assert read(*whole) == whole


def test_text_is_cleaned() -> None:
    assert plain(" a\x00b\r\nc\x1b[31m \ud800", 99) == "ab\nc[31m ?"
    assert plain("<b>bold</b>", 99) == "<b>bold</b>"
    assert plain("abc", 2) == "ab"
