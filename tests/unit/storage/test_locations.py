from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.storage import locations


def folders() -> list[Path]:
    return [
        locations.data_folder(),
        locations.config_folder(),
        locations.projects_folder(),
        locations.cache_folder(),
        locations.logs_folder(),
    ]


def test_everything_is_under_studio_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "portable"))
    assert len(set(folders())) == 5
    for path in (*folders(), locations.library_file(), locations.preferences_file()):
        assert path.is_relative_to(tmp_path / "portable")


def test_studio_home_may_be_relative_or_in_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STUDIO_HOME", "here")
    assert locations.home() == tmp_path / "here"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("STUDIO_HOME", "~/there")
    assert locations.home() == tmp_path / "there"


@pytest.mark.skipif("sys.platform != 'linux'", reason="the folders of Linux")
def test_without_it_the_platform_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("STUDIO_HOME", raising=False)
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_MUSIC_DIR", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    assert locations.library_file() == tmp_path / "XDG_DATA_HOME" / "Studio" / "library.db"
    assert locations.preferences_file() == tmp_path / "XDG_CONFIG_HOME" / "Studio" / "preferences.json"
    assert all(path.name == "Studio" or "Studio" in path.parts for path in folders())


def test_the_folders_are_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    locations.create_folders()
    locations.create_folders()
    assert all(path.is_dir() for path in folders())


def test_a_folder_that_cannot_be_made_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "file"))
    with pytest.raises(StudioError, match="file/data"):
        locations.create_folders()
