"""A draft is looked at anew: are its files what they were, and what is doubtful about each."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from ...engine.ai.datasets.items import Item
from ...engine.ai.datasets.kinds import kind_of
from ...engine.jobs import Work
from ...errors import StudioError
from ...storage.datasets import Seen
from ...storage.library import Dataset
from .adding import COMPARED
from .examining import Doubt, Examined, alike, examine
from .shelf import Shelf, item_of


class Checked(msgspec.Struct, frozen=True):
    """An item, what is doubtful about it, and whether its file cannot be used."""

    id: int
    item: Item
    doubts: tuple[Doubt, ...]
    unusable: bool = False


def recheck(shelf: Shelf, dataset: Dataset, work: Work) -> list[Checked]:
    """Examines every item of the draft again and keeps what was found. Worker threads."""
    folder, drafts = shelf.folder(dataset), shelf.library.drafts
    seen, kind = Seen(folder), kind_of(dataset.kind)
    checked: list[Checked] = []
    prints: list[tuple[str, bytes]] = []
    names: dict[str, str] = {}
    for row in drafts.items(dataset.id):
        work.check()
        item = item_of(row)
        work.report(len(checked) / max(dataset.items, 1), f"Examining {item.name}")
        names[item.sha256] = item.name
        if state := seen.state(item.media, item.sha256, work):
            told = "Its file is gone; add it again." if state == "gone" else "Its file has changed; add it again."
            checked.append(Checked(row.id, item, (Doubt("file", told),), unusable=True))
            drafts.change([replace(row, facts=Examined(item.seconds, doubts=checked[-1].doubts).facts())])
            continue
        try:
            found = examine(kind, folder.media(item.media), item.name, work.check)
        except StudioError as error:
            work.check()
            found = Examined(item.seconds, doubts=(Doubt("reading", str(error)),))
        twin = alike(kind, found.print, prints[-COMPARED:])
        if twin is not None:
            sentence = f"It is nearly the same as “{names[twin[0]]}” ({twin[1]:.0%} alike)."
            found = replace(found, doubts=(*found.doubts, Doubt("likeness", sentence)))
        prints += [(item.sha256, found.print)] if found.print else []
        drafts.change([replace(row, facts=found.facts(), print=found.print)])
        checked.append(Checked(row.id, item, found.doubts))
    seen.note()
    return checked
