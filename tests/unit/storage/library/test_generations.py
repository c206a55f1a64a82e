"""What models made is kept with its recipe, found by its words and by what was decided of it, and comes back whole."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from studio.storage.library import Generation, Library, LibraryError, Mark, NewAsset
from studio.storage.library.migrate import SCRIPTS, migrate, revision
from studio.storage.library.schema import HEAD

DATA = Path(__file__).resolve().parents[3] / "data"
RECIPE = {"prompt": "slow dub with tape echo", "seed": 7, "seconds": 12.5, "adapters": [["a" * 64, 0.5]]}


def made(library: Library, name: str = "one", **fields: object) -> Generation:
    (asset,) = library.add_assets([NewAsset("generated", Path(f"/made/{name}.wav"), digest="ab")])
    words = str(fields.pop("words", "slow dub with tape echo"))
    new = replace(Generation(0, asset, "music", "tiny", "f" * 40, RECIPE, words=words), **fields)
    return replace(new, id=library.add_generation(new))


def test_a_recipe_comes_back_whole(library: Library, file: Path) -> None:
    one = made(library, checks={"clipped": 0, "loudness": -14.2}, made=100.0, rating=3, title="Dub")
    library.close()
    with Library(file) as again:
        assert again.generation(one.id) == one
        assert again.generations_of([one.asset or 0, 999]) == {one.asset: one}
        assert again.generation(999) is None


def test_it_is_found_by_its_prompt_and_by_what_is_said_of_it(library: Library) -> None:
    one, two = made(library), made(library, "two", words="bright house")
    assert [asset.id for asset in library.search("tape ech")] == [one.asset]
    library.describe_generation(one.id, "Night bus", "for the second verse", "interlude")
    for text in ("night bus", "second", "interlude", "tape dub"):
        assert [asset.id for asset in library.search(text)] == [one.asset]
    library.describe_generation(one.id, "", "", "")
    assert not library.search("night") and library.search("tape")
    library.rename_asset(one.asset or 0, "Another name")
    assert [asset.id for asset in library.search("another tape")] == [one.asset]
    assert library.count("house") == 1 and two.asset


def test_it_is_filtered_by_task_decision_and_stars(library: Library) -> None:
    one, two, three = (made(library, name) for name in ("one", "two", "three"))
    library.add_assets([NewAsset("audio", Path("/else/loop.wav"))])
    library.decide([one.id], "approved", "good groove")
    library.decide([two.id], "rejected", "clicks")
    library.rate([one.id, three.id], 4)
    library.rate([two.id], 2)

    def found(**filters: object) -> list[int]:
        assert library.count(**filters) == len(library.search(**filters))  # type: ignore[arg-type]
        return [asset.id for asset in library.search(**filters)]  # type: ignore[arg-type]

    assert found(approval="approved") == [one.asset]
    assert found(approval="open") == [three.asset]
    assert set(found(stars=3)) == {one.asset, three.asset} and set(found(stars=1)) == {*found(tasks=["music"])}
    assert found(tasks=["cover"]) == [] and found(text="tape", approval="rejected") == [two.asset]
    known = library.generation(one.id)
    assert known is not None and (known.approval, known.reason, known.rating) == ("approved", "good groove", 4)
    library.decide([one.id], "open")
    assert found(approval="approved") == []
    with pytest.raises(LibraryError, match="stars"):
        library.rate([one.id], 6)


def test_lineage_goes_up_and_down(library: Library) -> None:
    root = made(library)
    child = made(library, "child", parent=root.id)
    other = made(library, "other", parent=root.id)
    grandchild = made(library, "grandchild", parent=child.id)
    assert [g.id for g in library.lineage(child.id)] == [root.id, child.id, grandchild.id]
    assert [g.id for g in library.lineage(root.id)] == [root.id, child.id, other.id, grandchild.id]
    library.forget_generations([root.id])
    orphan = library.generation(child.id)
    assert orphan is not None and orphan.parent is None


def test_the_trash_gives_everything_back(library: Library) -> None:
    one = made(library, title="Dub", rating=5)
    asset = library.asset(one.asset or 0)
    assert asset is not None
    library.tag([asset.id], "Keeper")
    library.set_favourite([asset.id])
    collection = library.add_collection("Best")
    library.collect(collection, [asset.id])
    assert library.trash([one.id]) == [asset.path]
    assert not library.search("tape") and library.asset(asset.id) is None
    ((generation, was),) = library.trashed()
    assert generation.trashed and was.path == asset.path and was.tags == ("Keeper",)
    library.remove_collection(collection)
    (again,) = library.restore([one.id])
    back = library.asset(again)
    assert back is not None and back == replace(asset, id=again, favourite=True, tags=("Keeper",))
    assert [a.id for a in library.search("tape", stars=5)] == [again]
    assert [c.name for c in library.collections() if c.assets] == ["Best"]
    assert library.trashed() == [] and library.restore([one.id]) == []


def test_a_file_that_is_forgotten_leaves_its_recipe(library: Library) -> None:
    one = made(library)
    library.remove_assets([one.asset or 0])
    left = library.generation(one.id)
    assert left is not None and left.asset is None and left.recipe == RECIPE


def test_what_cannot_be_kept_is_refused(library: Library) -> None:
    one = made(library)
    with pytest.raises(LibraryError, match="recipe already"):
        library.add_generation(replace(one, id=0))
    with pytest.raises(LibraryError, match="recipe already, or is no longer"):
        library.add_generation(replace(one, asset=999))
    with pytest.raises(LibraryError, match="cannot be kept"):
        library.add_generation(replace(one, asset=None, recipe=object()))
    with pytest.raises(LibraryError, match="too long"):
        library.add_generation(replace(one, asset=None, recipe="x" * 5_000_000))


@pytest.mark.parametrize("before", ["0001", "0002"])
def test_an_older_library_is_brought_up_to_it(file: Path, before: str) -> None:
    file.parent.mkdir(parents=True)
    migrate(file, SCRIPTS, before)
    with Library(file) as library:
        made(library)
        assert library.search("tape", approval="open")
    assert revision(file) == HEAD


CLIPS = "The sound clips in 3 places."


def test_it_is_filtered_by_model_doubts_and_the_whole_task(library: Library) -> None:
    one = made(library, checks={"remarks": [{"about": "clipping", "sentence": CLIPS}]})
    two = made(library, "two", task="music-cover", model="tiny-2.5", checks={"remarks": []})
    three = made(library, "three", model="tiny 2", checks={"loudness": float("nan")})

    def found(**filters: object) -> set[int | None]:
        assert library.count(**filters) == len(library.search(**filters))  # type: ignore[arg-type]
        return {asset.id for asset in library.search(**filters)}  # type: ignore[arg-type]

    assert found(tasks=["music"]) == {one.asset, three.asset} and found(tasks=["music-cover"]) == {two.asset}
    assert found(models=["tiny"]) == {one.asset} and found(models=["tiny-2.5", "tiny 2"]) == {two.asset, three.asset}
    assert found(doubtful=True) == {one.asset} and found(doubtful=False) == {two.asset, three.asset}
    assert found(text="tape", models=["tiny"], doubtful=False) == set()
    assert library.made_with() == (["music", "music-cover"], ["tiny", "tiny 2", "tiny-2.5"])


def test_a_list_gets_marks_and_the_latest_prints(library: Library) -> None:
    checks = {"made": base64.b64encode(b"print").decode(), "remarks": [{"about": "clipping", "sentence": CLIPS}]}
    one = made(library, checks=checks, made=5.0, rating=2, title="Dub", approval="rejected", reason="clicks")
    two = made(library, "two", parent=one.id, checks={**checks, "remarks": []}, made=6.0)
    made(library, "three", checks={"made": "no base 64!"}, made=7.0)
    (plain,) = library.add_assets([NewAsset("audio", Path("/else/loop.wav"))])
    marks = library.marks_of([one.asset or 0, two.asset or 0, plain])
    assert set(marks) == {one.asset, two.asset}
    expected = Mark(one.id, "music", "tiny", "rejected", "clicks", 2, "Dub", doubts=(CLIPS,))
    assert marks[one.asset or 0] == expected and marks[two.asset or 0].parent == one.id
    assert library.prints(10) == [("two.wav", b"print"), ("one.wav", b"print")]
    library.trash([two.id])
    assert library.prints(2) == [("one.wav", b"print")]


def test_a_library_of_the_third_schema_shows_its_pictures_and_texts(file: Path) -> None:
    file.parent.mkdir()
    shutil.copyfile(DATA / "library_v3.db", file)
    with Library(file) as library:
        assert [asset.path for asset in library.search(kinds=["picture"])] == [Path("/made/night bus.png")]
        assert [asset.name for asset in library.search("rhyme", kinds=["text"], tasks=["chat"])] == ["rhyme on bus.txt"]
        (dub,) = library.search(doubtful=True)
        assert (dub.name, dub.tags) == ("slow dub.flac", ("Keeper",))
        mark = library.marks_of([dub.id])[dub.id]
        assert (mark.approval, mark.rating, mark.title, mark.doubts) == ("approved", 4, "Night dub", (CLIPS,))
        assert [asset.name for asset in library.search(tasks=["music"])] == ["slow dub.flac"]
        assert [asset.path for _, asset in library.trashed()] == [Path("/made/gone.flac")]
        assert len(library.lineage(mark.generation)) == 2


def test_what_another_result_took_the_place_of_is_not_restored(library: Library) -> None:
    one = made(library)
    library.trash([one.id])
    two = made(library)
    with pytest.raises(LibraryError, match="cannot be restored"):
        library.restore([one.id])
    assert [generation.id for generation, _ in library.trashed()] == [one.id]
    assert library.generations_of([two.asset or 0])[two.asset or 0].id == two.id
