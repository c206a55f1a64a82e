"""Importing onto a disk with no room for what has to be made."""

import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bundles import fill_up, new_song, put_marker, small_disk
from studio.actions.importing import import_sounds
from studio.engine.jobs import Work
from studio.storage.bundle import BundleError


def test_the_sound_is_named_and_nothing_of_it_stays(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "Long.flac", np.zeros(44_100 * 20, np.float32), 44_100)
    with small_disk(tmp_path / "disk", 1_500) as disk:
        bundle, _ = new_song(disk)
        done, failed = import_sounds(bundle, [tmp_path / "Long.flac"], 48_000, Work(lambda *_: None, threading.Event()))
        assert not done
        assert "“Long.flac”" in failed[0].error
        assert "full" in failed[0].error
        assert not list((bundle.folder / "media").iterdir())
        assert not list((bundle.folder / "cache").iterdir())
        bundle.close()


def test_what_cannot_be_written_is_at_risk_until_a_copy_has_it(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 600) as disk:
        bundle, document = new_song(disk)
        assert bundle.flush()
        assert not bundle.at_risk
        fill_up(disk)
        for number in range(400):
            put_marker(document, number)
        assert not bundle.flush()
        assert bundle.at_risk
        bundle.save_as(tmp_path / "Rescued")
        assert not bundle.at_risk
        bundle.close()


def test_closing_what_is_at_risk_says_so(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 600) as disk:
        bundle, document = new_song(disk)
        fill_up(disk)
        for number in range(400):
            put_marker(document, number)
        assert not bundle.flush()
        with pytest.raises(BundleError, match="lost"):
            bundle.close()
