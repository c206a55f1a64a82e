"""Finding assets among 100,000: every kind of question, the worst ones included."""

from __future__ import annotations

import base64
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.engine.audio.likeness import nearly_the_same
from studio.storage.library import Generation, Library, NewAsset

pytestmark = pytest.mark.bench

ASSETS = 100_000
BUDGET_MS = 30.0
PAGE = 200
GENERATIONS = 5_000
TASKS = ("music", "music-cover", "music-repaint", "speech")
MODELS = ("ace-step-1.5-turbo", "stable-audio-3", "pocket-tts")

TEXT = """
    kick snare hat clap tom crash ride perc bass sub lead pad pluck arp chord piano guitar strings brass vocal fx riser
    drop loop break fill shot one top dry wet dark bright warm dusty vinyl lofi house techno trap jazz funk soul rock
    ambient deep hard soft long short tight fat thin analog digital acoustic
"""
WORDS = TEXT.split()
KINDS = ("audio", "audio", "audio", "midi", "recording")


def invented(number: int, chance: random.Random) -> NewAsset:
    name = " ".join(chance.sample(WORDS, 3))
    folder = f"/home/anna/Music/Samples/{chance.choice(WORDS).title()}s/Pack {number // 500}"
    kind = chance.choice(KINDS) if number % (ASSETS // GENERATIONS) else "generated"
    return NewAsset(
        kind,  # type: ignore[arg-type]
        Path(f"{folder}/{name} {number}.wav"),
        size=number,
        digest=f"{number:064x}",
        seconds=chance.random() * 10,
        rate=44_100,
        channels=2,
    )


def keep_generations(library: Library, assets: list[int], chance: random.Random) -> None:
    """Makes assets results of models, each with a recipe and the checks of a minute of sound."""
    made = base64.b64encode(chance.randbytes(14_400)).decode()
    decided: dict[str, list[int]] = {"approved": [], "rejected": []}
    for asset in assets:
        remarks = [{"about": "clipping", "sentence": "The sound clips in 3 places."}] * (chance.random() < 0.2)
        key = library.add_generation(
            Generation(
                0,
                asset,
                chance.choice(TASKS),
                chance.choice(MODELS),
                recipe={"values": {"prompt": " ".join(chance.sample(WORDS, 6))}},
                rating=chance.randrange(6),
                checks={"made": made, "remarks": remarks},
                words=" ".join(chance.sample(WORDS, 6)),
            )
        )
        decided[chance.choice(("approved", "rejected"))].append(key)
    library.decide(decided["approved"][:300], "approved")
    library.decide(decided["rejected"][:300], "rejected", "clicks")


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Library, int, float, float, float]:
    chance = random.Random(1)
    library = Library(tmp_path_factory.mktemp("bench") / "library.db")
    new = [invented(number, chance) for number in range(ASSETS)]
    begin = time.perf_counter()
    ids = library.add_assets(new)
    added = time.perf_counter() - begin
    collection = library.add_collection("Best")
    library.collect(collection, chance.sample(ids, 2000))
    begin = time.perf_counter()
    library.tag(chance.sample(ids, 20_000), "common")
    tagged = time.perf_counter() - begin
    library.tag(chance.sample(ids, 100), "rare")
    library.set_favourite(chance.sample(ids, 1000))
    for some in range(20):
        library.mark_used(chance.sample(ids, 50 + some))
    begin = time.perf_counter()
    keep_generations(library, ids[:: ASSETS // GENERATIONS], chance)
    kept = time.perf_counter() - begin
    yield library, collection, added, tagged, kept  # type: ignore[misc]
    library.close()


QUESTIONS: dict[str, dict[str, Any]] = {
    "nothing asked, last used first": {},
    "nothing asked, deep page": {"offset": 90_000},
    "one kind": {"kinds": ["audio"]},
    "two kinds": {"kinds": ["midi", "recording"]},
    "a common tag (20,000)": {"tags": ["common"]},
    "a rare tag (100)": {"tags": ["rare"]},
    "two tags": {"tags": ["common", "rare"]},
    "favourites": {"favourites": True},
    "a word (7,000 match)": {"text": "kick"},
    "two words": {"text": "kick dark"},
    "three words": {"text": "kick dark lofi"},
    "a number": {"text": "54321"},
    "a word and a kind": {"text": "kick", "kinds": ["audio"]},
    "a word and a tag": {"text": "kick", "tags": ["common"]},
    "first letter s (all match)": {"text": "s"},
    "first letter k": {"text": "k"},
    "two letters (sn)": {"text": "sn"},
    "three first letters (s a h, all match)": {"text": "s a h"},
    "a word of every folder": {"text": "music"},
    "a letter and a rare tag": {"text": "s", "tags": ["rare"]},
    "a letter, a kind, a common tag": {"text": "s", "kinds": ["audio"], "tags": ["common"]},
    "three letters and a rare tag": {"text": "s a h", "tags": ["rare"]},
    "five letters": {"text": "s a h m p"},
    "a letter in a collection": {"text": "s", "collection": -1},
    "a letter, deep page": {"text": "s", "offset": 90_000},
    "made for a task": {"tasks": ["music"]},
    "made by a model, with doubts": {"models": ["ace-step-1.5-turbo"], "doubtful": True},
    "approved": {"approval": "approved"},
    "undecided": {"approval": "open"},
    "four stars or more": {"stars": 4},
    "a letter, a task, three stars": {"text": "s", "tasks": ["music-cover"], "stars": 3},
    "words of a prompt, rejected": {"text": "kick dark", "approval": "rejected"},
    "not there": {"text": "xylophone"},
    "100 kB of text": {"text": "kick dark " * 10_000},
}


def milliseconds(work: Callable[[], object], runs: int = 15) -> tuple[float, float]:
    """The median and the worst of some runs after two that warm up."""
    times = []
    for run in range(runs + 2):
        begin = time.perf_counter()
        work()
        if run >= 2:
            times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times), max(times)


@pytest.mark.parametrize("what", QUESTIONS)
def test_search(stocked: tuple[Library, int, float, float, float], row: Callable[..., None], what: str) -> None:
    library, collection, *_ = stocked
    how = dict(QUESTIONS[what])
    if "collection" in how:
        how["collection"] = collection
    found = library.search(**how, limit=PAGE)
    median, worst = milliseconds(lambda: library.search(**how, limit=PAGE))
    text = f"{median:.1f} ms (worst {worst:.1f}), {len(found)} shown"
    row(f"search, {ASSETS:,} assets: {what}", text, f"{BUDGET_MS:.0f} ms", median <= BUDGET_MS)
    counting = {key: value for key, value in how.items() if key != "offset"}
    median, worst = milliseconds(lambda: library.count(**counting))
    text = f"{median:.1f} ms (worst {worst:.1f}), {library.count(**counting):,} found"
    row(f"count, {ASSETS:,} assets: {what}", text, f"{BUDGET_MS:.0f} ms", median <= BUDGET_MS)


def test_adding_and_opening(stocked: tuple[Library, int, float, float, float], row: Callable[..., None]) -> None:
    library, _, added, tagged, kept = stocked
    row(f"adding {ASSETS:,} assets", f"{added:.1f} s")
    row("tagging 20,000 of them", f"{tagged:.1f} s")
    row(f"keeping {GENERATIONS:,} results of models one by one, decided and rated", f"{kept:.1f} s")
    file = library._database.file
    median, worst = milliseconds(lambda: Library(file).close(), 5)
    row(f"opening a library of {ASSETS:,} assets, checked", f"{median:.0f} ms (worst {worst:.0f})")


def test_what_models_made(stocked: tuple[Library, int, float, float, float], row: Callable[..., None]) -> None:
    library, *_ = stocked
    page = [asset.id for asset in library.search(tasks=list(TASKS), limit=100)]
    median, worst = milliseconds(lambda: library.marks_of(page))
    row("marks of a page of 100 results", f"{median:.1f} ms (worst {worst:.1f})", "30 ms", median <= BUDGET_MS)
    median, worst = milliseconds(library.made_with)
    row("tasks and models of all results", f"{median:.1f} ms (worst {worst:.1f})", "30 ms", median <= BUDGET_MS)
    prints = library.prints(200)
    median, worst = milliseconds(lambda: library.prints(200), 5)
    row("prints of the latest 200 results, read", f"{median:.1f} ms (worst {worst:.1f})")
    median, worst = milliseconds(lambda: nearly_the_same(prints[0][1], prints), 5)
    row("a result held against 200 of a minute each", f"{median:.0f} ms (worst {worst:.0f})")
