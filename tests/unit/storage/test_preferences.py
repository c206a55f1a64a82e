import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.storage import preferences
from studio.storage.preferences import AudioDevice, Preferences, PreferencesError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "preferences.json"


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def test_a_first_start_has_the_defaults(file: Path) -> None:
    assert Preferences.load(file) == Preferences()
    assert not file.exists()


def test_what_is_saved_is_read_again(file: Path) -> None:
    changed = Preferences().update(
        audio=AudioDevice("ALSA", "loop", "loop.monitor", 44_100, 256, 0.02),
        metronome=True,
        count_in_bars=2,
        ui_scale=1.5,
        grid="1/16",
        import_folder="/musik/Übung \udcff",
        shortcuts={"play": "Space", "split": ""},
        export_bits="32f",
    )
    changed = changed.with_round_trip("loop", 48_000, 256, 1234).with_search("kick")
    changed.save(file)
    assert Preferences.load(file) == changed


def test_the_installation_has_its_own_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path))
    Preferences(metronome=True).save()
    assert Preferences.load().metronome
    assert (tmp_path / "config" / "preferences.json").is_file()


def test_a_value_without_sense_is_replaced_and_noted_and_the_others_stay(file: Path) -> None:
    document = {
        "count_in_bars": 99,
        "grid": "1/7",
        "metronome": "yes",
        "follow": "smooth",
        "audio": {"output": "Speakers", "rate": -1},
        "round_trips": [{"device": 1}],
        "project_rate": None,
    }
    write(file, json.dumps(document))
    found = Preferences.load(file)
    assert found.audio == AudioDevice(output="Speakers")
    assert (found.count_in_bars, found.grid, found.metronome, found.round_trips) == (1, "adaptive", False, ())
    assert (found.follow, found.project_rate) == ("smooth", 48_000)
    assert sorted(note.split("“")[1].split("”")[0] for note in found.notes) == [
        "audio.rate",
        "count_in_bars",
        "grid",
        "metronome",
        "project_rate",
        "round_trips",
    ]


def test_not_a_number_is_no_level(file: Path) -> None:
    write(file, '{"metronome_level": NaN, "ui_scale": 1e999}')
    found = Preferences.load(file)
    assert (found.metronome_level, found.ui_scale) == (0.5, None)
    assert len(found.notes) == 2


def test_fields_of_a_newer_version_stay(file: Path) -> None:
    write(file, '{"theme": {"name": "light"}, "audio": {"output": "A", "exclusive": true}, "shortcuts": {"a": "X"}}')
    Preferences.load(file).update(shortcuts={"b": "Y"}).save(file)
    document = json.loads(file.read_text())
    assert document["theme"] == {"name": "light"}
    assert document["audio"]["exclusive"] is True
    assert document["audio"]["output"] == "A"
    assert document["shortcuts"] == {"b": "Y"}


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "\0\0\0", '{"a": ' + "[" * 100_000, "nul"])
def test_a_damaged_file_is_kept_aside(file: Path, text: str) -> None:
    write(file, text)
    found = Preferences.load(file)
    assert found.update(notes=()) == Preferences()
    assert len(found.notes) == 1
    kept = list(file.parent.glob("preferences.json-damaged-*"))
    assert [path.read_text("utf-8") for path in kept] == [text]
    found.save(file)
    assert Preferences.load(file).notes == ()


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=200))
def test_no_bytes_stop_the_start(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.mktemp("any") / "preferences.json"
    file.write_bytes(data)
    Preferences.load(file).save(file)
    assert Preferences.load(file).notes == ()


texts = st.sampled_from(["", "device", "1/4", "Ctrl+S", "ü\udcff", "flac"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None, max_examples=100)
@given(st.dictionaries(st.sampled_from([*Preferences.__struct_fields__, "new"]), json_values, max_size=6))
def test_any_values_are_read_and_a_second_time_without_a_note(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, object]
) -> None:
    file = tmp_path_factory.mktemp("any") / "preferences.json"
    file.write_text(json.dumps(document))
    found = Preferences.load(file)
    found.save(file)
    assert Preferences.load(file) == found.update(notes=())


def test_a_change_without_sense_is_refused() -> None:
    for change in ({"count_in_bars": -1}, {"grid": "x"}, {"metronome_level": float("nan")}, {"audio": None}):
        with pytest.raises(PreferencesError):
            Preferences().update(**change)
    with pytest.raises(TypeError, match="metronom"):
        Preferences().update(metronom=True)


def test_a_round_trip_is_found_by_device_rate_and_buffer() -> None:
    known = Preferences().with_round_trip("A", 48_000, 256, 100).with_round_trip("A", 48_000, 512, 200)
    known = known.with_round_trip("A", 48_000, 256, 111)
    assert known.round_trip("A", 48_000, 256) == 111
    assert known.round_trip("A", 48_000, 512) == 200
    assert known.round_trip("A", 44_100, 256) is None
    for number in range(300):
        known = known.with_round_trip(f"device {number}", 48_000, 256, number)
    assert len(known.round_trips) == preferences.KEPT_ROUND_TRIPS
    assert known.round_trip("device 299", 48_000, 256) == 299


def test_searches_are_remembered_once_latest_first() -> None:
    known = Preferences()
    for text in ("kick", "snare", " Kick ", "", *map(str, range(30))):
        known = known.with_search(text)
    assert known.recent_searches[:2] == ("29", "28")
    assert len(known.recent_searches) == preferences.KEPT_SEARCHES
    assert Preferences().with_search("kick").with_search("KICK").recent_searches == ("KICK",)


def test_a_write_that_fails_leaves_the_old_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Preferences(metronome=True).save(file)
    before = file.read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(preferences.os, "fsync", full)
    with pytest.raises(PreferencesError, match="No space left"):
        Preferences(count_in_bars=4).save(file)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_folder_that_is_a_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("")
    file = tmp_path / "config" / "preferences.json"
    assert Preferences.load(file).notes
    with pytest.raises(PreferencesError, match="cannot be written"):
        Preferences().save(file)
