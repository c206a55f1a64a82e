"""The groove model at the producer: who drums is chosen, kept, repeated by its seed and written anew bar by bar."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from studio.__main__ import main
from studio.actions import drumming
from studio.actions.producing import Produced, produce
from studio.actions.rerolling import is_slow, reroll, same
from studio.document.grooves import Groove
from studio.document.notes import Note, NoteClip
from studio.document.project import Project, new_project
from studio.document.recipes import ENGINES
from studio.engine.ai.groove.hits import LANE_OF
from studio.engine.ai.groove.keeping import load_network
from studio.engine.music.arranger.forms import read_form
from studio.engine.music.genres.reading import load_genres
from studio.engine.music.requests import Wishes, make_request
from studio.errors import StudioError

CATALOGUE = load_genres()
ROCK = CATALOGUE.find("rock")
BAR = 3840


def made(engine: str, genre: str = "rock", **wishes: object) -> Produced:
    said = {"bars": 4, "seed": 5, "parts": ("drums", "bass"), **wishes}
    request = make_request(CATALOGUE.find(genre), Wishes(engine=engine, **said))  # type: ignore[arg-type]
    return produce(new_project("Song"), CATALOGUE.find(genre), request, 0, False)


def drums(produced: Produced) -> list[Note]:
    return [note for passage in produced.composition.part("drums") for note in passage.notes]


def written(notes: list[Note]) -> set[tuple[int, int]]:
    return {(note.start - note.shift, note.pitch) for note in notes}


def sounds(notes: list[Note]) -> list[tuple[int, ...]]:
    return sorted((note.start, note.pitch, note.velocity, note.shift, note.lift) for note in notes)


def song(produced: Produced) -> tuple[Project, NoteClip]:
    project = produced.edit.change(new_project("Song"))
    clips = [clip for track in project.tracks for clip in track.clips if isinstance(clip, NoteClip) and clip.recipe]
    return project, next(clip for clip in clips if clip.recipe and clip.recipe.part == "drums")


@pytest.fixture(scope="module")
def by_engine() -> dict[str, Produced]:
    return {engine: made(engine) for engine in ENGINES}


def test_each_engine_drums_otherwise_and_the_same_again(by_engine: dict[str, Produced]) -> None:
    found = {engine: sounds(drums(produced)) for engine, produced in by_engine.items()}
    assert len({tuple(notes) for notes in found.values()}) == 3
    assert found["groove"] == sounds(drums(made("groove")))
    assert found["groove"] != sounds(drums(made("groove", seed=6)))


def test_both_keep_the_pattern_of_the_rules_and_play_it_otherwise(by_engine: dict[str, Produced]) -> None:
    rules, both = drums(by_engine["rules"]), drums(by_engine["both"])
    first_bars = [{place for place in written(notes) if place[0] < 3 * BAR} for notes in (rules, both)]
    assert first_bars[0] == first_bars[1], "a fill can stand in the last bar only"
    assert {note.shift for note in both} != {note.shift for note in rules}
    assert max(abs(note.shift) for note in both) < 240


def test_the_model_writes_drums_of_the_genre_on_the_grid_with_its_own_timing(by_engine: dict[str, Produced]) -> None:
    notes = drums(by_engine["groove"])
    pitches = {lane.pitch for lane in ROCK.drums.lanes.values()} if ROCK.drums else set()
    assert all((note.start - note.shift) % 240 == 0 and note.pitch in LANE_OF for note in notes)
    assert len([note for note in notes if note.pitch in pitches]) > 0.9 * len(notes)
    assert len({note.shift for note in notes}) > 5 and len({note.velocity for note in notes}) > 5


def test_what_ducks_under_the_kick_ducks_under_the_one_that_is_played() -> None:
    basses = [
        made(engine, "house", bars=2, fills=0.0).composition.part("bass")[0].controls for engine in ("rules", "groove")
    ]
    assert basses[0] and basses[1] and basses[0] != basses[1]


def test_no_humanising_leaves_the_model_on_the_grid_and_both_as_written() -> None:
    assert all(note.shift == 0 for note in drums(made("groove", humanise=0.0)))
    assert all(note.shift == 0 and note.lift == 0 for note in drums(made("both", humanise=0.0, fills=0.0)))


def test_writing_anew_with_the_same_seed_changes_nothing_and_one_bar_leaves_the_rest() -> None:
    for engine, form in (("groove", ""), ("both", "verse:2 chorus:2 verse:2")):
        project, clip = song(made(engine, form=read_form(form) if form else ()))
        assert is_slow(project, [clip.id])
        again = song_clip(reroll(project, CATALOGUE, [clip.id], seed=same).edit.change(project), clip.id)
        assert sounds(list(again.notes)) == sounds(list(clip.notes))
        other = song_clip(reroll(project, CATALOGUE, [clip.id], bars=[1]).edit.change(project), clip.id)
        assert bar(other, 0) == bar(clip, 0) and bar(other, 1) != bar(clip, 1)
        assert other.recipe is not None and clip.recipe is not None and other.recipe.seeds[0] == clip.recipe.seeds[0]


def song_clip(project: Project, clip_id: str) -> NoteClip:
    found = next(clip for track in project.tracks for clip in track.clips if clip.id == clip_id)
    assert isinstance(found, NoteClip)
    return found


def bar(clip: NoteClip, number: int) -> list[tuple[int, ...]]:
    return sounds([note for note in clip.notes if (note.start - note.shift) // BAR == number])


def test_what_the_model_does_otherwise_is_said() -> None:
    waltz = next(genre for genre in CATALOGUE.genres.values() if "3/4" in genre.signatures)
    three = made("groove", waltz.id, signature="3/4")
    assert "4/4 only" in three.notices[0]
    assert sounds(drums(three)) == sounds(drums(made("rules", waltz.id, signature="3/4")))
    swung = made("groove", bars=1, swing=60.0, groove=Groove(240, (0, 30), (0, 5)))
    assert "own feel" in swung.notices[0] and "swing and the groove" in swung.notices[0]
    assert not made("both", bars=1, swing=60.0).notices


def test_both_keep_the_swing_that_was_asked_for() -> None:
    means = []
    for swing in (50.0, 66.0):
        notes = drums(made("both", "funk", swing=swing, fills=0.0))
        late = [note.shift for note in notes if (note.start - note.shift) % 480 == 240]
        assert len(late) > 8
        means.append(sum(late) / len(late))
    assert means[1] > means[0] + 40, "sixteenths are 77 ticks late at two thirds"


def test_an_engine_that_is_not_known_is_refused_and_in_an_old_song_is_the_rules() -> None:
    with pytest.raises(StudioError, match="writes no drums; choose from rules, groove, both"):
        make_request(ROCK, Wishes(engine="drummer"))
    request = make_request(ROCK, Wishes(bars=1))
    assert drumming.drummer_of(replace(request, engine="from the future")) is None


def test_a_model_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drumming, "_networks", [])
    monkeypatch.setattr(drumming, "load_network", lambda: load_network(tmp_path / "groove.safetensors"))
    with pytest.raises(StudioError, match="install the studio again"):
        made("groove", bars=1)
    made("rules", bars=1)


def test_a_beat_by_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "beat.mid"
    beat = ["beat", "--genre", "rock", "--bars", "1", "--parts", "drums", "--midi", str(out), "--json"]
    assert main([*beat, "--engine", "groove"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["engine"] == "groove" and report["notes"]["drums"] > 2 and out.is_file()
