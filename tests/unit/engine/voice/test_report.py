"""The report is one page that needs nothing else, is well formed, shows every phrase, and runs no foreign text."""

from __future__ import annotations

from html.parser import HTMLParser

import numpy as np

from studio.engine.voice.aims import Aim, Judged, judge
from studio.engine.voice.notes import find_notes
from studio.engine.voice.pitchtrack import PitchTrack
from studio.engine.voice.report import page
from studio.engine.voice.targets import Line, Target, TargetNote
from studio.engine.voice.tracking import track_pitch
from voices import note, rest

RATE = 16_000
VOID = {"meta", "line", "rect", "polyline"}


class Reader(HTMLParser):
    """Counts elements and what is open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def sung() -> tuple[PitchTrack, Judged]:
    """Two lines: the first in tune, the second a third of a semitone flat and without its last note."""
    parts = [rest(0.5, RATE)]
    parts += [note(pitch, 0.5, RATE) for pitch in (60, 62, 64)]
    parts += [rest(1.0, RATE), *(note(pitch - 0.33, 0.5, RATE) for pitch in (67, 65)), rest(1.0, RATE)]
    track = track_pitch([np.concatenate(parts)], RATE)
    words = ("<b>one", " two", " three")
    first = Line(tuple(TargetNote(n * 0.5, 0.5, p, words[n]) for n, p in enumerate((60, 62, 64))))
    second = Line(tuple(TargetNote(2.5 + n * 0.5, 0.5, p, "la", "golden") for n, p in enumerate((67, 65, 64))))
    aim = Aim("Song & dance", Target("Song", (first, second)), offset=0.5)
    return track, judge(track, tuple(find_notes(track)), aim)


def test_the_page_is_whole_and_stands_alone() -> None:
    track, judged = sung()
    text = page("<script>alert(1)</script>", "Song & dance", track, judged, ["A <notice>."])
    read = Reader(text)
    assert read.open == []
    tags = [tag for tag, _ in read.seen]
    assert "script" not in tags and "b" not in tags
    assert not any({"src", "href"} & set(attrs) for _, attrs in read.seen)
    assert "http" not in text and "url(" not in text and "@import" not in text
    assert tags.count("svg") == 2 and tags.count("rect") == 6
    assert "A <notice>." in read.words
    heads = [at for at, (tag, _) in enumerate(read.seen) if tag == "h3"]
    assert len(heads) == 2
    assert text.index("was not sung") < text.index("&lt;b&gt;one two three"), "the worst phrase comes first"


def test_the_trace_lies_on_its_bars_and_is_coloured_by_how_far_off_it_is() -> None:
    track, judged = sung()
    read = Reader(page("Take", "Song", track, judged, []))
    lines = [attrs for tag, attrs in read.seen if tag == "polyline"]
    assert {"in", "off"} <= {attrs["class"] for attrs in lines}
    for attrs in lines:
        for point in (attrs["points"] or "").split():
            x, y = map(float, point.split(","))
            assert 44 <= x <= 900 and y >= 0


def test_a_take_without_a_note_has_a_page_too() -> None:
    track = track_pitch([rest(2.0, RATE)], RATE)
    text = page("Nothing", "", track, judge(track, (), Aim()), ["Nothing is heard."])
    assert "No phrase was heard." in text and Reader(text).open == []
