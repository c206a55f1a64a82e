"""What belongs to the song as a whole: name, tempo, time signatures, loop, sections, markers, media."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from ..document import Edit, EditRefused
from ..project import Loop, Marker, Media, Project, Section
from ..time import Signature, TempoPoint


def sequence(label: str, edits: Sequence[Edit]) -> Edit:
    """Several edits as one undo step."""

    def change(project: Project) -> Project:
        for edit in edits:
            project = edit.change(project)
        return project

    return Edit(label, change)


def rename_song(name: str) -> Edit:
    """Gives the song a name."""
    return Edit("Rename song", lambda project: replace(project, name=name))


def set_tempo(tick: int, bpm: float, ramp: bool = False, merge: str = "") -> Edit:
    """Sets the tempo from `tick` on, replacing the point that stands there."""

    def change(project: Project) -> Project:
        points = {point.tick: point for point in project.tempo}
        points[tick] = TempoPoint(tick, bpm, ramp)
        return replace(project, tempo=tuple(points[key] for key in sorted(points)))

    return Edit("Tempo", change, merge)


def remove_tempo(tick: int) -> Edit:
    """Removes a tempo point other than the first."""

    def change(project: Project) -> Project:
        if tick == 0:
            raise EditRefused("A song always has its first tempo; change it instead.")
        return replace(project, tempo=tuple(point for point in project.tempo if point.tick != tick))

    return Edit("Remove tempo", change)


def set_signature(tick: int, numerator: int, denominator: int) -> Edit:
    """Sets the time signature from the bar that begins at `tick`; later ones move to the next bar line if they must."""

    def change(project: Project) -> Project:
        found = {signature.tick: signature for signature in project.signatures}
        found[tick] = Signature(tick, numerator, denominator)
        return replace(project, signatures=_on_bar_lines([found[key] for key in sorted(found)]))

    return Edit("Time signature", change)


def _on_bar_lines(signatures: Iterable[Signature]) -> tuple[Signature, ...]:
    out: list[Signature] = []
    for signature in signatures:
        if out:
            bar = out[-1].bar_ticks
            bars = -(-(signature.tick - out[-1].tick) // bar)
            out.append(replace(signature, tick=out[-1].tick + max(bars, 1) * bar))
        else:
            out.append(signature)
    return tuple(out)


def set_loop(start: int, end: int, on: bool, merge: str = "") -> Edit:
    """Sets the loop range in ticks and whether it is on."""
    low, high = sorted((max(0, start), max(0, end)))
    return Edit("Loop", lambda project: replace(project, loop=Loop(low, max(high, low + 1), on)), merge)


def put_section(section: Section, merge: str = "") -> Edit:
    """Adds a section, or replaces the one with its id."""

    def change(project: Project) -> Project:
        others = [known for known in project.sections if known.id != section.id]
        return replace(project, sections=tuple(sorted([*others, section], key=lambda s: (s.start, s.id))))

    return Edit("Section", change, merge)


def remove_section(section_id: str) -> Edit:
    """Removes a section."""
    return Edit(
        "Delete section",
        lambda project: replace(project, sections=tuple(s for s in project.sections if s.id != section_id)),
    )


def put_marker(marker: Marker, merge: str = "") -> Edit:
    """Adds a marker, or replaces the one with its id."""

    def change(project: Project) -> Project:
        others = [known for known in project.markers if known.id != marker.id]
        return replace(project, markers=tuple(sorted([*others, marker], key=lambda m: (m.start, m.id))))

    return Edit("Marker", change, merge)


def remove_marker(marker_id: str) -> Edit:
    """Removes a marker."""
    return Edit(
        "Delete marker",
        lambda project: replace(project, markers=tuple(m for m in project.markers if m.id != marker_id)),
    )


def put_media(media: Sequence[Media]) -> Edit:
    """Adds media, or replaces those with their ids (a relink)."""

    def change(project: Project) -> Project:
        fresh = {item.id: item for item in media}
        known = [item for item in project.media if item.id not in fresh]
        return replace(project, media=tuple(sorted([*known, *fresh.values()], key=lambda item: item.id)))

    return Edit("Media", change)
