"""The schema of the library, step by step. A released step is never changed; a change is a new one."""
