"""Pictures of a genre: its notes as a piano roll, part below part, and the spectrogram of how it sounds."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import librosa
import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QImage, QPainter

from studio.document.recipes import PARTS
from studio.engine.music.composer.compose import Composition
from studio.engine.music.genres.genre import Genre

from .hearing import RATE, load
from .making import piece, sound_of
from .notes import notes_of

WIDTH, LEFT, ROW, SPECTRUM = 1500, 110, 4, 260
COLORS = ("#f2a33a", "#a3b86c", "#5aa9e6", "#ef767a", "#7fd1ae", "#c792ea", "#cccccc")


def draw(genres: Sequence[Genre], folder: Path, seed: int = 1) -> None:
    """Draws a piece of each genre into `folder/ID.png`."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication.instance() or QGuiApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    for genre in genres:
        composition, project = piece(genre, seed)
        with tempfile.TemporaryDirectory() as place:
            sound = load(sound_of(project, Path(place) / "piece.wav").file)
        whole = _stacked(_roll(composition), _spectrogram(composition, sound))
        whole.save(str(folder / f"{genre.id}.png"))
        print(folder / f"{genre.id}.png", file=sys.stderr)
    del application


def _roll(song: Composition) -> QImage:
    """A band for each part, as high as its range, brighter where louder."""
    bands = [(part, notes) for part in PARTS if (notes := notes_of(song, part))]
    heights = [max(24, ROW * (max(n.pitch for n in notes) - min(n.pitch for n in notes) + 3)) for _, notes in bands]
    image = QImage(WIDTH, sum(heights) + 8 * len(bands) + 26, QImage.Format.Format_RGB32)
    image.fill(QColor("#16181d"))
    painter = QPainter(image)
    painter.setFont(QFont("sans", 9))
    request = song.request
    title = f"{song.genre.name}, {request.bpm:g} BPM, seed {request.seed}: " + " | ".join(c.symbol for c in song.chords)
    painter.setPen(QColor("#dddddd"))
    painter.drawText(6, 16, title)
    top = 26
    for (part, notes), height in zip(bands, heights, strict=True):
        lowest = min(note.pitch for note in notes) - 1
        painter.fillRect(QRect(LEFT, top, WIDTH - LEFT, height), QColor("#1f2229"))
        _bar_lines(painter, song, top, height)
        for note in notes:
            color = QColor(COLORS[PARTS.index(part)])
            color.setAlphaF(0.25 + 0.75 * note.velocity / 127)
            wide = max(_x(song, note.played + note.length) - _x(song, note.played), 2)
            y = top + height - ROW * (note.pitch - lowest + 1)
            painter.fillRect(QRect(_x(song, note.played), y, wide, ROW - 1), color)
        painter.setPen(QColor("#dddddd"))
        painter.drawText(QRect(4, top, LEFT - 8, height), Qt.AlignmentFlag.AlignVCenter, f"{part} ({len(notes)})")
        top += height + 8
    painter.end()
    return image


def _x(song: Composition, tick: int) -> int:
    return LEFT + round((WIDTH - LEFT) * tick / song.ticks)


def _bar_lines(painter: QPainter, song: Composition, top: int, height: int) -> None:
    bar = song.request.bar_ticks
    beats = song.request.numerator
    for number in range(song.ticks * beats // bar):
        painter.setPen(QColor("#4a5060" if number % beats == 0 else "#2a2e37"))
        x = _x(song, number * bar // beats)
        painter.drawLine(x, top, x, top + height)


def _spectrogram(song: Composition, sound: np.ndarray) -> QImage:
    """Mel bands over the length of the notes, from -70 dB (dark) to 0."""
    bands = librosa.feature.melspectrogram(y=sound, sr=RATE, n_mels=SPECTRUM // 2, fmax=10_000)
    level = np.clip(librosa.power_to_db(bands, ref=np.max) / 70 + 1, 0, 1)
    seconds = song.ticks / 960 * 60 / song.request.bpm
    columns = np.linspace(0, level.shape[1] * seconds * RATE / len(sound) - 1, WIDTH - LEFT)
    shown = level[::-1, np.clip(columns.round().astype(int), 0, level.shape[1] - 1)].repeat(2, axis=0)
    grey = np.full((shown.shape[0], WIDTH), 22, np.uint8)
    grey[:, LEFT:] = (22 + 230 * shown).astype(np.uint8)
    image = QImage(grey.tobytes(), WIDTH, shown.shape[0], WIDTH, QImage.Format.Format_Grayscale8)
    return image.convertToFormat(QImage.Format.Format_RGB32)


def _stacked(upper: QImage, lower: QImage) -> QImage:
    whole = QImage(WIDTH, upper.height() + lower.height(), QImage.Format.Format_RGB32)
    painter = QPainter(whole)
    painter.drawImage(0, 0, upper)
    painter.drawImage(0, upper.height(), lower)
    painter.end()
    return whole
