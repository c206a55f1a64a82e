"""The desktop entry, the MIME types and the icon are what the desktop's own tools accept."""

import configparser
import shutil
import sqlite3
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from studio.storage.database import APPLICATION_ID

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"
SPACE = "{http://www.freedesktop.org/standards/shared-mime-info}"


def test_the_desktop_entry_opens_songs_and_has_an_icon() -> None:
    parser = configparser.RawConfigParser()
    parser.optionxform = str
    parser.read(PACKAGING / "studio.desktop", "utf-8")
    entry = parser["Desktop Entry"]
    assert entry["Exec"] == "@COMMAND@ %f"
    assert (PACKAGING / f"{entry['Icon']}.svg").is_file()
    named = {kind.get("type") for kind in ET.parse(PACKAGING / "studio-mime.xml").getroot()}
    assert named <= set(entry["MimeType"].split(";"))


def test_the_database_of_a_song_is_known_by_its_mark(tmp_path: Path) -> None:
    match = ET.parse(PACKAGING / "studio-mime.xml").getroot().find(f".//{SPACE}match[@type='big32']")
    assert match is not None
    assert int(match.get("value", ""), 16) == APPLICATION_ID
    with sqlite3.connect(tmp_path / "project.db") as db:
        db.execute(f"PRAGMA application_id={APPLICATION_ID}")
        db.execute("CREATE TABLE one (x)")
    place = int(match.get("offset", ""))
    assert (tmp_path / "project.db").read_bytes()[place : place + 4] == APPLICATION_ID.to_bytes(4, "big")


def test_the_icon_is_a_picture(qapp: object) -> None:
    picture = QImage(str(PACKAGING / "studio.png"))
    assert (picture.width(), picture.height(), picture.hasAlphaChannel()) == (256, 256, True)


def test_the_desktop_accepts_the_entry(tmp_path: Path) -> None:
    tool = shutil.which("desktop-file-validate")
    if tool is None:
        pytest.skip("desktop-file-validate is not installed")
    entry = tmp_path / "studio.desktop"
    entry.write_text((PACKAGING / "studio.desktop").read_text("utf-8").replace("@COMMAND@", "studio"), "utf-8")
    assert subprocess.run([tool, entry], capture_output=True, text=True, check=False).stdout == ""
