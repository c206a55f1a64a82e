"""What was asked for last, task by task, so that a form is as it was left; kept between starts but for sounds and
agreements, which belong to one request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.ai.forms import FORMS, Agreement, Sound, model_task
from ...engine.ai.recipes import AdapterUse
from ...storage.preferences import GenerateHabits

SHARED = frozenset({"prompt", "lyrics", "language", "bpm", "key", "meter", "source"})
"""What the tasks that make music have in common: said for one, it holds for the others too."""

LAST = "last seed"
"""Under what name the seed that was used last is kept beside the values of a form."""


class Habits:
    """Values of forms by task, the model of each task, the adapters of each model. Main thread."""

    def __init__(self, kept: GenerateHabits) -> None:
        self.task = kept.task if kept.task in FORMS else "music"
        self.models = dict(kept.models)
        self.adapters = {model: dict(uses) for model, uses in kept.adapters.items()}
        self._values: dict[str, dict[str, Any]] = {
            task: dict(values) for task, values in kept.values.items() if task in FORMS
        }

    def model(self, task: str) -> str:
        """The model that was chosen last for a task, or for one that the same models do; empty before the first."""
        alike = (model for other, model in self.models.items() if model_task(other) == model_task(task))
        return self.models.get(task) or next(alike, "")

    def leave(self, task: str, values: Mapping[str, Any]) -> None:
        """Keeps what stands in a task's form."""
        self._values[task] = {**self._values.get(task, {}), **values}
        if model_task(task) == "music":
            shared = {name: value for name, value in values.items() if name in SHARED}
            for other in FORMS:
                if model_task(other) == "music" and other != task:
                    self._values.setdefault(other, {}).update(shared)

    def values(self, task: str) -> dict[str, Any]:
        """What stood in a task's form last."""
        return {name: value for name, value in self._values.get(task, {}).items() if name != LAST}

    def used(self, task: str, seed: Any) -> None:
        """Notes the seed of a request."""
        self._values.setdefault(task, {})[LAST] = seed

    def last_seed(self, task: str) -> Any:
        """The seed of the last request of a task, None before the first."""
        return self._values.get(task, {}).get(LAST)

    def set_adapters(self, model: str, uses: tuple[AdapterUse, ...]) -> None:
        """Keeps what is laid over a model."""
        self.adapters[model] = {use.name: use.weight for use in uses}

    def kept(self) -> GenerateHabits:
        """What outlives the program."""
        values = {task: _lasting(task, values) for task, values in self._values.items()}
        return GenerateHabits(self.task, dict(self.models), values, dict(self.adapters))


def _lasting(task: str, values: Mapping[str, Any]) -> dict[str, Any]:
    own = {one.name for one in FORMS[task] if isinstance(one, Sound | Agreement)}
    return {
        name: value
        for name, value in values.items()
        if name not in own and not (isinstance(value, str) and len(value) > 20_000)
    }
