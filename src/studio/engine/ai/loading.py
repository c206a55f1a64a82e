"""Models come into memory here, from a folder on this disk and by a class of the allow-list, or not at all.

Constructing a model changes torch for the whole process while it lasts, so all of it happens on the one thread that
runs models too. The heavy libraries are imported by the first load: seconds, never on the main thread.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import inspect
import logging
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ...errors import StudioError
from ...quiet import keep_quiet
from .folders import check_folder, read_json
from .specs import Dtype, ModelSpec

LOCAL: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
SAFE: dict[str, Any] = {**LOCAL, "use_safetensors": True}

_PARTIAL = ("newly initialized", "MISSING", "MISMATCH")
"""Words with which a library tells that it made weights up that the files lack."""

_SHORT = ("out of memory", "not enough memory", "failed to allocate memory", "bad_alloc", "bad allocation")
"""Words with which libraries tell that memory has run out."""

FOREIGN_PROBLEMS = (
    OSError,
    ValueError,
    RuntimeError,
    TypeError,
    KeyError,
    AttributeError,
    ImportError,
    AssertionError,
    IndexError,
)


class LoadingError(StudioError):
    """A model that could not be loaded."""


@dataclass
class Loaded:
    """A model in memory. It belongs to the thread that loaded it.

    `model` is a diffusers pipeline, a transformers model or an ONNX session, `processor` the tokenizer or processor
    that goes with it (None for pipelines, which hold theirs). `bytes` is what its weights take.
    """

    spec: ModelSpec
    model: Any
    processor: Any
    device: str
    dtype: Dtype
    bytes: int


def suitable_dtype(spec: ModelSpec, device: str) -> Dtype:
    """What a model's numbers are on a device: half precision is slow or missing on a CPU."""
    return "float32" if device.partition(":")[0] == "cpu" else spec.dtype


def load(
    spec: ModelSpec, folder: Path, device: str = "cpu", dtype: Dtype | None = None, needed: Mapping[str, Path] = {}
) -> Loaded:
    """Loads a model from its folder; `needed` are the folders of the entries that it needs beside itself, by role.

    `device` is torch's name of it, `dtype` None for what suits it. The thread that runs models only. Raises StudioError
    for a folder that must not be loaded, and LoadingError for one that could not be; out of memory passes through as
    torch raises it.
    """
    check_folder(spec, folder)
    if not spec.runs_on.here:
        raise LoadingError(
            f"“{spec.title}” runs with the package {spec.runs_on.package}, which this installation does not have."
        )
    lacking = sorted(set(spec.needs) - set(needed))
    if lacking:
        raise LoadingError(f"“{spec.title}” needs “{spec.needs[lacking[0]]}” beside it; fetch that model too.")
    keep_quiet()
    wanted = dtype or suitable_dtype(spec, device)
    _leave_a_core()
    with _watched(spec):
        model, processor = _FAMILIES[spec.runs_on.family](spec, folder, wanted, needed)
        model = _placed(model, device)
        return Loaded(spec, model, processor, device, wanted, _size(model))


def is_memory_short(error: BaseException) -> bool:
    """Whether an error says that memory has run out, on whatever device."""
    named = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    return named or any(words in str(error).lower() for words in _SHORT)


def is_foreign(error: BaseException) -> bool:
    """Whether an error is one of the libraries' rather than of the studio; those of ONNX have no class of Python's."""
    return isinstance(error, FOREIGN_PROBLEMS) or type(error).__module__.startswith("onnxruntime")


def prepare() -> None:
    """Imports what every load needs, so that the first one does not wait for it. A worker thread; takes seconds.

    The interpreter is let go all along, for the window and for playback: torch's library is opened without it, and
    nothing is collected of what stays for good.
    """
    keep_quiet()
    with warnings.catch_warnings(), _uncollected():
        warnings.simplefilter("ignore")
        _open_torch()
        for name in ("torch", "transformers", "peft", "diffusers"):
            importlib.import_module(name)


def _leave_a_core() -> None:
    """Has torch compute on all cores but one: the window and playback need one while a model works."""
    import torch

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if torch.get_num_threads() > max(cores - 1, 1):
        torch.set_num_threads(max(cores - 1, 1))


@contextmanager
def _uncollected() -> Iterator[None]:
    """No collection of garbage while this lasts, and none ever of what was made meanwhile: each would hold the
    interpreter for tenths of a second, over hundreds of thousands of objects of the libraries that never go."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collects:
            gc.enable()


def _open_torch() -> None:
    """Opens torch's library by the system's own call, which lets the interpreter go: an import would hold it for 0.4 s.

    Where that cannot be done, the import does it.
    """
    spec = find_spec("torch")
    if os.name != "posix" or spec is None or spec.origin is None:
        return
    opened: Any = ctypes.CDLL(None).dlopen
    opened.restype, opened.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_int]
    for file in sorted((Path(spec.origin).parent / "lib").glob("libtorch_cpu.*")):
        opened(os.fsencode(file), os.RTLD_NOW)


def _pipeline(spec: ModelSpec, folder: Path, dtype: Dtype, _: Mapping[str, Path]) -> tuple[Any, None]:
    """A diffusers pipeline with all its parts."""
    import torch

    kinds = {"default": getattr(torch, dtype)} | {part: getattr(torch, kind) for part, kind in spec.overrides.items()}
    pipe = _named(spec).from_pretrained(folder, dtype=kinds if spec.overrides else kinds["default"], **SAFE)
    pipe.set_progress_bar_config(disable=True)
    for part in pipe.components.values():
        _sharpen_rotations(part)
    return pipe, None


def _sharpen_rotations(part: Any) -> None:
    """Stable Audio 3 keeps the angles of its positions in the model's precision, where halves are too coarse."""
    import torch

    rotations: list[Any] = list(part.modules()) if isinstance(part, torch.nn.Module) else []
    for module in rotations:
        if type(module).__name__ == "StableAudio3RotaryEmbedding":
            fresh = type(module)(2 * module.inv_freq.numel())
            module.inv_freq = fresh.inv_freq.to(module.inv_freq.device)


def _chat(spec: ModelSpec, folder: Path, dtype: Dtype, _: Mapping[str, Path]) -> tuple[Any, Any]:
    """A language model and its tokenizer."""
    return _model(spec, folder, dtype), _transformers("AutoTokenizer").from_pretrained(folder, **LOCAL)


def _transcriber(spec: ModelSpec, folder: Path, dtype: Dtype, _: Mapping[str, Path]) -> tuple[Any, Any]:
    """A model that writes down what is sung, and what turns sound into its input and tokens into text."""
    return _model(spec, folder, dtype), _transformers("WhisperProcessor").from_pretrained(folder, **LOCAL)


def _speech(spec: ModelSpec, folder: Path, dtype: Dtype, needed: Mapping[str, Path]) -> tuple[Any, Any]:
    """A model that speaks; the codec that makes sound of its latents is a repository of its own."""
    told = read_json(spec, folder / "processor_config.json")
    kind = _transformers("PocketTTSProcessor")
    known = inspect.signature(kind).parameters
    numbers = {name: value for name, value in told.items() if name in known and isinstance(value, int | float)}
    template = folder / "chat_template.jinja"
    codec = _transformers("PocketTTSAudioTokenizerModel").from_pretrained(needed["audio-tokenizer"], **SAFE)
    processor = kind(
        _transformers("PocketTTSFeatureExtractor").from_pretrained(folder, **LOCAL),
        _transformers("AutoTokenizer").from_pretrained(folder, **LOCAL),
        audio_tokenizer=codec.eval(),
        chat_template=template.read_text("utf-8") if template.is_file() else None,
        **numbers,
    )
    return _model(spec, folder, dtype), processor


def _codec(spec: ModelSpec, folder: Path, dtype: Dtype, _: Mapping[str, Path]) -> tuple[Any, None]:
    return _model(spec, folder, dtype), None


def _session(spec: ModelSpec, folder: Path, _: Dtype, __: Mapping[str, Path]) -> tuple[Any, None]:
    """An ONNX network, on whatever the runtime finds here."""
    onnxruntime = importlib.import_module("onnxruntime")
    onnxruntime.disable_telemetry_events()
    (file, *more) = sorted(folder.rglob("*.onnx"))
    if more:
        raise LoadingError(f"“{spec.title}” has several networks; name the one to use with `only` in its entry.")
    return onnxruntime.InferenceSession(str(file), providers=onnxruntime.get_available_providers()), None


def _foreign(spec: ModelSpec, folder: Path, dtype: Dtype, _: Mapping[str, Path]) -> tuple[Any, None]:
    """A model whose maker's package the user has installed."""
    import torch

    return _named(spec).from_pretrained(str(folder), dtype=getattr(torch, dtype), local_files_only=True), None


_FAMILIES: dict[str, Callable[[ModelSpec, Path, Dtype, Mapping[str, Path]], tuple[Any, Any]]] = {
    "diffusers": _pipeline,
    "chat": _chat,
    "transcriber": _transcriber,
    "speech": _speech,
    "codec": _codec,
    "onnx": _session,
    "foreign": _foreign,
}


def _model(spec: ModelSpec, folder: Path, dtype: Dtype) -> Any:
    import torch

    return _named(spec).from_pretrained(folder, dtype=getattr(torch, dtype), **SAFE).eval()


def _named(spec: ModelSpec) -> Any:
    """The class of the allow-list that an entry names."""
    return getattr(importlib.import_module(spec.runs_on.package), spec.runs_on.name)


def _transformers(name: str) -> Any:
    return getattr(importlib.import_module("transformers"), name)


def _placed(model: Any, device: str) -> Any:
    return model.to(device) if device != "cpu" and hasattr(model, "to") else model


def _size(model: Any) -> int:
    """Bytes of the weights of a model or of all parts of a pipeline."""
    parts = getattr(model, "components", {"model": model}).values()
    tensors = [tensor for part in parts if hasattr(part, "parameters") for tensor in part.parameters()]
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


@contextmanager
def _watched(spec: ModelSpec) -> Iterator[None]:
    """Turns a library's errors into a sentence, its silence about made-up weights into one too, and its chatter off."""
    heard: list[str] = []
    with warnings.catch_warnings(), listening(heard):
        warnings.simplefilter("ignore")
        try:
            yield
        except Exception as error:
            if not is_foreign(error) or is_memory_short(error):
                raise
            why = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
            raise LoadingError(f"“{spec.title}” could not be loaded ({why}); verify it, or fetch it again.") from error
    if any(word in message for message in heard for word in _PARTIAL):
        raise LoadingError(f"“{spec.title}” lacks some of its weights, or has others than it says; fetch it again.")


@contextmanager
def listening(heard: list[str]) -> Iterator[None]:
    """What the libraries log goes into `heard` rather than to the terminal."""
    ear = _Ear(heard)
    loggers = [logging.getLogger(name) for name in ("diffusers", "transformers")]
    before = [(logger, logger.handlers[:]) for logger in loggers]
    for logger in loggers:
        logger.handlers[:] = [ear]
    try:
        yield
    finally:
        for logger, handlers in before:
            logger.handlers[:] = handlers


class _Ear(logging.Handler):
    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.append(record.getMessage())
