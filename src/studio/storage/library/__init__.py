"""The library database: assets with search, tags and collections; recent projects; coached takes; jobs."""

from .database import LibraryError, LibraryReadOnly, LibraryTooNew
from .library import Library
from .records import (
    Asset,
    AssetKind,
    CoachedTake,
    Collection,
    JobRecord,
    JobState,
    NewAsset,
    Practised,
    RecentProject,
    Tag,
)

__all__ = [
    "Asset",
    "AssetKind",
    "CoachedTake",
    "Collection",
    "JobRecord",
    "JobState",
    "Library",
    "LibraryError",
    "LibraryReadOnly",
    "LibraryTooNew",
    "NewAsset",
    "Practised",
    "RecentProject",
    "Tag",
]
