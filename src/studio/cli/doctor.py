"""`studio doctor`: what it prints."""

from __future__ import annotations

import argparse
from typing import Any

from .doors import Report, door


def add_doctor(doors: Any) -> None:
    """Adds the sub-command."""
    door(doors, "doctor", "check this installation", _doctor, _show_doctor)


def _doctor(_: argparse.Namespace) -> tuple[Report, bool]:
    import msgspec

    from ..actions.doctor import examine

    checks = [msgspec.structs.asdict(check) for check in examine()]
    return {"checks": checks, "ok": all(check["verdict"] != "missing" for check in checks)}, True


def _show_doctor(report: Report) -> None:
    for check in report["checks"]:
        print(f"{check['verdict']:<8} {check['name']:<10} {check['found']}")
        if check["advice"]:
            print(f"{'':<19} {check['advice']}")
