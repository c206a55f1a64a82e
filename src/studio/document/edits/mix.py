"""Faders, pans, mutes, solos, inserts and sends. A strip is named by its track's id, the master by `MASTER`."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from ..document import Edit, EditRefused
from ..project import Insert, Project, Send, Strip
from ._parts import change_track, find_track

MASTER = "master"


def find_strip(project: Project, strip_id: str) -> Strip:
    """The strip with this id; raises EditRefused when it is gone."""
    return project.master if strip_id == MASTER else find_track(project, strip_id).strip


def _edit(label: str, strip_id: str, change: Callable[[Strip], Strip], merge: str = "") -> Edit:
    def changed(project: Project) -> Project:
        if strip_id == MASTER:
            return replace(project, master=change(project.master))
        return change_track(project, strip_id, lambda track: replace(track, strip=change(track.strip)))

    return Edit(label, changed, merge)


def set_gain(strip_id: str, gain: float, merge: str = "") -> Edit:
    """Sets a fader: linear gain, 0.0 is silence."""
    return _edit("Fader", strip_id, lambda strip: replace(strip, gain=gain), merge)


def set_pan(strip_id: str, pan: float, merge: str = "") -> Edit:
    """Sets a pan, -1 left to 1 right."""
    return _edit("Pan", strip_id, lambda strip: replace(strip, pan=pan), merge)


def set_mute(strip_id: str, mute: bool) -> Edit:
    """Mutes a strip or lets it sound."""
    return _edit("Mute" if mute else "Unmute", strip_id, lambda strip: replace(strip, mute=mute))


def set_solo(strip_id: str, solo: bool) -> Edit:
    """Solos a strip or ends that."""
    return _edit("Solo" if solo else "Unsolo", strip_id, lambda strip: replace(strip, solo=solo))


def add_insert(strip_id: str, insert: Insert, index: int | None = None) -> Edit:
    """Puts an effect into a strip before slot `index`, after the last for None."""

    def change(strip: Strip) -> Strip:
        at = len(strip.inserts) if index is None else max(0, min(index, len(strip.inserts)))
        return replace(strip, inserts=(*strip.inserts[:at], insert, *strip.inserts[at:]))

    return _edit("Add effect", strip_id, change)


def change_insert(strip_id: str, insert: Insert, merge: str = "") -> Edit:
    """Replaces the effect that has the id of `insert`: new parameters, or bypass."""

    def change(strip: Strip) -> Strip:
        if all(known.id != insert.id for known in strip.inserts):
            raise EditRefused("This effect is no longer in the strip.")
        return replace(strip, inserts=tuple(insert if known.id == insert.id else known for known in strip.inserts))

    return _edit("Change effect", strip_id, change, merge)


def remove_insert(strip_id: str, insert_id: str) -> Edit:
    """Takes an effect out of a strip."""

    def change(strip: Strip) -> Strip:
        return replace(strip, inserts=tuple(known for known in strip.inserts if known.id != insert_id))

    return _edit("Remove effect", strip_id, change)


def set_send(strip_id: str, send: Send, merge: str = "") -> Edit:
    """Adds a send, or changes the one with its id. Raises EditRefused when the target is not a bus or feeds itself."""

    def change(project: Project) -> Project:
        if find_track(project, send.bus).kind != "bus" or send.bus == strip_id:
            raise EditRefused("A send goes to a bus other than itself; choose one of the buses.")

        def with_send(strip: Strip) -> Strip:
            others = tuple(known for known in strip.sends if known.id != send.id)
            return replace(strip, sends=(*others, send))

        return change_track(project, strip_id, lambda track: replace(track, strip=with_send(track.strip)))

    return Edit("Send", change, merge)


def remove_send(strip_id: str, send_id: str) -> Edit:
    """Takes a send out of a strip."""

    def change(strip: Strip) -> Strip:
        return replace(strip, sends=tuple(known for known in strip.sends if known.id != send_id))

    return _edit("Remove send", strip_id, change)
