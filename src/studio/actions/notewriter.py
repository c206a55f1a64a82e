"""Where on a track the notes of a recording go, and the edits that put them there."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..document.document import Edit
from ..document.edits.playing import Place, Played, bar_end, own_place, place_for, put_played, record_over
from ..document.notes import Control, Note
from ..document.project import Project, Track

Find = Callable[[int], Place]


class NoteWriter:
    """Writes what is played on one track. `origin` is the song tick from which on there can be notes.

    With `overdub` notes join the clips that are there, in every round of a loop; without, each round is a clip of its
    own, and `mute_before` mutes at the end what was played over.
    """

    def __init__(self, track: str, origin: int, overdub: bool) -> None:
        self._track, self._origin, self._overdub = track, origin, overdub
        self._rounds: dict[int, list[Place]] = {}
        self._spans: dict[int, tuple[int, int]] = {}

    def edit(
        self, project: Project, notes: Iterable[Note], controls: Iterable[Control], lap: int, span: tuple[int, int],
        last: bool,
    ) -> Edit | None:  # fmt: skip
        """Puts what is new in a round of the loop into the song; `span` are the ticks that were heard of the round.

        None where there is nothing to write. With `last` the clips end on bar lines.
        """
        track = project.track(self._track)
        if track is None:
            return None
        places = self._rounds.setdefault(0 if self._overdub else lap, [])
        notes_of: dict[str, list[Note]] = {}
        controls_of: dict[str, list[Control]] = {}
        for note in notes:
            notes_of.setdefault(self._place(project, track, places, note.start, span), []).append(note)
        for point in controls:
            controls_of.setdefault(self._place(project, track, places, point.tick, span), []).append(point)
        if not places:
            return None
        self._spans[lap] = span
        end = bar_end(project, span[1]) if last and self._overdub else span[1]
        places[:] = [place.grown(end) for place in places]
        parts = [
            (place, Played(tuple(notes_of.get(place.clip_id, ())), tuple(controls_of.get(place.clip_id, ()))))
            for place in places
        ]
        return put_played(track.id, track.name, parts)

    def mute_before(self) -> list[Edit]:
        """Mutes, where it was played over, what was there before and the rounds before the last one with notes."""
        edits = []
        for lap, span in sorted(self._spans.items()):
            kept = {place.clip_id for later, places in self._rounds.items() if later >= lap for place in places}
            edits.append(record_over(self._track, kept, *span))
        return edits

    def _place(self, project: Project, track: Track, places: list[Place], tick: int, span: tuple[int, int]) -> str:
        """The id of the clip for a note that begins at a tick."""
        found = next((at for at, place in enumerate(places) if place.anchor <= tick < place.limit), None)
        if found is None:
            made = place_for(project, track, tick, self._origin) if self._overdub else own_place(tick, span[0])
            places.append(made)
            return made.clip_id
        places[found] = places[found].grown(tick + 1)
        return places[found].clip_id
