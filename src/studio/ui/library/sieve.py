"""What of the things that models made is shown: by task, model, decision, stars and doubts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from ...engine.ai.forms import TITLES
from ...storage.library.records import Approval

DECISIONS: dict[Approval, str] = {"approved": "Approved", "rejected": "Rejected", "open": "Undecided"}


class Sieve(NamedTuple):
    """A choice; what is empty lets everything through."""

    tasks: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    approval: Approval | None = None
    stars: int = 0
    doubtful: bool | None = None

    def parts(self) -> list[tuple[str, Sieve]]:
        """What is chosen, each as it is called and with what is left without it."""
        found = [(TITLES.get(one, one), self._replace(tasks=_without(self.tasks, one))) for one in self.tasks]
        found += [(one, self._replace(models=_without(self.models, one))) for one in self.models]
        if self.approval is not None:
            found.append((DECISIONS[self.approval], self._replace(approval=None)))
        if self.stars:
            found.append((stars_said(self.stars), self._replace(stars=0)))
        if self.doubtful is not None:
            found.append(("Doubtful" if self.doubtful else "Without doubts", self._replace(doubtful=None)))
        return found


def stars_said(stars: int) -> str:
    """A least rating in words."""
    return "5 stars" if stars == 5 else f"{stars} star{'' if stars == 1 else 's'} or more"


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(one for one in names if one != name)


Change = Callable[[Sieve], None]


def fill_sieve_menu(menu: QMenu, sieve: Sieve, tasks: Sequence[str], models: Sequence[str], change: Change) -> None:
    """Offers every choice that makes sense where there are these tasks and models; `change` gets the new one."""
    _choices(menu, [(text, key) for key, text in DECISIONS.items()], "approval", sieve, change)
    menu.addSeparator()
    _choices(menu.addMenu("Stars"), [(stars_said(n), n) for n in range(5, 0, -1)], "stars", sieve, change)
    _choices(menu.addMenu("Checks"), [("Doubtful", True), ("Without doubts", False)], "doubtful", sieve, change)
    for title, names, field in (("Task", tasks, "tasks"), ("Model", models, "models")):
        inner = menu.addMenu(title)
        inner.setEnabled(bool(names))
        for name in names:
            _several(inner, TITLES.get(name, name) if field == "tasks" else name, name, field, sieve, change)
    menu.addSeparator()
    clear = menu.addAction("Show everything", lambda: change(Sieve()))
    clear.setEnabled(sieve != Sieve())


def _choices(menu: QMenu, options: Sequence[tuple[str, Any]], field: str, sieve: Sieve, change: Change) -> None:
    """Options of which one may be on; a second choice of it takes it back."""
    group = QActionGroup(menu)
    group.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)
    empty = Sieve._field_defaults[field]
    for text, value in options:
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setChecked(getattr(sieve, field) == value)
        group.addAction(action)
        action.triggered.connect(lambda on, value=value: change(sieve._replace(**{field: value if on else empty})))


def _several(menu: QMenu, text: str, name: str, field: str, sieve: Sieve, change: Change) -> None:
    """An option beside which others may be on."""
    chosen: tuple[str, ...] = getattr(sieve, field)
    action = menu.addAction(text)
    action.setCheckable(True)
    action.setChecked(name in chosen)
    action.triggered.connect(
        lambda on: change(sieve._replace(**{field: (*chosen, name) if on else _without(chosen, name)}))
    )
