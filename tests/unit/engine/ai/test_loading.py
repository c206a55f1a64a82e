"""Models of every family come into memory from their folders; whatever is wrong with a folder is found or told."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from models import TinyModels
from studio.engine.ai.folders import check_folder
from studio.engine.ai.loaders import LOADERS
from studio.engine.ai.loading import load, suitable_dtype
from studio.engine.ai.specs import ModelSpec
from studio.errors import StudioError

ROOT = Path(__file__).resolve().parents[4]
PIPELINES = [name for name, loader in LOADERS.items() if loader.family == "diffusers"]
ACE, CHAT, POCKET = "AceStepPipeline", "AutoModelForCausalLM", "PocketTTSForConditionalGeneration"


def entry(loader: str, **changes: Any) -> ModelSpec:
    fields: dict[str, Any] = {"task": "music", "licence": "MIT", "commercial": True, "attribution": "", "repo": "a/b"}
    return ModelSpec(name="tiny", title="Tiny", loader=loader, **{**fields, **changes})


@pytest.fixture
def copy(tiny_models: TinyModels, tmp_path: Path) -> Callable[[str], Path]:
    """A model's folder that a test may spoil."""
    return lambda loader: shutil.copytree(tiny_models.folder(loader), tmp_path / loader)


@pytest.mark.parametrize("loader", PIPELINES)
def test_each_pipeline_comes_whole(tiny_models: TinyModels, loader: str) -> None:
    loaded = load(entry(loader), tiny_models.folder(loader))
    assert type(loaded.model).__name__ == loader and loaded.processor is None
    assert (loaded.device, loaded.dtype) == ("cpu", "float32")
    assert 100_000 < loaded.bytes < 5_000_000
    for part in loaded.model.components.values():
        for tensor in part.parameters() if hasattr(part, "parameters") else ():
            assert tensor.device.type == "cpu" and str(tensor.dtype) == "torch.float32"


def test_music_is_the_same_for_the_same_seed(tiny_models: TinyModels) -> None:
    import torch

    sounds = []
    for _ in range(2):
        pipe = load(entry(ACE), tiny_models.folder(ACE)).model
        seed = torch.Generator().manual_seed(5)
        made = pipe(prompt="calm piano", lyrics="", audio_duration=0.4, num_inference_steps=2, generator=seed,
                    guidance_scale=1.0).audios  # fmt: skip
        sounds.append(made.numpy())
    assert sounds[0].shape == (1, 2, 19_200) and np.isfinite(sounds[0]).all() and sounds[0].any()
    assert np.array_equal(*sounds)


def test_a_language_model_answers(tiny_models: TinyModels) -> None:
    loaded = load(entry(CHAT), tiny_models.folder(CHAT))
    asked = loaded.processor.apply_chat_template(
        [{"role": "user", "content": "Write a verse."}],
        add_generation_prompt=True,
        return_tensors="pt",
        return_dict=True,
    )
    answer = loaded.model.generate(**asked, max_new_tokens=3, min_new_tokens=3)
    assert answer.shape[1] == asked["input_ids"].shape[1] + 3
    assert not loaded.model.training


def test_a_transcriber_has_its_processor(tiny_models: TinyModels) -> None:
    name = "WhisperForConditionalGeneration"
    loaded = load(entry(name), tiny_models.folder(name))
    heard = loaded.processor(np.zeros(16_000, np.float32), sampling_rate=16_000, return_tensors="pt")
    assert heard["input_features"].shape == (1, 80, 3000)


def test_a_voice_needs_its_codec(tiny_models: TinyModels) -> None:
    voice = entry(POCKET, needs={"audio-tokenizer": "pocket-tts-codec"})
    with pytest.raises(StudioError, match="needs “pocket-tts-codec” beside it"):
        load(voice, tiny_models.folder(POCKET))
    codec = tiny_models.folder("PocketTTSAudioTokenizerModel")
    loaded = load(voice, tiny_models.folder(POCKET), needed={"audio-tokenizer": codec})
    said = loaded.processor(text="hello<go>", return_tensors="pt")
    made = loaded.model.generate(**said, max_new_tokens=4, return_dict_in_generate=True)
    (sound,) = loaded.processor.decode(made.audio_latents, made.audio_latents_mask)
    assert sound.numel() == 1920 * made.audio_latents.shape[1]


def test_a_network_for_onnx(tmp_path: Path) -> None:
    import swift_f0

    (network,) = Path(swift_f0.__file__).parent.glob("*.onnx")
    shutil.copy(network, tmp_path)
    loaded = load(entry("InferenceSession"), tmp_path)
    assert loaded.model.get_inputs()
    shutil.copy(network, tmp_path / "second.onnx")
    with pytest.raises(StudioError, match="has several networks"):
        load(entry("InferenceSession"), tmp_path)


def test_a_package_that_is_not_here_is_named(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "resources" / "sounds", tmp_path / "x")
    (tmp_path / "x" / "model.safetensors").write_bytes(b"\x02" + bytes(7) + b"{}")
    with pytest.raises(StudioError, match="runs with the package qwen_tts, which this installation does not have"):
        load(entry("Qwen3TTSModel"), tmp_path / "x")


def test_numbers_are_as_the_entry_and_the_device_want(tiny_models: TinyModels) -> None:
    import torch

    spec = entry("StableAudio3Pipeline", overrides={"vae": "float32"})
    assert suitable_dtype(spec, "cuda:0") == "bfloat16" and suitable_dtype(spec, "cpu") == "float32"
    pipe = load(spec, tiny_models.folder("StableAudio3Pipeline"), dtype="bfloat16").model
    assert next(pipe.transformer.to_timestep_embed.parameters()).dtype is torch.bfloat16
    assert next(pipe.vae.parameters()).dtype is torch.float32
    angles = pipe.transformer.rotary_pos_emb.inv_freq
    whole = load(spec, tiny_models.folder("StableAudio3Pipeline")).model.transformer.rotary_pos_emb.inv_freq
    assert angles.dtype is torch.float32 and torch.equal(angles, whole)


def spoil(file: Path, change: Callable[[dict[str, Any]], object]) -> None:
    told = json.loads(file.read_text())
    change(told)
    file.write_text(json.dumps(told))


def test_what_must_not_be_loaded_never_reaches_a_loader(copy: Callable[[str], Path], tmp_path: Path) -> None:
    folder = copy(ACE)
    check_folder(entry(ACE), folder)
    for name in ("run.py", "vae/weights.bin", "vae/x.PT", "native.so"):
        (folder / name).write_bytes(b"x")
        with pytest.raises(StudioError, match=rf"holds “{Path(name).name}”, which could run code"):
            check_folder(entry(ACE), folder)
        (folder / name).unlink()
    (folder / "out.json").symlink_to(ROOT / "README.md")
    with pytest.raises(StudioError, match="link that leads out of its folder"):
        check_folder(entry(ACE), folder)
    (folder / "out.json").unlink()
    with pytest.raises(StudioError, match="says it is a AceStepPipeline, not a ZImagePipeline"):
        check_folder(entry("ZImagePipeline"), folder)
    spoil(folder / "model_index.json", lambda told: told.update(vae=["evil_module", "Vae"]))
    with pytest.raises(StudioError, match="wants code of its own for its vae"):
        check_folder(entry(ACE), folder)
    chat = copy(CHAT)
    spoil(chat / "config.json", lambda told: told.update(auto_map={"AutoModelForCausalLM": "evil.Model"}))
    with pytest.raises(StudioError, match="wants code of its own"):
        check_folder(entry(CHAT), chat)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(StudioError, match="has no weights in safetensors"):
        check_folder(entry(ACE), empty)
    with pytest.raises(StudioError, match="folder of “Tiny” is not there"):
        check_folder(entry(ACE), tmp_path / "none")


def test_what_is_missing_or_cut_short_is_named(copy: Callable[[str], Path]) -> None:
    folder = copy(ACE)
    weights = folder / "vae" / "diffusion_pytorch_model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-100])
    with pytest.raises(StudioError, match="cut short by 100 bytes"):
        load(entry(ACE), folder)
    weights.unlink()
    with pytest.raises(StudioError, match="“Tiny” could not be loaded"):
        load(entry(ACE), folder)
    shutil.rmtree(folder / "vae")
    with pytest.raises(StudioError, match="lacks its vae; fetch it again"):
        load(entry(ACE), folder)
    (folder / "model_index.json").unlink()
    with pytest.raises(StudioError, match=r"lacks model_index\.json"):
        load(entry(ACE), folder)


def test_a_shard_that_is_missing_is_named(copy: Callable[[str], Path]) -> None:
    folder = copy(CHAT)
    (folder / "model.safetensors.index.json").write_text(
        json.dumps({"weight_map": {"x": "model-00001-of-00002.safetensors"}})
    )
    with pytest.raises(StudioError, match=r"lacks the weights model-00001-of-00002\.safetensors"):
        check_folder(entry(CHAT), folder)


def rewrite(file: Path, change: Callable[[dict[str, Any]], object]) -> None:
    from safetensors.numpy import load_file, save_file

    arrays = load_file(file)
    change(arrays)
    save_file(arrays, file, {"format": "pt"})


@pytest.mark.parametrize(
    ("loader", "file"), [(ACE, "transformer/diffusion_pytorch_model.safetensors"), (CHAT, "model.safetensors")]
)
def test_weights_are_neither_made_up_nor_of_another_shape(copy: Callable[[str], Path], loader: str, file: str) -> None:
    folder = copy(loader)
    rewrite(folder / file, lambda arrays: arrays.pop(next(name for name in sorted(arrays) if "layers.1" in name)))
    with pytest.raises(StudioError, match=r"lacks some of its weights|could not be loaded"):
        load(entry(loader), folder)
    again = shutil.rmtree(folder) or copy(loader)

    def widen(arrays: dict[str, Any]) -> None:
        name = next(name for name in sorted(arrays) if "layers.1" in name)
        arrays[name] = np.zeros((3, *arrays[name].shape), np.float32)

    rewrite(again / file, widen)
    with pytest.raises(StudioError, match=r"could not be loaded|has others than it says"):
        load(entry(loader), again)


def test_an_adapter_is_one_file(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    spec = entry(ACE, kind="adapter", base="ace-step-turbo")
    with pytest.raises(StudioError, match=r"one \.safetensors file; its folder .* has 0"):
        check_folder(spec, tmp_path)
    pair = {"a.lora_A.weight": np.ones((2, 4), np.float32), "a.lora_B.weight": np.ones((4, 2), np.float32)}
    save_file(pair, tmp_path / "style.safetensors")
    check_folder(spec, tmp_path)
    check_folder(spec, tmp_path / "style.safetensors")


CHILD = """
import sys
asked = []
watched = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}
sys.addaudithook(lambda event, given: asked.append((event, str(given))) if event in watched else None)
from pathlib import Path
import msgspec
from studio.engine.ai.loading import load, prepare
from studio.engine.ai.specs import ModelSpec
prepare()
import gc, os
assert gc.isenabled() and gc.get_freeze_count() > 100_000, "what stays for good is never collected"
from huggingface_hub import HfApi, constants
assert constants.HF_HUB_OFFLINE and constants.HF_HUB_DISABLE_TELEMETRY and constants.HF_HUB_DISABLE_XET
for folder, spec in zip(sys.argv[1::2], sys.argv[2::2]):
    load(msgspec.json.decode(spec, type=ModelSpec), Path(folder))
import torch
cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
assert torch.get_num_threads() <= max(cores - 1, 1), "a core is left to the window"
from huggingface_hub.utils import send_telemetry
send_telemetry("studio")
try:
    HfApi().model_info("maker/model")
except Exception as error:
    assert type(error).__name__ == "OfflineModeIsEnabled", error
else:
    raise AssertionError("the hub was asked")
assert not asked, asked
print("quiet")
"""


def test_nothing_reaches_for_the_network_when_libraries_are_imported_and_models_loaded(tiny_models: TinyModels) -> None:
    told = []
    for name in (ACE, CHAT):
        told += [str(tiny_models.folder(name)), msgspec.json.encode(entry(name)).decode()]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TRANSFORMERS_"))}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *told], env={**clean, "PYTHONPATH": str(ROOT / "src")}, capture_output=True,
        text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.stdout.strip() == "quiet", done.stderr[-2000:]
    assert not done.stderr.strip(), "libraries chatter on the terminal"
