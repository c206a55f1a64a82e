"""How fast songs render: the 64-track mix with effects, the flat bounce, an edit in a large song; with peers.

Peers run in the same minute on the same files: ecasound, sox and ffmpeg render the same flat mix, and a plain numpy
loop reads, sums and writes it. Figures are the best of a few rounds, because other work on the machine only ever slows
them down.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from msgspec.structs import replace

from mixes import RATE, Mix, noise, rendering
from studio.document.project import AudioClip, Insert, Media, Project, Send, Strip, Track, clip_key, new_project
from studio.engine.audio.bounce import EFFECTS_BLOCK, bounce
from studio.engine.audio.compiler import compile_plan
from studio.engine.audio.plan import RenderPlan
from studio.engine.interpreter import share_finely

pytestmark = pytest.mark.bench
Row = Callable[..., None]

FLAT_TRACKS, FLAT_SECONDS = 32, 60
MIX_TRACKS, MIX_SECONDS = 64, 10
ROUNDS = 3


@pytest.fixture(autouse=True)
def short_switches() -> Iterator[None]:
    """The interval at which Python's threads take turns, as app.py sets it."""
    before = sys.getswitchinterval()
    share_finely()
    yield
    sys.setswitchinterval(before)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder in memory where there is one, so that the disk is not measured."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as path:
        yield Path(path)


def best(task: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds of the fastest round."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        task()
        times.append(time.perf_counter() - began)
    return min(times)


def full_mix(folder: Path) -> Mix:
    """64 stereo tracks with gains, pans, fades and four effects each, a reverb on a bus that all feed, a limiter."""
    mix = Mix(folder)
    for track in range(MIX_TRACKS):
        inserts = (
            Insert(f"h{track}", "highpass"),
            Insert(f"p{track}", "peak", (("gain_db", 3.0),)),
            Insert(f"s{track}", "high_shelf", (("gain_db", 2.0),)),
            Insert(f"c{track}", "compressor"),
        )
        clip = mix.clip(
            mix.media(noise(MIX_SECONDS * RATE, 2, track, 0.05)), 0, 0, fade_in=RATE // 2, fade_out=RATE, gain=0.9
        )
        send = Send(f"send{track}", f"track-{MIX_TRACKS}", 0.3)
        mix.track([clip], Strip(0.7, (track % 9 - 4) / 8, inserts=inserts, sends=(send,)))
    mix.track((), Strip(inserts=(Insert("reverb", "reverb", (("mix", 1.0),)),)), "bus")
    mix.strip("master", inserts=(Insert("limiter", "limiter"),))
    return mix


def test_64_tracks_with_effects(folder: Path, row: Row) -> None:
    mix_folder = folder / "mix"
    mix_folder.mkdir()
    plan = full_mix(mix_folder).plan()
    for block in (1024, 2048, 4096):
        wall, busy = [], []
        with rendering(plan) as renderer:
            for _ in range(ROUNDS):
                renderer.reset(0)
                began, thread = time.perf_counter(), time.thread_time()
                for at in range(0, MIX_SECONDS * RATE - block, block):
                    renderer.render(at, block)
                wall.append(time.perf_counter() - began)
                busy.append(time.thread_time() - thread)
        speed, alone = MIX_SECONDS / min(wall), MIX_SECONDS / min(busy)
        what = f"64 stereo tracks x 4 inserts, reverb send, limiter; blocks of {block}"
        measured = f"{alone:.1f} x real time of the render thread's time on a core, {speed:.1f} x by the clock"
        row(what, measured, "8 x on one core (2048)", alone >= 8 if block == 2048 else None)
    one = best(lambda: render_with(plan, None))
    with ThreadPoolExecutor(1) as crew:
        gained = one / best(lambda: render_with(plan, crew))
    possible = free_threads_gain()
    row("the same offline, two threads against one", f"{gained:.2f} x; two free threads: {possible:.2f} x")
    row("   share of what two free threads gain", f"{gained / possible:.2f}", "0.8", gained >= 0.8 * possible)
    shutil.rmtree(mix_folder)


def render_with(plan: RenderPlan, crew: ThreadPoolExecutor | None) -> None:
    """The whole mix as a bounce renders it, and nothing else."""
    with rendering(plan, metering=False, crew=crew) as renderer:
        renderer.reset(0)
        for at in range(0, MIX_SECONDS * RATE - EFFECTS_BLOCK, EFFECTS_BLOCK):
            renderer.render(at, EFFECTS_BLOCK)


def free_threads_gain() -> float:
    """By how much two threads are faster than one at work that needs no interpreter: numpy on large arrays."""

    def toil(rounds: int) -> None:
        block = np.ones(1 << 15, np.float32)
        for _ in range(rounds):
            np.sqrt(block, out=block)

    with ThreadPoolExecutor(2) as threads:
        alone = best(lambda: toil(20_000))
        both = best(lambda: list(threads.map(toil, (10_000, 10_000))))
    return alone / both


def plain_loop(files: list[Path], out: Path) -> None:
    """Read, sum, write."""
    total = np.zeros(FLAT_SECONDS * RATE * 2, np.float32)
    for file in files:
        total += np.frombuffer(file.read_bytes(), "<f4")[-total.size :]
    out.write_bytes(total.data)


def ecasound(files: list[Path], out: Path) -> None:
    """The same mix by ecasound, in its fastest mode."""
    chains = [part for n, file in enumerate(files) for part in (f"-a:{n}", f"-i:{file}")]
    command = [
        "ecasound",
        "-q",
        "-x",
        "-b:16384",
        "-z:mixmode,sum",
        *chains,
        "-a:all",
        "-f:f32_le,2,48000",
        f"-o:{out}",
    ]
    subprocess.run(command, check=True, capture_output=True)


def sox(files: list[Path], out: Path) -> None:
    """The same mix by sox."""
    inputs = [part for file in files for part in ("-v", "1", str(file))]
    subprocess.run(["sox", "-m", *inputs, "-b", "32", "-e", "float", str(out)], check=True, capture_output=True)


def ffmpeg(files: list[Path], out: Path) -> None:
    """The same mix by ffmpeg."""
    inputs = [part for file in files for part in ("-i", str(file))]
    mixed = ["-filter_complex", f"amix=inputs={len(files)}:normalize=0", "-c:a", "pcm_f32le", str(out)]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *inputs, *mixed], check=True, capture_output=True)


def test_flat_bounce(folder: Path, row: Row) -> None:
    flat_folder = folder / "flat"
    flat_folder.mkdir()
    mix = Mix(flat_folder)
    for track in range(FLAT_TRACKS):
        mix.track([mix.clip(mix.media(noise(FLAT_SECONDS * RATE, 2, track, 0.02)), 0)])
    plan, out = mix.plan(), flat_folder / "out.wav"
    files = [path for path in mix.paths.values() if path is not None]
    plain = best(lambda: plain_loop(files, flat_folder / "plain.raw"))
    ours = best(lambda: bounce(plan, out, bits="32f"))
    only = best(lambda: render_only(plan))
    row("plain numpy loop: read, sum, write 32 stereo files of 60 s", f"{plain:.2f} s")
    row("renderer alone on them", f"{only:.2f} s, {only / plain:.1f} x plain", "2 x plain", only <= 2 * plain)
    row(
        "bounce of them: WAV, peak, loudness",
        f"{ours:.2f} s, {ours / plain:.1f} x plain",
        "2 x plain",
        ours <= 2 * plain,
    )
    for peer, times in ((ecasound, 5.0), (sox, None), (ffmpeg, None)):
        if shutil.which(peer.__name__):
            theirs = best(lambda peer=peer: peer(files, flat_folder / "peer.wav"), 2)  # type: ignore[misc]
            measured = f"{theirs:.2f} s, bounce is {theirs / ours:.1f} x faster"
            what = f"{peer.__name__} on them"
            row(what, measured, f"{times:.0f} x", theirs >= times * ours) if times else row(what, measured)
    shutil.rmtree(flat_folder)


def render_only(plan: object) -> None:
    with rendering(plan, metering=False) as renderer:  # type: ignore[arg-type]
        for at in range(0, FLAT_SECONDS * RATE, 16_384):
            renderer.render(at, 16_384)


def large_song(tracks: int, clips: int) -> Project:
    """10,000 clips that cut their media everywhere."""
    media = tuple(sorted((Media(f"m{n}", "", f"{n}.wav", RATE * 10, 2, RATE) for n in range(256)), key=lambda m: m.id))
    made = []
    for track in range(tracks):
        row = (
            AudioClip(f"c{track}-{n}", "", f"m{(track + n) % 256}", 0, n * 5000, n * 100 % 400_000, 4800, fade_in=100)
            for n in range(clips)
        )
        made.append(Track(f"t{track}", "", "#fff", clips=tuple(row)))
    return replace(new_project("Large"), tracks=tuple(made), media=media)


@pytest.mark.parametrize(("tracks", "clips"), [(64, 157), (1, 10_000)])
def test_edit_in_a_large_song(tracks: int, clips: int, row: Row) -> None:
    project = large_song(tracks, clips)
    paths: dict[str, Path | None] = {m.id: Path("/media") / m.file for m in project.media}
    began = time.perf_counter()
    plan = compile_plan(project, paths)
    first = time.perf_counter() - began
    times = []
    for edit in range(20):
        changed = project.tracks[edit % tracks]
        moved = list(changed.clips)
        moved[edit * 7] = replace(moved[edit * 7], offset=moved[edit * 7].offset + 333)
        track = replace(changed, clips=tuple(sorted(moved, key=clip_key)))
        project = replace(project, tracks=tuple(track if t.id == track.id else t for t in project.tracks))
        began = time.perf_counter()
        plan = compile_plan(project, paths, plan)
        times.append(time.perf_counter() - began)
    median = sorted(times)[len(times) // 2] * 1000
    what = f"compile after an edit among 10,000 clips on {tracks} track{'s' if tracks > 1 else ''}"
    row(what, f"{median:.1f} ms (anew {first * 1000:.0f} ms)", "16 ms with the repaint", median < 8)
