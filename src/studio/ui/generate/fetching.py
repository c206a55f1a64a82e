"""Fetching, checking and deleting models from the window: what is asked of the person, once, and what is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QMessageBox, QWidget

from ...actions.models import (
    forget_model,
    hub_token,
    keep_token,
    open_catalogue,
    open_store,
    plan_model,
    remove_folder,
    remove_model,
    verify_model,
    with_parts,
)
from ...engine.jobs import Job, Work
from ...errors import StudioError
from .. import forms
from .model_choice import size_text

if TYPE_CHECKING:
    from ...actions.workspace import Workspace

PULL = "pull"
OVER = frozenset({"done", "failed", "cancelled"})


class Fetching(QObject):
    """Main thread; what takes time happens beside the window or in the queue.

    `told(sentence)` says what goes on, `failed(error)` what went wrong; `changed()`: other models are here now.
    """

    told = Signal(str)
    failed = Signal(object)
    changed = Signal()

    def __init__(self, workspace: Workspace, window: QWidget) -> None:
        super().__init__(window)
        self._workspace, self._window = workspace, window

    def ask(self, what: str, name: str) -> None:
        """Does one of plan, verify, remove, forget, pause, go on, cancel with the model of this name."""
        acts: dict[str, Callable[[str], None]] = {
            "plan": self.plan, "verify": self.verify, "remove": self.remove, "forget": self.forget,
            "pause": self.pause, "go on": self.go_on, "cancel": self.cancel,
        }  # fmt: skip
        acts[what](name)

    def job(self, name: str) -> Any:
        """The download of a model that runs, waits or can be gone on with; None without one."""
        return next((job for job in self._jobs(name) if job.state not in OVER), None)

    def _failed(self, name: str) -> Any:
        return next((job for job in self._jobs(name) if job.state == "failed"), None)

    def _jobs(self, name: str) -> list[Any]:
        return [job for job in self._workspace.neural.queue.jobs() if job.kind == PULL and _model(job) == name]

    # -- fetching ------------------------------------------------------------------------------------------------

    def plan(self, name: str) -> None:
        """Asks the hub how large a model is, then the person; for one behind a gate, for the token first, and again
        where the last one did not open it."""
        spec, failed = open_catalogue().spec(name), self._failed(name)
        if spec.gated and (failed is not None or not hub_token()):
            if not self._ask_token(name, failed.error if failed is not None else ""):
                return
            self._workspace.neural.queue.forget([failed.id] if failed is not None else [])
        self.told.emit("Asking the hub how large it is… (F7 can cancel it)")

        def refused(sentence: str) -> None:
            if not spec.gated:
                self.told.emit(sentence)
            elif self._ask_token(name, sentence):
                self.plan(name)
            else:
                self.told.emit("")

        def task(work: Work) -> Any:
            return plan_model(name, "", work.report, work)

        self._as_job(f"Ask the hub about {spec.title}", task, self._planned, refused)

    def _planned(self, found: dict[str, Any]) -> None:
        self.told.emit("")
        name = found["name"]
        if not self._confirm(found):
            return

        def accept() -> None:
            catalogue, store = open_catalogue(), open_store()
            for part in with_parts(catalogue, catalogue.spec(name)):
                if not part.local and not store.consented(part):
                    store.accept(part)

        def accepted(_: Any) -> None:
            self._workspace.neural.pull(name)
            self.told.emit("It is being fetched (F7).")
            self.changed.emit()

        self._beside(accept, accepted)

    def _confirm(self, model: dict[str, Any]) -> bool:
        """Shows what fetching would take, and the licence where it is not accepted yet; whether the person wants it."""
        plans = model["plans"].values()
        missing, free = sum(plan["missing_bytes"] for plan in plans), min(plan["free_bytes"] for plan in plans)
        text = f"{size_text(missing)} are to be fetched; the disk has {size_text(free)}."
        if not model["accepted"]:
            sale = "What it makes may be sold." if model["commercial"] else "What it makes may not be sold."
            text += f"\n\nLicence: {model['licence']}. {sale}\n{model['attribution']}\n{model['note']}"
        if not all(plan["fits"] for plan in plans):
            text += "\n\nThe disk has too little room for it; free some first."
        box = QMessageBox(QMessageBox.Icon.NoIcon, f"Fetch {model['title']}", text.strip(), parent=self._window)
        words = "Fetch" if model["accepted"] else "Accept the licence and fetch"
        accept = box.addButton(words, QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(accept)
        box.exec()
        return box.clickedButton() is accept

    def _ask_token(self, name: str, problem: str) -> bool:
        spec = open_catalogue().spec(name)
        dialog = GateDialog(self._window, spec.title, f"{open_store().endpoint}/{spec.repo}", problem)
        if dialog.exec() != QDialog.DialogCode.Accepted:
            return False
        try:
            keep_token(dialog.token)
        except StudioError as error:
            self._refused(error)
            return False
        return True

    def forget_token(self) -> None:
        """Deletes the access token that was given at a gate."""
        self._beside(lambda: keep_token(""), lambda _: self._gone("The access token is deleted."))

    def pause(self, name: str) -> None:
        """Lets a download rest."""
        if (job := self.job(name)) is not None:
            self._workspace.neural.queue.pause(job.id)

    def go_on(self, name: str) -> None:
        """Goes on with a download that rests or was interrupted."""
        if (job := self.job(name)) is not None:
            self._workspace.neural.queue.go_on(job.id)

    def cancel(self, name: str) -> None:
        """Gives a download up; what has come of it stays until it is deleted."""
        if (job := self.job(name)) is not None:
            queue = self._workspace.neural.queue
            queue.cancel(job.id)
            queue.forget([job.id])
            self.changed.emit()

    # -- what is here --------------------------------------------------------------------------------------------

    def verify(self, name: str) -> None:
        """Has every file compared with its digest."""
        title = open_catalogue().spec(name).title
        self.told.emit("Comparing every file with its digest… (F7)")

        def verified(found: Any) -> None:
            report, right = found
            wrong = ", ".join(report["wrong"][:3])
            self.told.emit(
                "Every file is as it should be." if right else f"Not as it should be: {wrong}; fetch it again."
            )
            self.changed.emit()

        def task(work: Work) -> Any:
            return verify_model(name, work.report, work)

        self._as_job(f"Verify {title}", task, verified, self.told.emit)

    def remove(self, name: str) -> None:
        """Deletes a model from the disk, once that was asked."""
        title = open_catalogue().spec(name).title
        if self._sure(f"Delete {title}", f"“{title}” is deleted from the disk; it can be fetched again."):
            self._beside(lambda: remove_model(name), lambda _: self._gone("It is deleted; it can be fetched again."))

    def forget(self, name: str) -> None:
        """Takes one of the user's own entries off the list, once that was asked."""
        title = open_catalogue().spec(name).title
        if self._sure(f"Take {title} off the list", f"“{title}” is taken off the list; its files stay on the disk."):
            self._beside(lambda: forget_model(name), lambda _: self._gone("It is off the list; its files stay."))

    def discard(self, usage: Any) -> None:
        """Deletes what is on the disk of a model that no catalogue names any more, once that was asked."""
        if self._sure(f"Delete {usage.repo}", f"{size_text(usage.bytes)} of {usage.repo} are deleted from the disk."):
            self._beside(lambda: remove_folder(usage), lambda _: self._gone("It is deleted."))

    def _gone(self, sentence: str) -> None:
        self.told.emit(sentence)
        self.changed.emit()

    def _sure(self, title: str, text: str) -> bool:
        box = QMessageBox(QMessageBox.Icon.NoIcon, title, text, parent=self._window)
        go = box.addButton("Delete" if title.startswith("Delete") else "Take off", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.exec()
        return box.clickedButton() is go

    def _refused(self, error: StudioError) -> None:
        self.told.emit(str(error))
        self.failed.emit(error)

    def _as_job(
        self, label: str, task: Callable[[Work], Any], then: Callable[[Any], None], refused: Callable[[str], None]
    ) -> None:
        """Has something done that takes a while: it is seen in the list of jobs, and can be cancelled there."""

        def over(job: Job) -> None:
            if job.state == "done":
                then(job.result)
            else:
                refused(job.error) if job.state == "failed" else self.told.emit("")

        self._workspace.jobs.start("models", label, task, over)

    def _beside(self, task: Callable[[], Any], then: Callable[[Any], None]) -> None:
        def arrived(result: Any, error: StudioError | None) -> None:
            if error is None:
                then(result)
            else:
                self._refused(error)

        self._workspace.neural.look_up(task, arrived)


def _model(job: Any) -> str:
    return str((job.parameters or {}).get("name", ""))


class GateDialog(QDialog):
    """Asks for the access token of the hub, for a model behind a licence gate."""

    def __init__(self, parent: QWidget, title: str, page: str, problem: str) -> None:
        super().__init__(parent)
        column = forms.dialog_frame(self, f"Fetch {title}", 460)
        column.addWidget(forms.text(f"“{title}” is behind a licence gate", "title"))
        if problem:
            column.addWidget(forms.text(problem, "error"))
        way = QLabel(
            f'Accept its terms at <a href="{page}">{page}</a>, then paste an access token of your account there. It is'
            " kept in a file that only you can read, and sent for models behind a gate alone."
        )
        way.setWordWrap(True)
        way.setOpenExternalLinks(True)
        way.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        column.addWidget(way)
        self.field = QLineEdit()
        self.field.setAccessibleName("Access token")
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setPlaceholderText("Access token")
        column.addWidget(self.field)
        self.go = forms.push("Keep it and go on", self.accept, primary=True)
        self.go.setEnabled(False)
        self.field.textChanged.connect(lambda text: self.go.setEnabled(bool(text.strip())))
        column.addLayout(forms.button_row(forms.push("Cancel", self.reject), self.go))
        self.field.setFocus()

    @property
    def token(self) -> str:
        """What was pasted, without blanks around it."""
        return self.field.text().strip()
