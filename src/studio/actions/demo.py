"""The song that opens on the very first start, so that Space makes music at once."""

from __future__ import annotations

from pathlib import Path

from ..document.harmony import Key
from ..engine.music.arranger.forms import read_form
from ..engine.music.genres.reading import shipped
from ..engine.music.requests import Wishes, make_request
from .producing import produce
from .song import OpenSong, create_song

NAME = "First Light"
GENRE = "house"
FORM = "intro:4 verse:8 build:4 drop:8 breakdown:4 build:4 drop:8 outro:4"
"""A minute and a half."""


def make_demo(folder: Path, rate: int) -> OpenSong:
    """Makes the song in a folder that is not there yet and opens it. It plays on the studio's own instruments alone.

    Not the main thread: it writes files and takes some tenths of a second.
    """
    genre = shipped()[GENRE]
    wishes = Wishes(bpm=122.0, key=Key(0, 9, "minor"), form=read_form(FORM), complexity=0.6, seed=7)
    song = create_song(folder, rate)
    song.document.apply(produce(song.project, genre, make_request(genre, wishes), 0, False).edit)
    song.save()
    return song
