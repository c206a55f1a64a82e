"""Drafts of datasets in a real library."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from studio.storage.library import Dataset, DraftItem, Library, LibraryError
from studio.storage.library.drafts import PAGE

DATA = Path(__file__).resolve().parents[3] / "data"


def item(number: int, told: object = None, **values: object) -> DraftItem:
    return DraftItem(0, 0, f"{number:064x}", {"name": f"item {number}"} if told is None else told, **values)  # type: ignore[arg-type]


def names(library: Library, dataset: int) -> list[str]:
    return [one.told["name"] for one in library.drafts.items(dataset)]


def test_datasets_are_found_by_name(library: Library) -> None:
    beats = library.drafts.add("My  Beats", "drums", 7)
    library.drafts.add("Airs", "music", 8)
    assert [(one.name, one.kind, one.seed, one.base) for one in library.drafts.all()] == [
        ("Airs", "music", 8, 0),
        ("My Beats", "drums", 7, 0),
    ]
    with pytest.raises(LibraryError, match="“MY BEATS” already"):
        library.drafts.add("MY BEATS", "music", 1)
    library.drafts.put(beats, [item(1), item(2)])
    found = library.drafts.find("my beats")
    assert isinstance(found, Dataset) and (found.id, found.items) == (beats, 2)
    library.drafts.remove(beats)
    assert library.drafts.find("my beats") is None and library.drafts.ids(beats) == []
    with pytest.raises(LibraryError, match="no longer there"):
        library.drafts.put(beats, [item(3)])


def test_items_keep_their_order_and_their_words(library: Library, file: Path) -> None:
    beats = library.drafts.add("Beats", "drums", 7)
    count = PAGE + 20
    ids = library.drafts.put(
        beats, [item(n, facts={"bpm": 90.5}, print=b"\x01" if n % 2 else b"") for n in range(count)]
    )
    assert library.drafts.ids(beats) == ids
    with Library(file) as other:
        assert names(other, beats) == [f"item {n}" for n in range(count)]
        assert other.drafts.by_ids([ids[5], 999_999, ids[2]]) == [
            DraftItem(ids[5], beats, item(5).sha256, {"name": "item 5"}, {"bpm": 90.5}, b"\x01"),
            DraftItem(ids[2], beats, item(2).sha256, {"name": "item 2"}, {"bpm": 90.5}),
        ]
    assert [digest for digest, _ in library.drafts.prints(beats, 2)] == [item(count - 1).sha256, item(count - 3).sha256]
    assert [one.id for one in library.drafts.by_digest(beats, item(3).sha256)] == [ids[3]]
    assert library.drafts.by_digest(beats, "%") == []


def test_an_item_that_is_there_takes_its_own_place(library: Library) -> None:
    beats = library.drafts.add("Beats", "drums", 7)
    first, second = library.drafts.put(beats, [item(1), item(2)])
    assert library.drafts.put(beats, [item(1, {"name": "again"}), item(3)])[0] == first
    assert names(library, beats) == ["again", "item 2", "item 3"]
    assert library.drafts.take_out([second, 12345]) == 1
    library.drafts.change([DraftItem(first, beats, item(1).sha256, {"name": "changed"}, {"seconds": 1})])
    assert [(one.told["name"], one.facts) for one in library.drafts.items(beats)] == [
        ("changed", {"seconds": 1}),
        ("item 3", None),
    ]


def test_a_draft_is_replaced_whole_or_not_at_all(library: Library) -> None:
    beats = library.drafts.add("Beats", "drums", 7)
    library.drafts.put(beats, [item(1, facts={"peak": 1}, print=b"p"), item(2)])
    library.drafts.replace(beats, [item(2), item(1), item(3)], base=4)
    assert names(library, beats) == ["item 2", "item 1", "item 3"]
    assert [one.facts for one in library.drafts.items(beats)] == [None, {"peak": 1}, None]
    assert library.drafts.prints(beats, 9) == [(item(1).sha256, b"p")]
    assert library.drafts.all()[0].base == 4

    def broken() -> object:
        yield item(9)
        raise OSError("the file ended")

    with pytest.raises(OSError, match="ended"):
        library.drafts.replace(beats, broken(), base=5)  # type: ignore[arg-type]
    assert names(library, beats) == ["item 2", "item 1", "item 3"]
    assert library.drafts.all()[0].base == 4


def test_what_json_cannot_say_is_refused(library: Library) -> None:
    beats = library.drafts.add("Beats", "drums", 7)
    with pytest.raises(LibraryError, match="cannot be kept"):
        library.drafts.put(beats, [item(1, {"x": object()})])


def test_a_library_from_before_datasets_takes_them(tmp_path: Path) -> None:
    file = tmp_path / "library.db"
    shutil.copyfile(DATA / "library_v3.db", file)
    with Library(file) as library:
        assert library.notice == "" and library.count() > 0
        beats = library.drafts.add("Beats", "drums", 7)
        library.drafts.put(beats, [item(1)])
    with Library(file) as library:
        assert names(library, beats) == ["item 1"]
