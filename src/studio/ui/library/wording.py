"""How assets are described in a line."""

from __future__ import annotations

from datetime import date, datetime

from ...storage.library.records import Asset, AssetKind, Mark

KINDS: dict[AssetKind, tuple[str, str]] = {
    "audio": ("Imported", "#5aa9e6"),
    "recording": ("Recorded", "#ef767a"),
    "generated": ("Generated", "#c792ea"),
    "picture": ("Generated", "#7fd1ae"),
    "text": ("Generated", "#e6c27a"),
    "midi": ("MIDI", "#f2a33a"),
    "project": ("Song", "#7fd1ae"),
    "preset": ("Preset", "#a3b86c"),
    "other": ("File", "#9aa1af"),
}
"""What each kind of asset is called and the colour of its picture."""


def duration(seconds: float) -> str:
    """A length as people read it: "0.4 s", "0:21", "1:02:03"; a dash for nothing."""
    if seconds <= 0:
        return "–"
    if seconds < 9.95:
        return f"{max(0.1, seconds):.1f} s"
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def day(when: float, today: date | None = None) -> str:
    """A time in seconds since 1970 as a day: "today", "yesterday", "on Monday", "on 3 May 2026"."""
    there, here = datetime.fromtimestamp(when).date(), today or date.today()
    ago = (here - there).days
    if ago in {0, 1}:
        return ("today", "yesterday")[ago]
    if 1 < ago < 7:
        return f"on {there:%A}"
    return f"on {there.day} {there:%b %Y}"


def detail(asset: Asset, today: date | None = None) -> str:
    """The second line of an asset: its tempo and key, its tags, how it came."""
    music = [f"{asset.bpm:g} BPM"] if asset.bpm else []
    music += [asset.key] if asset.key else []
    came = f"{KINDS[asset.kind][0]} {day(asset.added, today)}"
    words = [*music, *asset.tags, came.lower() if music or asset.tags else came]
    return " · ".join(words)


def called(asset: Asset, mark: Mark | None) -> str:
    """The title that a person gave what a model made, else the name, without the ending of a file's own."""
    if mark is not None and mark.title:
        return mark.title
    return asset.path.stem if mark is not None and asset.name == asset.path.name else asset.name


def spoken(asset: Asset, mark: Mark | None = None) -> str:
    """What a screen reader says of an asset."""
    length = "" if asset.kind in {"picture", "text"} else f", {duration(asset.seconds)}"
    words = [called(asset, mark) + length, detail(asset), *(["favourite"] if asset.favourite else [])]
    if mark is not None:
        words += [] if mark.approval == "open" else [mark.approval]
        words += [counted(mark.rating, "star")] if mark.rating else []
        words += [f"doubtful: {' '.join(mark.doubts)}"] if mark.doubts else []
    return ", ".join(words)


def told(asset: Asset, mark: Mark | None) -> str:
    """What the tool tip of an asset says: where it lies, what was decided of it, and what its checks remark."""
    lines = [str(asset.path)]
    if mark is not None:
        lines.append(f"Made by {mark.model}")
        if mark.approval != "open":
            lines.append(mark.approval.capitalize() + (f": {mark.reason}" if mark.reason else ""))
        lines += mark.doubts
    return "\n".join(lines)


def counted(count: int, noun: str = "sound") -> str:
    """A number of things: "1 sound", "1,284 sounds"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
