"""The neural models of a running program: the queue of what they are to make, and the one thread on which they do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import msgspec

from ..engine.jobs import Job, JobRunner, Work
from ..errors import StudioError
from ..storage.library import JobRecord, Library
from .datasets.shelf import Shelf, datasets_folder
from .generatefile import generated_folder
from .generating import KIND, Making, Workshop, run_queued
from .madefiles import sweep
from .models import fetch_models, open_catalogue, open_store, with_parts
from .queue import Queue
from .training import Teaching, teach

PULL = "pull"
"""The kind of downloads in the queue."""

TRAIN = "train"
"""The kind of trainings in the queue."""

LOOK_S = 60.0
"""Seconds between looks for models that nobody has used for long."""


class Neural:
    """One per process. Main thread; what takes time happens in the lanes of the queue.

    `deep` gives a context in which the player renders further ahead, for imports and loads. `kept` are the jobs that
    the library kept.
    """

    def __init__(
        self,
        library: Library,
        deep: Callable[[], AbstractContextManager[None]],
        tell: Callable[[StudioError], None],
        kept: Iterable[JobRecord] = (),
    ) -> None:
        self._library, self._deep, self._tell = library, deep, tell
        self._models, self._network, self._beside = (JobRunner(threads=1) for _ in range(3))
        self.queue = Queue(library, {"models": self._models, "network": self._network}, tell)
        self.queue.can(KIND, self._generate)
        self.queue.can(TRAIN, self._train)
        self.queue.can(PULL, self._pull, "network")
        self.queue.load(kept)
        self._workshop: Workshop | None = None
        self._closed = False

    def begin(self) -> None:
        """Goes on with the jobs that the library kept."""
        self.queue.begin()
        self._models.after(LOOK_S, self._look)

    def generate(self, making: Making, label: str, needs: tuple[str, ...] = ()) -> JobRecord:
        """Queues something to be made."""
        return self.queue.add(KIND, label, msgspec.to_builtins(making), needs)

    def teach(self, teaching: Teaching, dataset: str) -> JobRecord:
        """Queues a training on a frozen dataset, such as "Warm@v2"."""
        label = f"Teach {open_catalogue().spec(teaching.model).title}: {teaching.title or dataset}"
        return self.queue.add(TRAIN, label, {"dataset": dataset, "teaching": msgspec.to_builtins(teaching)})

    def pull(self, name: str) -> JobRecord:
        """Queues the download of a model whose licence has been accepted."""
        title = open_catalogue().spec(name).title
        return self.queue.add(PULL, f"Fetch {title}", {"name": name})

    def look_up(self, task: Callable[[], Any], then: Callable[[Any, StudioError | None], None]) -> None:
        """Has something read or asked beside the queue; `then` gets what came, or why nothing did. Main thread."""

        def over(job: Job) -> None:
            if job.state == "done":
                then(job.result, None)
            elif job.state == "failed":
                then(None, StudioError(job.error))

        self._beside.start("look", "Look", lambda _: task(), over)

    def close(self) -> None:
        """Ends what runs; it is interrupted then. Waits."""
        self._closed = True
        self._beside.close()
        self.queue.close()

    def _generate(self, parameters: Any, results: Mapping[str, Any], work: Work) -> Any:
        workshop = self._ready(work)
        with self._deep():
            return run_queued(workshop, parameters, results, work)

    def _train(self, parameters: Any, _: Mapping[str, Any], work: Work) -> Any:
        teaching = msgspec.convert(parameters["teaching"], Teaching)
        frozen = Shelf(self._library, datasets_folder()).refer(str(parameters["dataset"]))[1]
        if frozen is None:
            raise StudioError("A training learns from a version; freeze the dataset first.")
        workshop = self._ready(work)
        with self._deep():
            taught = teach(teaching, frozen, workshop.catalogue, workshop.store, workshop.runtime, work)
        return {**msgspec.structs.asdict(taught), "folder": str(taught.folder)}

    def _ready(self, work: Work) -> Workshop:
        """Where models work, with the catalogue as it is now. The thread that owns the models."""
        if self._workshop is None:
            work.report(0.0, "Getting ready, the first time takes some seconds")
            with self._deep():
                self._workshop = self._opened()
            work.check()
        self._workshop.catalogue = open_catalogue()
        return self._workshop

    def _opened(self) -> Workshop:
        from ..engine.ai.hardware import accelerator
        from ..engine.ai.loading import prepare
        from ..engine.ai.runtime import Runtime

        prepare()
        sweep(generated_folder())
        return Workshop(open_catalogue(), open_store(), Runtime(accelerator()), self._library, generated_folder())

    def _pull(self, parameters: Any, _: Mapping[str, Any], work: Work) -> Any:
        catalogue = open_catalogue()
        spec = catalogue.spec(str(parameters["name"]))
        fetch_models([part for part in with_parts(catalogue, spec) if not part.local], open_store(), work)
        return {"model": spec.name}

    def _look(self) -> None:
        if self._closed:
            return
        if self._workshop is not None and not self._models.running():
            self._models.quiet(lambda: self._workshop.runtime.unload_idle() if self._workshop else None, self._tell)
        self._models.after(LOOK_S, self._look)
