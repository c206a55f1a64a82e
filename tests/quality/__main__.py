"""`python3 start.py quality [GENRE...] [--seeds N]`: measures the producer and prints the tables."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import msgspec

from studio.engine.music.genres.genre import Genre
from studio.engine.music.genres.reading import load_genres

from . import drummers, measuring, styles, tables

GROOVES = Path(__file__).resolve().parents[3] / "shared" / "testdata" / "groove_midi"
"""The data set of drummers, unless another folder is named."""

Pieces = dict[str, list[measuring.Heard]]


def main(arguments: Sequence[str]) -> int:
    """Measures what was asked for; 0 if every promise is kept."""
    wanted = _wishes(arguments)
    known = load_genres().genres
    unknown = [name for name in wanted.genres if name not in known]
    if unknown:
        print(f"There is no genre “{unknown[0]}”; choose from {', '.join(known)}.", file=sys.stderr)
        return 2
    genres = [known[name] for name in wanted.genres or known]
    if wanted.pictures:
        from .pictures import draw

        draw(genres, wanted.pictures)
        return 0
    pieces = _opened(wanted.opened, genres) if wanted.opened else _listen(genres, wanted.seeds, wanted.processes)
    if wanted.save:
        _save(pieces, wanted.save)
    seeds = max(map(len, pieces.values()), default=wanted.seeds)
    _print_tables(genres, list(known.values()), pieces, seeds, wanted.grooves)
    return 0


def _wishes(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="start.py quality", description="How good the producer is, measured.")
    parser.add_argument("genres", nargs="*", metavar="GENRE", help="all if none is named")
    parser.add_argument(
        "--seeds", type=int, default=3, metavar="N", help="pieces of each genre (3; the tables have 20)"
    )
    parser.add_argument("--processes", type=int, default=2, metavar="N")
    parser.add_argument("--grooves", type=Path, default=GROOVES, metavar="FOLDER", help="the Groove MIDI Dataset")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="draw each genre there and measure nothing")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="keep there what was heard, a file for each genre")
    parser.add_argument("--open", dest="opened", type=Path, metavar="FOLDER", help="do not listen, take what was kept")
    return parser.parse_args(arguments)


def _listen(genres: Sequence[Genre], seeds: int, processes: int) -> Pieces:
    """Renders and hears every piece, a seed a task, with progress on standard error."""
    for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(library, "1")
    found: Pieces = {genre.id: [] for genre in genres}
    with ProcessPoolExecutor(processes, get_context("spawn")) as crew:
        tasks = [crew.submit(measuring.heard, genre.id, seed) for genre in genres for seed in range(1, seeds + 1)]
        for number, task in enumerate(as_completed(tasks), 1):
            one = task.result()
            found[one.genre].append(one)
            print(f"\r{number} of {len(tasks)} pieces, {one.genre} {one.seed}   ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return {name: sorted(heard, key=lambda one: one.seed) for name, heard in found.items()}


def _save(pieces: Pieces, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, heard in pieces.items():
        (folder / f"{name}.json").write_bytes(msgspec.json.encode(heard))


def _opened(folder: Path, genres: Sequence[Genre]) -> Pieces:
    files = {genre.id: folder / f"{genre.id}.json" for genre in genres}
    return {
        name: msgspec.json.decode(file.read_bytes(), type=list[measuring.Heard])
        for name, file in files.items()
        if file.exists()
    }


def _print_tables(genres: Sequence[Genre], known: Sequence[Genre], pieces: Pieces, seeds: int, grooves: Path) -> None:
    read = {}
    for genre in genres:
        print(f"\rreading {genre.id}            ", end="", file=sys.stderr, flush=True)
        read[genre.id] = measuring.read(genre, seeds, [other for other in known if other is not genre])
    print(file=sys.stderr)
    print("## Heard\n", tables.sound_table(pieces), sep="\n")
    print("## Read from the notes\n", tables.notes_table(read), sep="\n")
    print("## Known again\n", tables.known_table(read), sep="\n")
    if (grooves / "info.csv").exists():
        _print_drums({genre.id: genre for genre in genres}, seeds, grooves)
    else:
        print(f"The drummers of the Groove MIDI Dataset are not in {grooves}; name their folder with --grooves.")
    print("## Not kept\n", *(f"- {fault}" for fault in tables.broken(pieces, read)), sep="\n")


def _print_drums(genres: Mapping[str, Genre], seeds: int, grooves: Path) -> None:
    played = drummers.performances(grooves)
    human = drummers.ranges(played)
    matching = {name: style for name, style in drummers.STYLES.items() if name in genres and style in human}
    made = {name: list(map(drummers.strokes, measuring.pieces(genres[name], seeds))) for name in matching}
    figures = {
        name: (style, human[style], [(drummers.timing_ms(one), drummers.velocity_spread(one)) for one in made[name]])
        for name, style in matching.items()
    }
    print("## Drums beside human drummers\n", tables.drums_table(figures), sep="\n")
    listener = styles.Listener(one for one in played if one.split == "train")
    right = styles.accuracy(listener, [one for one in played if one.split == "validation"])
    judged = {
        name: (style, [listener.style_of(one) for one in made[name]])
        for name, style in matching.items()
        if style in styles.KNOWN
    }
    print("## Styles by ear\n", tables.style_table(right, judged), sep="\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
