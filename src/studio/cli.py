"""The headless door: one job without a window, a table or one JSON object on standard output.

Progress goes to standard error. Exit status: 0 done, 1 it could not be done (one line says why), 2 wrong arguments.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from . import __version__
from .cli_correct import add_correct
from .cli_dataset import add_dataset
from .cli_generate import add_generate
from .cli_groove import add_groove
from .cli_models import add_models
from .cli_train import add_train
from .errors import StudioError

Report = dict[str, Any]
Command = Callable[[argparse.Namespace], tuple[Report, bool]]


def run(arguments: Sequence[str]) -> int:
    """Runs one sub-command and returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        report, complete = options.command(options)
    except StudioError as error:
        return _refuse(str(error), options.json)
    except KeyboardInterrupt:
        return _refuse("Interrupted.", options.json)
    if options.json:
        print(json.dumps(report, ensure_ascii=False, indent=None))
    else:
        options.show(report)
    return 0 if complete else 1


def _refuse(sentence: str, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"error": sentence}, ensure_ascii=False))
    print(f"studio: {sentence}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="studio", description="A music studio. Without a sub-command: the window.")
    parser.add_argument("--version", action="version", version=f"studio {__version__}")
    doors = parser.add_subparsers(required=True, metavar="SUBCOMMAND")

    new = _door(doors, "new", "make an empty song", _new, _show_new)
    new.add_argument("project", type=Path, metavar="PROJECT", help="the folder to make, such as Song.studio")
    new.add_argument("--rate", type=_number(22_050, 384_000, int), default=48_000, help="sample rate in Hz")
    new.add_argument("--tempo", type=_number(10, 999, float), default=120.0, help="tempo in BPM")

    add = _door(doors, "import", "put sound and MIDI files into a song", _import, _show_import)
    add.add_argument("project", type=Path, metavar="PROJECT")
    add.add_argument("files", type=Path, nargs="+", metavar="FILE")
    add.add_argument("--track", default="", metavar="NAME", help="onto this track, made if it is not there")
    add.add_argument("--at", type=_number(0, 86_400, float), default=0.0, metavar="SECONDS", help="where it starts")

    info = _door(doors, "info", "tell what is in a song", _info, _show_info)
    info.add_argument("project", type=Path, metavar="PROJECT")

    bounce = _door(doors, "bounce", "render a song to a sound file", _bounce, _show_bounce)
    bounce.add_argument("project", type=Path, metavar="PROJECT")
    bounce.add_argument("out", type=Path, metavar="OUT")
    bounce.add_argument("--from", dest="start", type=_number(0, 864_000, float), default=0.0, metavar="S")
    bounce.add_argument("--to", dest="end", type=_number(0, 864_000, float), default=None, metavar="S")
    bounce.add_argument("--format", choices=("wav", "flac", "mp3", "ogg", "opus"), default=None)
    bounce.add_argument("--stems", action="store_true", help="a file for each track, in a folder named after OUT")
    bounce.add_argument("--bits", choices=("16", "24", "32f"), default=None)
    bounce.add_argument(
        "--cover", type=Path, default=None, metavar="FILE", help="a picture for the file; without it the song's own"
    )

    notes = _door(doors, "export-midi", "write the notes of a song to a MIDI file", _export_midi, _show_export_midi)
    notes.add_argument("project", type=Path, metavar="PROJECT")
    notes.add_argument("out", type=Path, metavar="OUT")
    notes.add_argument("--straight", action="store_true", help="leave out swing, grooves and humanising")

    _add_producer(doors)
    chords = _door(doors, "chords", "list, type or detect chords", _chords, _show_chords)
    chords.add_argument("path", type=Path, metavar="PROJECT|FILE", help="a song, or with --detect a sound or MIDI file")
    wish = chords.add_mutually_exclusive_group()
    wish.add_argument("--text", default=None, help="such as “Am7 | F | C G/B” or “vi | IV | I V”")
    wish.add_argument("--detect", action="store_true", help="tell the chords of a sound or MIDI file")
    chords.add_argument("--at", type=_number(1, 100_000, int), default=1, metavar="BAR", help="typed from this bar on")
    chords.add_argument("--tempo", type=_number(10, 999, float), default=None, metavar="BPM", help="of a sound file")

    _add_coach(doors)
    add_correct(doors, _door, _progress, _number)
    found = _door(doors, "plugins", "list the plug-in instruments of this computer", _plugins, _show_plugins)
    found.add_argument("--again", action="store_true", help="examine all of them anew, not only what has changed")
    found.add_argument("--folder", type=Path, action="append", default=[], help="search this folder too from now on")

    _add_instruments(doors)
    add_models(doors, _door, _progress)
    add_generate(doors, _door, _progress)
    add_dataset(doors, _door, _progress, _number)
    add_groove(doors, _door, _progress, _number)
    add_train(doors, _door, _progress)
    _door(doors, "doctor", "check this installation", _doctor, _show_doctor)
    return parser


def _door(doors: Any, name: str, text: str, command: Command, show: Callable[[Report], None]) -> Any:
    door = doors.add_parser(name, help=text, description=text.capitalize() + ".")
    door.add_argument("--json", action="store_true", help="one JSON object on standard output")
    door.set_defaults(command=command, show=show)
    return door


def _add_producer(doors: Any) -> None:
    _door(doors, "genres", "list the genres that the producer knows", _genres, _show_genres)
    beat = _door(doors, "beat", "write a beat: drums, bass, chords and melody", _beat, _show_beat)
    _add_wishes(beat, bars=True)
    beat.add_argument("--parts", default="", help="only these, such as drums,bass,chords,melody")
    tune = _door(doors, "melody", "write a melody over chords", _melody, _show_beat)
    _add_wishes(tune, bars=True)
    arrange = _door(doors, "arrange", "write a whole song in sections", _arrange, _show_beat)
    _add_wishes(arrange, bars=False)
    arrange.add_argument("--form", default="", help="such as “intro:4 verse:8 chorus:8”; without it a usual one")
    arrange.add_argument("--parts", default="", help="only these, such as drums,bass,chords,melody")


def _add_coach(doors: Any) -> None:
    coach = _door(doors, "coach", "judge a sung take: pitch, notes, timing, scores", _coach, _show_coach)
    coach.add_argument("file", type=Path, nargs="?", metavar="FILE", help="a sound file with one voice")
    coach.add_argument("--history", action="store_true", help="tell all takes that were kept instead")
    coach.add_argument("--keep", action="store_true", help="keep the figures of this take in the history")
    coach.add_argument(
        "--target", default="", metavar="T", help="an UltraStar song.txt, a MIDI file, a recording, or “A minor scale”"
    )
    coach.add_argument(
        "--bpm",
        type=_number(10, 999, float),
        default=None,
        metavar="N",
        help="musical beats a minute at which the target was sung, or of the beat",
    )
    coach.add_argument("--voice", type=int, choices=(1, 2), default=1, help="which singer of a duet")
    coach.add_argument("--key", type=_number(-24, 24, int), default=0, metavar="N", help="semitones it was sung higher")
    coach.add_argument(
        "--offset", type=_number(-86_400, 86_400, float), default=0.0, metavar="S", help="where target or beat begins"
    )
    coach.add_argument("--csv", type=Path, default=None, metavar="F", help="write the frames")
    coach.add_argument("--midi", type=Path, default=None, metavar="F", help="write the notes")
    coach.add_argument("--page", type=Path, default=None, metavar="F", help="write the report as a page (HTML)")


def _add_instruments(doors: Any) -> None:
    _door(doors, "instruments", "list instruments, presets, parameters and sounds", _instruments, _show_instruments)
    plays = _door(doors, "instrument", "choose what a track plays on", _instrument, _show_instrument)
    plays.add_argument("project", type=Path, metavar="PROJECT")
    plays.add_argument("--track", required=True, metavar="NAME", help="the instrument track")
    plays.add_argument("--add", action="store_true", help="make the track if it is not there")
    plays.add_argument(
        "--kind", default="", help="drums, synth, sampler, soundfont or plugin; without it the same kind"
    )
    plays.add_argument("--preset", default="", metavar="NAME", help="a preset, a sound of the SoundFont, or a plug-in")
    plays.add_argument("--program", type=_number(0, 127, int), default=None, metavar="N", help="0 to 127")
    plays.add_argument("--bank", type=_number(0, 16_383, int), default=None, metavar="N", help="128 for drum kits")
    plays.add_argument("--set", type=_setting, action="append", default=[], metavar="NAME=VALUE", help="a parameter")
    sample = _door(doors, "sample", "let a track play sound files from its keys", _sample, _show_sample)
    sample.add_argument("project", type=Path, metavar="PROJECT")
    sample.add_argument("files", type=Path, nargs="+", metavar="FILE", help="several get a key each, as a kit")
    sample.add_argument("--track", required=True, metavar="NAME", help="the instrument track")
    sample.add_argument("--add", action="store_true", help="make the track if it is not there")
    sample.add_argument("--key", type=_number(0, 127, int), default=None, metavar="N", help="only this key, 36 is C2")


def _add_wishes(door: Any, bars: bool) -> None:
    door.add_argument("--genre", required=True, metavar="G")
    door.add_argument("--bpm", type=_number(-1e6, 1e6, float), default=None, metavar="N")
    if bars:
        door.add_argument("--bars", type=_number(-(10**6), 10**6, int), default=8, metavar="N")
    door.add_argument("--complexity", default="medium", help="simple, medium, complex or 0 to 1")
    door.add_argument("--intensity", type=_number(0, 1, float), default=0.5, help="0 to 1")
    door.add_argument("--swing", type=_number(50, 75, float), default=None, help="50 (straight) to 75 per cent")
    door.add_argument("--humanise", type=_number(0, 1, float), default=0.5, help="0 to 1")
    door.add_argument("--fills", type=_number(0, 1, float), default=0.5, help="0 to 1")
    door.add_argument("--seed", type=_number(0, 2**32 - 1, int), default=1, metavar="N")
    door.add_argument("--key", default="", help="such as “A minor”")
    door.add_argument("--signature", default=None, help="such as 4/4, where the genre has it")
    door.add_argument("--groove", type=Path, default=None, metavar="F", help="timing and accents of this MIDI file")
    door.add_argument("--grooved", default="", help="the parts that take the groove, such as drums,bass")
    engines = ("rules", "groove", "both")
    door.add_argument(
        "--engine", choices=engines, default="rules", help="who drums: rules, the groove model, or rules it plays"
    )
    door.add_argument("--chords", default="", help="such as “Am7 | F | C G/B”")
    door.add_argument("--midi", type=Path, default=None, metavar="F", help="write a MIDI file")
    door.add_argument("--wav", type=Path, default=None, metavar="F", help="render a sound file")
    door.add_argument("--project", type=Path, default=None, metavar="P", help="into this song, made if it is not there")


def _number(low: float, high: float, kind: type) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        try:
            value = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not between {low:g} and {high:g}")
        return value

    return parse


def _setting(text: str) -> tuple[str, float]:
    name, sign, value = text.partition("=")
    try:
        if not name.strip() or not sign:
            raise ValueError
        return name.strip(), float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=NUMBER, such as cutoff_hz=800") from None


def _progress(fraction: float, message: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{fraction:6.1%}  {message:<60.60}", end="" if fraction < 1 else "\n", file=sys.stderr, flush=True)


def _new(options: argparse.Namespace) -> tuple[Report, bool]:
    from .actions.headless import make_song

    return make_song(options.project, options.rate, options.tempo), True


def _import(options: argparse.Namespace) -> tuple[Report, bool]:
    from .actions.headless import import_files

    report = import_files(options.project, options.files, options.track, options.at, _progress)
    return report, not report["failed"]


def _info(options: argparse.Namespace) -> tuple[Report, bool]:
    from .actions.headless import describe_song

    return describe_song(options.project), True


def _bounce(options: argparse.Namespace) -> tuple[Report, bool]:
    from .actions.headless import bounce_song, bounce_stems

    span = (options.start, options.end)
    given = (options.project, options.out, span, options.format, options.bits, _progress)
    if options.stems and options.cover is not None:
        raise StudioError("Stems carry no cover; leave out --cover or --stems.")
    return bounce_stems(*given) if options.stems else bounce_song(*given, options.cover), True


def _export_midi(options: argparse.Namespace) -> tuple[Report, bool]:
    from .actions.headless import write_midi_file

    return write_midi_file(options.project, options.out, options.straight), True


def _genres(_: argparse.Namespace) -> tuple[Report, bool]:
    from .actions.beats import list_genres

    return list_genres(), True


def _beat(options: argparse.Namespace) -> tuple[Report, bool]:
    return _written(options, options.bars, options.parts, ""), True


def _melody(options: argparse.Namespace) -> tuple[Report, bool]:
    return _written(options, options.bars, "melody", ""), True


def _arrange(options: argparse.Namespace) -> tuple[Report, bool]:
    from .actions.beats import usual_form

    return _written(options, None, options.parts, options.form or usual_form(options.genre, options.seed)), True


def _written(options: argparse.Namespace, bars: int | None, parts: str, form: str) -> Report:
    from .actions.beats import Outputs, groove_of_file, write_beat
    from .document.recipes import PARTS
    from .engine.music.arranger.forms import read_form
    from .engine.music.requests import Wishes, read_complexity, read_key

    wishes = Wishes(
        bpm=options.bpm,
        bars=bars,
        key=read_key(options.key) if options.key else None,
        signature=options.signature,
        complexity=read_complexity(options.complexity),
        intensity=options.intensity,
        swing=options.swing,
        humanise=options.humanise,
        fills=options.fills,
        seed=options.seed,
        parts=tuple(part.strip() for part in parts.split(",") if part.strip()) or PARTS,
        form=read_form(form) if form else (),
        groove=groove_of_file(options.groove) if options.groove else None,
        grooved=tuple(part.strip() for part in options.grooved.split(",") if part.strip()) or PARTS,
        engine=options.engine,
    )
    return write_beat(options.genre, wishes, options.chords, Outputs(options.project, options.midi, options.wav))


def _chords(options: argparse.Namespace) -> tuple[Report, bool]:
    from .actions.chordreports import hear_chords, list_chords, write_chords

    if options.detect:
        return hear_chords(options.path, options.tempo, _progress), True
    if options.text is not None:
        return write_chords(options.path, options.text, options.at), True
    return list_chords(options.path), True


def _coach(options: argparse.Namespace) -> tuple[Report, bool]:
    from .actions.coachhistory import history_report
    from .actions.coachreports import Outputs, report_on_file

    if options.history:
        return history_report(), True
    if options.file is None:
        raise StudioError("No take was named; give a sound file, or --history.")
    sung = (options.voice, options.key)
    outputs = Outputs(options.csv, options.midi, options.page, options.keep, frames=options.json)
    return report_on_file(options.file, options.target, options.bpm, options.offset, outputs, _progress, *sung), True


def _plugins(options: argparse.Namespace) -> tuple[Report, bool]:
    from .actions.headless import list_plugins

    return list_plugins(options.again, options.folder, _progress), True


def _instruments(_: argparse.Namespace) -> tuple[Report, bool]:
    from .actions.instruments import list_instruments

    return list_instruments(), True


def _instrument(options: argparse.Namespace) -> tuple[Report, bool]:
    from .actions.instruments import choose_instrument

    sound = (options.kind, options.preset, options.program, options.bank)
    return choose_instrument(options.project, options.track, *sound, dict(options.set), options.add), True


def _sample(options: argparse.Namespace) -> tuple[Report, bool]:
    from .actions.samples import sample_track

    where = (options.project, options.track, options.files, options.key, options.add)
    return sample_track(*where, _progress), True


def _doctor(_: argparse.Namespace) -> tuple[Report, bool]:
    import msgspec

    from .actions.doctor import examine

    checks = [msgspec.structs.asdict(check) for check in examine()]
    return {"checks": checks, "ok": all(check["verdict"] != "missing" for check in checks)}, True


def _show_new(report: Report) -> None:
    print(f"{report['project']}  {report['rate']} Hz  {report['tempo']:g} BPM")


def _show_import(report: Report) -> None:
    for clip in report["clips"]:
        print(f"{clip['track']:<24} {clip['start_seconds']:10.3f} s  {clip['name']}{_counted(clip)}")
    for notice in report["notices"]:
        print(f"studio: {notice}", file=sys.stderr)
    for failure in report["failed"]:
        print(f"studio: {failure['file']}: {failure['error']}", file=sys.stderr)


def _show_info(report: Report) -> None:
    print(f"{report['name']}  {report['rate']} Hz  {report['seconds']:.3f} s")
    for point in report["tempo"]:
        print(f"  tempo      {point['bpm']:g} BPM at {point['seconds']:.3f} s{' (ramp)' if point['ramp'] else ''}")
    for track in report["tracks"]:
        print(f"  track      {track['name']}")
        for clip in track["clips"]:
            length = clip["length_seconds"]
            print(f"    {clip['start_seconds']:10.3f} s  {length:9.3f} s  {clip['name']}{_counted(clip)}")
    for section in report["sections"]:
        print(f"  section    {section['start_seconds']:.3f} s  {section['name']}")
    for media in report["media"]:
        print(f"  media      {media['name']}  {media['file']}{'  MISSING' if media['missing'] else ''}")


def _counted(clip: Report) -> str:
    """How many notes a clip of notes has."""
    return f"  ({clip['notes']} notes)" if "notes" in clip else ""


def _show_export_midi(report: Report) -> None:
    print(f"{report['file']}  {report['tracks']} tracks  {report['notes']} notes  {report['seconds']:.3f} s")


def _show_bounce(report: Report) -> None:
    for stem in report.get("stems", ()):
        _show_bounce(stem)
    if "stems" in report:
        return
    loudness = "silent" if report["lufs"] is None else f"{report['lufs']:.1f} LUFS"
    peak = "-inf" if report["peak_dbfs"] is None else f"{report['peak_dbfs']:.1f}"
    print(f"{report['file']}  {report['frames']} frames at {report['rate']} Hz  peak {peak} dBFS  {loudness}")
    for notice in report["notices"]:
        print(notice)


def _show_genres(report: Report) -> None:
    for genre in report["genres"]:
        tempo = genre["tempo"]
        print(f"{genre['id']:<14} {tempo['low']:g}-{tempo['high']:g} BPM  {genre['description']}")
    for sentence in report["refused"]:
        print(f"studio: {sentence}", file=sys.stderr)


def _show_beat(report: Report) -> None:
    print(
        f"{report['genre']}  {report['bpm']:g} BPM  {report['key']}  {report['bars']} bars  {report['seconds']:.1f} s"
    )
    for part, count in report["notes"].items():
        print(f"  {part:<11} {count} notes")
    for name in ("project", "midi", "wav"):
        if name in report:
            print(f"  {name:<11} {report[name]}")
    for notice in (*report["notices"], *report.get("sound_notices", ())):
        print(f"studio: {notice}", file=sys.stderr)


def _show_chords(report: Report) -> None:
    key = report.get("key")
    if key:
        print(f"key {key['name']}  {key['confidence']:.0%} sure")
    for chord in report["chords"]:
        place = f"bar {chord['bar']}.{chord['beat']}" if "bar" in chord else ""
        sure = f"{chord['confidence']:4.0%} sure" if "confidence" in chord else ""
        print(f"{chord['start_seconds']:9.3f} s  {chord['symbol']:<12} {place}{sure}")


def _show_history(report: Report) -> None:
    for one in report["takes"]:
        what = one["target"] or one["song"] or one["name"]
        print(
            f"{one['taken'][:16]}  {one['overall']:3.0f}  {one['accuracy']:+4.0f} cents  {one['range'] or ''}  {what}"
        )
    for song in report["songs"]:
        change = "" if song["trend"] is None else f", {song['trend']['overall']:+.0f} since the first"
        print(f"{song['target'] or song['song'] or 'Free'}: {song['takes']} takes, best {song['best']:.0f}{change}")
    if not report["takes"]:
        print("No take has been kept yet.")


def _show_coach(report: Report) -> None:
    if "takes" in report:
        _show_history(report)
        return
    scores, rhythm = report["scores"], report["rhythm"]
    parts = [f"{name} {value:.0f}" for name, value in scores.items() if name != "confidence" and value is not None]
    print(f"{'  '.join(parts)}  ({scores['confidence']:.0%} sure)")
    print(f"accuracy {report['accuracy_cents']:+.0f} cents, precision {report['precision_cents']:.0f} cents")
    if rhythm is not None:
        print(f"rhythm {1000 * rhythm['late']:+.0f} ms, spread {1000 * rhythm['spread']:.0f} ms")
    if "ultrastar" in report:
        print(f"UltraStar {report['ultrastar']['points']} points: {report['ultrastar']['rank']}")
    for note in report["notes"]:
        swing = note["vibrato"]
        shown = f"  {swing['kind']} {swing['rate']:.1f} Hz, {swing['extent']:.1f} semitones" if swing else ""
        print(f"{note['start']:9.3f} s {note['end']:9.3f} s  {note['note']:<4} {note['cents']:+5.0f} cents{shown}")
    for tip in report["tips"]:
        print(f"{'+' if tip['kind'] == 'praise' else '-'} {tip['text']}")
    for one in report["plan"]:
        where = f"{one['low']} to {one['high']}, {one['bpm']:g} BPM"
        print(f"practise {one['exercise']} in {one['key']}, {where}: {one['why']}")
    for notice in report["notices"]:
        print(f"studio: {notice}", file=sys.stderr)


def _show_plugins(report: Report) -> None:
    for plugin in report["plugins"]:
        print(f"{plugin['identity']}  {plugin['version']}  ({len(plugin['knobs'])} parameters)")
    for file in report["blocked"]:
        print(f"blocked  {file['file']}: {file['reason']}")
    if not report["plugins"]:
        print(f"No VST3 instrument was found in {', '.join(report['folders'])}.")


def _show_instruments(report: Report) -> None:
    for kind in report["kinds"]:
        print(f"{kind['kind']:<10} {kind['title']}: {', '.join(kind['presets'])}")
        for one in kind["parameters"]:
            span = ", ".join(one["choices"]) or f"{one['low']:g} to {one['high']:g} {one['unit']}".strip()
            print(f"{'':<10}   {one['name']:<18} {one['title']:<24} {span}")
    for identity in report["plugins"]:
        print(f"plugin     {identity}")
    for sound in report["sounds"]:
        print(f"soundfont  {sound['bank']:>5} {sound['program']:>4}  {sound['name']}")
    if report["notice"]:
        print(f"studio: {report['notice']}", file=sys.stderr)


def _show_instrument(report: Report) -> None:
    made = report["instrument"]
    where = f"  bank {made['bank']} program {made['program']}" if made["kind"] == "soundfont" else ""
    print(f"{report['track']}  {made['kind']}  {made['preset']}{where}")
    for name, value in made["parameters"].items():
        print(f"  {name} = {value:g}")


def _show_sample(report: Report) -> None:
    for zone in report["zones"]:
        print(f"{report['track']}  {zone['low']:>3} to {zone['high']:>3}  root {zone['root']:>3}  {zone['name']}")
    for notice in report["notices"]:
        print(f"studio: {notice}", file=sys.stderr)


def _show_doctor(report: Report) -> None:
    for check in report["checks"]:
        print(f"{check['verdict']:<8} {check['name']:<10} {check['found']}")
        if check["advice"]:
            print(f"{'':<19} {check['advice']}")
