"""The sound page of the preferences: which device, at which rate and buffer, whether it is heard and hears."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QSizePolicy, QWidget

from . import theme
from .forms import Choice, add_row, button_row, form, page, push, set_role, text
from .plugin_folders import PluginFolders
from .warmup import Warmup

if TYPE_CHECKING:
    from ..engine.audio.status import EngineStatus
    from .shell import MainWindow

RATES = (0, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000)
BUFFERS = (0, 64, 128, 256, 512, 1024, 2048)
NO_INPUT = "\0none"
ANOTHER = "\0another"
TEST_TONE = theme.RESOURCES / "sounds" / "test-tone.wav"


class AudioPage(QWidget):
    """Every choice takes effect at once. Main thread; devices are listed on a thread of their own."""

    _listed = Signal(object)

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window = window
        self._devices: tuple[Any, ...] = ()
        self._loading = True
        _, column = _inside(self)
        rows = form()
        self.host = Choice("Host")
        self.output = Choice("Output")
        self.input = Choice("Input")
        self.rate = Choice("Device rate", ((rate, _rate_text(rate)) for rate in RATES))
        self.buffer = Choice("Buffer", ((frames, _buffer_text(frames)) for frames in BUFFERS))
        self.font = Choice("SoundFont")
        self.level = LevelBar()
        for name, field in (
            ("Host", self.host),
            ("Output", self.output),
            ("Input", self.input),
            ("Input level", self.level),
            ("Device rate", self.rate),
            ("Buffer", self.buffer),
            ("SoundFont", self.font),
            ("Plug-in folders", PluginFolders(window)),
        ):
            add_row(rows, name, field)
        column.addLayout(rows)
        self.state = text("", "dim")
        self.state.setMinimumHeight(34)
        column.addWidget(self.state)
        self.look = push("Look for devices again", self._look_again)
        self.test = push("Play a test tone", self._play_tone)
        self.latency = push("Measure recording latency…", window.song.measure_latency)
        row = button_row(self.look, self.test, self.latency)
        column.addLayout(row)
        column.addWidget(
            text(
                "Listen to yourself through the direct monitoring of your interface: sound through the program would"
                " come late. The buffer sets how far ahead the device works; faders and stop are felt at once all the"
                " same.",
                "dim",
            )
        )
        column.addStretch(1)
        self.host.currentIndexChanged.connect(self._host_chosen)
        for choice in (self.output, self.input, self.rate, self.buffer):
            choice.currentIndexChanged.connect(self._apply)
        self.font.currentIndexChanged.connect(self._font_chosen)
        self._listed.connect(self._show_devices)
        self._timer = QTimer(self, interval=50)
        self._timer.timeout.connect(self._tick)
        self._list()
        self._list_fonts()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _list(self) -> None:
        from ..engine.audio.device import list_devices

        self.state.setText("Looking for sound devices")
        self._warmup = Warmup(lambda _: list_devices(), self)
        self._warmup.done.connect(self._show_devices)
        self._warmup.failed.connect(self._window.notices.error)
        self._warmup.start()

    def _list_fonts(self) -> None:
        from ..engine.audio.instruments.soundfont import find_fonts

        fonts, chosen = [str(font) for font in find_fonts()], self._window.workspace.preferences.soundfont
        usual = f"The usual one · {Path(fonts[0]).stem}" if fonts else "None was found"
        listed = dict.fromkeys((*fonts, chosen) if chosen else fonts)
        named = [(font, Path(font).stem) for font in listed]
        self.font.set_options([("", usual), *named, (ANOTHER, "Another file…")], chosen)

    def _font_chosen(self) -> None:
        font = self.font.value
        if font == ANOTHER:
            font, _ = QFileDialog.getOpenFileName(self, "Choose a SoundFont", "", "SoundFonts (*.sf2 *.sf3)")
            font = font or self._window.workspace.preferences.soundfont
        self._window.workspace.set_soundfont(Path(font) if font else None)
        self._window.panels["timeline"].presets.forget()  # type: ignore[attr-defined]
        self._list_fonts()

    def _look_again(self) -> None:
        self.state.setText("Looking for sound devices")
        self._window.workspace.player.rescan(self._listed.emit)

    def _show_devices(self, devices: Iterable[Any]) -> None:
        self._devices = tuple(devices)
        chosen = self._audio()
        hosts = list(dict.fromkeys(device.host_api for device in self._devices))
        self._loading = True
        self.host.set_options([("", "System default"), *((name, name) for name in hosts)], chosen.host_api)
        self._show_ports()
        self.rate.choose(chosen.rate)
        self.buffer.choose(chosen.buffer)
        self._loading = False

    def _show_ports(self) -> None:
        chosen = self._audio()
        host = self.host.value
        listed = [device for device in self._devices if not host or device.host_api == host]
        outputs = [(d.name, _device_text(d, d.outputs, host)) for d in listed if d.outputs]
        inputs = [(d.name, _device_text(d, d.inputs, host)) for d in listed if d.inputs]
        self.output.set_options([("", "System default"), *_kept(outputs, chosen.output)], chosen.output)
        self.input.set_options([("", "System default"), *_kept(inputs, chosen.input)], chosen.input)

    def _host_chosen(self) -> None:
        if not self._loading:
            self._loading = True
            self._show_ports()
            self._loading = False
            self._apply()

    def _apply(self) -> None:
        if self._loading:
            return
        from msgspec.structs import replace

        audio = replace(
            self._audio(),
            host_api=self.host.value,
            output=self.output.value,
            input=self.input.value,
            rate=self.rate.value,
            buffer=self.buffer.value,
        )
        if audio != self._audio():
            self._window.workspace.open_device(audio)

    def _audio(self) -> Any:
        return self._window.workspace.preferences.audio

    def _play_tone(self) -> None:
        self._window.workspace.preview(TEST_TONE)

    def _tick(self) -> None:
        status = self._window.playing.status
        if status is None:
            return
        self.level.show_peak(max(status.inputs, default=0.0))
        words, role = {
            "starting": ("The device is being opened.", "dim"),
            "running": (_running_text(status), "dim"),
            "clock": ("No sound device is in use: playback is silent.", "error"),
            "lost": ("The device went away. Plug it in and look again, or choose another.", "error"),
        }[status.device]
        words = status.notice or words
        if words != self.state.text():
            self.state.setText(words)
            set_role(self.state, role)


class LevelBar(QWidget):
    """A peak as a bar from -60 to 0 dBFS, falling slowly."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = 0.0
        self.setFixedHeight(28)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_peak(self, peak: float) -> None:
        """Shows a linear peak; to be called 20 times a second."""
        shown = max(peak, self._shown * 0.86)
        if abs(shown - self._shown) > 1e-5:
            self._shown = shown
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        import math

        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            track = QRectF(0, self.height() / 2 - 3, self.width(), 6)
            painter.setBrush(theme.color("well"))
            painter.drawRoundedRect(track, 3, 3)
            share = (20 * math.log10(self._shown) + 60) / 60 if self._shown > 1e-3 else 0.0
            track.setWidth(track.width() * min(max(share, 0.0), 1.0))
            painter.setBrush(theme.color("rec" if self._shown >= 1.0 else "ok"))
            painter.drawRoundedRect(track, 3, 3)


def _inside(widget: QWidget) -> tuple[QWidget, Any]:
    from PySide6.QtWidgets import QVBoxLayout

    made, column = page("Sound")
    outer = QVBoxLayout(widget)
    outer.setContentsMargins(0, 0, 0, 0)
    outer.addWidget(made)
    return made, column


def _kept(options: list[tuple[str, str]], chosen: str) -> list[tuple[str, str]]:
    """The options, and the chosen device where it is not there now: it stays chosen until another is."""
    names = [name for name, _ in options]
    return options if not chosen or chosen in names else [*options, (chosen, f"{chosen} (not there now)")]


def _device_text(device: Any, channels: int, host: str) -> str:
    tail = "" if host else f" · {device.host_api}"
    return f"{device.name} · {channels} channel{'s' if channels > 1 else ''}{tail}"


def _running_text(status: EngineStatus) -> str:
    words = f"The device runs at {status.device_rate / 1000:g} kHz."
    if status.device_rate == status.rate:
        return words
    return f"{words} The song is at {status.rate / 1000:g} kHz and is converted on the way."


def _rate_text(rate: int) -> str:
    return f"{rate / 1000:g} kHz" if rate else "That of the song"


def _buffer_text(frames: int) -> str:
    return f"{frames} frames" if frames else "The device's choice"
