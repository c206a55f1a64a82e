"""Keeps the player in step with the song: a compiler thread turns the newest state into a plan and hands it over."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec.structs import replace

from ..document.document import Announcement
from ..document.edits.mix import MASTER
from ..document.instruments import Instrument
from ..document.practice import Practice, copy_of, practised
from ..document.project import Media, Project, Strip, Track, new_project, song_end
from ..engine.audio.compiler import compile_plan
from ..engine.audio.instruments.making import live_step, make_synth
from ..engine.audio.instruments.plugins import KIND as PLUGIN
from ..engine.audio.instruments.synth import SilentSynth
from ..engine.audio.livenotes import LiveNotes
from ..engine.audio.metronome import song_clicks
from ..engine.audio.plan import RenderPlan
from ..engine.audio.player import Player
from ..engine.audio.preparing import Processors, prepare
from ..engine.audio.samples import Sample
from ..errors import StudioError

CLICKS_BEYOND = 3600
"""Seconds after the song's end for which the metronome goes on."""

MediaPath = Callable[[Media], Path | None]
Corrected = Callable[[Project], Mapping[str, Path]]
Tell = Callable[[StudioError], None]
Samples = Mapping[str, tuple[Sample, ...]]
"""What the zones of tracks play, by track id."""


class Playback:
    """Compiles off the main thread, newest state first; states overtaken meanwhile are never compiled.

    `media_path` is asked on the compiler thread for the playable file of each media, `corrected` for those of the
    corrected sounds that are made. `failed` is called there with what could not be compiled; the plan before it goes on
    sounding. `font` is the SoundFont, None for the usual one.
    """

    def __init__(
        self,
        player: Player,
        project: Project,
        media_path: MediaPath,
        failed: Tell,
        font: Path | None = None,
        corrected: Corrected = lambda _: {},
    ) -> None:
        self._player, self._media_path, self._failed = player, media_path, failed
        self._corrected = corrected
        self._font = self._font_in_use = font
        self._by_hand = ""
        self._found = False
        self._hand: tuple[object, ...] = ()
        self._armed: dict[str, tuple[tuple[object, ...], Instrument, LiveNotes]] = {}
        self._practice: tuple[Practice, Mapping[str, Path]] = (Practice(), {})
        self._plan: RenderPlan | None = None
        self._processors: Processors | None = None
        self._wanted: Project | None = project
        self._shown: Project | None = None
        self._newest = project
        self._closed = False
        self._turn = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="compiler", daemon=True)
        self._thread.start()
        self._set_loop(project)

    def hear(self, announcement: Announcement) -> None:
        """Follows a change of the song. Main thread; returns at once."""
        before, after = announcement.changes.before, announcement.changes.after
        self._patch(before, after)
        if before.loop != after.loop or announcement.changes.time:
            self._set_loop(after)
        self.refresh(after)

    def refresh(self, project: Project) -> None:
        """Asks for a plan of this state, also when only its media files changed. Any thread."""
        with self._turn:
            self._wanted = project
            self._turn.notify()

    def use_font(self, font: Path | None, project: Project) -> None:
        """Plays this state on another SoundFont from now on. Any thread."""
        with self._turn:
            self._font, self._wanted = font, project
            self._turn.notify()

    def practise(self, practice: Practice, copies: Mapping[str, Path]) -> None:
        """Plays the song in a practice from now on. `copies` are the files of media that it needs changed. Any thread.

        Positions stay those of the song; see `Player.set_plan`.
        """
        with self._turn:
            self._practice = practice, copies
            self._wanted = self._wanted or self._newest
            self._turn.notify()

    def find_plugins_again(self, project: Project) -> None:
        """Plays this state with the plug-ins that were missing and have been found. Any thread."""
        with self._turn:
            self._found, self._wanted = True, project
            self._turn.notify()

    def play_by_hand(self, track: str, project: Project) -> None:
        """Has the notes of `Player.note` played on the instrument of a track of this state. Any thread."""
        with self._turn:
            if track != self._by_hand:
                self._by_hand, self._wanted = track, project
                self._turn.notify()

    @property
    def by_hand(self) -> str:
        """The id of the track of `play_by_hand`, empty for none."""
        return self._by_hand

    def try_instrument(self, track: str, instrument: Instrument, project: Project) -> None:
        """Lets a track of this state sound with another instrument until the next state comes. Any thread."""
        tracks = (replace(one, instrument=instrument) if one.id == track else one for one in project.tracks)
        self.refresh(replace(project, tracks=tuple(tracks)))

    def close(self) -> None:
        """Ends the compiler thread and leaves the player with nothing to play."""
        with self._turn:
            self._closed = True
            self._turn.notify()
        self._thread.join(5.0)
        empty = compile_plan(new_project("", self._player.rate), {})
        self._player.set_plan(empty, {})
        self._player.play_live(None)
        self._player.play_hands(())
        self._player.set_loop(0, self._player.rate, False)

    def settled(self, project: Project) -> bool:
        """Whether the player has the plan of this state, and its instrument to be played by hand."""
        return self._shown is project

    def _set_loop(self, project: Project) -> None:
        loop = project.loop
        self._player.set_loop(project.time.frame(loop.start), project.time.frame(loop.end), loop.on)

    def _patch(self, before: Project, after: Project) -> None:
        """Lets faders, pans, mutes and solos be felt at once, long before the new plan reaches the device."""
        old = _strips(before)
        for key, strip in _strips(after).items():
            was = old.get(key)
            if was is not None and was is not strip:
                names = ("gain", "pan", "mute", "solo")
                changed = {n: getattr(strip, n) for n in names if getattr(strip, n) != getattr(was, n)}
                if changed:
                    self._player.set_strip(key, **changed)

    def _run(self) -> None:
        while True:
            with self._turn:
                while self._wanted is None and not self._closed:
                    self._turn.wait()
                if self._closed:
                    return
                project, self._wanted = self._wanted, None
                self._newest = project or self._newest
            assert project is not None
            try:
                self._compile(project)
            except StudioError as error:
                self._failed(error)

    def _compile(self, project: Project) -> None:
        practice, copies = self._practice
        played = practised(project, practice)
        paths: dict[str, Path | None] = {media.id: self._media_path(media) for media in project.media}
        if practice.plain:
            paths |= self._corrected(project)
        for media in project.media:  # of a corrected sound what was sung is practised
            if not copy_of(media, practice).plain:
                paths[media.id] = copies.get(media.id)
        plan = compile_plan(played, paths, self._plan)
        until = song_end(played) + CLICKS_BEYOND * project.rate
        self._player.set_clicks(song_clicks(played.time, project.signatures, until))
        font, known = self._font, self._processors or {}
        if font != self._font_in_use:
            known = {key: made for key, made in known.items() if key[1].split("/")[0] != "soundfont"}
        if self._found:
            self._found, self._hand, self._armed = False, (), {}
            known = {key: made for key, made in known.items() if not _stands_in(key, made)}
        processors = prepare(plan, known, font)
        self._player.set_plan(plan, processors, exact=plan.exact, pace=practice.pace)
        self._plan, self._processors, self._font_in_use = plan, processors, font
        samples = {strip.id: strip.samples for strip in plan.strips}
        self._give_hand(project, font, samples)
        self._give_hands(project, font, samples)
        self._shown = project

    def _give_hand(self, project: Project, font: Path | None, samples: Samples) -> None:
        """Hands the player an instrument to be played by hand; one that has only other parameters plays on."""
        track = project.track(self._by_hand) if self._by_hand else None
        instrument = track.instrument if track is not None else None
        if track is None or instrument is None:
            if self._hand:
                self._player.play_live(None)
            self._hand = ()
            return
        known = samples.get(track.id, ())
        before, self._hand = self._hand, (track.id, _body(instrument), font, known, instrument)
        if before[:-1] != self._hand[:-1]:
            synth = make_synth(instrument, self._player.rate, font, by_hand=True, samples=known)
            self._player.play_live(LiveNotes(track.id, synth, live_step(instrument)))
        elif before[-1] != instrument:
            self._player.shape_live(instrument)

    def _give_hands(self, project: Project, font: Path | None, samples: Samples) -> None:
        """Hands the player an instrument for each armed track, for what is played in; those it has play on."""
        before, self._armed = self._armed, {}
        for track in played_in(project):
            instrument = track.instrument
            assert instrument is not None
            sounds = samples.get(track.id, ())
            body: tuple[object, ...] = (_body(instrument), font, sounds)
            known = before.get(track.id)
            if known is not None and known[0] == body:
                live = known[2]
                if known[1] != instrument:
                    self._player.shape_hand(live, instrument)
            else:
                synth = make_synth(instrument, self._player.rate, font, by_hand=True, samples=sounds)
                live = LiveNotes(track.id, synth, live_step(instrument))
            self._armed[track.id] = (body, instrument, live)
        lives = tuple(live for _, _, live in self._armed.values())
        if lives != tuple(live for _, _, live in before.values()):
            self._player.play_hands(lives)


def played_in(project: Project) -> tuple[Track, ...]:
    """The tracks that notes are played into and recorded on: the armed ones of those that have an instrument."""
    return tuple(track for track in project.tracks if track.armed and track.instrument is not None)


def _body(instrument: Instrument) -> Instrument:
    """What of an instrument `Synth.set` cannot change."""
    body = replace(instrument, program=0, bank=0, parameters=())
    return body if instrument.kind == PLUGIN else replace(body, preset="")


def _stands_in(key: tuple[str, str], made: object) -> bool:
    """Whether this is the silence in place of a plug-in."""
    return key[1].startswith(PLUGIN) and isinstance(made, SilentSynth)


def _strips(project: Project) -> dict[str, Strip]:
    return {MASTER: project.master} | {track.id: track.strip for track in project.tracks}
