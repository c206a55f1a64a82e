"""Prints what a screen reader sees of a program, as JSON. For the system's Python, which has pyatspi."""

import json
import sys

import pyatspi

SHOWN_FROM = 2
"""From this depth on nothing is looked for in what is not shown: a program and its windows are always looked into."""


def describe(item, depth):
    """One line for each accessible: role, name, value, place on the screen, states."""
    try:
        box = item.queryComponent().getExtents(pyatspi.DESKTOP_COORDS)
        place = [box.x, box.y, box.width, box.height]
    except NotImplementedError:
        place = None
    try:
        value = item.queryValue().currentValue
    except NotImplementedError:
        value = None
    states = item.getState()
    shown = states.contains(pyatspi.STATE_SHOWING)
    yield {
        "role": item.getRoleName(),
        "name": item.name,
        "description": item.description,
        "value": value,
        "place": place,
        "showing": shown,
        "enabled": states.contains(pyatspi.STATE_ENABLED),
        "focusable": states.contains(pyatspi.STATE_FOCUSABLE),
        "depth": depth,
    }
    if depth < 24 and (shown or depth < SHOWN_FROM):
        for index in range(min(item.childCount, 400)):
            child = item.getChildAtIndex(index)
            if child is not None:
                yield from describe(child, depth + 1)


def main():
    wanted = int(sys.argv[1])
    desktop = pyatspi.Registry.getDesktop(0)
    for index in range(desktop.childCount):
        program = desktop.getChildAtIndex(index)
        if program is not None and program.get_process_id() == wanted:
            print(json.dumps(list(describe(program, 0))))
            return
    print("[]")


main()
