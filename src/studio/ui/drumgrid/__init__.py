"""The drum grid: the notes of a clip as steps on named lanes. It edits the same notes as the piano roll."""
