"""MIDI files put together byte by byte, for the tests of reading them."""

from __future__ import annotations

from collections.abc import Sequence

END = b"\xff\x2f\x00"


def number(value: int) -> bytes:
    """A number of variable length."""
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(value & 0x7F | 0x80)
    return bytes(reversed(out))


def chunk(data: bytes, name: bytes = b"MTrk", length: int | None = None) -> bytes:
    """A chunk; `length` is what it claims."""
    return name + (len(data) if length is None else length).to_bytes(4) + data


def track(*events: tuple[int, bytes], end: int = 0) -> bytes:
    """A track chunk of (delta, bytes) with its end `end` ticks after the last."""
    return chunk(b"".join(number(delta) + data for delta, data in events) + number(end) + END)


def midi(tracks: Sequence[bytes], kind: int = 1, division: int = 480, claimed: int | None = None) -> bytes:
    """A file."""
    count = len(tracks) if claimed is None else claimed
    header = kind.to_bytes(2) + count.to_bytes(2) + division.to_bytes(2)
    return chunk(header, b"MThd") + b"".join(tracks)


def meta(kind: int, data: bytes) -> bytes:
    """A meta event."""
    return b"\xff" + bytes([kind]) + number(len(data)) + data


def on(pitch: int, velocity: int = 64, channel: int = 0) -> bytes:
    """A note begins."""
    return bytes([0x90 | channel, pitch, velocity])


def off(pitch: int, channel: int = 0) -> bytes:
    """A note ends."""
    return bytes([0x80 | channel, pitch, 0])
