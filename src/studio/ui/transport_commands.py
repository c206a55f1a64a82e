"""The commands of the transport: play, stop, record, locate, loop, metronome, tempo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from .commands import Command

if TYPE_CHECKING:
    from ..engine.audio.status import EngineStatus
    from .shell import MainWindow

COUNT_INS = (0, 1, 2)
"""Bars of count-in that the switch goes through."""


class TransportCommands(QObject):
    """What the transport's keys, menu and buttons do with the player and the open song. Main thread."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.status: EngineStatus | None = None
        """What the engine said last."""
        self._state = (False, False)
        self.metronome = False
        self.count_in = 1

    def commands(self) -> list[Command]:
        """The commands, in the order of their menu."""
        song = self._has_song
        return [
            Command("transport.play", "Play", "Space", self.play_or_stop, song, "Transport", lambda: self._state[0]),
            Command("transport.stop", "Stop", "Shift+Space", self.stop, song, "Transport"),
            Command("transport.record", "Record", "R", self.record, self._may_record, "Transport", self._recording),
            Command("transport.loop", "Loop", "L", self.toggle_loop, song, "Transport", self._looping),
            Command("transport.start", "Go to Start", "Home", lambda: self.locate(0), song, "Transport", group="go"),
            Command("transport.end", "Go to End", "End", self.go_to_end, song, "Transport", group="go"),
            Command("transport.back", "Back One Bar", ",", lambda: self.step_bar(-1), song, "Transport", group="go"),
            Command(
                "transport.forward", "Forward One Bar", ".", lambda: self.step_bar(1), song, "Transport", group="go"
            ),
            Command("transport.position", "Go to Position…", "Ctrl+G", self.type_place, song, "Transport", group="go"),
            Command(
                "transport.metronome",
                "Metronome",
                "`",
                self.toggle_metronome,
                menu="Transport",
                checked=lambda: self.metronome,
                group="click",
            ),
            Command(
                "transport.count_in",
                "Count-in",
                "Ctrl+`",
                self.next_count_in,
                menu="Transport",
                checked=lambda: self.count_in > 0,
                group="click",
                label=self._count_in_text,
            ),
            Command("song.tap", "Tap Tempo", "Shift+T", self.tap, song, "Transport", group="tempo"),
            Command("song.tempo", "Set Tempo…", "Ctrl+T", self.type_tempo, song, "Transport", group="tempo"),
            Command("song.signature", "Set Time Signature…", "", self.type_signature, song, "Transport", group="tempo"),
        ]

    def tick(self, status: EngineStatus) -> None:
        """Keeps the buttons in step with the engine."""
        self.status = status
        state = (status.playing or status.counting_in, status.recording)
        if state != self._state:
            self._state = state
            self._window.commands.refresh()

    @property
    def position(self) -> int:
        """The frame that is heard now."""
        return self.status.position if self.status else 0

    def play_or_stop(self) -> None:
        """Starts playing where the playhead is, or stops there."""
        if any(self._state):
            self._halt()
        else:
            self._player.play()

    def stop(self) -> None:
        """Stops; pressed again while stopped, goes to the start."""
        if any(self._state):
            self._halt()
        else:
            self.locate(0)

    def record(self) -> None:
        """Starts recording on the armed tracks, or ends it and keeps the take."""
        if self._state[1]:
            self._window.workspace.stop_recording()
        else:
            self._window.workspace.start_recording()

    def locate(self, frame: int) -> None:
        """Moves the playhead."""
        if self._window.workspace is not None:
            self._player.locate(max(0, frame))

    def go_to_end(self) -> None:
        """Moves the playhead behind the last clip."""
        from ..document.project import song_end

        self.locate(int(song_end(self._project)))

    def step_bar(self, by: int) -> None:
        """Moves the playhead to the bar line before or after it."""
        from ..document.time import bar_beat, bar_tick

        project = self._project
        tick = project.time.tick(self.position)
        bar = bar_beat(project.signatures, tick).bar
        if by < 0 and bar_tick(project.signatures, bar) < tick:
            bar += 1
        self.locate(project.time.frame(bar_tick(project.signatures, max(1, bar + by))))

    def toggle_loop(self) -> None:
        """Switches the loop on or off."""
        from ..document.edits.song import set_loop

        loop = self._project.loop
        self._apply(set_loop(loop.start, loop.end, not loop.on))

    def toggle_metronome(self) -> None:
        """Switches the click on or off."""
        self.set_click(not self.metronome, self.count_in)

    def next_count_in(self) -> None:
        """Goes to the next length of count-in: none, one bar, two bars."""
        at = COUNT_INS.index(self.count_in) if self.count_in in COUNT_INS else 0
        self.set_click(self.metronome, COUNT_INS[(at + 1) % len(COUNT_INS)])

    def set_click(self, metronome: bool, count_in: int) -> None:
        """Sets the click and the count-in, and remembers them."""
        self.show_click(metronome, count_in)
        if self._window.workspace is not None:
            self._window.workspace.set_click(metronome, count_in)

    def show_click(self, metronome: bool, count_in: int) -> None:
        """Shows the click and the count-in as they are."""
        self.metronome, self.count_in = metronome, count_in
        self._window.commands.refresh()

    def tap(self) -> None:
        """Takes a tap of the tempo."""
        self._window.transport.tap()

    def type_place(self) -> None:
        """Opens the position for typing."""
        self._window.transport.position.edit()

    def type_tempo(self) -> None:
        """Opens the tempo for typing."""
        self._window.transport.tempo.edit()

    def type_signature(self) -> None:
        """Opens the time signature for typing."""
        self._window.transport.signature.edit()

    @property
    def _player(self) -> Any:
        return self._window.workspace.player

    @property
    def _project(self) -> Any:
        return self._window.session.document.project

    def _apply(self, edit: Any) -> None:
        self._window.session.document.apply(edit)

    def _halt(self) -> None:
        if self._state[1]:
            self._window.workspace.stop_recording()
        self._player.stop()

    def _has_song(self) -> bool:
        return self._window.session is not None

    def _may_record(self) -> bool:
        return self._has_song() and not self._window.session.document.read_only

    def _recording(self) -> bool:
        return self._state[1]

    def _looping(self) -> bool:
        return self._has_song() and bool(self._project.loop.on)

    def _count_in_text(self) -> str:
        return "Count-in off" if not self.count_in else f"Count-in {self.count_in} bar{'s'[: self.count_in - 1]}"
