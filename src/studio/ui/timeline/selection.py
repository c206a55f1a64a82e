"""Which clips belong to a selection that grows by clicks and keys."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import numpy as np

from .scene import Row
from .stage import Stage


def toggled(selection: AbstractSet[str], clip_id: str) -> frozenset[str]:
    """The selection with a clip added, or taken out."""
    return frozenset(selection ^ {clip_id})


def locate(stage: Stage, clip_id: str) -> tuple[Row, int] | None:
    """The row of a clip and its index there."""
    track = stage.document.track_of(clip_id) if stage.document else None
    row = stage.scene.row(track.id) if track else None
    if row is None or clip_id not in row.plan.ids:
        return None
    return row, list(row.plan.ids).index(clip_id)


def between(stage: Stage, first: str, last: str) -> frozenset[str]:
    """All clips in the block of tracks and time that two clips span."""
    ends = [locate(stage, first), locate(stage, last)]
    if ends[0] is None or ends[1] is None:
        return frozenset({last})
    rows = stage.scene.track_rows()
    low, high = sorted(rows.index(row) for row, _ in (ends[0], ends[1]))
    begin = min(float(row.plan.begin[i]) for row, i in (ends[0], ends[1]))
    end = max(float(row.plan.end[i]) for row, i in (ends[0], ends[1]))
    return frozenset(
        row.plan.ids[i]
        for row in rows[low : high + 1]
        for i in row.plan.clips_between(begin, end)
        if row.plan.begin[i] < end and row.plan.end[i] > begin
    )


def neighbour(stage: Stage, clip_id: str, by: int) -> str:
    """The clip before (-1) or after (1) another on its track; empty for none."""
    found = locate(stage, clip_id)
    if found is None:
        return ""
    row, i = found
    return row.plan.ids[i + by] if 0 <= i + by < len(row.plan.ids) else ""


def nearest_on(row: Row, tick: float) -> str:
    """The clip of a row that lies nearest to a tick; empty when it has none."""
    plan = row.plan
    if not plan.ids:
        return ""
    distance = np.maximum(np.maximum(plan.begin - tick, tick - plan.end), 0)
    return plan.ids[int(np.argmin(distance))]
