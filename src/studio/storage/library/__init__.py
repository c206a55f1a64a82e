"""The library database: assets with search, tags and collections; recent projects; jobs."""

from .database import LibraryError, LibraryReadOnly, LibraryTooNew
from .library import Library
from .records import Asset, AssetKind, Collection, JobRecord, JobState, NewAsset, RecentProject, Tag

__all__ = [
    "Asset",
    "AssetKind",
    "Collection",
    "JobRecord",
    "JobState",
    "Library",
    "LibraryError",
    "LibraryReadOnly",
    "LibraryTooNew",
    "NewAsset",
    "RecentProject",
    "Tag",
]
