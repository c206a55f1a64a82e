"""A whole mix through the real renderer, reader and device: the played stream is what a bounce writes."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from listening import RATE, Ear, Tape, find, hear_frames, playing_on, settle, steepest, undisturbed, until
from mixes import Mix, even, noise, rendered
from sound import SoundCard, sound_card
from studio.document.project import Insert, Send, Strip
from studio.engine.audio.bounce import bounce
from studio.engine.audio.pages import PageReader
from studio.engine.audio.plan import RenderPlan
from studio.engine.audio.player import Player
from studio.engine.audio.preparing import prepare
from studio.engine.audio.renderer import Renderer

__all__ = ["sound_card"]


def song(folder: Path, seconds: int = 4) -> Mix:
    """Tracks with gains, pans, fades, effects and a reverb on a bus."""
    mix = Mix(folder)
    frames = seconds * RATE
    room = mix.track(kind="bus", strip=Strip(gain=0.5, inserts=(Insert("r", "reverb"),)))
    for number in range(4):
        media = mix.media(noise(frames, 1 + number % 2, number, 0.05))
        clips = [mix.clip(media, number * 700, number * 10, RATE, fade_in=2_000), mix.clip(media, 2 * RATE, 0, RATE)]
        sends = (Send(f"s{number}", room, 0.3),)
        inserts = (Insert(f"i{number}", "compressor"), Insert(f"j{number}", "highpass"))
        mix.track(clips, Strip(gain=0.8, pan=number / 4 - 0.4, sends=sends, inserts=inserts))
    return mix


def renderer_of(plan: RenderPlan) -> Renderer:
    renderer = Renderer(plan.rate, PageReader(plan.rate))
    renderer.adopt(plan, prepare(plan))
    return renderer


def play(player: Player, start: int, frames: int) -> None:
    player.locate(start)
    player.play()
    hear_frames(player, frames)
    player.stop()
    settle(player)


@pytest.mark.parametrize("start", [0, 30_011])
@undisturbed
def test_played_stream_is_bit_for_bit_a_fresh_render(sound_card: SoundCard, tmp_path: Path, start: int) -> None:
    plan = song(tmp_path).plan()
    renderer = renderer_of(plan)
    with playing_on(renderer) as player:
        tape, ear = Tape(player), Ear(player)
        play(player, start, 2 * RATE)
        ear.wait(RATE // 4)
        sound = ear.stop()
        assert player.status().dropouts == player.status().late_pages == 0
    renderer.pages.close()
    ((first, played),) = tape.runs()
    fresh = rendered(plan, start, even(len(played), 777)).T
    assert first == start
    assert np.array_equal(played, fresh)
    steady = fresh[64 : RATE + 64]
    at = find(steady, sound)
    assert np.array_equal(sound[at : at + RATE], steady), "and the device got it"


@undisturbed
def test_played_stream_is_the_bounced_file(sound_card: SoundCard, tmp_path: Path) -> None:
    plan = song(tmp_path).plan()
    renderer = renderer_of(plan)
    with playing_on(renderer) as player:
        tape = Tape(player)
        play(player, 0, RATE)
    renderer.pages.close()
    ((_, played),) = tape.runs()
    bounce(plan, tmp_path / "mix.wav", format="wav", bits="32f")
    bounced, rate = soundfile.read(tmp_path / "mix.wav", dtype="float32", always_2d=True)
    assert rate == RATE
    assert np.array_equal(played[:RATE], bounced[:RATE])


@pytest.mark.parametrize("change", [{"gain": 0.2}, {"pan": 0.9}, {"mute": True}, {"solo": True}])
@undisturbed
def test_what_waits_is_patched_into_what_would_have_been_rendered(
    sound_card: SoundCard, tmp_path: Path, change: dict[str, Any]
) -> None:
    mix = Mix(tmp_path)
    for number in range(3):
        mix.track([mix.clip(mix.media(noise(4 * RATE, 1 + number % 2, number, 0.1)), 0)], Strip(pan=0.2 * number))
    plan = mix.plan()
    renderer = renderer_of(plan)
    with playing_on(renderer) as player:
        ear = Ear(player)
        player.play()
        hear_frames(player, RATE // 2)
        player.set_strip("track-1", **change)
        hear_frames(player, RATE)
        player.stop()
        settle(player)
        ear.wait(RATE // 4)
        sound = ear.stop()
    renderer.pages.close()
    before = rendered(plan, 0, even(2 * RATE)).T
    mix.strip("track-1", **change)
    after = rendered(mix.plan(), 0, even(2 * RATE)).T
    at = find(before[1_000:20_000], sound) - 1_000
    stayed = np.abs(sound[at : at + RATE] - before[:RATE]).max(axis=1) > 1e-5
    turned = int(np.flatnonzero(stayed[100:])[0]) + 100
    assert RATE // 2 < turned < 0.75 * RATE, "long before what had been rendered was over"
    steady = slice(turned + 260, RATE + RATE // 4)
    assert np.abs(sound[at:][steady] - after[steady]).max() < 1e-5


@undisturbed
def test_fader_through_a_limiter_does_not_click(sound_card: SoundCard, tmp_path: Path) -> None:
    mix = Mix(tmp_path)
    tone = (0.3 * np.sin(2 * np.pi * 300 / RATE * np.arange(4 * RATE))).astype(np.float32)
    mix.track([mix.clip(mix.media(np.stack((tone, tone))), 0)])
    mix.strip("master", inserts=(Insert("l", "limiter", (("ceiling_db", -14.0),)),))
    plan = mix.plan()
    renderer = renderer_of(plan)
    with playing_on(renderer) as player:
        player.set_plan(plan, prepare(plan), exact=False)
        ear = Ear(player)
        player.play()
        hear_frames(player, RATE // 2)
        for gain in (0.2, 1.0, 0.5):
            player.set_strip("track-0", gain=gain)
            hear_frames(player, RATE // 2)
        player.stop()
        settle(player)
        ear.wait(RATE // 4)
        sound = ear.stop()
    renderer.pages.close()
    assert steepest(sound) < 2.5 * 2 * np.pi * 300 / RATE * 0.3


@undisturbed
def test_new_plan_is_taken_over_while_it_plays(sound_card: SoundCard, tmp_path: Path) -> None:
    mix = song(tmp_path)
    plan = mix.plan()
    renderer = renderer_of(plan)
    with playing_on(renderer) as player:
        tape = Tape(player)
        player.play()
        hear_frames(player, 10_000)
        mix.track([mix.clip(mix.media(noise(3 * RATE, 2, 9, 0.1)), 0)])
        player.set_plan(mix.plan(), prepare(mix.plan()))
        hear_frames(player, 40_000)
        assert player.status().dropouts == 0
        player.stop()
        settle(player)
    renderer.pages.close()
    ((_, played),) = tape.runs()
    old, new = rendered(plan, 0, even(len(played))).T, rendered(mix.plan(), 0, even(len(played))).T
    assert np.array_equal(played[:8_000], old[:8_000])
    assert np.abs(played[-5_000:] - old[-5_000:]).max() > 0.05
    assert np.abs(played[-5_000:] - new[-5_000:]).max() < 1e-3


FORBIDDEN = ("open", "socket.", "subprocess.", "os.", "shutil.", "import", "mmap.", "sqlite3.", "logging.")


@undisturbed
def test_render_thread_opens_nothing_and_imports_nothing(sound_card: SoundCard, tmp_path: Path) -> None:
    plan = song(tmp_path).plan()
    renderer = renderer_of(plan)
    seen: list[str] = []
    watching = threading.Event()

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if watching.is_set() and threading.current_thread().name == "render" and event.startswith(FORBIDDEN):
            seen.append(f"{event} {arguments}")

    sys.addaudithook(watch)
    with playing_on(renderer) as player:
        watching.set()
        player.set_metronome(True)
        player.set_loop(0, RATE, True)
        player.play()
        hear_frames(player, RATE // 2)
        player.set_strip("track-1", gain=0.5)
        player.set_plan(plan, prepare(plan))
        until(lambda: player._thread.shot.song_map.stretches[-1].lap >= 1, "the loop goes round")
        player.locate(20_000)
        hear_frames(player, 5_000)
        player.stop()
        settle(player)
        watching.clear()
    renderer.pages.close()
    assert seen == []
