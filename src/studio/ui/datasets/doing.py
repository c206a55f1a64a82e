"""What the panel has done: questions to the datasets beside the window, and work that takes a while as jobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QObject, Signal

from ...errors import StudioError
from ..library.background import Background
from .model import SHOWN, Row

if TYPE_CHECKING:
    from ...actions.datasets.editing import Undo
    from ...actions.datasets.shelf import Shelf
    from ...engine.ai.datasets.versions import Version
    from ...storage.library import Dataset

Then = Callable[[Any], None]


class Contents(NamedTuple):
    """All that is shown of one dataset. `changed`: its draft holds what no version does."""

    dataset: Dataset
    rows: Sequence[Row]
    figures: Any
    versions: Sequence[Version]
    latest: int
    changed: bool
    notices: tuple[str, ...]


class Doing(QObject):
    """The datasets of a workspace. Main thread. `changed()` follows each change, `failed(error)` carries a StudioError,
    `told(sentence, kind, detail)` what should be known."""

    changed = Signal()
    failed = Signal(object)
    told = Signal(str, str, str)

    def __init__(self, workspace: Any, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.background = Background(self)
        self.background.failed.connect(self.failed)
        self.undos: list[tuple[Dataset, Undo]] = []

    def shelf(self) -> Shelf:
        """Where the datasets are."""
        from ...actions.datasets.shelf import Shelf, datasets_folder

        return Shelf(self._workspace.library, datasets_folder())

    def learners(self, kind: str, then: Then) -> None:
        """Asks for the models that learn from a type of dataset, as `actions.training.learners` tells them."""
        from ...actions.models import open_catalogue, open_store
        from ...actions.training import learners

        self.background.ask("learners", lambda: learners(open_catalogue(), open_store(), kind), then)

    def list_all(self, then: Then) -> None:
        """Asks for all datasets."""
        self.background.ask("datasets", lambda: self.shelf().all(), then)

    def read(self, dataset: Dataset, then: Then) -> None:
        """Asks for the contents of a dataset; only the last question is answered."""
        self.background.ask("contents", lambda: self._contents(dataset), then)

    def _contents(self, dataset: Dataset) -> Contents:
        from ...actions.datasets.freezing import overview
        from ...actions.datasets.shelf import item_of

        shelf = self.shelf()
        dataset = shelf.open(dataset.name)
        told = overview(shelf, dataset)
        rows = []
        for row in shelf.library.drafts.items(dataset.id):
            item = item_of(row)
            rows.append(Row(row.id, item, told.plan.split(item), row.facts if isinstance(row.facts, dict) else {}))
            if len(rows) == SHOWN:
                break
        latest = shelf.folder(dataset).latest()
        return Contents(dataset, rows, told.figures, shelf.versions(dataset), latest, told.changed, told.plan.notices)

    def create(self, name: str, kind: str) -> None:
        """Makes a dataset."""
        from ...engine.ai.datasets.kinds import kind_of

        self._do(lambda: self.shelf().create(name, kind_of(kind)))

    def delete(self, dataset: Dataset) -> None:
        """Deletes a dataset with all its files."""
        self.undos = [one for one in self.undos if one[0].id != dataset.id]
        self._do(lambda: self.shelf().delete(dataset))

    def change(self, dataset: Dataset, ids: Sequence[int], changes: dict[str, Any]) -> None:
        """Changes what is said of items."""
        from ...actions.datasets.editing import change_items

        self._do(lambda: change_items(self.shelf(), dataset, ids, changes), lambda undo: self._keep(dataset, undo))

    def take_out(self, dataset: Dataset, ids: Sequence[int]) -> None:
        """Takes items out of the draft."""
        from ...actions.datasets.editing import take_out

        self._do(lambda: take_out(self.shelf(), ids), lambda undo: self._keep(dataset, undo))

    def undo(self) -> None:
        """Takes the last change of a draft back."""
        from ...actions.datasets.editing import undo

        if self.undos:
            dataset, before = self.undos.pop()
            self._do(lambda: undo(self.shelf(), dataset, before))

    def add_files(self, dataset: Dataset, paths: Sequence[Path]) -> None:
        """Adds files and folders."""
        from ...actions.datasets.adding import Said, add_files

        self._job(
            f"Add to {dataset.name}", lambda work: add_files(self.shelf(), dataset, paths, Said(), work), self._added
        )

    def add_approved(self, dataset: Dataset) -> None:
        """Adds what was approved in the library and fits."""
        from ...actions.datasets.adding import Said
        from ...actions.datasets.approving import add_approved

        self._job(
            f"Add what was approved to {dataset.name}",
            lambda work: add_approved(self.shelf(), dataset, Said(), work),
            self._added,
        )

    def add_range(self, dataset: Dataset, track: str, begin: int, end: int) -> None:
        """Adds frames `begin` to `end` of a track of the open song."""
        from ...actions.datasets.adding import Said
        from ...actions.datasets.songrange import add_range
        from ...actions.fromsong import Heard

        session, font = self._workspace.session, self._workspace.preferences.font
        bundle, project, heard = session.bundle, session.document.project, Heard(track, begin, end)
        self._job(
            f"Add a part of {project.name} to {dataset.name}",
            lambda work: add_range(self.shelf(), dataset, bundle, project, heard, Said(), work, font),
            self._added,
        )

    def check(self, dataset: Dataset) -> None:
        """Examines every item anew."""
        from ...actions.datasets.rechecking import recheck

        self._job(f"Check {dataset.name}", lambda work: recheck(self.shelf(), dataset, work), self._checked)

    def freeze(self, dataset: Dataset) -> None:
        """Makes the draft a version."""
        from ...actions.datasets.freezing import freeze

        self._job(f"Freeze {dataset.name}", lambda work: freeze(self.shelf(), dataset, work), self._frozen)

    def export(self, dataset: Dataset, number: int, target: Path) -> None:
        """Writes a version to a zip or a new folder."""
        from ...actions.datasets.exchanging import export_version

        def task(work: Any) -> None:
            shelf = self.shelf()
            export_version(shelf.version(dataset, number, work), target, work)

        self._job(f"Export {dataset.name}", task, lambda _: self.told.emit(f"{target.name} is written.", "info", ""))

    def take_in(self, path: Path) -> None:
        """Takes in a version that was exported."""
        from ...actions.datasets.exchanging import import_version

        def come(done: Any) -> None:
            what = f"Version {done.version.number} of “{done.dataset.name}”"
            self.told.emit(f"{what} has come in." if done.new else f"{what} was here already.", "info", "")

        self._job(f"Import {path.name}", lambda work: import_version(self.shelf(), path, "", work), come)

    def revert(self, dataset: Dataset, number: int) -> None:
        """Makes a version the draft."""
        from ...actions.datasets.freezing import revert

        self.undos = [one for one in self.undos if one[0].id != dataset.id]

        def task() -> None:
            shelf = self.shelf()
            revert(shelf, dataset, shelf.version(dataset, number))

        self._do(task)

    def compare(self, dataset: Dataset, number: int, then: Then) -> None:
        """Asks what the draft has otherwise than a version."""
        from ...actions.datasets.freezing import differences, draft_items

        def task() -> Any:
            shelf = self.shelf()
            return differences(shelf.version(dataset, number).items, draft_items(shelf, dataset))

        self.background.ask("difference", task, then)

    def close(self) -> None:
        """Waits for what runs beside the window. Before the library is closed."""
        self.background.close()

    def _keep(self, dataset: Dataset, undo: Undo) -> None:
        self.undos.append((dataset, undo))

    def _do(self, task: Callable[[], Any], then: Then = lambda _: None) -> None:
        def after(result: Any) -> None:
            then(result)
            self.changed.emit()

        def told() -> Any:
            try:
                return task()
            except StudioError as error:
                return error

        def heard(result: Any) -> None:
            if isinstance(result, StudioError):
                self.failed.emit(result)
                self.changed.emit()
            else:
                after(result)

        self.background.do(told, heard)

    def _job(self, label: str, task: Callable[[Any], Any], then: Then) -> None:
        def over(job: Any) -> None:
            if job.state == "done":
                then(job.result)
            self.changed.emit()

        self._workspace.jobs.start("dataset", label, task, over)

    def _added(self, added: Any) -> None:
        new = sum(one.new for one in added)
        doubtful = sum(bool(one.doubts) for one in added if one.new)
        there = len(added) - new
        parts = [f"{new:,} added"] if new or not there else []
        parts += [f"{there:,} there already"] if there else []
        parts += [f"{doubtful:,} of them doubtful"] if doubtful else []
        self.told.emit(f"{', '.join(parts)}.".capitalize(), "info", "")

    def _checked(self, checked: Any) -> None:
        doubtful = sum(bool(one.doubts) for one in checked)
        self.told.emit(f"{len(checked):,} items checked, {doubtful:,} of them doubtful.", "info", "")

    def _frozen(self, done: Any) -> None:
        what = f"Version {done.version.number} of “{done.version.name}”"
        sentence = f"{what} is frozen." if done.new else f"The draft is {what[:1].lower()}{what[1:]} already."
        self.told.emit(" ".join([sentence, *done.notices]), "warning" if done.notices else "info", "")
