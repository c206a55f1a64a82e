"""Work that takes a while: jobs with progress, cancel and an honest result, run on Qt's thread pool.

A job is a plain function of one `Work` argument. It reports through `work.report`, stops when `work.cancelled` says so
(or by letting `work.check` raise, which also waits while the job is paused), and returns its result. The runner lives
on the main thread, and so do its signals; the objects that carry them belong to the runner, because a signal of an
object that died with its thread is lost.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec
from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, QTimer, Signal

from ..document.project import new_id
from ..errors import StudioError, Unreachable

JobState = Literal["waiting", "running", "paused", "done", "failed", "cancelled"]

REPORT_SECONDS = 0.03
"""Progress is passed on at most this often."""

PAUSE_SECONDS = 0.05
"""How often a paused job looks whether it may go on."""


class Cancelled(StudioError):
    """The user cancelled the job."""


class Job(msgspec.Struct, frozen=True):
    """A job as the window shows it. `progress` is 0..1; `failures` name what did not work although the job went on.

    `error` is the sentence of a failed job, `detail` its technical cause, `unreachable` whether the network failed it.
    `preview` is whatever the job shows of what it makes, `paused` for how many seconds in all it stood still.
    """

    id: str
    kind: str
    label: str
    state: JobState = "waiting"
    progress: float = 0.0
    message: str = ""
    result: Any = None
    error: str = ""
    detail: str = ""
    failures: tuple[str, ...] = ()
    started: float = 0.0
    finished: float = 0.0
    preview: Any = None
    paused: float = 0.0
    unreachable: bool = False

    @property
    def remaining(self) -> float | None:
        """Seconds left if it goes on as it did, None while that cannot be said."""
        if self.state != "running" or self.progress < 0.02 or not self.started:
            return None
        worked = time.time() - self.started - self.paused
        return worked * (1.0 - self.progress) / self.progress if worked >= 1.0 else None

    @property
    def over(self) -> bool:
        """Whether the job will not change any more."""
        return self.state in {"done", "failed", "cancelled"}


class _Pause:
    """Whether a job is to stand still, and for how many seconds it has."""

    def __init__(self) -> None:
        self.asked, self.stood = threading.Event(), 0.0


class Work:
    """What a running job's function holds: its way to report, to hear of a cancel, and to note partial failures.

    Worker thread only.
    """

    def __init__(
        self,
        report: Callable[[float, str], None],
        cancel: threading.Event,
        tell: Callable[[dict[str, Any]], None] = lambda _: None,
        pause: _Pause | None = None,
    ) -> None:
        self._report, self._cancel, self._tell, self._pause = report, cancel, tell, pause
        self._last, self._message = 0.0, ""
        self.failures: list[str] = []

    def cancelled(self) -> bool:
        """Whether the user asked to stop."""
        return self._cancel.is_set()

    def check(self) -> None:
        """Raises Cancelled when the user asked to stop; waits as long as the job is paused."""
        if self._pause is not None and self._pause.asked.is_set() and not self._cancel.is_set():
            self._stand(self._pause)
        if self._cancel.is_set():
            raise Cancelled("The job was cancelled.")

    def _stand(self, pause: _Pause) -> None:
        begun = time.monotonic()
        self._tell({"state": "paused"})
        while pause.asked.is_set() and not self._cancel.wait(PAUSE_SECONDS):
            pass
        pause.stood += time.monotonic() - begun
        self._tell({"state": "running", "paused": pause.stood})

    def show(self, preview: Any) -> None:
        """Shows something of what is being made: a small picture or sound as an array, or a text."""
        self._tell({"preview": preview})

    def report(self, progress: float, message: str = "") -> None:
        """Shows how far the job is, 0..1, and what it is doing (empty: what it said last). Cheap to call often."""
        now = time.monotonic()
        self._message = message or self._message
        if now - self._last >= REPORT_SECONDS or progress >= 1.0:
            self._last = now
            self._report(progress, self._message)

    def fail(self, sentence: str) -> None:
        """Notes something that did not work while the job goes on."""
        self.failures.append(sentence)

    def part(self, begin: float, end: float) -> Work:
        """A view of this work whose progress 0..1 is `begin`..`end` of the whole."""
        inner = Work(lambda p, m: self.report(begin + (end - begin) * p, m), self._cancel, self._tell, self._pause)
        inner.failures = self.failures
        return inner


Task = Callable[[Work], Any]
Finished = Callable[[Job], None]


class _Run(QRunnable):
    def __init__(self, job_id: str, task: Task, tell: Callable[[str, dict[str, Any]], None]):
        super().__init__()
        self.setAutoDelete(False)
        self._id, self._task, self._tell = job_id, task, tell
        self.cancel, self.pause = threading.Event(), _Pause()

    def run(self) -> None:
        def tell(change: dict[str, Any]) -> None:
            self._tell(self._id, change)

        def report(progress: float, message: str) -> None:
            tell({"progress": min(max(progress, 0.0), 1.0), "message": message})

        work = Work(report, self.cancel, tell, self.pause)
        tell({"state": "running", "started": time.time()})
        try:
            work.check()
            end: dict[str, Any] = {"state": "done", "result": self._task(work), "progress": 1.0, "message": ""}
        except Cancelled:
            end = {"state": "cancelled", "message": ""}
        except StudioError as error:
            end = {"state": "failed", "error": str(error), "detail": traceback.format_exc()}
            end["unreachable"] = isinstance(error, Unreachable)
        except Exception as error:  # a job must never take the program with it
            sentence = f"Something unexpected went wrong ({type(error).__name__}: {error})."
            end = {"state": "failed", "error": sentence, "detail": traceback.format_exc()}
        self._tell(self._id, {**end, "failures": tuple(work.failures), "finished": time.time()})


class JobRunner(QObject):
    """Runs jobs, several at once, and keeps the list of them. Main thread only, except for what `Work` offers.

    `changed` carries a Job whenever one is added, reports, or ends; `ended` only when it ends.
    """

    changed = Signal(object)
    ended = Signal(object)
    _told = Signal(str, object)

    def __init__(self, parent: QObject | None = None, threads: int = 2) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(max(1, threads))
        self._pool.setExpiryTimeout(-1)
        self._jobs: dict[str, Job] = {}
        self._runs: dict[str, tuple[_Run, Finished | None]] = {}
        self._told.connect(self._hear, Qt.ConnectionType.QueuedConnection)

    def start(self, kind: str, label: str, task: Task, then: Finished | None = None, job_id: str = "") -> Job:
        """Queues a job and returns it. `then` is called on the main thread when it has ended, however it ended.

        `job_id` is for one that is known by it elsewhere; it must not be running.
        """
        job = Job(job_id or new_id("job"), kind, label)
        run = _Run(job.id, task, self._told.emit)
        self._jobs[job.id] = job
        self._runs[job.id] = (run, then)
        self.changed.emit(job)
        self._pool.start(run)
        return job

    def quiet(self, task: Callable[[], object], failed: Callable[[StudioError], None]) -> None:
        """Runs a small task on the pool without listing it; `failed` hears of an error, on the worker thread."""

        def run() -> None:
            try:
                task()
            except StudioError as error:
                failed(error)

        self._pool.start(run)

    def jobs(self) -> Sequence[Job]:
        """All jobs, oldest first."""
        return tuple(self._jobs.values())

    def job(self, job_id: str) -> Job | None:
        """The job with this id, as it is now."""
        return self._jobs.get(job_id)

    def running(self) -> Sequence[Job]:
        """The jobs that wait or run."""
        return tuple(job for job in self._jobs.values() if not job.over)

    def cancel(self, job_id: str) -> None:
        """Asks a job to stop; one that still waits ends at once."""
        if job_id not in self._runs:
            return
        run, _ = self._runs[job_id]
        run.cancel.set()
        if self._pool.tryTake(run):
            self._hear(job_id, {"state": "cancelled", "finished": time.time()})

    def pause(self, job_id: str, paused: bool = True) -> None:
        """Lets a job stand still where it next looks whether to go on, or go on."""
        if job_id in self._runs:
            run, _ = self._runs[job_id]
            (run.pause.asked.set if paused else run.pause.asked.clear)()

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        """Calls something on the main thread in a while, unless the runner is gone by then."""
        QTimer.singleShot(round(seconds * 1000), self, call)

    def clear(self) -> None:
        """Forgets the jobs that are over."""
        self._jobs = {key: job for key, job in self._jobs.items() if not job.over}

    def close(self, seconds: float = 10.0) -> bool:
        """Cancels everything and waits for the threads to end; False when one would not. The last thing to call."""
        for job in self.running():
            self.cancel(job.id)
        return self._pool.waitForDone(int(seconds * 1000))

    def _hear(self, job_id: str, change: dict[str, Any]) -> None:
        job = self._jobs.get(job_id)
        if job is None or job.over:
            return
        job = msgspec.structs.replace(job, **change)
        self._jobs[job_id] = job
        self.changed.emit(job)
        if job.over:
            _, then = self._runs.pop(job_id)
            self.ended.emit(job)
            if then is not None:
                then(job)
