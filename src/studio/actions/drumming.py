"""The model of drummers at the producer: it writes the drums, or plays and fills what the rules have written."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..document.recipes import BOTH, ENGINES, RULES, Request
from ..document.time import PPQ
from ..engine.ai.groove.hits import FILL, FINES, LANE_OF, LANES, NO_FILL, PITCHES, STEPS, Hits, in_order
from ..engine.ai.groove.keeping import load_network
from ..engine.ai.groove.playing import CLOSE, HEARD, NEAR, NO_HITS, Guide, Wish, write_bar
from ..engine.ai.groove.threads import one_thread
from ..engine.music.composer.draft import Draft, Felt, loudness
from ..engine.music.composer.drums import SHORT, fill_of
from ..engine.music.composer.feel import grooved, play, swing_of, swung
from ..engine.music.composer.sheet import Bar, Sheet

if TYPE_CHECKING:
    from ..engine.ai.groove.network import GrooveNetwork

Told = Callable[[float], None]

STEP = 4 * PPQ // STEPS
"""Ticks of a step."""
FINE = STEP // FINES

SWUNG = 2.0
"""How many 24ths of a step around its place are likely for a stroke that swing or a groove has moved."""

_PLAYED_ON = LANE_OF | {39: 1}
"""The lane of each pitch; to the model a clap is the snare of those who have none."""

_STYLES = {
    "bachata": "latin", "bossa-nova": "latin", "disco": "funk", "folk": "country", "hip-hop": "hiphop",
    "house": "pop", "lo-fi": "hiphop", "reggaeton": "latin", "rnb": "soul", "salsa": "afrocuban", "techno": "pop",
    "trap": "hiphop",
}  # fmt: skip
"""What drummers would call the genres that the model does not know by their own names."""

_turn = threading.Lock()
_networks: list[GrooveNetwork] = []


def drummer_of(request: Request, told: Told = lambda _: None) -> GrooveDrummer | None:
    """Who plays the drums of a request in place of the rules; None where nobody does. A worker thread.

    `told` hears after each bar how far the drums are, 0 to 1, and may raise to stop. The first call imports torch.
    Raises StudioError with the reason where the model cannot be had.
    """
    if request.engine == RULES or request.engine not in ENGINES or "drums" not in request.parts or not fits(request):
        return None
    with _turn:
        if not _networks:
            _networks.append(load_network()[0])
    return GrooveDrummer(_networks[0], told)


def fits(request: Request) -> bool:
    """Whether the model can play the request's bars."""
    return (request.numerator, request.denominator) == (4, 4)


def remarks(request: Request) -> list[str]:
    """Sentences about what the model does otherwise than asked."""
    if request.engine == RULES or "drums" not in request.parts:
        return []
    if not fits(request):
        return ["The groove model plays in 4/4 only; the rules have written the drums."]
    if request.engine == BOTH:
        return []
    grooved_drums = request.groove is not None and "drums" in request.grooved
    unheard = [name for name, said in (("swing", request.swing is not None), ("groove", grooved_drums)) if said]
    if not unheard:
        return []
    return [f"The groove model drums with its own feel; the {' and the '.join(unheard)} shape the other parts only."]


class GrooveDrummer:
    """Plays bars with the network, one thread at a time."""

    def __init__(self, network: GrooveNetwork, told: Told) -> None:
        self._network, self._told = network, told

    def play(self, sheet: Sheet, bar: Bar, written: Sequence[Draft]) -> list[Felt]:
        """As of Drummer."""
        self._told(bar.number / len(sheet.bars))
        if sheet.ends(bar):
            return play(sheet, "drums", bar, written)
        with one_thread():
            return self._both(sheet, bar, written) if sheet.request.engine == BOTH else self._own(sheet, bar, written)

    def _own(self, sheet: Sheet, bar: Bar, written: Sequence[Draft]) -> list[Felt]:
        """A bar of the model's, with the crash of the rules where a section opens.

        A kind of section begins from the bar of the rules, which the model plays to itself first: so it is in the
        genre, and a chorus is another one than the verse.
        """
        heard, bars = _heard(sheet, bar)
        if not bars and written:
            _, guide = _guide(sheet, bar, written)
            heard, bars = in_order(self._write(sheet, bar, NO_HITS, 0, NO_FILL, guide)), 1
        hits = self._write(sheet, bar, heard, bars, FILL if _fill_from(sheet, bar) < STEPS else NO_FILL, None)
        played = [_felt(sheet, bar, *hit) for hit in _rows(hits)]
        drums = sheet.genre.drums
        crash = drums.crash if drums is not None else ""
        opening = [one for one in written if one.lane == crash and one.start == bar.start]
        if opening and not any(felt.draft.lane == crash and felt.draft.start == bar.start for felt in played):
            played += [Felt(one, 0, 0) for one in opening]
        return played

    def _both(self, sheet: Sheet, bar: Bar, written: Sequence[Draft]) -> list[Felt]:
        """The bar of the rules with the model's timing and touch, its end filled by the model where it is a fill."""
        free = _fill_from(sheet, bar)
        mine = [one for one in written if one.pitch in _PLAYED_ON and _step(one, bar) < free]
        rest = [one for one in written if one.pitch not in _PLAYED_ON]
        codes, guide = _guide(sheet, bar, mine, free)
        hits = _rows(self._write(sheet, bar, *_heard(sheet, bar), FILL if free < STEPS else NO_FILL, guide))
        kept = min(len(mine), len(hits))
        played = [
            _touched(sheet, mine[n], bar, code, hit) for (code, n), hit in zip(codes[:kept], hits[:kept], strict=True)
        ]
        return [*played, *(_felt(sheet, bar, *hit) for hit in hits[kept:]), *play(sheet, "drums", bar, rest)]

    def _write(self, sheet: Sheet, bar: Bar, heard: Hits, bars: int, kind: int, guide: Guide | None) -> Hits:
        request = sheet.request
        style = _STYLES.get(sheet.genre.id, sheet.genre.id)
        wish = Wish(style, request.bpm, sheet.seed("drums", bar.number), 0.6 + 0.5 * request.complexity)
        return write_bar(self._network, heard, bars, wish, bar.number, kind, guide)


def _guide(
    sheet: Sheet, bar: Bar, written: Sequence[Draft], free: int = STEPS
) -> tuple[list[tuple[tuple[int, int, int, int], int]], Guide]:
    """What the rules have written as a guide, and its codes in order with their numbers in `written`."""
    kept = [(n, one) for n, one in enumerate(written) if one.pitch in _PLAYED_ON]
    codes = sorted((_placed(sheet, one, bar), n) for n, one in kept)
    columns = np.array([code for code, _ in codes], np.int64).reshape(-1, 4)
    return codes, Guide(Hits(*(columns[:, n] for n in range(4))), 0.0, NEAR, _close(sheet), free)


def _fill_from(sheet: Sheet, bar: Bar) -> int:
    """The step from which a bar is a fill; STEPS where it is none."""
    drums = sheet.genre.drums
    fill = fill_of(sheet, "drums", drums, bar) if drums is not None else None
    return STEPS if fill is None else min(fill.from_beat * STEPS // 4, STEPS - 1)


def _before(sheet: Sheet, bar: Bar) -> list[int]:
    """The bars that a bar goes on from: its section's so far, and before those the last section of its kind.

    Fills are left out: a drummer goes back to what was before.
    """
    own = list(range(bar.section.first, bar.number))
    alike = [one for one in sheet.sections if one.first < bar.section.first and one.kind == bar.section.kind]
    past = [n for one in alike[-1:] for n in range(one.first, one.first + one.bars)]
    return [n for n in [*past, *own] if sheet.played.get(n) and _fill_from(sheet, sheet.bars[n]) == STEPS][
        -HEARD // 2 :
    ]


def _heard(sheet: Sheet, bar: Bar) -> tuple[Hits, int]:
    """What was played in the bars that a bar goes on from, as if they followed each other, and how many they are."""
    bars, rows = _before(sheet, bar), []
    for n, number in enumerate(bars):
        start = sheet.bars[number].start
        for felt in sheet.played[number]:
            lane = _PLAYED_ON.get(felt.draft.pitch)
            if lane is not None:
                step, fine = _code(felt.draft.start + felt.shift - start)
                step = min(max(step, 0), STEPS - 1)
                rows.append((n * STEPS + step, lane, fine, (felt.draft.velocity + felt.lift - 1) // 8))
    columns = np.array(rows, np.int64).reshape(-1, 4)
    return in_order(Hits(*(columns[:, n] for n in range(4)))), len(bars)


def _close(sheet: Sheet) -> float:
    """How near to its place a stroke stays: nearer where swing or a groove has moved it."""
    request = sheet.request
    moved = request.groove is not None and "drums" in request.grooved
    return SWUNG if moved or swing_of(sheet)[0] != 0.5 else CLOSE


def _code(tick: int) -> tuple[int, int]:
    """The step and the fine timing of a tick, counted from a bar line."""
    step, rest = divmod(round(tick / FINE) + FINES // 2, FINES)
    return step, rest


def _step(draft: Draft, bar: Bar) -> int:
    return (draft.start - bar.start) // STEP


def _placed(sheet: Sheet, draft: Draft, bar: Bar) -> tuple[int, int, int, int]:
    """A stroke of the rules as codes, where swing or groove place it before anyone is uneven."""
    request, into = sheet.request, draft.start - bar.start
    if request.groove is not None and "drums" in request.grooved:
        shift, accent = grooved(request.groove, draft.start)
    else:
        shift, accent = swung(into, *swing_of(sheet)), 0
    step, fine = _code(into + shift)
    step, fine = (step, fine) if step < STEPS else (STEPS - 1, FINES - 1)
    return max(step, 0), _PLAYED_ON[draft.pitch], fine, (loudness(1.0, draft.velocity + accent) - 1) // 8


def _rows(hits: Hits) -> list[tuple[int, int, int, int]]:
    columns = (hits.steps, hits.lanes, hits.fines, hits.velocities)
    return [(a, b, c, d) for a, b, c, d in zip(*(column.tolist() for column in columns), strict=True)]


def _felt(sheet: Sheet, bar: Bar, step: int, lane: int, fine: int, velocity: int) -> Felt:
    """A hit of the model's, written on its step."""
    name, pitch = _drum(sheet, lane)
    draft = Draft(bar.start + step * STEP, SHORT, pitch, min(velocity * 8 + 5, 127), name)
    amount = min(sheet.request.humanise / 0.5, 1.0)
    return Felt(draft, round((fine - FINES // 2) * FINE * amount), 0)


def _touched(
    sheet: Sheet, draft: Draft, bar: Bar, code: tuple[int, int, int, int], hit: tuple[int, int, int, int]
) -> Felt:
    """A stroke of the rules as the model plays it: as far from where it was placed as the humanising says."""
    amount = sheet.request.humanise / 0.5
    placed = code[0] * STEP + (code[2] - FINES // 2) * FINE
    shift = placed - (draft.start - bar.start) + round((hit[2] - code[2]) * FINE * amount)
    lift = loudness(1.0, draft.velocity + round((hit[3] - code[3]) * 8 * amount)) - draft.velocity
    return Felt(draft, shift, lift)


def _drum(sheet: Sheet, lane: int) -> tuple[str, int]:
    """The genre's drum of a lane by name and pitch, or the one of General MIDI."""
    drums = sheet.genre.drums
    for known in (LANE_OF, _PLAYED_ON):
        for name, kind in drums.lanes.items() if drums is not None else ():
            if known.get(kind.pitch) == lane:
                return name, kind.pitch
    return LANES[lane].replace(" ", "_"), PITCHES[lane]
