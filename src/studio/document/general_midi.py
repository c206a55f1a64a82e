"""The names of General MIDI: programs by family, drum kits, and the drums of a kit by pitch."""

from __future__ import annotations

from collections.abc import Mapping

FAMILIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Piano", ("Acoustic Grand Piano", "Bright Acoustic Piano", "Electric Grand Piano", "Honky-tonk Piano",
               "Electric Piano 1", "Electric Piano 2", "Harpsichord", "Clavinet")),
    ("Chromatic Percussion", ("Celesta", "Glockenspiel", "Music Box", "Vibraphone", "Marimba", "Xylophone",
                              "Tubular Bells", "Dulcimer")),
    ("Organ", ("Drawbar Organ", "Percussive Organ", "Rock Organ", "Church Organ", "Reed Organ", "Accordion",
               "Harmonica", "Tango Accordion")),
    ("Guitar", ("Nylon Guitar", "Steel Guitar", "Jazz Guitar", "Clean Guitar", "Muted Guitar", "Overdriven Guitar",
                "Distortion Guitar", "Guitar Harmonics")),
    ("Bass", ("Acoustic Bass", "Fingered Bass", "Picked Bass", "Fretless Bass", "Slap Bass 1", "Slap Bass 2",
              "Synth Bass 1", "Synth Bass 2")),
    ("Strings", ("Violin", "Viola", "Cello", "Contrabass", "Tremolo Strings", "Pizzicato Strings",
                 "Orchestral Harp", "Timpani")),
    ("Ensemble", ("String Ensemble 1", "String Ensemble 2", "Synth Strings 1", "Synth Strings 2", "Choir Aahs",
                  "Voice Oohs", "Synth Voice", "Orchestra Hit")),
    ("Brass", ("Trumpet", "Trombone", "Tuba", "Muted Trumpet", "French Horn", "Brass Section", "Synth Brass 1",
               "Synth Brass 2")),
    ("Reed", ("Soprano Sax", "Alto Sax", "Tenor Sax", "Baritone Sax", "Oboe", "English Horn", "Bassoon",
              "Clarinet")),
    ("Pipe", ("Piccolo", "Flute", "Recorder", "Pan Flute", "Blown Bottle", "Shakuhachi", "Whistle", "Ocarina")),
    ("Synth Lead", ("Square Lead", "Saw Lead", "Calliope Lead", "Chiff Lead", "Charang Lead", "Voice Lead",
                    "Fifths Lead", "Bass and Lead")),
    ("Synth Pad", ("New Age Pad", "Warm Pad", "Polysynth Pad", "Choir Pad", "Bowed Pad", "Metallic Pad", "Halo Pad",
                   "Sweep Pad")),
    ("Synth Effects", ("Rain", "Soundtrack", "Crystal", "Atmosphere", "Brightness", "Goblins", "Echoes", "Sci-fi")),
    ("Ethnic", ("Sitar", "Banjo", "Shamisen", "Koto", "Kalimba", "Bagpipe", "Fiddle", "Shanai")),
    ("Percussive", ("Tinkle Bell", "Agogo", "Steel Drums", "Woodblock", "Taiko Drum", "Melodic Tom", "Synth Drum",
                    "Reverse Cymbal")),
    ("Sound Effects", ("Guitar Fret Noise", "Breath Noise", "Seashore", "Bird Tweet", "Telephone Ring", "Helicopter",
                       "Applause", "Gunshot")),
)  # fmt: skip
"""Families of eight programs each, in order of program number."""

PROGRAMS: tuple[str, ...] = tuple(name for _, names in FAMILIES for name in names)
"""The name of each program, 0 to 127."""

KITS: Mapping[int, str] = {
    0: "Standard Kit", 8: "Room Kit", 16: "Power Kit", 24: "Electronic Kit", 25: "TR-808 Kit", 32: "Jazz Kit",
    40: "Brush Kit", 48: "Orchestra Kit",
}  # fmt: skip
"""Drum kits by program of the drum bank."""

DRUMS: Mapping[int, str] = {
    22: "Closed Hat Edge", 26: "Open Hat Edge",
    35: "Acoustic Kick", 36: "Kick", 37: "Side Stick", 38: "Snare", 39: "Clap", 40: "Electric Snare",
    41: "Low Floor Tom", 42: "Closed Hat", 43: "High Floor Tom", 44: "Pedal Hat", 45: "Low Tom", 46: "Open Hat",
    47: "Low-Mid Tom", 48: "High-Mid Tom", 49: "Crash 1", 50: "High Tom", 51: "Ride 1", 52: "Chinese Cymbal",
    53: "Ride Bell", 54: "Tambourine", 55: "Splash", 56: "Cowbell", 57: "Crash 2", 58: "Vibraslap", 59: "Ride 2",
    60: "High Bongo", 61: "Low Bongo", 62: "Mute High Conga", 63: "Open High Conga", 64: "Low Conga",
    65: "High Timbale", 66: "Low Timbale", 67: "High Agogo", 68: "Low Agogo", 69: "Cabasa", 70: "Maracas",
    71: "Short Whistle", 72: "Long Whistle", 73: "Short Guiro", 74: "Long Guiro", 75: "Claves",
    76: "High Woodblock", 77: "Low Woodblock", 78: "Mute Cuica", 79: "Open Cuica", 80: "Mute Triangle",
    81: "Open Triangle",
}  # fmt: skip
"""The drums of a kit by pitch."""

BESIDE: Mapping[int, int] = {22: 42, 26: 46}
"""Pitches that drum pads send beside those of General MIDI, and the drum of a kit that sounds in their place."""
