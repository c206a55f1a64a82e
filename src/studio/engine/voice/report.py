"""The report on a take as one HTML page that needs nothing else: scores, hints, each phrase with a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from .advice import Advice
from .aims import Judged
from .grading import Graded, GradedNote, Tolerance
from .phrases import Phrase, clock
from .pitchtrack import PitchTrack, name_of

WIDTH, ROW = 900, 14
"""Pixels of a picture: its width, and the height of a semitone."""

LEFT = 44
"""Pixels for the names of the notes."""

MARGIN = 0.4
"""Seconds shown before and after a phrase."""

MOST_ROWS = 30
"""Semitones that a picture shows at most; what lies outside is left out."""

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d2126;background:#fff}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}h3{font-size:1rem;margin:1.5rem 0 .3rem}
table{border-collapse:collapse;margin:.5rem 0}td,th{padding:.15rem .8rem .15rem 0;text-align:right}
td:first-child,th:first-child{text-align:left}.big{font-size:2rem;font-weight:600}.soft{color:#5c6672}
svg{width:100%;height:auto;border:1px solid #d6dbe0;border-radius:4px;background:#fafbfc}
.bar{fill:#c9d6e4;stroke:#7f96ad}.golden{fill:#f3dfa3;stroke:#b58f1e}.free{fill:none;stroke:#9aa5b1;stroke-dasharray:4}
.row{stroke:#e6eaee}.name{font:10px system-ui;fill:#5c6672}.word{font:11px system-ui;fill:#1d2126}
.in{stroke:#1a7f4b}.close{stroke:#b7791f}.off{stroke:#c0392b}.in,.close,.off,.plain{fill:none;stroke-width:2}
.plain{stroke:#5c6672}
@media(prefers-color-scheme:dark){body{color:#e4e8ec;background:#16191d}svg{background:#1d2126;border-color:#363d45}
.row{stroke:#2b3138}.bar{fill:#2f4257;stroke:#6d89a6}.golden{fill:#5a4a17;stroke:#d3ab3c}.name,.soft{fill:#98a3af;color:#98a3af}
.word{fill:#e4e8ec}.in{stroke:#4cc38a}.close{stroke:#e0a94a}.off{stroke:#ef7a6d}}
"""


def page(
    name: str, aim: str, track: PitchTrack, judged: Judged, notices: Sequence[str], tolerance: Tolerance | None = None
) -> str:
    """The report as HTML text, the worst phrase first. `aim` names what it is judged by, empty for nothing. Pure."""
    allowed = tolerance or Tolerance()
    parts = [
        f"<h1>{escape(name)}</h1>",
        f"<p class=soft>Judged by {escape(aim)}.</p>" if aim else "<p class=soft>Sung freely.</p>",
        *(f"<p><strong>{escape(notice)}</strong></p>" for notice in notices),
        _scores(judged),
        _advice(judged.advice),
        "<h2>Phrases, the worst first</h2>" if judged.phrases else "<p>No phrase was heard.</p>",
        *(_phrase(track, judged.graded, one, allowed) for one in sorted(judged.phrases, key=lambda one: one.score)),
        _notes(judged),
    ]
    title = escape(f"{name}: the coach's report")
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{STYLE}</style>\n'
        + "\n".join(part for part in parts if part)
        + "\n</html>\n"
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return "<table><tr>" + "".join(f"<th>{escape(cell)}</th>" for cell in head) + f"</tr>{body}</table>"


def _scores(judged: Judged) -> str:
    graded, scores = judged.graded, judged.graded.scores
    rows = [
        ("Pitch", f"{scores.pitch:.0f}", f"{graded.accuracy:+.0f} cents on the mean, ±{graded.precision:.0f}"),
        ("Rhythm", _number(scores.rhythm), _rhythm(graded)),
        ("Consistency", _number(scores.consistency), ""),
    ]
    if judged.karaoke is not None:
        rows.append(("UltraStar", str(judged.karaoke.points), judged.karaoke.rank))
    sure = f"<span class=soft>of 100, {scores.confidence:.0%} sure</span>"
    return f"<p><span class=big>{scores.overall:.0f}</span> {sure}</p>" + _table(("Score", "", ""), rows)


def _rhythm(graded: Graded) -> str:
    if graded.rhythm is None:
        return "no onsets to judge"
    late, spread = 1000 * graded.rhythm.late, 1000 * graded.rhythm.spread
    return f"{abs(late):.0f} ms {'late' if late > 0 else 'early'} on the mean, ±{spread:.0f} ms"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def _advice(advice: Advice) -> str:
    def items(lines: Iterable[str]) -> str:
        return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"

    parts = []
    if advice.hints:
        parts.append("<h2>What to work on</h2>" + items(_with_times(tip.text, tip.times) for tip in advice.hints))
    if advice.praise:
        parts.append("<h2>What went well</h2>" + items(tip.text for tip in advice.praise))
    if advice.plan:
        plan = (
            f"{one.kind.capitalize()}, {name_of(one.low)} to {name_of(one.high)}, {one.bpm:g} BPM: {one.why}"
            for one in advice.plan
        )
        parts.append("<h2>To practise</h2>" + items(plan))
    return "".join(parts)


def _with_times(text: str, times: Sequence[float]) -> str:
    shown = ", ".join(clock(time) for time in times[:4])
    return f"{text} At {shown}{' and more' if len(times) > 4 else ''}."


def _phrase(track: PitchTrack, graded: Graded, phrase: Phrase, allowed: Tolerance) -> str:
    head = f"{clock(phrase.start)} {phrase.words}".strip()
    figures = [f"{phrase.score:.0f} of 100"]
    if phrase.cents is not None:
        figures.append(f"{phrase.cents:+.0f} cents")
    if phrase.worst:
        figures.append(phrase.worst)
    return (
        f"<h3>{escape(head)}</h3><p class=soft>{escape(', '.join(figures))}</p>"
        f"{_picture(track, graded.line(phrase.number), phrase, allowed)}"
    )


def _picture(track: PitchTrack, notes: Sequence[GradedNote], phrase: Phrase, allowed: Tolerance) -> str:
    """The targets of a phrase as bars and the voice as a line over them, coloured by how far it is off."""
    start, end = phrase.start - MARGIN, phrase.end + MARGIN
    part = track.between(start, end)
    low, high = _rows(part, [note.target.pitch for note in notes])
    height = (high - low + 1) * ROW
    scale = (WIDTH - LEFT) / (end - start)

    def x(seconds: float) -> float:
        return LEFT + (seconds - start) * scale

    def y(pitch: float) -> float:
        return (high + 0.5 - pitch) * ROW

    drawn = [f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(_said(phrase))}">']
    for pitch in range(low, high + 1):
        drawn.append(f'<line class=row x1="{LEFT}" x2="{WIDTH}" y1="{y(pitch):.1f}" y2="{y(pitch):.1f}"/>')
        if pitch % 12 in {0, 4, 7, 9} or high - low < 13:
            drawn.append(f'<text class=name x="4" y="{y(pitch) + 4:.1f}">{name_of(pitch)}</text>')
    for note in notes:
        drawn += _bar(note, x(note.target.start), x(note.target.end), y(note.target.pitch))
    for kind, points in _runs(part, notes, allowed):
        line = " ".join(f"{x(second):.1f},{y(pitch):.1f}" for second, pitch in points if low - 1 < pitch < high + 1)
        drawn.append(f'<polyline class={kind} points="{line}"/>')
    return "".join([*drawn, "</svg>"])


def _said(phrase: Phrase) -> str:
    return f"Pitch of the phrase at {clock(phrase.start)}: {phrase.score:.0f} of 100"


def _rows(part: PitchTrack, pitches: Sequence[float]) -> tuple[int, int]:
    """The lowest and the highest semitone shown: all targets, and the voice as far as it fits."""
    heard = part.semitones[part.voiced]
    low, high = min(pitches), max(pitches)
    if len(heard):
        low = min(low, max(float(np.percentile(heard, 2)), high - MOST_ROWS))
        high = max(high, min(float(np.percentile(heard, 98)), low + MOST_ROWS))
    return int(np.floor(low)) - 1, int(np.ceil(high)) + 1


def _bar(note: GradedNote, left: float, right: float, middle: float) -> list[str]:
    kind = {"golden": "golden", "golden rap": "golden", "freestyle": "free"}.get(note.target.kind, "bar")
    box = f'x="{left:.1f}" y="{middle - ROW / 2:.1f}" width="{max(right - left, 1):.1f}" height="{ROW}" rx="3"'
    drawn = [f"<rect class={kind} {box}/>"]
    word = note.target.syllable.replace("~", "").strip()
    if word:
        drawn.append(f'<text class=word x="{left + 3:.1f}" y="{middle + 4:.1f}">{escape(word)}</text>')
    return drawn


Run = tuple[str, list[tuple[float, float]]]


def _runs(part: PitchTrack, notes: Sequence[GradedNote], allowed: Tolerance) -> list[Run]:
    """The voice in pieces of one colour, broken where it rests."""
    runs: list[Run] = []
    last = -1
    times, pitches = part.times.tolist(), part.semitones.tolist()
    for n in np.flatnonzero(part.voiced).tolist():
        kind = _colour(times[n], pitches[n], notes, allowed)
        point = (times[n], pitches[n])
        if runs and last == n - 1:
            runs[-1][1].append(point)
            if runs[-1][0] != kind:
                runs.append((kind, [point]))
        else:
            runs.append((kind, [point]))
        last = n
    return runs


def _colour(at: float, pitch: float, notes: Sequence[GradedNote], allowed: Tolerance) -> str:
    meant = next((note.target for note in notes if note.target.start <= at < note.target.end), None)
    if meant is None:
        return "plain"
    off = 100 * abs(pitch - meant.pitch)
    return "in" if off <= allowed.in_tune else "close" if off <= allowed.close else "off"


def _notes(judged: Judged) -> str:
    rows = []
    for note in judged.graded.notes:
        sung = note.sung
        swing = "" if sung is None or sung.vibrato is None else f"{sung.vibrato.rate:.1f} Hz {sung.vibrato.extent:.1f}"
        rows.append(
            (
                clock(note.target.start),
                note.target.syllable.strip(),
                name_of(note.target.pitch),
                "not sung" if note.cents is None else f"{note.cents:+.0f}",
                "" if note.onset is None else f"{1000 * note.onset:+.0f}",
                "" if sung is None else f"{sung.drift:+.0f}",
                swing,
            )
        )
    head = ("Time", "Word", "Note", "Cents", "Onset, ms", "Drift", "Vibrato")
    return "<h2>Notes</h2>" + _table(head, rows) if rows else ""
