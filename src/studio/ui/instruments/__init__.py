"""The editor of instruments: their parameters as knobs, their presets, the sounds of a SoundFont."""
