"""The song as one immutable value: project, time, edits, undo, codec. msgspec, numpy for the tempo kernel, no Qt."""
