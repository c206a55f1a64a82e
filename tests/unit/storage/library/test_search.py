import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.storage.library import Library, NewAsset, search


def names(library: Library, text: str = "", **how: object) -> list[str]:
    return [asset.name for asset in library.search(text, **how)]  # type: ignore[arg-type]


@pytest.fixture
def stocked(library: Library) -> Library:
    files = [
        ("audio", "/home/anna/Drums/808/BigKick01.wav"),
        ("audio", "/home/anna/Drums/Snares/Snare tight_02.wav"),
        ("midi", "/home/anna/Chords/Böse Überraschung.mid"),
        ("recording", "/home/anna/Takes/Vocal take 3.wav"),
        ("generated", "/home/anna/Made/🔥fire drum loop.flac"),
    ]
    library.add_assets([NewAsset(kind, Path(path)) for kind, path in files])  # type: ignore[arg-type]
    return library


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("snare", {"Snare tight_02.wav"}),
        ("SNA tig", {"Snare tight_02.wav"}),
        ("tig sna", {"Snare tight_02.wav"}),
        ("kick", {"BigKick01.wav"}),
        ("big 01", {"BigKick01.wav"}),
        ("bigkick01", {"BigKick01.wav"}),
        ("drum", {"BigKick01.wav", "Snare tight_02.wav", "🔥fire drum loop.flac"}),
        ("drum snar", {"Snare tight_02.wav"}),
        ("bose uber", {"Böse Überraschung.mid"}),
        ("böse", {"Böse Überraschung.mid"}),
        ("bo\u0308se", {"Böse Überraschung.mid"}),
        ("BÖSE", {"Böse Überraschung.mid"}),
        ("fire", {"🔥fire drum loop.flac"}),
        ("🔥", {"🔥fire drum loop.flac"}),
        ("nothing", set()),
        ("kick nothing", set()),
        ("NOT kick", set()),
        ("-kick", {"BigKick01.wav"}),
    ],
)
def test_words_are_found_at_their_beginning(stocked: Library, text: str, found: set[str]) -> None:
    assert set(names(stocked, text)) == found
    assert stocked.count(text) == len(found)


def test_filters_narrow(stocked: Library) -> None:
    everything = {asset.name: asset.id for asset in stocked.search()}
    stocked.tag([everything["BigKick01.wav"], everything["Snare tight_02.wav"]], "Punchy", "one shot")
    stocked.tag([everything["Vocal take 3.wav"]], "one shot")
    stocked.set_favourite([everything["Vocal take 3.wav"]])
    collection = stocked.add_collection("c")
    stocked.collect(collection, [everything["BigKick01.wav"], everything["Vocal take 3.wav"]])
    assert set(names(stocked, kinds=["midi", "recording"])) == {"Böse Überraschung.mid", "Vocal take 3.wav"}
    assert set(names(stocked, tags=["ONE SHOT"])) == {"BigKick01.wav", "Snare tight_02.wav", "Vocal take 3.wav"}
    assert set(names(stocked, tags=["one shot", "punchy"], collection=collection)) == {"BigKick01.wav"}
    assert names(stocked, "one shot", kinds=["recording"]) == ["Vocal take 3.wav"]
    assert names(stocked, favourites=True) == ["Vocal take 3.wav"]
    assert names(stocked, tags=["unknown"]) == []
    assert stocked.count(tags=["unknown"]) == 0
    assert stocked.count(collection=collection) == 2
    assert stocked.count("drum", tags=["punchy"]) == 2
    stocked.set_favourite([everything["Vocal take 3.wav"]], favourite=False)
    stocked.uncollect(collection, [everything["BigKick01.wav"]])
    assert stocked.count(favourites=True) == 0
    assert names(stocked, collection=collection) == ["Vocal take 3.wav"]


def test_without_text_the_last_used_come_first(stocked: Library) -> None:
    ids = [asset.id for asset in stocked.search()]
    assert ids == sorted(ids, reverse=True)
    stocked.mark_used([ids[3]])
    time.sleep(0.002)
    stocked.mark_used([ids[1]])
    expected = [ids[1], ids[3], ids[0], ids[2], ids[4]]
    assert [asset.id for asset in stocked.search()] == expected
    assert [asset.id for asset in stocked.search(limit=2, offset=1)] == expected[1:3]
    assert stocked.search(limit=0) == []
    assert stocked.search(limit=-5, offset=-5) == []


def test_a_name_counts_more_than_a_tag_and_a_tag_more_than_a_folder(library: Library) -> None:
    folder, tagged, named = library.add_assets(
        [
            NewAsset("audio", Path("/vinyl/aaa.wav")),
            NewAsset("audio", Path("/other/bbb.wav")),
            NewAsset("audio", Path("/other/vinyl.wav")),
        ]
    )
    library.add_assets([NewAsset("audio", Path(f"/rest/{n}.wav")) for n in range(20)])
    library.tag([tagged], "vinyl")
    assert [asset.id for asset in library.search("vinyl")] == [named, tagged, folder]


@pytest.mark.parametrize("ranked", [0, 3, 10, 1000])
def test_pages_hold_everything_once_however_much_fits(
    library: Library, monkeypatch: pytest.MonkeyPatch, ranked: int
) -> None:
    monkeypatch.setattr(search, "RANKED", ranked)
    files = [f"/drums/{'kick' if n % 7 == 0 else 'hat'} {n}.wav" for n in range(40)]
    files += [f"/kick/{n}.wav" for n in range(40)] + [f"/else/{n}.wav" for n in range(40)]
    ids = library.add_assets([NewAsset("midi" if n % 3 else "audio", Path(path)) for n, path in enumerate(files)])
    library.tag(ids[::2], "even")
    for how in ({}, {"text": "kick"}, {"kinds": ["midi"]}, {"tags": ["even"]}, {"text": "k", "tags": ["even"]}):
        total = library.count(**how)  # type: ignore[arg-type]
        pages = [library.search(**how, limit=7, offset=at) for at in range(0, 130, 7)]  # type: ignore[arg-type]
        found = [asset.id for page in pages for asset in page]
        assert len(found) == len(set(found)) == total > 0
        whole = [asset.id for asset in library.search(**how, limit=1000)]  # type: ignore[arg-type]
        assert found == whole
    named = {asset.id for asset in library.search("kick", limit=6)}
    assert ranked < 6 or named == {ids[n] for n in range(0, 40, 7)}


NASTY = [
    '"',
    '""',
    "'",
    "*",
    "(",
    ")",
    "NEAR(",
    "AND",
    "OR NOT",
    "a:b",
    "{name}:x",
    "^a",
    "-",
    "+",
    "\\",
    "\0",
    "%",
    "_",
]
NASTY += [
    "'; DROP TABLE assets; --",
    '" OR 1=1',
    "🔥",
    "👩‍👩‍👧",
    "\ud800",
    "ﷺ",
    "ǆ",
    "İ",
    "\u200b",
    "ก็",
    "日本語",
    "\U0010ffff",
]


@pytest.mark.parametrize("text", NASTY)
def test_any_text_is_only_text(stocked: Library, text: str) -> None:
    for query in (text, f"{text} kick", f"kick{text}"):
        assert stocked.count(query) == len(stocked.search(query))
    assert stocked.count() == 5


@pytest.mark.parametrize(
    "text", ["x" * 100_000, "k " * 50_000, '"' * 100_000, "kick " * 20_000, "🔥" * 25_000, "a b c " * 9000]
)
def test_long_texts_are_answered(stocked: Library, text: str) -> None:
    assert stocked.count(text) == len(stocked.search(text))


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=40))
def test_every_text_is_answered(shared: Library, text: str) -> None:
    assert shared.count(text) == len(shared.search(text))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Library:
    with Library(tmp_path_factory.mktemp("search") / "library.db") as library:
        library.add_assets([NewAsset("audio", Path(f"/s/{name}.wav")) for name in ("kick", "snare", "日本語 ドラム")])
        yield library  # type: ignore[misc]


@settings(deadline=None, max_examples=40)
@given(st.text(min_size=1, max_size=12).filter(lambda text: "/" not in text and "\0" not in text))
def test_a_name_is_found_by_its_own_text(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    with Library(tmp_path_factory.mktemp("own") / "library.db") as library:
        [asset] = library.add_assets([NewAsset("audio", Path("/s/x.wav"), name=f"{text} end")])
        assert asset in [found.id for found in library.search(text)]


def test_tags_may_hold_any_text(stocked: Library) -> None:
    asset = stocked.search("kick")[0]
    for name in ('a"b', "x:y", "t1", "kaudio", "🔥🔥", "AND", "'"):
        stocked.tag([asset.id], name)
        assert stocked.search(tags=[name]) == stocked.assets([asset.id])
    assert set(names(stocked, "kaudio")) == {"BigKick01.wav"}


def test_the_index_never_differs_from_the_assets(stocked: Library, file: Path) -> None:
    ids = [asset.id for asset in stocked.search()]
    stocked.tag(ids, "a", "b")
    stocked.rename_tag("a", "c")
    collection = stocked.add_collection("x")
    stocked.collect(collection, ids)
    stocked.rename_asset(ids[0], "Other")
    stocked.set_favourite(ids[1:3])
    stocked.remove_assets(ids[2:3])
    stocked.remove_collection(collection)
    stocked.untag(ids[:1], "b")
    stocked.add_assets([NewAsset("recording", stocked.assets(ids[:1])[0].path)])
    with closing(sqlite3.connect(file)) as database:
        database.execute("INSERT INTO asset_text(asset_text) VALUES ('integrity-check')")
        columns = "name, coalesce(tags, ''), words, facets"
        index = database.execute(f"SELECT rowid, {columns} FROM asset_text ORDER BY rowid").fetchall()
        truth = database.execute(f"SELECT id, {columns} FROM asset_document ORDER BY id").fetchall()
        assert index == truth
        assert len(index) == 4
