import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import msgspec
import pytest

from studio.storage.library import JobRecord, Library, LibraryError


class Parameters(msgspec.Struct, frozen=True):
    files: tuple[str, ...]
    rate: int


def test_a_job_survives_a_restart(library: Library, file: Path) -> None:
    parameters = Parameters(("a.wav", "ü.wav"), 48_000)
    job = JobRecord(
        "job-1",
        "import",
        "Import 2 files",
        parameters,
        "failed",
        0.5,
        "b",
        ("job-0",),
        {"clips": [1]},
        "No.",
        "Trace",
        ("x",),
    )
    library.save_job(job)
    library.close()
    with Library(file) as again:
        [found] = again.load_jobs()
    assert msgspec.convert(found.parameters, Parameters) == parameters
    assert found.created > 0
    changes = {"parameters": parameters, "created": 0.0}
    assert msgspec.structs.replace(found, **changes) == job


def test_saving_again_changes_the_job(library: Library) -> None:
    library.save_job(JobRecord("a", "k"))
    [first] = library.load_jobs()
    library.save_job(JobRecord("a", "k", state="done", progress=1.0))
    library.save_job(JobRecord("b", "k"))
    found = library.load_jobs()
    assert [(job.id, job.state) for job in found] == [("a", "done"), ("b", "waiting")]
    assert found[0].created == first.created
    assert [job.id for job in library.load_jobs("waiting", "running")] == ["b"]
    library.forget_jobs(["a"])
    assert [job.id for job in library.load_jobs()] == ["b"]


def test_what_json_cannot_say_is_refused(library: Library) -> None:
    with pytest.raises(LibraryError, match="cannot be kept"):
        library.save_job(JobRecord("a", "k", parameters=object()))
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(LibraryError, match="cannot be kept"):
        library.save_job(JobRecord("a", "k", result=endless))
    assert library.load_jobs() == []


def test_file_names_that_are_no_text_do_not_stop_a_job(library: Library) -> None:
    library.save_job(JobRecord("a", "k", "\udcff", ["\udcff.wav"], message="\udcff", failures=("\udcff: no",)))
    [found] = library.load_jobs()
    assert (found.parameters, found.failures) == (["\udcff.wav"], ("\udcff: no",))
    assert (found.label, found.message) == ("?", "?")


def test_my_own_running_jobs_are_not_interrupted(library: Library) -> None:
    library.save_job(JobRecord("a", "k", state="running"))
    assert library.interrupt_running() == 0
    assert library.load_jobs()[0].state == "running"


RUN_A_JOB = """
    import sys, time
    from pathlib import Path
    from studio.storage.library import JobRecord, Library
    library = Library(Path(sys.argv[1]))
    library.save_job(JobRecord("theirs", "k", state="running", progress=0.3))
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_running_jobs_of_a_killed_process_are_interrupted_and_of_a_live_one_are_not(
    library: Library, file: Path
) -> None:
    library.save_job(JobRecord("mine", "k", state="running"))
    command = [sys.executable, "-c", textwrap.dedent(RUN_A_JOB), str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        assert library.interrupt_running() == 0
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert library.interrupt_running() == 1
    states = {job.id: (job.state, job.progress) for job in library.load_jobs()}
    assert states == {"mine": ("running", 0.0), "theirs": ("interrupted", 0.3)}
    assert library.interrupt_running() == 0


def test_running_jobs_of_an_earlier_start_are_interrupted(file: Path) -> None:
    with Library(file) as earlier:
        earlier.save_job(JobRecord("a", "k", state="running"))
    with Library(file) as later:
        assert later.interrupt_running() == 1
        assert later.load_jobs("interrupted")[0].finished > 0
