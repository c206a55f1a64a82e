"""The first paint happens with PySide6 and the frame alone; the rest is loaded on a thread afterwards."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from studio.ui.warmup import HEAVY, Warmup, import_all, import_order

SOURCE = Path(__file__).resolve().parents[3] / "src"

PROGRAM = """
import json, sys
from PySide6.QtWidgets import QApplication
app = QApplication([])
from studio.ui.shell import MainWindow, prepare
prepare(app)
window = MainWindow()
seen = {}
def painted():
    seen["modules"] = sorted(name for name in sys.modules if "." not in name or name.startswith("studio."))
    seen["size"] = [window.width(), window.height()]
    app.quit()
window.painted.connect(painted)
window.show()
app.exec()
print(json.dumps(seen))
"""

READY = """
import builtins, gc, json, sys, threading
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
build, astray = builtins.__build_class__, []
def built(body, name, *bases, **options):
    made = build(body, name, *bases, **options)
    if issubclass(made, QObject) and threading.current_thread() is not threading.main_thread():
        astray.append(f"{made.__module__}.{name}")
    return made
builtins.__build_class__ = built
app = QApplication([])
app.setQuitOnLastWindowClosed(False)
from studio import app as program
program.prepare(app)
window = program.MainWindow()
studio = program.Studio(window, [])
window.ready.connect(window.close)
window.show()
app.exec()
seen = {"modules": sorted(sys.modules), "collects": gc.isenabled(), "kept": gc.get_freeze_count(), "astray": astray}
print(json.dumps(seen))
"""


@pytest.fixture(scope="module")
def seen() -> dict:
    environment = os.environ | {"PYTHONPATH": str(SOURCE), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, timeout=60, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("heavy", [*(name.split(".")[0] for name in HEAVY), "torch", "alembic", "av", "rtmixer"])
def test_nothing_heavy_is_imported_before_the_first_paint(seen: dict, heavy: str) -> None:
    assert heavy not in seen["modules"]


def test_only_the_frame_is_imported_before_the_first_paint(seen: dict) -> None:
    ours = {name for name in seen["modules"] if name.startswith("studio.")}
    assert {name for name in ours if not name.startswith(("studio.ui", "studio.errors"))} == set()


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> dict:
    home = str(tmp_path_factory.mktemp("home"))
    environment = os.environ | {"PYTHONPATH": str(SOURCE), "QT_QPA_PLATFORM": "offscreen", "STUDIO_HOME": home}
    done = subprocess.run([sys.executable, "-c", READY], env=environment, capture_output=True, timeout=60, check=True)
    return json.loads(done.stdout)


def test_a_window_that_is_ready_has_not_imported_what_later_work_needs(ready: dict) -> None:
    """scipy.signal alone took more than a third of the time to readiness."""
    loaded = set(ready["modules"])
    assert "studio.engine.audio.renderer" in loaded
    assert loaded & {"scipy.signal", "scipy.special", "scipy.stats", "av", "torch", "librosa"} == set()
    assert ready["collects"] and ready["kept"] > 50_000  # the collector need not walk over what was imported


def test_classes_of_qts_are_made_on_the_main_thread_alone(ready: dict) -> None:
    """Qt reads shiboken's table of classes without holding the interpreter: one entered meanwhile ends the process."""
    assert ready["astray"] == []
    assert {"studio.engine.jobs", "studio.ui.timeline.view", "studio.ui.coach.panel"} <= set(ready["modules"])


def test_modules_come_after_those_they_need() -> None:
    order = import_order("ui.panels")
    assert order[-1] == "ui.panels" and len(order) == len(set(order))
    place = {module: n for n, module in enumerate(order)}
    assert place["document.project"] < place["engine.jobs"] < place["actions.session"] < place["ui.panels"]
    assert place["ui.theme"] < place["ui.timeline.canvas"] < place["ui.timeline.view"]
    loaded = "import sys; import studio.ui.panels; print(*sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(SOURCE)}
    done = subprocess.run([sys.executable, "-c", loaded], env=environment, capture_output=True, text=True, check=True)
    assert {name.removeprefix("studio.") for name in done.stdout.split() if name.startswith("studio.")} == set(order)


def test_the_result_of_the_warm_up_arrives_on_the_main_thread(qtbot) -> None:
    warmup = Warmup(lambda _: threading.current_thread())
    heard: list[threading.Thread] = []
    warmup.done.connect(lambda _: heard.append(threading.current_thread()))
    with qtbot.waitSignal(warmup.done) as done:
        warmup.start()
    assert done.args[0] is not threading.main_thread()
    assert heard == [threading.main_thread()]
    assert warmup.wait(5)


def test_what_the_warm_up_raises_arrives_too(qtbot) -> None:
    def fail(_: object) -> None:
        raise OSError("no such library")

    warmup = Warmup(fail)
    with qtbot.waitSignal(warmup.failed) as failed:
        warmup.start()
    assert str(failed.args[0]) == "no such library"


def test_what_the_warm_up_asks_for_is_done_on_the_main_thread(qtbot) -> None:
    def fail() -> None:
        raise OSError("no such library")

    def load(on_main) -> threading.Thread:
        with pytest.raises(OSError, match="no such library"):
            on_main(fail)
        return on_main(threading.current_thread)

    warmup = Warmup(load)
    with qtbot.waitSignal(warmup.done) as done:
        warmup.start()
    assert done.args[0] is threading.main_thread()


def test_a_missing_module_is_named_and_costs_nothing_else() -> None:
    assert import_all(["json", "no_such_module_here", "math"]) == ["no_such_module_here"]
