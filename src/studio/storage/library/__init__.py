"""The library database: assets with search, tags and collections; recent projects; coached takes; jobs; datasets."""

from .database import LibraryError, LibraryReadOnly, LibraryTooNew
from .library import Library
from .records import (
    Approval,
    Asset,
    AssetKind,
    CoachedTake,
    Collection,
    Dataset,
    DraftItem,
    Generation,
    JobRecord,
    JobState,
    Mark,
    NewAsset,
    Practised,
    RecentProject,
    Tag,
)

__all__ = [
    "Approval",
    "Asset",
    "AssetKind",
    "CoachedTake",
    "Collection",
    "Dataset",
    "DraftItem",
    "Generation",
    "JobRecord",
    "JobState",
    "Library",
    "LibraryError",
    "LibraryReadOnly",
    "LibraryTooNew",
    "Mark",
    "NewAsset",
    "Practised",
    "RecentProject",
    "Tag",
]
