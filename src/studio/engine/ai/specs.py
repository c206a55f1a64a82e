"""What is known of a neural model before it is there: an entry of models.toml.

Plain values, decoded by schema (`catalogue.py`); nothing here reads a model or imports what runs one.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from .loaders import LOADERS, Loader

Task = Literal["music", "cover", "chat", "speech", "lyrics", "stems", "video"]
Dtype = Literal["float32", "bfloat16", "float16"]
TimestepRule = Literal["", "uniform", "logit-normal", "sampler"]
"""How training draws its timesteps: evenly, more in the middle, or only those that the sampler visits."""

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
Line = Annotated[str, msgspec.Meta(max_length=400, pattern=r"^[^\x00-\x1f]*$")]
Repo = Annotated[str, msgspec.Meta(pattern=r"^([A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95})?$")]
Revision = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{40})?$")]
Digest = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{64})?$")]
Inside = Annotated[str, msgspec.Meta(pattern=r"^(?!.*(^|/)\.\.?(/|$))[\w@+=,. -][\w@+=,. /-]{0,250}$")]
"""A path inside a model's folder, with forward slashes, that leads nowhere else."""

Pattern = Annotated[str, msgspec.Meta(pattern=r"^[\w@+=,. /*?-]{1,250}$")]
Licence = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9.+-]{0,63}$")]
Gigabytes = Annotated[float, msgspec.Meta(ge=0.0, le=4096.0)]


class ModelFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A file of a model: path inside its folder, SHA-256 in hexadecimal and size in bytes where they are known."""

    path: Inside
    sha256: Digest = ""
    bytes: Annotated[int, msgspec.Meta(ge=0, le=2**50)] = 0


class ModelSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One model of the catalogue.

    It comes from `repo` at `revision` (empty: pinned to what the hub has at the first download), or lies in `folder`,
    which may be a `.safetensors` file for an adapter. `files` are known beforehand; of the others the digests are
    recorded at the first download. `only` and `skip` narrow down which files of the repository are fetched.

    `dtype` is what its weights are loaded as, `overrides` names components that need another. Memory is in gigabytes:
    `memory` is enough with offloading, `comfortable` without. `needs` maps what the loader asks for beside the model to
    other entries, of the kind "part" where nobody would choose them alone. `base` is the entry an adapter was trained
    on; `training_base` the one to train adapters of this model on, where that is another. `stems` are the names of what
    a network takes a mix apart into, in its order.
    """

    name: Name
    title: Line
    task: Task
    loader: Line
    licence: Licence
    commercial: bool
    attribution: Line
    kind: Literal["model", "adapter", "part"] = "model"
    repo: Repo = ""
    revision: Revision = ""
    folder: Annotated[str, msgspec.Meta(max_length=4096)] = ""
    files: Annotated[tuple[ModelFile, ...], msgspec.Meta(max_length=10_000)] = ()
    only: Annotated[tuple[Pattern, ...], msgspec.Meta(max_length=100)] = ()
    skip: Annotated[tuple[Pattern, ...], msgspec.Meta(max_length=100)] = ()
    gated: bool = False
    note: Line = ""
    dtype: Dtype = "bfloat16"
    overrides: dict[Name, Dtype] = {}
    memory: Gigabytes = 0.0
    comfortable: Gigabytes = 0.0
    lora_targets: Annotated[tuple[Line, ...], msgspec.Meta(max_length=100)] = ()
    timestep_rule: TimestepRule = ""
    training_base: str = ""
    base: str = ""
    needs: dict[Name, Name] = {}
    stems: Annotated[tuple[Name, ...], msgspec.Meta(max_length=32)] = ()

    @property
    def runs_on(self) -> Loader:
        """How it is loaded."""
        return LOADERS[self.loader]

    @property
    def weights(self) -> str:
        """The ending of the files that hold its weights, which decides what of a repository is ever fetched."""
        return self.runs_on.weights

    @property
    def local(self) -> bool:
        """Whether it lies in a folder of the user's rather than in the store."""
        return bool(self.folder)
