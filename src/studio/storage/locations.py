"""Where the studio keeps things: in the platform's own folders, or all under one folder named by `STUDIO_HOME`.

With `STUDIO_HOME` set nothing is read or written elsewhere, so a portable installation or a test is alone with itself.
Every function reads the environment when it is called; none makes the folder it names, see `create_folders`.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from ..errors import StudioError

HOME_VARIABLE = "STUDIO_HOME"
"""The environment variable that puts everything under one folder."""

_platform = platformdirs.PlatformDirs("Studio", appauthor=False)


def home() -> Path | None:
    """The folder that `STUDIO_HOME` names, absolute, or None where the platform's folders are used."""
    name = os.environ.get(HOME_VARIABLE, "").strip()
    return Path(os.path.abspath(Path(name).expanduser())) if name else None  # noqa: PTH100 - resolve() follows links


def data_folder() -> Path:
    """What must not be lost beside the projects: the library, downloaded models."""
    return _under("data") or _platform.user_data_path


def config_folder() -> Path:
    """What the user has set."""
    return _under("config") or _platform.user_config_path


def projects_folder() -> Path:
    """Where new projects are made unless the preferences say otherwise: `Studio` in the user's music folder."""
    return _under("projects") or _platform.user_music_path / "Studio"


def cache_folder() -> Path:
    """What can be made again."""
    return _under("cache") or _platform.user_cache_path


def logs_folder() -> Path:
    """What the program writes about itself."""
    return _under("logs") or _platform.user_log_path


def library_file() -> Path:
    """The library database."""
    return data_folder() / "library.db"


def preferences_file() -> Path:
    """The preferences."""
    return config_folder() / "preferences.json"


def create_folders() -> None:
    """Makes the folders that are missing. Raises StudioError naming the one that cannot be made."""
    for folder in (data_folder(), config_folder(), projects_folder(), cache_folder(), logs_folder()):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as cause:
            raise StudioError(
                f"The folder {folder} cannot be made ({cause.strerror}); make room or rights for it,"
                f" or set {HOME_VARIABLE} to a folder that can be written."
            ) from cause


def _under(name: str) -> Path | None:
    root = home()
    return root / name if root is not None else None
