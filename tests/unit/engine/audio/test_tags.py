"""Tags come back as they were written, leave the sound alone, and a damaged or hostile file is refused or empty."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.engine.audio.decode import decode_blocks
from studio.engine.audio.export import AudioWriter
from studio.engine.audio.tags import MAX_RECIPE, TagError, Tags, read_tags, write_tags
from studio.errors import StudioError

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
TAGS = Tags("Night bus", "Nobody", "for the second verse — naïve 日本 🎹", '{"seed": 7, "prompt": "dub\\n"}', PNG)
KINDS = ("wav", "flac", "mp3", "ogg", "opus")


def sound(path: Path) -> Path:
    noise = np.random.default_rng(5).normal(0, 0.1, (2, 9600)).astype(np.float32)
    with AudioWriter(path, path.suffix[1:], 48_000, 2, "24") as writer:  # type: ignore[arg-type]
        writer.write(noise)
    return path


def heard(path: Path) -> np.ndarray:
    return np.concatenate(list(decode_blocks(path)), axis=1)


@pytest.mark.parametrize("kind", KINDS)
def test_they_come_back_and_the_sound_stays(tmp_path: Path, kind: str) -> None:
    path = sound(tmp_path / f"one.{kind}")
    before = heard(path)
    write_tags(path, TAGS)
    assert read_tags(path) == TAGS
    assert np.array_equal(heard(path), before)
    write_tags(path, Tags(title="Another"))
    again = read_tags(path)
    assert (again.title, again.recipe, again.cover) == ("Another", TAGS.recipe, PNG)


def test_files_without_tags_have_none(tmp_path: Path) -> None:
    assert read_tags(sound(tmp_path / "one.wav")) == Tags() == read_tags(sound(tmp_path / "one.flac"))
    assert read_tags(tmp_path / "notes.mid") == Tags()
    with pytest.raises(TagError, match="has no place for tags; use FLAC, MP3"):
        write_tags(tmp_path / "one.aiff", TAGS)
    with pytest.raises(TagError, match="too large"):
        write_tags(tmp_path / "one.wav", Tags(recipe="x" * (MAX_RECIPE + 1)))


@pytest.mark.parametrize("kind", ("wav", "flac"))
def test_a_recipe_of_a_size_that_is_none_is_left_out(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sound(tmp_path / f"one.{kind}")
    write_tags(path, TAGS)
    monkeypatch.setattr("studio.engine.audio.tags.MAX_RECIPE", 5)
    assert read_tags(path) == Tags(TAGS.title, TAGS.artist, TAGS.comment)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    whole = tmp_path / f"whole.{kind}"
    if not whole.exists():
        write_tags(sound(whole), TAGS)
    content = bytearray(whole.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    damaged = tmp_path / f"damaged.{kind}"
    damaged.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        assert isinstance(read_tags(damaged), Tags)
    except StudioError as error:
        assert "damaged.wav"[:7] in str(error)


def test_a_float_wav_of_a_song_keeps_its_header(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    with AudioWriter(path, "wav", 48_000, 2, "32f") as writer:
        writer.write(np.ones((2, 4800), np.float32))
    write_tags(path, TAGS)
    assert soundfile.info(path).frames == 4800 and read_tags(path).recipe == TAGS.recipe
