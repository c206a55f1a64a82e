"""What is known of the file system."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.storage import filesystem

MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /mnt/nas\\040box rw,relatime shared:2 master:1 - nfs4 nas:/songs rw,vers=4.2
31 30 8:2 / /mnt/nas\\040box/local rw - xfs /dev/sdb1 rw
32 22 0:41 / /mnt/ssh rw - fuse.sshfs me@there:/ rw
33 22 8:3 / /mnt/disk rw - fuseblk /dev/sdc1 rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/me", "ext4"),
        ("/mnt/nas box/songs", "nfs4"),
        ("/mnt/nas box/local/songs", "xfs"),
        ("/mnt/ssh", "fuse.sshfs"),
        ("/mnt/disk/a", "fuseblk"),
    ],
)
def test_the_mount_that_holds_a_folder(folder: str, kind: str) -> None:
    assert filesystem._mount_type(Path(folder), MOUNTS) == kind


@pytest.mark.parametrize(
    ("kind", "remote"),
    [("nfs nfs4 cifs smb3 9p ceph fuse.sshfs vboxsf", True), ("ext4 tmpfs btrfs xfs overlay fuseblk", False)],
)
def test_what_counts_as_remote(kind: str, remote: bool) -> None:
    for one in kind.split():
        assert (filesystem._REMOTE.fullmatch(one) is not None) is remote, one


def test_a_folder_of_this_machine_is_local(tmp_path: Path) -> None:
    assert not filesystem.is_network_folder(tmp_path)


def test_a_folder_can_be_synced(tmp_path: Path) -> None:
    filesystem.sync_folder(tmp_path)
