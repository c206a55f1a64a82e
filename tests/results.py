"""A library with results of models, for pictures: real files with recipes and checks, made of sounds of others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from msgspec import to_builtins

from studio.actions.checking import Asked, check_sound
from studio.actions.generatefile import generated_folder
from studio.actions.madefiles import asset_of, write_picture, write_sound
from studio.engine.ai.recipes import Recipe, words_of
from studio.engine.audio.decode import decode_at
from studio.storage.library import Generation, Library

RATE = 48_000
MODEL, PAINTER = "ace-step-1.5-turbo", "z-image-turbo"
PROMPTS = ("slow dub with tape echo", "slow dub, brighter hats", "slow dub, only the bass", "rain on a tram stop")


def fill_library(library: Library, sounds: list[Path]) -> None:
    """Puts in a result for each of four sounds, the later ones made from the first, and a cover."""
    keys: list[int] = []
    for number, (prompt, source) in enumerate(zip(PROMPTS, sounds, strict=True)):
        loop = decode_at(source, RATE)
        sound = np.tile(loop, -(-8 * RATE // loop.shape[1]))[:, : 8 * RATE]
        values = {"prompt": prompt, "bpm": 96.0, "key": "A minor", "seconds": 8.0, "steps": 8}
        recipe = Recipe(task="music", model=MODEL, values=values, seed=4100 + number, studio="0.1.0")
        file = generated_folder() / f"{prompt}.flac"
        write_sound(file, sound, RATE, recipe)
        facts = to_builtins(check_sound(sound, RATE, Asked(8.0, 96.0, "A minor"), library.prints(10)))
        (asset,) = library.add_assets([asset_of(file, sound, RATE, recipe)])
        parent = keys[0] if keys else None
        told = Generation(0, asset, "music", MODEL, "", to_builtins(recipe), parent, checks=facts)
        keys.append(library.add_generation(told))
    library.decide(keys[:1], "approved", "sits well under the verse")
    library.decide(keys[1:2], "rejected", "the hats hiss")
    library.rate(keys[:1], 4)
    library.rate(keys[2:3], 3)
    library.describe_generation(keys[0], "Night bus dub", "The second half works as an outro.", "interlude")
    _paint(library, keys[0])


def _paint(library: Library, parent: int) -> None:
    """A light in the dark."""
    down, across = np.mgrid[:512, :512]
    far = np.hypot(down - 300, across - 256)
    glow = np.exp(-far / 90)[..., None] * (255, 190, 110) + np.array((18, 22, 44)) * (1 + down[..., None] / 400)
    recipe = Recipe(task="cover", model=PAINTER, values={"prompt": "one light in the dark"}, seed=9, studio="0.1.0")
    file = generated_folder() / "one light in the dark.png"
    write_picture(file, np.clip(glow, 0, 255).astype(np.uint8), recipe)
    (asset,) = library.add_assets([asset_of(file, None, 0, recipe)])
    told = Generation(0, asset, "cover", PAINTER, "", to_builtins(recipe), parent, words=words_of(recipe))
    library.add_generation(told)
