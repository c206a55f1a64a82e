"""What the storage needs to know of the file system: whether it is remote, writable, and what has reached the disk."""

from __future__ import annotations

import ctypes
import os
import re
import struct
import sys
from pathlib import Path

_REMOTE = re.compile(
    r"nfs\d?|cifs|smb\w*|9p|afs|ceph|lustre|gfs2|ocfs2|ncpfs|virtiofs|vboxsf|vmhgfs|fuse\.(?!fuseblk).*"
)
_MAC_LOCAL = 0x1000
_WINDOWS_REMOTE = 4


def is_network_folder(folder: Path) -> bool:
    """Whether `folder` lies on another machine, where SQLite's shared-memory log would not be safe.

    What cannot be found out counts as local.
    """
    if sys.platform == "win32":
        return _is_remote_drive(folder)
    if sys.platform == "darwin":
        return _is_remote_mount(folder)
    mounts = Path("/proc/self/mountinfo")
    return mounts.exists() and _REMOTE.fullmatch(_mount_type(folder, mounts.read_text(errors="replace"))) is not None


def _mount_type(folder: Path, mounts: str) -> str:
    """The type of the mount that holds `folder`, out of Linux's mountinfo (proc(5)); the last of the longest wins."""
    place = folder.resolve()
    best, found = -1, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        point = Path(re.sub(r"\\(\d{3})", lambda match: chr(int(match[1], 8)), fields[4]))
        length = len(point.parts)
        if length >= best and place.is_relative_to(point):
            best, found = length, fields[fields.index("-") + 1]
    return found


def _is_remote_mount(folder: Path) -> bool:
    """macOS: `statfs` and the flag MNT_LOCAL of sys/mount.h; the flags stand at byte 64 of struct statfs."""
    record = ctypes.create_string_buffer(4096)
    if ctypes.CDLL(None).statfs(os.fsencode(folder), record) != 0:
        return False
    flags: int = struct.unpack_from("I", record, 64)[0]
    return not flags & _MAC_LOCAL


def _is_remote_drive(folder: Path) -> bool:
    drive = folder.resolve().drive
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  (absent from other platforms' types)
    return drive.startswith("\\\\") or kernel.GetDriveTypeW(drive + "\\") == _WINDOWS_REMOTE


def is_writable(folder: Path, file: Path) -> bool:
    """Whether files can be made in `folder` and `file` in it be changed."""
    return os.access(folder, os.W_OK | os.X_OK) and os.access(file, os.W_OK)


def sync_folder(folder: Path) -> None:
    """Makes new names in `folder` survive a power cut, where the platform can."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
