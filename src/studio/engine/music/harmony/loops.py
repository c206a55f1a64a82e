"""Chord loops that songs of many kinds are built on, as Roman numerals."""

from __future__ import annotations

LOOPS: dict[str, tuple[tuple[str, str], ...]] = {
    "major": (
        ("pop", "I V vi IV"),
        ("pop", "vi IV I V"),
        ("doo-wop", "I vi IV V"),
        ("rock", "I IV V IV"),
        ("rock", "I bVII IV I"),
        ("jazz", "ii V I I"),
        ("jazz", "I vi ii V"),
        ("jazz", "iii vi ii V"),
        ("lo-fi", "vi ii IV I"),
        ("house", "vi V IV V"),
        ("reggae", "I IV I IV"),
        ("ambient", "vi IV ii V"),
        ("ballads", "I iii IV iv"),
        ("pop", "IV V iii vi"),
    ),
    "minor": (
        ("reggaeton", "i VI III VII"),
        ("house", "i VII VI VII"),
        ("trap", "i VI i VI"),
        ("trap", "i iv i iv"),
        ("bachata", "i VII VI V"),
        ("bachata", "i iv V i"),
        ("salsa", "i iv V iv"),
        ("reggae", "i VII i VII"),
        ("jazz", "ii° V i i"),
        ("pop", "i iv VII III"),
        ("rock", "i III VII IV"),
        ("film music", "i VI iv V"),
    ),
}
"""By the third of the key: a kind of music, and a loop that is common in it."""
