"""Makes the pictures of the README and the user guide: `python3 start.py pictures`. The app makes them, on a screen of
its own, from a song put together out of the shared test data.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from collected import fill_datasets
from models import TinyModels
from results import fill_library
from screen import App, Screen
from sound import SINK, SoundCard
from studio.actions.correcting import listen_to
from studio.actions.importing import asset_of, import_sounds
from studio.actions.models import add_model
from studio.actions.song import OpenSong, create_song
from studio.document.correction import Correction
from studio.document.edits import clips, harmony, mix, song, takes, tracks
from studio.document.edits.correction import correct
from studio.document.edits.notes import make_note, make_note_clip
from studio.document.harmony import Chord
from studio.document.instruments import DRUM_BANK, Instrument
from studio.document.project import Marker, Media, Section, new_id
from studio.engine.jobs import Work
from studio.storage import locations
from studio.storage.library import Library
from studio.storage.preferences import Preferences
from sungsongs import make_sung_song, sung

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
TESTDATA = ROOT.parent / "shared" / "testdata"
RATE = 48_000
BAR = 96_000
SOUNDS = {
    "Drums": "samples_cc0/loop_breakbeat.flac",
    "Percussion": "samples_cc0/loop_compus.flac",
    "Bass": "samples_cc0/bass_dnb_f.flac",
    "Guitar": "samples_cc0/guit_harmonics.flac",
    "Piano": "samples_cc0/ambi_piano.flac",
}


DIALOGS = (
    ("ctrl+comma", "Preferences", "preferences"),
    ("F1", "Keyboard shortcuts", "shortcuts"),
    ("ctrl+e", "Export mix", "export"),
)


def make_song(folder: Path) -> None:
    """A song of 24 bars with sections, faders set, and a vocal comped from three takes."""
    opened = create_song(folder / "Night Bus.studio", RATE, 120.0)
    work = Work(lambda *_: None, threading.Event())
    voice = next((TESTDATA / "singing_annotated" / "vocadito").rglob("*.wav"))
    files = [TESTDATA / name for name in SOUNDS.values()] + [voice]
    done, _ = import_sounds(opened.bundle, files, RATE, work)
    with Library(locations.library_file()) as library:
        library.add_assets([asset_of(item, RATE) for item in done])
    media = [item.media for item in done]
    for name, sound in zip(SOUNDS, media, strict=False):
        _row(opened, name, sound)
    _vocals(opened, media[-1])
    document = opened.document
    for n, (name, color) in enumerate([("Intro", "#626a79"), ("Verse", "#5aa9e6"), ("Chorus", "#f2a33a")]):
        document.apply(song.put_section(Section(new_id("section"), n * 4 * 3840, name, 4 * 3840, color)))
    document.apply(song.put_marker(Marker(new_id("marker"), 8 * 3840, "Drop")))
    document.apply(song.set_loop(4 * 3840, 8 * 3840, False))
    for n, track in enumerate(document.project.tracks):
        document.apply(mix.set_gain(track.id, (0.45, 0.5, 0.7, 0.6, 0.4, 1.6)[n]))
        document.apply(mix.set_pan(track.id, (0.0, -0.3, 0.0, 0.4, 0.2, 0.0)[n]))
    opened.bundle.name_version("First mix")
    opened.close()


def _row(opened: OpenSong, name: str, sound: Media) -> None:
    document = opened.document
    track = tracks.fresh_track(document.project, name)
    length = min(sound.frames, BAR)
    made = []
    for bar in range(0 if name in {"Drums", "Piano"} else 4, 12):
        clip = clips.make_clip(sound, track, bar * BAR, document.project.time)
        made.append(replace(clip, length=length, name=name, fade_out=0 if length == BAR else 2000))
    edits = [song.put_media((sound,)), tracks.add_tracks((track,)), clips.add_clips(track.id, made)]
    document.apply(song.sequence(f"Add {name}", edits))


def _vocals(opened: OpenSong, voice: Media) -> None:
    document = opened.document
    track = tracks.fresh_track(document.project, "Lead vocal")
    document.apply(tracks.add_tracks((track,)))
    passes = [takes.Pass(4 * BAR, n * 4 * RATE, 8 * BAR) for n in range(3)]
    document.apply(takes.record_passes(track.id, voice, passes))
    (comp,) = document.project.tracks[-1].clips
    document.apply(clips.rename_clip(comp.id, "Comp of 3 takes"))
    document.apply(takes.choose_range(comp.id, comp.takes[0].id, 0, 2 * BAR))
    document.apply(takes.choose_range(comp.id, comp.takes[1].id, 2 * BAR, 5 * BAR))
    document.apply(tracks.arm(track.id, True))


def make_note_song(folder: Path) -> None:
    """A song of eight bars with chords and a key, a part for keys, and a beat on a drum kit."""
    opened = create_song(folder / "Morning Tram.studio", RATE, 96.0)
    document = opened.document
    document.apply(harmony.set_key(0, 0, "major"))
    for n, (root, quality) in enumerate([(0, "maj7"), (9, "m7"), (5, "maj7"), (7, "7")] * 2):
        document.apply(harmony.put_chord(Chord(new_id("chord"), n * 3840, 3840, root, quality)))
    tune = [(0, 64, 100), (2, 67, 84), (3, 71, 92), (5, 72, 110), (8, 69, 76), (10, 67, 90), (12, 64, 70), (14, 62, 64)]
    melody = [make_note(bar * 3840 + at * 240, 480, pitch, force) for bar in range(4) for at, pitch, force in tune]
    bass = [make_note(n * 3840 + at * 960, 900, root, 90) for n, root in enumerate((48, 45, 41, 43)) for at in range(4)]
    hits = {36: (0, 7, 10), 38: (4, 12), 42: range(0, 16, 2), 46: (14,), 39: (12,)}
    beat = [
        replace(make_note(at * 240, 240, pitch, 70 + 13 * (at * 5 % 4)), probability=0.5 if pitch == 39 else 1.0)
        for pitch, steps in hits.items()
        for at in steps
    ]
    rows = (
        ("Keys", Instrument(program=4), melody),
        (
            "Bass",
            Instrument("synth", "Bass", parameters=(("cutoff_hz", 420.0), ("detune", 0.06), ("unison", 2.0))),
            bass,
        ),
    )
    for name, instrument, notes in (*rows, ("Drums", Instrument(bank=DRUM_BANK), beat)):
        track = tracks.fresh_track(document.project, name, "instrument", instrument=instrument)
        clip = make_note_clip(name, 0, 4 * 3840, notes)
        document.apply(tracks.add_tracks((track,)))
        document.apply(clips.add_clips(track.id, (replace(clip, loop=3840 if name == "Drums" else 0),)))
    opened.close()


def make_voice_song(folder: Path) -> None:
    """A song of one voice, its first notes put in place."""
    opened = create_song(folder / "Last Refrain.studio", RATE, 110.0)
    work, document = Work(lambda *_: None, threading.Event()), opened.document
    voice = next((TESTDATA / "singing_annotated" / "vocadito").rglob("vocadito_1.wav"))
    (item,), _ = import_sounds(opened.bundle, [voice], RATE, work)
    track = tracks.fresh_track(document.project, "Voice")
    clip = replace(clips.make_clip(item.media, track, 0, document.project.time), name="Refrain, take 4")
    edits = [song.put_media((item.media,)), tracks.add_tracks((track,)), clips.add_clips(track.id, (clip,))]
    document.apply(song.sequence("Add the voice", [*edits, mix.set_gain(track.id, 1.6)]))
    notes = listen_to(opened.bundle, document.project, item.media, work).notes
    placed = tuple(replace(note, centre=1.0, drift=0.4) for note in notes[:9])
    moved = replace(notes[9], shift=2.0, centre=1.0)
    document.apply(correct(clip.id, "", Correction((*placed, moved, *notes[10:]))))
    opened.close()


def take_note_pictures(home: Path, card: SoundCard) -> None:
    """The chords as they are typed, the piano roll, the drum grid and an instrument."""
    screen = Screen(1680, 1020)
    app = _opened(screen, home, card, "Morning Tram")
    app.keys("F6", "End", "ctrl+h")
    app.window("Chords")
    app.type("vi | IV | Dm7 G7")
    time.sleep(1)
    screen.picture(PICTURES / "chords.png")
    app.keys("Escape")
    app.window("Morning Tram")
    app.keys("F6", "Home", "Down", "Right", "Return")
    time.sleep(1)
    app.keys("Tab")
    time.sleep(0.5)
    screen.picture(PICTURES / "piano-roll.png")
    app.keys("F6", "Down", "Down", "Return")
    time.sleep(1)
    screen.picture(PICTURES / "drum-grid.png")
    app.keys("F6", "Up", "F12")
    time.sleep(1)
    screen.picture(PICTURES / "instrument.png")
    app.close()
    screen.close()


def take_producer_pictures(home: Path, card: SoundCard) -> None:
    """A whole song made by the producer, with its panel, and the coach with an exercise."""
    create_song(home / "projects" / "Blue Hour.studio", RATE).close()
    screen = Screen(1680, 1020)
    app = _opened(screen, home, card, "Blue Hour")
    app.keys("F10")
    app.seen("What to make, in words")
    app.press("What to make, in words")
    app.type("funk song at 104 in E minor, seed 4")
    app.keys("Return")
    time.sleep(4)
    app.keys("F6", "z")
    time.sleep(1)
    screen.picture(PICTURES / "producer.png")
    app.keys("F10", "shift+F9")
    time.sleep(3)
    screen.picture(PICTURES / "coach.png")
    app.close()
    screen.close()


def take_generate_pictures(home: Path, card: SoundCard, models: TinyModels) -> None:
    """What models make: the form filled, and the list of models."""
    screen = Screen(1680, 1020)
    about = {"licence": "MIT", "commercial": True, "attribution": "nobody", "task": "music"}
    ace = {"loader": "AceStepPipeline", "folder": str(models.folder("AceStepPipeline")), "memory": 1.0}
    app = _opened(screen, home, card, before=lambda: add_model({**about, **ace, "name": "own", "title": "House band"}))
    app.keys("ctrl+alt+g")
    app.seen("Description")
    time.sleep(2)
    app.press("Description", "text")
    app.type("slow dub with tape echo and a melodica, rain outside")
    app.press("Take tempo, key and length from the song", "push button")
    time.sleep(1)
    screen.picture(PICTURES / "generate.png")
    app.keys("F6", "ctrl+alt+m")
    app.seen("Put it into the song when it is done")
    time.sleep(2)
    screen.picture(PICTURES / "generate-song.png")
    app.press("Models", "page tab")
    time.sleep(12)
    screen.picture(PICTURES / "models.png")
    app.close()
    screen.close()


def take_chain_pictures(home: Path, card: SoundCard, models: TinyModels) -> None:
    """A song in one go: the page, and its jobs as a tree."""
    screen = Screen(1680, 1020)
    about = {"licence": "MIT", "commercial": True, "attribution": "nobody", "memory": 1.0}
    bands = (
        ("words", "House writer", "chat", "AutoModelForCausalLM"),
        ("own", "House band", "music", "AceStepPipeline"),
        ("art", "House painter", "cover", "ZImagePipeline"),
    )

    def add() -> None:
        for name, title, task, loader in bands:
            add_model({**about, "name": name, "title": title, "task": task, "loader": loader,
                       "folder": str(models.folder(loader))})  # fmt: skip

    app = _opened(screen, home, card, before=add)
    app.keys("F7", "ctrl+shift+p")
    app.type("song in one go")
    app.keys("Return")
    app.window("Song in one go")
    time.sleep(3)
    app.type("the last bus home through empty streets")
    app.keys("Tab")
    app.type("slow dub, warm bass, brushed drums, a tired voice")
    time.sleep(1)
    screen.picture(PICTURES / "song-in-one-go.png")
    app.press("Put into the queue", "push button")
    app.keys("Escape")
    app.window("Night Bus")
    time.sleep(9)
    screen.picture(PICTURES / "queue.png")
    app.close()
    screen.close()


def take_library_picture(home: Path, card: SoundCard) -> None:
    """What models made as tiles, and the details of one."""
    with Library(locations.library_file()) as library:
        fill_library(library, [TESTDATA / SOUNDS[name] for name in ("Guitar", "Drums", "Bass", "Piano")])
    screen = Screen(1680, 1020)
    app = _opened(screen, home, card)
    app.press("Generated", "check box")
    app.press("Show tiles", "push button")
    app.keys("ctrl+f", "Down", "End")
    time.sleep(1)
    app.keys("alt+Return")
    app.window("Night bus dub – Details")
    time.sleep(2)
    screen.picture(PICTURES / "library.png")
    app.keys("Escape")
    app.window("Night Bus")
    app.press("Show a list", "push button")
    app.press("All", "check box")
    app.close()
    screen.close()


def take_datasets_picture(home: Path, card: SoundCard) -> None:
    """What models are to learn from, in the panel below the song."""
    with Library(locations.library_file()) as library:
        sounds = {name: TESTDATA / file for name, file in SOUNDS.items()}
        fill_datasets(library, sounds, TESTDATA / "groove_midi")
    screen = Screen(1680, 1020)
    app = _opened(screen, home, card)
    app.keys("ctrl+alt+d")
    time.sleep(3)
    app.press("Datasets", "list")
    app.keys("End", "Home", "Down")
    time.sleep(3)
    screen.picture(PICTURES / "datasets.png")
    app.close()
    screen.close()


def take_voice_picture(home: Path, card: SoundCard) -> None:
    """A voice whose pitch is being corrected."""
    screen = Screen(1680, 1020)
    app = _opened(screen, home, card, "Last Refrain")
    app.keys("F6", "ctrl+a", "shift+p")
    time.sleep(6)
    app.keys("Right", "Right", "Right")
    time.sleep(1)
    screen.picture(PICTURES / "pitch.png")
    app.close()
    screen.close()


def take_report_pictures(home: Path, card: SoundCard) -> None:
    """The coach's report on a comp of three takes, and the takes beside one another with a comp proposed."""
    takes_of = ((-8.0, -42.0, 0.03), (-30.0, -20.0, 0.06), (-45.0, 6.0, 0.01))
    sounds = [sung(first, second, late=late, lively=True) for first, second, late in takes_of]
    make_sung_song(home / "projects" / "Rainy.studio", *sounds)
    screen = Screen(1680, 1020)
    app = _opened(screen, home, card, "Rainy")
    app.keys("F6", "Home", "Down", "Down", "Right", "shift+v")
    app.seen("Phrases, the worst first")
    time.sleep(2)
    app.press("Sung freely", "combo box")
    app.type("M")
    app.keys("Return")
    time.sleep(1)
    screen.picture(PICTURES / "report.png")
    app.press("Takes", "page tab")
    app.press("Propose a Comp")
    time.sleep(1)
    screen.picture(PICTURES / "takes.png")
    app.close()
    screen.close()


def take_pictures(home: Path, card: SoundCard) -> None:
    """Every picture of the guide, at scale 1, and the window at 1.5 and 2."""
    screen = Screen(1680, 1020)
    app = App(screen, home, environment=card.environment)
    app.window("Studio")
    app.seen("Sound device", seconds=30)
    time.sleep(1)
    screen.picture(PICTURES / "welcome.png")
    app.close()
    app = _opened(screen, home, card)
    screen.picture(PICTURES / "window.png")
    app.keys("space")
    time.sleep(4)
    screen.picture(PICTURES / "playing.png")
    app.keys("space")
    app.press("History", "page tab")
    time.sleep(0.5)
    screen.picture(PICTURES / "history.png")
    app.press("Mixer", "page tab")
    app.keys("ctrl+shift+p")
    time.sleep(0.5)
    app.type("split")
    time.sleep(0.5)
    screen.picture(PICTURES / "palette.png")
    app.keys("Escape")
    _dialogs(app, screen)
    app.close()
    screen.close()
    for name, scale, size in (("150", "1.5", (2520, 1530)), ("200", "2", (3360, 2040))):
        screen = Screen(*size)
        screen.environment["QT_SCALE_FACTOR"] = scale
        app = _opened(screen, home, card)
        screen.picture(PICTURES / f"window-{name}.png")
        app.close()
        screen.close()


def _dialogs(app: App, screen: Screen) -> None:
    for key, title, name in DIALOGS:
        app.keys(key)
        app.window(title)
        if name == "export":
            app.press("File", "text")
            app.keys("ctrl+a")
            app.type("~/Music/Night Bus.flac")
        time.sleep(1)
        screen.picture(PICTURES / f"{name}.png")
        if name == "preferences":
            app.keys("Down")
            time.sleep(0.5)
            screen.picture(PICTURES / "keys.png")
        if name == "export":
            app.keys("Return")
        app.keys("Escape")
        time.sleep(0.3)
        app.window("Night Bus")
    app.press("Recording latency", "push button")
    app.window("Recording latency")
    app.keys("Return")
    app.seen("Measurement", "progress bar")
    time.sleep(9)
    screen.picture(PICTURES / "latency.png")
    app.keys("Escape")
    app.window("Night Bus")
    app.press("Jobs", "page tab")
    time.sleep(0.5)
    screen.picture(PICTURES / "jobs.png")


def _opened(
    screen: Screen,
    home: Path,
    card: SoundCard,
    song_name: str = "Night Bus",
    before: Callable[[], object] = lambda: None,
) -> App:
    """The app with a song, on fresh preferences; `before` prepares more."""
    shutil.rmtree(home / "config", ignore_errors=True)
    (home / "config").mkdir()
    Preferences(export_folder="/home/musician/Music").save(home / "config" / "preferences.json")
    before()
    app = App(screen, home, str(home / "projects" / f"{song_name}.studio"), environment=card.environment)
    app.window(song_name)
    app.seen("Sound device", seconds=30)
    time.sleep(2)
    app.keys("z")
    time.sleep(1)
    return app


def main() -> None:
    """Makes all pictures, and makes them small."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        (home / "projects").mkdir(parents=True)
        (home / "Music").mkdir()
        os.environ |= {"STUDIO_HOME": str(home), "HOME": str(home)}
        locations.create_folders()
        make_song(home / "projects")
        make_note_song(home / "projects")
        make_voice_song(home / "projects")
        card = SoundCard(Path(folder), (*SINK, "norewinds=1"))
        card.start()
        try:
            take_pictures(home, card)
            take_note_pictures(home, card)
            take_producer_pictures(home, card)
            take_report_pictures(home, card)
            take_voice_picture(home, card)
            take_library_picture(home, card)
            take_generate_pictures(home, card, TinyModels(Path(folder)))
            take_chain_pictures(home, card, TinyModels(Path(folder)))
            take_datasets_picture(home, card)
        finally:
            card.stop()
    for picture in PICTURES.glob("*.png"):
        subprocess.run(["convert", picture, "-strip", "+dither", "-colors", "255", f"PNG8:{picture}"], check=True)
        print(picture.relative_to(ROOT), picture.stat().st_size // 1024, "KiB")


if __name__ == "__main__":
    main()
