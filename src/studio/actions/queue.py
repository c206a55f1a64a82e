"""The queue of long work: jobs that wait for one another, can be put in order, paused and cancelled, and survive a
restart. One runs at a time in each lane: one lane is the thread that owns the models, another fetches from the network.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from ..document.project import new_id
from ..engine.jobs import Job, JobRunner, Work
from ..errors import StudioError
from ..storage.library import JobRecord, Library

Run = Callable[[Any, Mapping[str, Any], Work], Any]
"""Does a job: its parameters as JSON gives them back, the results of the jobs it needed by id, its Work. Returns what
JSON can say. Worker thread."""

Changed = Callable[[JobRecord], None]

PATIENCE = (5.0, 20.0, 60.0, 300.0)
"""Seconds before the first, second, … try of a job that the network has failed."""

OVER = frozenset({"done", "failed", "cancelled", "interrupted"})


_TAKEN = object()
"""What comes of a job that another window of the studio has taken meanwhile."""


class Queue:
    """The jobs of the queue, in the order in which they will run. Main thread.

    Each is a row of the library, so that those that wait go on after a restart; what ran when the program ended is
    `interrupted` and begins anew when it is asked to. Subscribers hear of each job that changed; `live` has what a
    running job shows beyond its row.
    """

    def __init__(self, library: Library, lanes: Mapping[str, JobRunner], tell: Callable[[StudioError], None]) -> None:
        """Each lane is a runner of one thread, for its jobs alone. `tell` hears of what is not kept, on any thread."""
        self._library, self._lanes, self._tell = library, lanes, tell
        self._kinds: dict[str, tuple[Run, JobRunner]] = {}
        self._jobs: dict[str, JobRecord] = {}
        self._listeners: list[Changed] = []
        self._keeper = _Keeper(library, tell)
        self._resting: set[str] = set()
        self.held = False
        for runner in lanes.values():
            runner.changed.connect(self._progressed)

    # -- what there is -------------------------------------------------------------------------------------------

    def can(self, kind: str, run: Run, lane: str = "models") -> None:
        """Makes a kind of job known, and the lane in which it runs. Jobs of unknown kinds stay where they are."""
        self._kinds[kind] = run, self._lanes[lane]

    def load(self, records: Iterable[JobRecord]) -> None:
        """Takes in what the library kept; nobody is told. `begin` goes on with what waits."""
        self._jobs.update({record.id: record for record in records if record.state != "running"})

    def begin(self) -> None:
        """Goes on with what was taken in."""
        self._begin()

    def jobs(self) -> Sequence[JobRecord]:
        """All jobs: what is not over in the order in which it will run, then what is, the latest first."""
        coming = sorted((job for job in self._jobs.values() if job.state not in OVER), key=lambda job: job.place)
        over = sorted((job for job in self._jobs.values() if job.state in OVER), key=lambda job: -job.finished)
        return (*coming, *over)

    def counts(self) -> Counter[str]:
        """How many jobs are in each state; those that stand still count as paused."""
        return Counter(job.state for job in self._jobs.values())

    def running(self) -> Sequence[Job]:
        """What runs now, a job a lane at the most."""
        return tuple(job for lane in self._lanes.values() for job in lane.running())

    def job(self, job_id: str) -> JobRecord | None:
        """A job as it is now."""
        return self._jobs.get(job_id)

    def live(self, job_id: str) -> Job | None:
        """What a job that runs or ran in this process shows: preview, remaining time."""
        return next((found for lane in self._lanes.values() if (found := lane.job(job_id)) is not None), None)

    def subscribe(self, listener: Changed) -> Callable[[], None]:
        """Has `listener` hear of every change; returns how to end that."""
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    # -- what can be done ----------------------------------------------------------------------------------------

    def add(
        self, kind: str, label: str, parameters: Any = None, needs: Sequence[str] = (), first: bool = False
    ) -> JobRecord:
        """Queues a job that runs once those it needs are done; `first` puts it before all that wait.

        Raises StudioError when the kind is unknown or a job that it needs is not there.
        """
        (job,) = self.add_all([JobRecord(new_id("job"), kind, label, parameters, needs=tuple(needs))], first)
        return job

    def add_all(self, new: Sequence[JobRecord], first: bool = False) -> list[JobRecord]:
        """Queues jobs that may need one another, all or none. Raises StudioError for a graph that cannot be done."""
        for job in new:
            if job.kind not in self._kinds:
                raise StudioError(f"This installation cannot do “{job.label or job.kind}”.")
        check_graph(new, self._jobs)
        places = [job.place for job in self._jobs.values() if job.state not in OVER] or [0.0]
        begin = min(places) - len(new) if first else max(places) + 1.0
        placed = [replace(job, state="waiting", place=begin + n) for n, job in enumerate(new)]
        for job in placed:
            self._set(job)
        self._begin()
        return placed

    def hold(self, held: bool) -> None:
        """Begins no further job, or goes on."""
        self.held = held
        self._begin()

    def pause(self, job_id: str) -> None:
        """Keeps a job from beginning, or lets a running one stand still at its next step."""
        job = self._jobs.get(job_id)
        if job is not None and job.state == "waiting":
            self._set(replace(job, state="paused"))
        elif job is not None and job.state == "running":
            self._lane(job).pause(job_id)

    def go_on(self, job_id: str) -> None:
        """Lets a paused job go on; begins one that failed, was cancelled or interrupted anew, with what it needs."""
        job = self._jobs.get(job_id)
        if job is None or job.state in {"waiting", "running", "done"}:
            return
        if self._runs(job_id):
            self._lane(job).pause(job_id, False)
            return
        for needed in job.needs:
            self.go_on(needed)
        place = job.place if job.state == "paused" else self._last()
        fresh = replace(job, state="waiting", place=place, progress=0.0, message="", error="", detail="", tries=0)
        self._set(replace(fresh, failures=(), finished=0.0))
        self._begin()

    def move(self, job_id: str, before: str | None) -> None:
        """Puts a job that waits before another one, or at the end."""
        order = [job for job in self.jobs() if job.state in {"waiting", "paused"} and job.id != job_id]
        moved = self._jobs.get(job_id)
        if moved is None or moved.state not in {"waiting", "paused"} or self._runs(job_id):
            return
        at = next((n for n, job in enumerate(order) if job.id == before), len(order))
        below = order[at - 1].place if at else (order[0].place - 2.0 if order else 0.0)
        above = order[at].place if at < len(order) else below + 2.0
        self._set(replace(moved, place=(below + above) / 2))

    def cancel(self, job_id: str) -> None:
        """Stops a job, and gives up those that need it."""
        job = self._jobs.get(job_id)
        if job is None or job.state in OVER:
            return
        if self._runs(job_id):
            self._lane(job).cancel(job_id)
        else:
            self._finish(replace(job, state="cancelled"))

    def forget(self, ids: Iterable[str]) -> None:
        """Takes jobs that are over off the list, but for those whose result is still waited for."""
        kept = still_needed(self._jobs.values())
        gone = [key for key in ids if key in self._jobs and self._jobs[key].state in OVER and key not in kept]
        for key in gone:
            del self._jobs[key]
        self._keeper.forget(gone)

    def close(self) -> None:
        """Ends what runs, which is interrupted then, and writes what is to be kept. The last call; waits."""
        self._listeners.clear()
        self.held = True
        running = [job for job in self._jobs.values() if self._runs(job.id)]
        for runner in self._lanes.values():
            runner.close()
        for job in running:
            self._keeper.keep(replace(job, state="interrupted"))
        self._keeper.close()

    # -- how it goes ---------------------------------------------------------------------------------------------

    def _lane(self, job: JobRecord) -> JobRunner:
        return self._kinds[job.kind][1]

    def _runs(self, job_id: str) -> bool:
        live = self.live(job_id)
        return live is not None and not live.over

    def _last(self) -> float:
        return max((job.place for job in self._jobs.values() if job.state not in OVER), default=0.0) + 1.0

    def _begin(self) -> None:
        """Begins the first job whose needs are done in every lane where none runs."""
        for job in self.jobs():
            if self.held or job.state != "waiting" or job.id in self._resting or job.kind not in self._kinds:
                continue
            lacking = [self._jobs.get(key) for key in job.needs]
            broken = next((one for one in lacking if one is None or one.state in OVER - {"done"}), job)
            if broken is not job:
                name = f"“{broken.label}”, which was not done" if broken is not None else "a job that is gone"
                self._finish(replace(job, state="failed", error=f"It needs {name}."))
                return
            if not self._lane(job).running() and all(one is not None and one.state == "done" for one in lacking):
                self._start(job)

    def _start(self, job: JobRecord) -> None:
        (run, lane), results = self._kinds[job.kind], {key: self._jobs[key].result for key in job.needs}
        keeper = self._keeper

        def task(work: Work) -> Any:
            keeper.flush()
            if not self._library.read_only and not self._library.claim_job(job.id):
                return _TAKEN
            return run(job.parameters, results, work)

        lane.start(job.kind, job.label, task, self._ended, job.id)

    def _progressed(self, live: Job) -> None:
        job = self._jobs.get(live.id)
        if job is None or live.over:
            return
        state = "running" if live.state == "waiting" else live.state
        now = replace(job, state=state, progress=live.progress, message=live.message, started=live.started)
        self._jobs[job.id] = now
        self._told(now)

    def _ended(self, live: Job) -> None:
        job = self._jobs.get(live.id)
        if job is None:
            return
        if live.result is _TAKEN:
            del self._jobs[job.id]
            self._told(replace(job, state="cancelled", message="Another window of the studio runs it."))
            self._begin()
            return
        if live.unreachable and job.tries < len(PATIENCE):
            self._again(job, live)
            return
        result = live.result if live.state == "done" else None
        self._finish(
            replace(
                job,
                state=live.state,
                progress=live.progress,
                message="",
                result=result,
                error=live.error,
                detail=live.detail,
                failures=live.failures,
                finished=live.finished,
            )
        )

    def _again(self, job: JobRecord, live: Job) -> None:
        """Waits a while and tries anew: the network failed it."""
        wait = PATIENCE[job.tries]
        message = f"{live.error} Tried again in {wait:.0f} s."
        self._resting.add(job.id)
        self._set(replace(job, state="waiting", tries=job.tries + 1, message=message))
        self._lane(job).after(wait, lambda: self._rested(job.id))
        self._begin()

    def _rested(self, job_id: str) -> None:
        self._resting.discard(job_id)
        self._begin()

    def _finish(self, job: JobRecord) -> None:
        self._set(job)
        self._begin()

    def _set(self, job: JobRecord) -> None:
        self._jobs[job.id] = job
        self._keeper.keep(job)
        self._told(job)

    def _told(self, job: JobRecord) -> None:
        for listener in tuple(self._listeners):
            listener(job)


def still_needed(jobs: Iterable[JobRecord]) -> set[str]:
    """The ids of the jobs that others, which are not over, need."""
    return {key for job in jobs if job.state not in OVER for key in job.needs}


def check_graph(new: Sequence[JobRecord], known: Mapping[str, JobRecord]) -> None:
    """Raises StudioError unless every job that is needed is there, and none needs itself in the end."""
    needs = {job.id: job.needs for job in new}
    for job in new:
        lacking = next((key for key in job.needs if key not in needs and key not in known), None)
        if lacking is not None:
            raise StudioError(f"“{job.label}” needs a job that is not there ({lacking[:60]}).")
    left = dict(needs)
    while left:
        free = [key for key, wanted in left.items() if not any(one in left for one in wanted)]
        if not free:
            raise StudioError("These jobs wait for one another in a circle; none could ever begin.")
        for key in free:
            del left[key]


class _Keeper:
    """Writes jobs to the library in order, on a thread of its own, the latest state of each alone."""

    def __init__(self, library: Library, tell: Callable[[StudioError], None]) -> None:
        self._library, self._tell = library, tell
        self._changed: dict[str, JobRecord | None] = {}
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._wake, self._ending = threading.Event(), False
        self._thread = threading.Thread(target=self._run, name="queue keeper", daemon=True)
        self._thread.start()

    def keep(self, job: JobRecord) -> None:
        with self._lock:
            self._changed[job.id] = job
        self._wake.set()

    def forget(self, ids: Iterable[str]) -> None:
        with self._lock:
            self._changed.update(dict.fromkeys(ids))
        self._wake.set()

    def flush(self) -> None:
        """Writes what there is to write. Worker threads."""
        with self._writing:
            with self._lock:
                taken, self._changed = self._changed, {}
            if self._library.read_only:
                return
            try:
                self._library.forget_jobs([key for key, job in taken.items() if job is None])
                for job in taken.values():
                    if job is not None:
                        self._library.save_job(job)
            except StudioError as error:
                self._tell(error)

    def close(self) -> None:
        self._ending = True
        self._wake.set()
        self._thread.join()
        self.flush()

    def _run(self) -> None:
        while not self._ending:
            self._wake.wait()
            self._wake.clear()
            self.flush()
