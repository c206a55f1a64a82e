"""The panel in which things are made with models: task, model, form, and into the queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFormLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ...actions.generating import Making
from ...actions.models import (
    list_models,
    open_catalogue,
    open_store,
    plan_model,
    remove_model,
    verify_model,
    with_parts,
)
from ...engine.ai.forms import TITLES, form, model_task, read_values
from ...engine.ai.music import IGNORED, TASKS
from ...errors import StudioError
from .. import theme
from ..forms import Choice
from .fields import Form
from .model_choice import ModelChoice
from .selection import Offers, PlaceBar

if TYPE_CHECKING:
    from ...actions.workspace import Workspace

OFFERED = ("music", "music-cover", "music-repaint", "music-extend")
"""The tasks of the panel."""

FETCH = "Fetch the model first; from then on no network is needed."


class GeneratePanel(QWidget):
    """Main thread. `failed(error)` carries what was refused, `told(sentence)` what should be known; `made` when there
    is something new in the library."""

    failed = Signal(object)
    told = Signal(str)
    made = Signal()

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.setAccessibleName("Generate")
        self._workspace = workspace
        self._looked = False
        self._kept: dict[str, dict[str, Any]] = {}
        self.task = Choice("What to make", [(task, TITLES[task]) for task in OFFERED])
        self.task.setMinimumWidth(0)
        self.model = ModelChoice()
        self.form = Form(())
        self.from_song = QPushButton("Take tempo, key and length from the song")
        self.queue = QPushButton("Make it")
        self.queue.setProperty("primary", True)
        self.queue.setToolTip("Put it into the queue (Ctrl+Return); it comes into the library")
        self.place, self.offers = PlaceBar(), Offers()
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.session: Any = None
        self._build()
        self.task.currentIndexChanged.connect(self._task_chosen)
        self.model.chosen.connect(self._show_form)
        self.model.asked.connect(self._asked)
        self.queue.clicked.connect(self.make)
        self.from_song.clicked.connect(self.take_from_song)
        self._forget = workspace.neural.queue.subscribe(self._job_changed)
        self._task_chosen()

    def _build(self) -> None:
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(*[theme.MARGIN] * 4)
        self._column.setSpacing(theme.MARGIN)
        top = QFormLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.setVerticalSpacing(theme.PAD)
        top.addRow("Make", self.task)
        top.addRow("Model", self.model)
        self._column.addLayout(top)
        self._column.addWidget(self.form)
        self._column.addWidget(self.from_song)
        self._column.addStretch(1)
        inner.setObjectName("form")
        inner.setStyleSheet("#form { background: transparent; }")
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(area, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(*[theme.MARGIN] * 4)
        foot.setSpacing(theme.PAD)
        foot.addWidget(self.offers)
        foot.addWidget(self.place)
        foot.addWidget(self.said)
        foot.addWidget(self.queue)
        outer.addLayout(foot)
        self.setFocusProxy(self.task)

    def set_session(self, session: Any) -> None:
        """Another song, or none."""
        self.session = session
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._looked:
            self._looked = True
            self.look()

    def look(self, wish: str = "") -> None:
        """Looks anew which models there are."""
        task = model_task(self.task.value)

        def arrived(found: Any) -> None:
            if model_task(self.task.value) == task:
                self.model.show_models(found["models"], wish)
                for sentence in found["refused"]:
                    self.told.emit(sentence)

        self._beside(lambda: list_models(task), arrived)

    def _beside(self, task: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Has something looked up beside the window; what it raises is shown."""

        def arrived(result: Any, error: StudioError | None) -> None:
            if error is not None:
                self.said.setText(str(error))
                self.failed.emit(error)
            else:
                then(result)

        self._workspace.neural.look_up(task, arrived)

    # -- the form ------------------------------------------------------------------------------------------------

    def show_values(self, task: str, values: dict[str, Any], model: str = "") -> None:
        """Shows a task and writes these values into its form; the others stay. Chooses the model, if it is known."""
        self._kept[task] = {**self._kept.get(task, {}), **values}
        self.task.choose(task)
        self.form.set_values(values)
        self._looked = True
        self.look(model)

    def _task_chosen(self) -> None:
        self.place.follow_task(self.task.value)
        self._show_form()
        if self._looked:
            self.look()

    def _show_form(self) -> None:
        task = self.task.value
        values = {**self.form.values(), **self._kept.get(task, {})}
        made = Form(form(task), self._unheard())
        made.set_values({name: value for name, value in values.items() if value != ""} if values else {})
        self._column.replaceWidget(self.form, made)
        self.form.setParent(None)
        self.form.deleteLater()
        self.form = made
        made.changed.connect(self._refresh)
        made.entered.connect(self.make)
        self._refresh()

    def _unheard(self) -> tuple[str, ...]:
        """What the model cannot be told."""
        return IGNORED.get(self.model.model.get("loader", ""), ())

    def _refresh(self) -> None:
        self.from_song.setEnabled(self.session is not None)
        self.queue.setEnabled(self.model.ready)
        if self.model.value and not self.model.ready and not self.said.text():
            self.said.setText(FETCH)
        elif self.model.ready and self.said.text() == FETCH:
            self.said.setText("")

    def take_from_song(self) -> None:
        """Writes the song's tempo, key, signature and the length of its loop into the form."""
        if self.session is None:
            return
        from .song_facts import facts_of

        self.form.set_values(facts_of(self.session.document.project))

    # -- making --------------------------------------------------------------------------------------------------

    def make(self) -> None:
        """Puts what stands in the form into the queue."""
        if not self.queue.isEnabled():
            return
        task, model = self.task.value, self.model.model
        try:
            if task not in TASKS.get(model["loader"], frozenset()):
                raise StudioError(f"“{model['title']}” cannot do that; choose another model.")
            values = read_values(task, self.form.values())
            label = f"{TITLES[task]}: {' '.join(values['prompt'].split()[:6])}"
            self._workspace.neural.generate(
                Making(task=task, model=self.model.value, values=values, **self.place.fields(task, values)), label
            )
        except StudioError as error:
            self.said.setText(str(error))
            self.failed.emit(error)
            return
        self._kept[task] = values
        self.said.setText("In the queue (F7). It comes into the library when it is done.")

    def _job_changed(self, job: Any) -> None:
        if job.kind == "generate" and job.state == "done" and job.result:
            count = len(job.result["made"])
            self.said.setText(f"{job.label} is done: {count} new in the library.")
            self.told.emit(f"{job.label} is done; it is in the library.")
            self.made.emit()
        elif job.kind == "generate" and job.state == "failed":
            self.said.setText(job.error)
        elif job.kind == "pull" and job.state in {"done", "failed", "cancelled"} and self._looked:
            self.look()

    # -- models --------------------------------------------------------------------------------------------------

    def _asked(self, what: str, name: str) -> None:
        if what == "plan":
            self.said.setText("Asking the hub how large it is…")
            self._beside(lambda: plan_model(name, "", lambda *_: None), self._planned)
        elif what == "verify":
            self.said.setText("Comparing every file with its digest…")
            self._beside(lambda: verify_model(name, lambda *_: None), self._verified)
        elif what == "remove":
            self._beside(lambda: remove_model(name), lambda found: self._removed())

    def _planned(self, found: dict[str, Any]) -> None:
        self.said.setText("")
        name = found["name"]
        if not self.model.confirm(found["plans"], found):
            return

        def accept() -> None:
            catalogue, store = open_catalogue(), open_store()
            for part in with_parts(catalogue, catalogue.spec(name)):
                if not part.local and not store.consented(part):
                    store.accept(part)

        def accepted(_: Any) -> None:
            self._workspace.neural.pull(name)
            self.said.setText("It is being fetched (F7).")

        self._beside(accept, accepted)

    def _verified(self, found: Any) -> None:
        report, right = found
        self.said.setText("Every file is as it should be." if right else f"Not as it should be: {report['wrong']}.")
        self.look()

    def _removed(self) -> None:
        self.said.setText("It is deleted; it can be fetched again.")
        self.look()
