#!/usr/bin/env python3
"""Sets the studio up and starts it. Needs nothing but Python 3.11 or newer.

    python3 start.py              set up what is missing, then open the window
    python3 start.py COMMAND ...  set up what is missing, then run a headless command (`python3 start.py doctor`)
    python3 start.py test         set up the test tools too and run every check
    python3 start.py bench        the benchmark table against the budgets
    python3 start.py quality ...  how good the producer is, measured (`--help` says of what, and how often)
    python3 start.py pictures     the pictures of the documentation, made anew by the app

The first start makes `.venv`, installs the versions of requirements.lock and asks the system's package manager for the
libraries a Python package cannot bring. Later starts find a stamp of that and go straight to the window.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")

# What each system calls the same things: run = to open the window, test = to run every check and benchmark.
SYSTEM_PACKAGES = {
    "apt-get": {
        "install": "env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends",
        "refresh": "apt-get update",
        "run": "libportaudio2 libasound2-plugins libfluidsynth3 fluid-soundfont-gm libegl1 libgl1 libdbus-1-3 "
        "libfontconfig1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 "
        "libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libxcb-xkb1",
        "test": "xvfb xdotool xauth x11-utils pulseaudio pulseaudio-utils ecasound sox libsox-fmt-all ffmpeg "
        "imagemagick dbus dbus-x11 at-spi2-core python3-pyatspi jackd2",
    },
    "dnf": {
        "install": "dnf install -y",
        "refresh": "",
        "run": "portaudio fluidsynth-libs fluid-soundfont-gm mesa-libEGL mesa-libGL dbus-libs fontconfig "
        "libxkbcommon-x11 xcb-util-cursor xcb-util-image xcb-util-keysyms xcb-util-renderutil xcb-util-wm",
        "test": "xorg-x11-server-Xvfb xdotool pulseaudio pulseaudio-utils sox ffmpeg-free ImageMagick at-spi2-core "
        "python3-pyatspi",
    },
    "pacman": {
        "install": "pacman -S --needed --noconfirm",
        "refresh": "",
        "run": "portaudio fluidsynth soundfont-fluid libglvnd dbus fontconfig libxkbcommon-x11 xcb-util-cursor "
        "xcb-util-image xcb-util-keysyms xcb-util-renderutil xcb-util-wm",
        "test": "xorg-server-xvfb xdotool pulseaudio ecasound sox ffmpeg imagemagick at-spi2-core python-atspi",
    },
    "brew": {"install": "brew install", "refresh": "", "run": "fluid-synth", "test": "sox ffmpeg ecasound"},
}


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):
        print("The studio needs Python 3.11 or newer; install it and run this again.", file=sys.stderr)
        return 1
    command = arguments[0] if arguments else ""
    tasks = {"test": check, "bench": bench, "quality": quality, "pictures": pictures}
    if command in tasks:
        prepare("test", ("requirements.lock", "requirements-test.lock"))
        return tasks[command](arguments[1:])
    prepare("run", ("requirements.lock",))
    run = [str(PYTHON), "-m", "studio", *arguments]
    return subprocess.call(run) if WINDOWS else os.execv(run[0], run)


def prepare(purpose: str, locks: tuple[str, ...]) -> None:
    """Makes the environment for `purpose` if the stamp says it is not there yet."""
    content = b"".join((ROOT / lock).read_bytes() for lock in locks)
    digest = hashlib.sha256(content + sys.version.encode() + str(ROOT).encode() + Path(__file__).read_bytes())
    stamp = VENV / f"ready-{purpose}"
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    if not PYTHON.exists():
        print("Making .venv ...", file=sys.stderr)
        subprocess.check_call([sys.executable, "-m", "venv", str(VENV)])
    print("Installing the pinned packages; the first time this takes some minutes ...", file=sys.stderr)
    wanted = [item for lock in locks for item in ("-r", str(ROOT / lock))]
    quiet = ["--disable-pip-version-check", "--quiet"]
    done = subprocess.call([str(PYTHON), "-m", "pip", "install", *quiet, *wanted])
    if done != 0:
        raise SystemExit("The packages could not be installed (see above). Check the network and disk, then try again.")
    complete = system_packages(purpose)
    link_source()
    compile_loops()
    if complete:
        stamp.write_text(digest.hexdigest())


def link_source() -> None:
    """Lets the environment find the sources, and gives it a `studio` command."""
    site = next(VENV.glob("Lib/site-packages")) if WINDOWS else next(VENV.glob("lib/python*/site-packages"))
    (site / "studio.pth").write_text(str(ROOT / "src") + "\n")
    if WINDOWS:
        (PYTHON.parent / "studio.bat").write_text(f'@"{PYTHON}" -m studio %*\r\n')
    else:
        launcher = PYTHON.parent / "studio"
        launcher.write_text(f'#!/bin/sh\nexec "{PYTHON}" -m studio "$@"\n')
        launcher.chmod(0o755)
    if sys.platform == "linux":
        desktop_entry()


def compile_loops() -> None:
    """Compiles what numba compiles now, rather than when the first synthesiser plays. What cannot be done waits."""
    load = "from studio.engine.audio import biquad; from studio.engine.audio.instruments import voices;"
    load += " from studio.engine.voice import psola; biquad.load(); voices.load()"
    if subprocess.call([str(PYTHON), "-c", load], env={**os.environ, "PYTHONPATH": str(ROOT / "src")}) != 0:
        print("The synthesiser's loops could not be compiled (see above); everything else works.", file=sys.stderr)


def desktop_entry() -> None:
    """Puts the studio into the desktop's menu, to open with a double-click. Changes only the user's folders."""
    template = ROOT / "packaging" / "studio.desktop"
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    if not template.exists() or not os.environ.get("HOME"):
        return
    try:
        applications, icons = Path(home) / "applications", Path(home) / "icons/hicolor/scalable/apps"
        applications.mkdir(parents=True, exist_ok=True)
        icons.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "packaging" / "studio.svg", icons / "studio.svg")
        text = template.read_text().replace("@COMMAND@", f'"{PYTHON.parent / "studio"}"')
        (applications / "studio.desktop").write_text(text)
        kinds = Path(home) / "mime"
        (kinds / "packages").mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "packaging" / "studio-mime.xml", kinds / "packages" / "studio.xml")
        if shutil.which("update-mime-database"):
            subprocess.call(["update-mime-database", str(kinds)], stderr=subprocess.DEVNULL)
    except OSError as error:
        print(f"The desktop entry could not be written ({error}); everything else works.", file=sys.stderr)


def system_packages(purpose: str) -> bool:
    """Installs the system's libraries where this user may, else prints the one command. True when none is missing."""
    missing = missing_libraries() if purpose == "run" else [*missing_libraries(), *missing_tools()]
    if WINDOWS or not missing:
        return True
    manager = next((name for name in SYSTEM_PACKAGES if shutil.which(name)), "")
    if not manager:
        print(f"Please install: {', '.join(missing)}. The studio starts without, with less.", file=sys.stderr)
        return False
    table = SYSTEM_PACKAGES[manager]
    packages = table["run"] + (" " + table["test"] if purpose == "test" else "")
    sudo = [] if manager == "brew" or os.geteuid() == 0 else ["sudo", "-n"]
    may = not sudo or (shutil.which("sudo") and subprocess.call([*sudo, "true"], stderr=subprocess.DEVNULL) == 0)
    install = f"{table['install']} {packages}"
    if not may:
        print(f"Missing: {', '.join(missing)}. Please run once:\n\n    sudo {install}\n", file=sys.stderr)
        return False
    print(f"Installing {', '.join(missing)} with {manager} ...", file=sys.stderr)
    if table["refresh"]:
        subprocess.call([*sudo, *table["refresh"].split()], stdout=subprocess.DEVNULL)
    if subprocess.call([*sudo, *install.split()], stdout=subprocess.DEVNULL) != 0:
        print(f"That did not work. Please run:\n\n    sudo {install}\n", file=sys.stderr)
        return False
    return True


def missing_libraries() -> list[str]:
    """What the window and the sound need from the system and is not there."""
    from ctypes.util import find_library

    wanted = {"fluidsynth": "FluidSynth"}
    if sys.platform == "linux":
        wanted |= {"portaudio": "PortAudio", "EGL": "EGL", "xcb-cursor": "Qt's X11 libraries", "dbus-1": "D-Bus"}
        wanted |= {"xkbcommon-x11": "Qt's keyboard library", "fontconfig": "Fontconfig", "GL": "OpenGL"}
    missing = [title for library, title in wanted.items() if not find_library(library)]
    if sys.platform == "linux" and not any(Path("/usr/share").glob("s*ound*s/sf[23]/*.sf[23]")):
        missing.append("a General MIDI SoundFont")
    return missing


def missing_tools() -> list[str]:
    """What the checks and benchmarks run beside the studio and is not there."""
    if sys.platform != "linux":
        return [tool for tool in ("sox", "ffmpeg") if not shutil.which(tool)]
    tools = ("Xvfb", "xdotool", "pulseaudio", "pactl", "ecasound", "sox", "ffmpeg", "import", "dbus-run-session")
    missing = [tool for tool in tools if not shutil.which(tool)]
    at_spi = Path("/usr/libexec/at-spi-bus-launcher"), Path("/usr/lib/at-spi2-core/at-spi-bus-launcher")
    return missing if any(path.exists() for path in at_spi) else [*missing, "AT-SPI"]


def check(arguments: list[str]) -> int:
    """Every check, in order of speed; all of them run, and any that fails fails the whole.

    Arguments go to pytest, which then runs once, on what they name. Else the journeys are run by themselves: a virtual
    sound card wants the machine's time, which tests side by side do not need. Journeys without one run beside them.
    """
    pytest = [str(PYTHON), "-m", "pytest"]
    spread = ["-n", "auto", "--maxprocesses", "8", "--dist", "worksteal"]
    journeys = [*pytest, "tests/journeys", "-m"]
    all_tests = {
        "tests": [[*pytest, "tests/unit", "tests/golden", "tests/fuzz", *spread]],
        "journeys": [[*journeys, "not soundless"], [*journeys, "soundless"]],
    }
    steps = {
        "ruff": [[str(PYTHON), "-m", "ruff", "check", "."]],
        "format": [[str(PYTHON), "-m", "ruff", "format", "--check", "."]],
        "mypy": [[str(PYTHON), "-m", "mypy"]],
        "imports": [[str(PYTHON), "-c", "from importlinter.cli import lint_imports_command as run; run()"]],
        **({"tests": [[*pytest, *arguments]]} if arguments else all_tests),
    }
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONPYCACHEPREFIX": str(VENV / "bytecode")}
    failed = [name for name, commands in steps.items() if not _step(name, commands, environment)]
    if failed:
        print(f"\nFailed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


def _step(name: str, commands: list[list[str]], environment: dict[str, str]) -> bool:
    """Runs commands side by side, whether all went well. What the second and further ones print follows the first's."""
    print(f"== {name}", flush=True)
    first, *others = commands
    with contextlib.ExitStack() as files:
        beside = []
        for command in others:
            said = files.enter_context(tempfile.TemporaryFile())
            beside.append((subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said), said))
        went = [subprocess.call(first, cwd=ROOT, env=environment)]
        for process, said in beside:
            went.append(process.wait())
            said.seek(0)
            print(said.read().decode(errors="replace"), flush=True)
    return not any(went)


def bench(arguments: list[str]) -> int:
    """The benchmarks, and the table they fill."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.call(
        [str(PYTHON), "-m", "pytest", "tests/bench", "-m", "bench", "-s", *arguments], env=environment
    )


def quality(arguments: list[str]) -> int:
    """The producer's music, measured: the tables of docs/music-quality.md."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])}
    return subprocess.call([str(PYTHON), "-m", "quality", *arguments], env=environment)


def pictures(_: list[str]) -> int:
    """The pictures of the documentation."""
    return subprocess.call([str(PYTHON), str(ROOT / "tests" / "pictures.py")], cwd=ROOT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
