"""The queue without a window: what `studio jobs` lists and changes, in the rows that the library keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from ..errors import StudioError
from ..storage import locations
from ..storage.library import JobRecord, Library
from .queue import OVER, still_needed

Report = dict[str, Any]


def change_jobs(cancel: Sequence[str] = (), retry: Sequence[str] = (), forget: bool = False) -> Report:
    """The jobs of the queue as they are after some were cancelled or are to begin anew, by id or its beginning.

    What is to begin does so when the studio is opened next. With `forget` those that are over are taken off the list.
    Raises StudioError for a job that is not there or cannot be changed so; nothing is changed then.
    """
    with Library(locations.library_file()) as library:
        library.interrupt_running()
        jobs = {job.id: job for job in library.load_jobs()}
        changed = [_cancelled(job) for job in _named(jobs, cancel)]
        begun = _with_needs(jobs, [_again(job) for job in _named(jobs, retry)])
        for job in (*changed, *begun):
            library.save_job(job)
            jobs[job.id] = job
        if forget:
            kept = still_needed(jobs.values())
            gone = [key for key, job in jobs.items() if job.state in OVER and key not in kept]
            library.forget_jobs(gone)
            jobs = {key: job for key, job in jobs.items() if key not in gone}
    return {"jobs": [msgspec.to_builtins(job) for job in sorted(jobs.values(), key=lambda job: job.place)]}


def _named(jobs: dict[str, JobRecord], names: Sequence[str]) -> list[JobRecord]:
    found = []
    for name in names:
        fitting = [job for job in jobs.values() if job.id == name] or [
            job for job in jobs.values() if name and job.id.removeprefix("job-").startswith(name.removeprefix("job-"))
        ]
        if len(fitting) != 1:
            many = "there are several" if fitting else "there is no job"
            raise StudioError(f"With the id “{name[:60]}” {many}; `studio jobs` lists them.")
        found += fitting
    return found


def _cancelled(job: JobRecord) -> JobRecord:
    if job.state == "running":
        raise StudioError(f"“{job.label}” runs in a window of the studio; cancel it there, in the Jobs panel.")
    if job.state in OVER:
        raise StudioError(f"“{job.label}” is over already: {job.state}.")
    return replace(job, state="cancelled")


def _again(job: JobRecord) -> JobRecord:
    if job.state not in OVER - {"done"}:
        raise StudioError(f"“{job.label}” is {job.state}; only what failed, was cancelled or interrupted begins again.")
    fresh = replace(job, state="waiting", progress=0.0, message="", error="", detail="", tries=0)
    return replace(fresh, failures=(), finished=0.0)


def _with_needs(jobs: dict[str, JobRecord], begun: list[JobRecord]) -> list[JobRecord]:
    """These jobs and those that they need and that were not done either."""
    found = {job.id: job for job in begun}
    left = list(begun)
    while left:
        for key in left.pop().needs:
            needed = jobs.get(key)
            if needed is not None and key not in found and needed.state in OVER - {"done"}:
                found[key] = _again(needed)
                left.append(found[key])
    return list(found.values())
