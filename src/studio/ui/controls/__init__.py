"""Controls that paint themselves, shared by mixer, timeline and editors."""

from .buttons import LIGHTS, Chip, LetterButton
from .inline import InlineEdit
from .knob import Knob
from .levels import (
    decibels,
    fader_level,
    fader_position,
    gain_of,
    level_text,
    meter_position,
    pan_text,
    parse_level,
    parse_pan,
)
from .meter import Meter, bar_rows, fall, paint_meter, paint_meter_scale
from .quantities import parse_quantity, quantity_text
from .sliders import Fader, GestureSlider, PanKnob

__all__ = [
    "LIGHTS",
    "Chip",
    "Fader",
    "GestureSlider",
    "InlineEdit",
    "Knob",
    "LetterButton",
    "Meter",
    "PanKnob",
    "bar_rows",
    "decibels",
    "fader_level",
    "fader_position",
    "fall",
    "gain_of",
    "level_text",
    "meter_position",
    "paint_meter",
    "paint_meter_scale",
    "pan_text",
    "parse_level",
    "parse_pan",
    "parse_quantity",
    "quantity_text",
]
