"""Genre files of anybody: what is wrong is said with the place in the file, and the others stay usable."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.document.recipes import PARTS
from studio.engine.music.composer.compose import compose
from studio.engine.music.genres.reading import MAX_SIZE, SHIPPED, load_genres, read_genre, shipped
from studio.engine.music.requests import Wishes, make_request, read_complexity, read_key
from studio.errors import StudioError

HOUSE = (SHIPPED / "house.toml").read_text(encoding="utf-8")


def changed(tmp_path: Path, old: str, new: str) -> Path:
    assert old in HOUSE
    file = tmp_path / "mine.toml"
    file.write_text(HOUSE.replace(old, new), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('id = "house"', "", "id"),
        ('id = "house"', 'id = "../house"', "id"),
        ("default = 124", "default = 900", "240"),
        ("default = 124", "default = 119.0\nlow2 = 3", "low2"),
        ("default = 124", "default = 61", "outside"),
        ("default = 124", "default = nan", "file"),
        ("modes = {", 'modes = { "wobbly" = 3,', "wobbly"),
        ("[chords]", "[chords]\nlow = 70\nhigh = 72", "file"),
        ('signatures = ["4/4"]', 'signatures = ["4/4", "7/8"]', "7/8"),
        ('crash = "crash"', 'crash = "gong"', "gong"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_the_reason(tmp_path: Path, old: str, new: str, what: str) -> None:
    with pytest.raises(StudioError, match=r"mine\.toml") as refused:
        read_genre(changed(tmp_path, old, new))
    assert what in str(refused.value)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"id = ", b"[[[[", b"a = {" * 5000, b"#" * (MAX_SIZE + 1)])
def test_rubbish_is_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(data)
    with pytest.raises(StudioError, match=r"mine\.toml"):
        read_genre(file)


def test_ones_own_genres_join_and_replace_and_bad_ones_are_told(tmp_path: Path) -> None:
    changed(tmp_path, 'id = "house"', 'id = "my-house"')
    (tmp_path / "broken.toml").write_text("id = 3")
    found = load_genres(tmp_path)
    assert set(found.genres) == {*shipped(), "my-house"}
    assert len(found.refused) == 1 and "broken.toml" in found.refused[0]
    replaced = tmp_path / "other"
    replaced.mkdir()
    (replaced / "h.toml").write_text(HOUSE.replace('name = "EDM / House"', 'name = "Mine"'), encoding="utf-8")
    assert load_genres(replaced).find("house").name == "Mine"


def test_the_genres_asked_for_are_there() -> None:
    wanted = {
        "trap", "hip-hop", "lo-fi", "house", "pop", "rock", "jazz", "ambient", "reggae", "salsa", "reggaeton",
        "bachata", "drum-and-bass", "funk", "rnb", "afrobeat",
    }  # fmt: skip
    assert wanted <= set(shipped())
    assert load_genres().refused == (), "no file that comes with the studio is refused"


@pytest.mark.parametrize(
    "wishes",
    [
        Wishes(bpm=0.0),
        Wishes(bpm=10_000.0),
        Wishes(bpm=float("nan")),
        Wishes(bars=0),
        Wishes(bars=1000),
        Wishes(complexity=2.0),
        Wishes(swing=99.0),
        Wishes(seed=-1),
        Wishes(parts=()),
        Wishes(parts=("kazoo",)),
        Wishes(signature="13/16"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused_with_a_sentence(wishes: Wishes) -> None:
    with pytest.raises(StudioError) as refused:
        make_request(shipped()["house"], wishes)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("text", ["", "Z minor", "A wobbly", "minor", "A" * 500, "#"])
def test_keys_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(StudioError, match="not a key"):
        read_key(text)


def test_keys_are_read_as_people_write_them() -> None:
    read = {text: read_key(text) for text in ("A minor", "Am", "f# dorian", "Bb", "E♭ major", "C sharp min")}
    assert [(key.tonic, key.mode) for key in read.values()] == [
        (9, "minor"),
        (9, "minor"),
        (6, "dorian"),
        (10, "major"),
        (3, "major"),
        (1, "minor"),
    ]
    assert read_complexity("simple") < read_complexity("medium") < read_complexity("complex")
    with pytest.raises(StudioError, match="complexity"):
        read_complexity("very")


def test_a_groove_takes_the_place_of_swing_in_the_parts_it_is_for() -> None:
    from studio.document.grooves import Groove

    genre = shipped()["house"]
    groove = Groove(240, (0, 40, 10, 50), (10, -10, 0, -20))
    plain = Wishes(bars=2, humanise=0.0, key=read_key("A minor"))
    grooved = Wishes(bars=2, humanise=0.0, key=read_key("A minor"), groove=groove, grooved=("drums",))
    without = compose(genre, make_request(genre, plain))
    found = compose(genre, make_request(genre, grooved))
    drums = found.part("drums")[0].notes
    assert drums and all(n.shift == groove.shifts[((n.start - n.shift) // 240) % 4] for n in drums if n.start)
    for part in set(PARTS) - {"drums"}:
        a, b = ([(n.start, n.pitch) for p in c.part(part) for n in p.notes] for c in (without, found))
        assert sorted(a) == sorted(b), part
