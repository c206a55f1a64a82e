"""What can be changed in a song: functions that return an `Edit`, grouped by what they change.

An edit is pure: the ids of new parts are drawn when the edit is made, so applying it twice gives the same song.
"""
