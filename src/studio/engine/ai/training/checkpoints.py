"""Checkpoints of a training: what is needed to go on as if nothing had happened, whole or not there.

Each is a folder `step_000120` of `tensors.safetensors` and `state.json`, which holds the digest of the first and is
written last. No pickle. The last two are kept, so that one is good whatever happens while the next is written.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from ....errors import StudioError
from ..weights import WeightsError, read_header

KEPT = 2
TENSORS, STATE = "tensors.safetensors", "state.json"


class Point(msgspec.Struct, frozen=True):
    """A loss after so many steps."""

    step: int
    loss: float


class Progress(msgspec.Struct, frozen=True):
    """How far a training is. `best` is the step at which validation was best (0 before the first one), `waited` how
    many validations came since. `overtrained` is the step from which it learns by heart, None if it does not."""

    step: int = 0
    losses: tuple[Point, ...] = ()
    validations: tuple[Point, ...] = ()
    best: int = 0
    waited: int = 0
    overtrained: int | None = None


class _State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    progress: Progress
    settings: dict[str, Any]
    subject: str
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
    format: int = 1


def write(
    folder: Path, progress: Progress, settings: Mapping[str, Any], subject: str, tensors: Mapping[str, Any]
) -> Path:
    """Keeps a checkpoint and forgets all but the last `KEPT`. `subject` says what is trained on what.

    Raises StudioError when the disk does not take it; the checkpoints before it are still there then.
    """
    from safetensors.torch import save_file

    place, part = folder / f"step_{progress.step:06}", folder / f".step_{progress.step:06}.part"
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        save_file({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, part / TENSORS)
        state = _State(progress, dict(settings), subject, _digest(part / TENSORS))
        (part / STATE).write_bytes(msgspec.json.encode(state))
        shutil.rmtree(place, ignore_errors=True)
        part.rename(place)
    except (OSError, RuntimeError) as error:  # safetensors says a full disk with an error of its own
        shutil.rmtree(part, ignore_errors=True)
        raise StudioError(
            f"The training stopped at step {progress.step}: its checkpoint could not be written"
            f" ({getattr(error, 'strerror', None) or error}). Make room and go on from the one before."
        ) from error
    for old in _all(folder)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return place


def latest(folder: Path, settings: Mapping[str, Any], subject: str) -> tuple[Progress, dict[str, Any]] | None:
    """The newest checkpoint that is whole and was made by these settings on this subject: progress and tensors on the
    CPU. None where there is none."""
    from safetensors.torch import load_file

    for place in reversed(_all(folder)):
        with contextlib.suppress(OSError, msgspec.DecodeError, WeightsError, RuntimeError):
            state = msgspec.json.decode((place / STATE).read_bytes(), type=_State)
            same = state.subject == subject and _text(state.settings) == _text(settings)
            if same and _digest(place / TENSORS) == state.sha256:
                read_header(place / TENSORS)
                return state.progress, load_file(place / TENSORS)
    return None


def _all(folder: Path) -> list[Path]:
    return sorted(place for place in folder.glob("step_*") if place.is_dir())


def _text(settings: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(dict(settings), order="sorted")


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
