"""Libraries that would speak to their makers, kept quiet: no telemetry, no look for updates, no network of their own.

The switches are read when those libraries are imported, so `keep_quiet` is called before. The one door to the network
is `storage.modelstore`, which asks only while the user does.
"""

from __future__ import annotations

import os
import sys

SWITCHES = {
    "DO_NOT_TRACK": "1",
    "DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    # downloads go through the one client that can be watched, stopped and resumed
    "HF_HUB_DISABLE_XET": "1",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "DIFFUSERS_DISABLE_REMOTE_CODE": "true",
    # a progress bar per shard belongs to a terminal
    "TQDM_DISABLE": "1",
    # forks after the tokenizer's threads have started would warn
    "TOKENIZERS_PARALLELISM": "false",
}
"""The environment variables by which each library is told, with the values that mean quiet."""


def keep_quiet() -> None:
    """Tells the libraries, in the environment and, where they are loaded already, in what they have read from it."""
    os.environ.update(SWITCHES)
    constants = sys.modules.get("huggingface_hub.constants")
    if constants is not None:
        for name in ("HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_XET"):
            setattr(constants, name, True)
