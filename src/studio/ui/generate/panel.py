"""The panel in which things are made with models: task, model, form, into the queue, and what came of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from ...actions.generating import KIND, Making, check_making
from ...actions.models import models_for, open_catalogue, open_store
from ...actions.songfacts import facts_in
from ...engine.ai.forms import FORMS, TITLES, Sound, form, read_values
from ...engine.ai.recipes import AdapterUse
from ...engine.ai.tasks import settings_of
from ...errors import StudioError
from ...storage.preferences import GenerateHabits
from .. import theme
from ..forms import Choice
from ..library.preview import Preview
from .abilities import Abilities
from .adapter_rows import AdapterRows
from .fetching import Fetching
from .fields import Form
from .habits import Habits
from .model_choice import ModelChoice
from .models_page import ModelsPage
from .results import Results, put_stems
from .selection import Offers, PlaceBar

if TYPE_CHECKING:
    from ...actions.workspace import Workspace
    from ...engine.audio.status import EngineStatus

FETCH = "Fetch the model first; from then on no network is needed."
RUNNING = "In the queue (F7). It comes into the library when it is done."
OFFERED = 12
"""Sounds of the song that are offered to a form."""


class GeneratePanel(QWidget):
    """Main thread. `failed(error)` carries what was refused, `told(sentence)` what should be known; `made` when there
    is something new in the library; `habits_changed` when what `habits` gives is another."""

    failed = Signal(object)
    told = Signal(str)
    made = Signal()
    habits_changed = Signal()

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.setAccessibleName("Generate")
        self._workspace = workspace
        self._looked = self._asking = False
        self._habits = Habits(workspace.preferences.generate)
        self._form_task = self._form_model = ""
        self._own: set[str] = set()
        self._warned: set[str] = set()
        self._position = 0
        self.session: Any = None
        self.selection: Callable[[], Collection[str]] = tuple
        self.task = Choice("What to make", [(task, TITLES[task]) for task in FORMS])
        self.task.setMinimumWidth(0)
        self.task.choose(self._habits.task)
        self.model = ModelChoice()
        self.form = Form(())
        self.adapters = AdapterRows()
        self.from_song = QPushButton("Take tempo, key and length from the song")
        self.queue = QPushButton("Make it")
        self.queue.setProperty("primary", True)
        self.queue.setToolTip("Put it into the queue (Ctrl+Return); it comes into the library")
        self.place, self.offers = PlaceBar(), Offers()
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.results = Results(self._beside)
        self.fetching = Fetching(workspace, self)
        self._build()
        self._connect()
        self._task_chosen()

    def _build(self) -> None:
        self.tabs, self._pages = QTabBar(), QStackedWidget()
        self.tabs.setAccessibleName("Generate pages")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        for name in ("Make", "What works", "Models"):
            self.tabs.addTab(name)
        self._page = self._making_page()
        self._pages.addWidget(self._page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.tabs)
        outer.addWidget(self._pages, 1)
        self.setFocusProxy(self.task)

    def _making_page(self) -> QWidget:
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
        for widget in (self.form, self.adapters, self.from_song, self.results):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(scrolled(inner), 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(*[theme.MARGIN] * 4)
        foot.setSpacing(theme.PAD)
        for widget in (self.offers, self.place, self.said, self.queue):
            foot.addWidget(widget)
        column.addLayout(foot)
        return page

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._turn)
        self.task.currentIndexChanged.connect(self._task_chosen)
        self.model.chosen.connect(self._model_chosen)
        self.model.asked.connect(self.fetching.ask)
        self.adapters.changed.connect(self._refresh)
        self.queue.clicked.connect(self.make)
        self.from_song.clicked.connect(self.take_from_song)
        self.results.told.connect(self._say)
        self.results.lyrics_wanted.connect(self.use_lyrics)
        self.results.stems_wanted.connect(self.put_stems)
        self.results.words_wanted.connect(self.lay_words)
        self.fetching.told.connect(self._say)
        self.fetching.failed.connect(self.failed)
        self.fetching.changed.connect(self._models_changed)
        self._forget = self._workspace.neural.queue.subscribe(self._job_changed)

    @cached_property
    def abilities(self) -> Abilities:
        """What works, made when it is first looked at."""
        made = Abilities(self._beside)
        made.wanted.connect(self.show_model)
        made.task_wanted.connect(self.show_task)
        self._pages.addWidget(made)
        return made

    @cached_property
    def models(self) -> ModelsPage:
        """The list of models, made when it is first looked at."""
        made = ModelsPage(self._workspace, self.fetching, self._beside)
        self._pages.addWidget(made)
        return made

    # -- what is shown -------------------------------------------------------------------------------------------

    def set_session(self, session: Any) -> None:
        """Another song, or none."""
        self.session = session
        self._refresh()

    def use_preview(self, preview: Preview) -> None:
        """Lets sounds be heard by the library's preview."""
        self.results.preview = preview

    def habits(self) -> GenerateHabits:
        """What was chosen last, for the next start."""
        return self._habits.kept()

    def tick(self, status: EngineStatus) -> None:
        """Follows the playhead. Called by the window's timer."""
        self._position = status.position

    def show_task(self, task: str) -> None:
        """Turns to the form of a task."""
        self.tabs.setCurrentIndex(0)
        self.task.choose(task)

    def show_model(self, name: str) -> None:
        """Turns to the list of models, at this one."""
        self.tabs.setCurrentIndex(2)
        self.models.show_model(name)

    def show_values(
        self, task: str, values: dict[str, Any], model: str = "", adapters: tuple[AdapterUse, ...] = ()
    ) -> None:
        """Shows a task and writes these values into its form; the others stay. Chooses the model, if it is known, and
        what is laid over it."""
        if model:
            self._habits.models[task] = model
            self._form_model = ""
            self._habits.set_adapters(model, adapters)
        self._begin_to_look()
        self.show_task(task)
        self.form.set_values(values)
        self._leave()
        self.look(model)

    def use_lyrics(self, text: str) -> None:
        """Turns to music, with this text as its lyrics."""
        self.show_values("music", {"lyrics": text.strip()})

    def put_stems(self, paths: Sequence[Path]) -> None:
        """Puts stems into the song, beside their mix or at the playhead."""
        try:
            put_stems(self.session, paths, self._position, self._say)
        except StudioError as error:
            self._refused(error)

    def lay_words(self, heard: Path) -> None:
        """Lays words that were heard under the notes of the clip that is selected."""
        from ...actions.sungwords import lay_words

        chosen = self.selection()
        try:
            if self.session is None:
                raise StudioError("Open a song first; the words are laid under its notes.")
            lay_words(self.session, heard, min(chosen) if len(chosen) == 1 else "", self._say)
        except StudioError as error:
            self._refused(error)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._begin_to_look():
            self.look()

    def _begin_to_look(self) -> bool:
        """Makes the form, which takes a while, when it is first needed; whether it was made now."""
        if self._looked:
            return False
        self._looked = True
        self._show_form()
        return True

    def _turn(self, page: int) -> None:
        shown = self._page if page == 0 else self.abilities if page == 1 else self.models
        self._pages.setCurrentWidget(shown)
        if isinstance(shown, Abilities | ModelsPage):
            shown.look()

    def _models_changed(self) -> None:
        if self._looked:
            self.look()
        shown = self._pages.currentWidget()
        if isinstance(shown, Abilities | ModelsPage) and shown.isVisible():
            shown.look()

    def look(self, wish: str = "") -> None:
        """Looks anew which models there are."""
        task = self.task.value

        def arrived(found: Any) -> None:
            if self.task.value == task:
                self.model.show_models(found["models"], wish or self._habits.model(task))
                for sentence in set(found["refused"]) - self._warned:
                    self._warned.add(sentence)
                    self.told.emit(sentence)

        self._beside(lambda: models_for(task), arrived)

    def _beside(self, task: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Has something looked up beside the window; what it raises is shown."""

        def arrived(result: Any, error: StudioError | None) -> None:
            if error is not None:
                self._refused(error)
            else:
                then(result)

        self._workspace.neural.look_up(task, arrived)

    def _say(self, sentence: str) -> None:
        self.said.setText(sentence)

    def _refused(self, error: StudioError) -> None:
        self.said.setText(str(error))
        self.failed.emit(error)

    # -- the form ------------------------------------------------------------------------------------------------

    def _task_chosen(self) -> None:
        self._habits.task = self.task.value
        self.place.follow_task(self.task.value)
        self.said.setText("")
        self.model.show_models([])
        self.habits_changed.emit()
        if self._looked:
            self.look()

    def _model_chosen(self) -> None:
        if self.model.value:
            self._habits.models[self.task.value] = self.model.value
        self._leave()
        if self._looked:
            self._show_form()

    def _leave(self) -> None:
        """Keeps what stands in the form that is shown."""
        if self._form_task:
            self._habits.leave(self._form_task, self.form.values())
        if self._form_model:
            with contextlib.suppress(StudioError):  # a strength that is none is not worth keeping
                self._habits.set_adapters(self._form_model, self.adapters.uses())

    def _show_form(self) -> None:
        task, model = self.task.value, self.model.model
        heard = set(settings_of(task, model.get("loader", "")))
        unheard = [one.name for one in form(task) if one.name not in heard]
        made = Form(form(task), unheard, {"voice": model.get("voices", ())}, self._sounds)
        made.set_values(self._habits.values(task))
        typed_in = self.form.typed_in()
        self._column.replaceWidget(self.form, made)
        self.form.setParent(None)
        self.form.deleteLater()
        self.form, self._form_task, self._form_model = made, task, self.model.value
        made.go_on_typing(typed_in)
        self.adapters.show_adapters(model.get("adapters", ()), self._habits.adapters.get(self.model.value, {}))
        made.changed.connect(self._refresh)
        made.entered.connect(self.make)
        self._order()
        self._refresh()

    def _order(self) -> None:
        """Lets Tab go from the top to the bottom: what is made anew would come last."""
        down = (self.task, self.model, self.form, self.adapters, self.from_song, self.results, self.offers, self.place)
        stops = [stop for part in (*down, self.queue) for stop in stops_of(part)]
        for one, following in pairwise(stops):
            QWidget.setTabOrder(one, following)

    def _sounds(self) -> list[tuple[str, str]]:
        """The sounds of the song, the latest first."""
        if self.session is None:
            return []
        bundle, media = self.session.bundle, self.session.document.project.media
        there = [one for one in reversed(media) if one.id not in self.session.missing]
        return [(one.name, str(bundle.media_path(one))) for one in there[:OFFERED]]

    def _refresh(self) -> None:
        names = self.form.names()
        self.from_song.setVisible("bpm" in names)
        self.from_song.setEnabled(self.session is not None)
        self.queue.setEnabled(self.model.ready and not self._asking)
        if self.model.value and not self.model.ready and self.said.text() in {"", FETCH}:
            self.said.setText(FETCH if self.model.fetch.isVisibleTo(self.model) else self.model.lacks)
        elif self.model.ready and self.said.text() == FETCH:
            self.said.setText("")

    def take_from_song(self) -> None:
        """Writes the song's tempo, key, signature and the length of its loop into the form."""
        if self.session is None:
            return
        project = self.session.document.project
        edges = (int(project.time.frame(tick)) for tick in (project.loop.start, project.loop.end))
        self.form.set_values(facts_in(project, *edges))

    # -- making --------------------------------------------------------------------------------------------------

    def make(self) -> None:
        """Puts what stands in the form into the queue, once it was seen that it can be done."""
        if not self.queue.isEnabled():
            return
        task = self.task.value
        self.form.draw(self._habits.last_seed(task))
        try:
            values = read_values(task, self.form.values())
            uses, place = self.adapters.uses(), self.place.fields(task, values)
            making = Making(task=task, model=self.model.value, values=values, adapters=uses, **place)
        except StudioError as error:
            self._refused(error)
            return
        self._asking = True
        self.said.setText("Looking whether it can be made…")
        self._refresh()

        def checked(_: Any, error: StudioError | None) -> None:
            self._asking = False
            self._refresh()
            if error is not None:
                self._refused(error)
            else:
                self._begin(making)

        self._workspace.neural.look_up(lambda: check_making(making, open_catalogue(), open_store()), checked)

    def _begin(self, making: Making) -> None:
        try:
            job = self._workspace.neural.generate(making, label_of(making))
        except StudioError as error:
            self._refused(error)
            return
        self._own.add(job.id)
        self._habits.used(making.task, making.values.get("seed"))
        self._habits.set_adapters(making.model, making.adapters)
        self._leave()
        self.habits_changed.emit()
        self.said.setText(RUNNING)

    def _job_changed(self, job: Any) -> None:
        if job.kind == KIND and job.state == "done" and job.result:
            count = len(job.result["made"])
            self.said.setText(f"{job.label} is done: {count} new in the library.")
            self.told.emit(f"{job.label} is done; it is in the library.")
            self.results.show_job(job)
            self._order()
            self.made.emit()
        elif job.kind == KIND and job.state == "failed":
            self.said.setText(job.error)
        elif job.kind == KIND and job.state == "running" and job.id in self._own:
            self.said.setText(f"{job.label}: {job.progress:.0%}. {job.message}".rstrip(". ") + ".")
        elif job.kind == "pull":
            if "models" in self.__dict__:
                self.models.show_download(job)
            if job.state == "failed":
                self.fetching.told.emit(job.error)
            if job.state in {"done", "failed", "cancelled"}:
                self._models_changed()


def label_of(making: Making) -> str:
    """What a request is called in the queue: its task, and the first words or the sound."""
    sounds = [str(making.values[one.name]) for one in form(making.task) if isinstance(one, Sound)]
    first = next(iter(str(making.values.get("prompt", "")).strip().splitlines()), "")
    said = " ".join(first.split()[:6])[:60]
    return f"{TITLES[making.task]}: {said or Path(next(filter(None, sounds), '')).stem}".rstrip(": ")


def stops_of(widget: QWidget) -> list[QWidget]:
    """The widgets in this one, itself included, at which Tab stops, from the first to the last."""
    inside = [] if isinstance(widget, QComboBox) else [one for one in widget.children() if isinstance(one, QWidget)]
    own = [widget] if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not widget.isWindow() else []
    return [*own, *(stop for one in inside for stop in stops_of(one))]


def scrolled(inner: QWidget) -> QScrollArea:
    """A page that scrolls up and down."""
    inner.setObjectName("form")
    inner.setStyleSheet("#form { background: transparent; }")
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inner)
    return area
