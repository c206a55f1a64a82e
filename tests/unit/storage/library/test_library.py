import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from studio.storage.library import Collection, Library, LibraryError, NewAsset, Tag


def test_an_asset_comes_back_as_it_went_in(library: Library, file: Path) -> None:
    new = NewAsset(
        "audio", Path("/s/Kick.wav"), "Kick", 1234, 12.5, "ab" * 32, 0.25, 44_100, 1, 120.5, "F#m", "/p/Song.studio"
    )
    [asset_id] = library.add_assets([new])
    found = library.asset(asset_id)
    assert found is not None
    for name in NewAsset.__struct_fields__:
        assert getattr(found, name) == getattr(new, name)
    assert (found.used, found.favourite, found.tags) == (None, False, ())
    library.close()
    with Library(file) as again:
        assert again.asset(asset_id) == found


def test_a_path_is_there_once_and_keeps_what_the_user_gave_it(library: Library) -> None:
    first, second = library.add_assets(
        [NewAsset("audio", Path("/s/a.wav"), size=1), NewAsset("midi", Path("/s/b.mid"))]
    )
    library.tag([first], "warm")
    library.set_favourite([first])
    again = library.add_assets([NewAsset("midi", Path("/s/b.mid")), NewAsset("audio", Path("/s/a.wav"), size=2)])
    assert again == [second, first]
    found = library.asset(first)
    assert found is not None
    assert (found.size, found.tags, found.favourite) == (2, ("warm",), True)
    assert library.count() == 2


def test_the_same_path_twice_in_one_list_has_one_id(library: Library) -> None:
    one, other = library.add_assets([NewAsset("audio", Path("/s/a.wav")), NewAsset("audio", Path("/s/a.wav"), size=9)])
    assert one == other
    assert library.count() == 1


@pytest.mark.parametrize("name", ["\udcff.wav", "a\nb.wav", "e\u0301.wav", "'\";--.wav", "🔥.wav", "x" * 250 + ".wav"])
def test_any_file_name_can_be_kept(library: Library, name: str) -> None:
    path = Path("/s") / name
    [asset_id] = library.add_assets([NewAsset("audio", path)])
    assert library.add_assets([NewAsset("audio", path)]) == [asset_id]
    found = library.find_by_path(path)
    assert found is not None
    assert found.path == path
    found.name.encode()
    assert library.search("s") == [found]


def test_thousands_are_added_in_order(library: Library) -> None:
    ids = library.add_assets([NewAsset("audio", Path(f"/s/{number}.wav"), size=number) for number in range(4100)])
    assert [asset.size for asset in library.assets(ids)] == list(range(4100))
    assert library.count() == 4100


def test_the_same_content_is_found(library: Library) -> None:
    ids = library.add_assets(
        [NewAsset("audio", Path(f"/s/{n}.wav"), digest=d) for n, d in enumerate(("aa", "bb", "aa", ""))]
    )
    assert [asset.id for asset in library.find_by_digest("aa")] == [ids[0], ids[2]]
    assert library.find_by_digest("") == []
    assert library.find_by_digest("cc") == []


def test_ids_are_never_used_again(library: Library) -> None:
    [first] = library.add_assets([NewAsset("audio", Path("/s/a.wav"))])
    assert library.remove_assets([first, 999]) == 1
    assert library.asset(first) is None
    assert library.add_assets([NewAsset("audio", Path("/s/b.wav"))]) != [first]


def test_an_asset_can_be_renamed_and_described(library: Library) -> None:
    [asset] = library.add_assets([NewAsset("audio", Path("/s/a.wav"))])
    library.rename_asset(asset, "Thunder")
    library.describe_asset(asset, 98.0, "Dm")
    found = library.asset(asset)
    assert found is not None
    assert (found.name, found.bpm, found.key, found.path) == ("Thunder", 98.0, "Dm", Path("/s/a.wav"))
    assert library.search("thund") == [found]
    with pytest.raises(LibraryError, match="name"):
        library.rename_asset(asset, " \n")


def test_tags_are_one_whatever_their_case(library: Library) -> None:
    a, b = library.add_assets([NewAsset("audio", Path("/s/a.wav")), NewAsset("audio", Path("/s/b.wav"))])
    library.tag([a, b, 999], "Warm", "dusty")
    library.tag([a], "WARM", "straße", "STRASSE")
    assert library.tags() == [Tag("dusty", 2), Tag("straße", 1), Tag("Warm", 2)]
    found = library.asset(a)
    assert found is not None
    assert found.tags == ("dusty", "straße", "Warm")
    library.untag([a, b], "warm", "unknown")
    assert [tag.name for tag in library.tags()] == ["dusty", "straße"]
    for name in ("", "  ", "x" * 201):
        with pytest.raises(LibraryError, match="tag needs a name"):
            library.tag([a], name)


def test_renaming_a_tag_to_another_makes_them_one(library: Library) -> None:
    a, b = library.add_assets([NewAsset("audio", Path("/s/a.wav")), NewAsset("audio", Path("/s/b.wav"))])
    library.tag([a], "hot")
    library.tag([a, b], "warm")
    library.rename_tag("hot", "Warm")
    assert library.tags() == [Tag("warm", 2)]
    library.rename_tag("WARM", "Warm")
    assert library.tags() == [Tag("Warm", 2)]
    library.rename_tag("warm", "cold")
    assert library.count("cold") == 2
    assert library.count("warm") == 0
    library.delete_tag("COLD")
    assert library.tags() == []
    assert library.count("cold") == 0
    with pytest.raises(LibraryError, match="no tag “cold”"):
        library.rename_tag("cold", "x")


def test_removing_an_asset_removes_its_last_tags_and_leaves_its_collections(library: Library) -> None:
    [asset] = library.add_assets([NewAsset("audio", Path("/s/a.wav"))])
    collection = library.add_collection("Best of")
    library.tag([asset], "only here")
    library.collect(collection, [asset])
    library.remove_assets([asset])
    assert library.tags() == []
    assert library.collections() == [Collection(collection, "Best of", 0)]


def test_collections_hold_assets(library: Library) -> None:
    a, b = library.add_assets([NewAsset("audio", Path("/s/a.wav")), NewAsset("audio", Path("/s/b.wav"))])
    best, odd = library.add_collection("best"), library.add_collection("Älter")
    assert library.add_collection("BEST") == best
    library.collect(best, [a, b, a, 999])
    library.uncollect(best, [b])
    assert library.collections() == [Collection(best, "best", 1), Collection(odd, "Älter", 0)]
    library.rename_collection(odd, "odd")
    with pytest.raises(LibraryError, match="already"):
        library.rename_collection(odd, "Best")
    library.remove_collection(best)
    assert [collection.name for collection in library.collections()] == ["odd"]
    assert library.asset(a) is not None
    with pytest.raises(LibraryError, match="does not exist"):
        library.collect(best, [a])


def test_recent_projects_latest_first(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two", "three"):
        library.touch_recent(Path(f"{name}.studio"), name)
    library.touch_recent(tmp_path / "x" / ".." / "one.studio", "One again")
    recent = library.recent_projects()
    assert [project.name for project in recent] == ["One again", "three", "two"]
    assert recent[0].path == tmp_path / "one.studio"
    library.forget_recent(tmp_path / "three.studio")
    assert [project.name for project in library.recent_projects(limit=1)] == ["One again"]
    for number in range(60):
        library.touch_recent(Path(f"/p/{number}"), str(number))
    assert [project.name for project in library.recent_projects(100)] == [str(n) for n in range(59, 9, -1)]


def test_threads_write_and_read_together(library: Library) -> None:
    problems: list[BaseException] = []

    def work(worker: int) -> None:
        try:
            for number in range(20):
                [asset] = library.add_assets([NewAsset("audio", Path(f"/s/{worker}-{number}.wav"))])
                library.tag([asset], f"worker {worker}", "all")
                library.search("all", limit=5)
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert library.count(tags=["all"]) == 120
    assert library.count("worker 3", tags=["worker 3"]) == 20


def test_two_processes_share_a_library(library: Library, file: Path) -> None:
    script = """
        import sys
        from pathlib import Path
        from studio.storage.library import Library, NewAsset
        with Library(Path(sys.argv[1])) as library:
            for number in range(50):
                library.add_assets([NewAsset("audio", Path(f"/other/{number}.wav"))])
    """
    other = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script), str(file)])
    for number in range(50):
        library.add_assets([NewAsset("audio", Path(f"/mine/{number}.wav"))])
    assert other.wait() == 0
    assert library.count("mine") == 50
    assert library.count("other") == 50


def test_a_transaction_is_whole_or_not_at_all(library: Library) -> None:
    [asset] = library.add_assets([NewAsset("audio", Path("/s/a.wav"))])
    with pytest.raises(LibraryError):
        library.tag([asset], "first", "")
    assert library.tags() == []
    assert library.count("first") == 0


def test_writers_that_read_first_never_meet(library: Library, file: Path) -> None:
    """Each takes the write lock when it begins; taken later, it fails where another has written in between."""
    problems: list[BaseException] = []

    def work(writer: Library, name: str) -> None:
        try:
            collection = writer.add_collection(name)
            for number in range(60):
                writer.rename_collection(collection, f"{name} {number}")
        except BaseException as problem:
            problems.append(problem)

    with Library(file) as other:
        threads = [threading.Thread(target=work, args=(each, f"{each}")) for each in (library, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert problems == []
    assert len(library.collections()) == 2
