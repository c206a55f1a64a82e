"""Downloaded models: the one part of the studio that asks a hub, and only while the user does."""

from __future__ import annotations

from .fetching import Patience
from .hub import HUB, Consent, GatedModel, HubAway, HubError, endpoint_of
from .store import ModelState, ModelStore, Plan, Usage, Verified

__all__ = [
    "HUB",
    "Consent",
    "GatedModel",
    "HubAway",
    "HubError",
    "ModelState",
    "ModelStore",
    "Patience",
    "Plan",
    "Usage",
    "Verified",
    "endpoint_of",
]
