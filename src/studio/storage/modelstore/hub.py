"""The door to a hub: which files a repository has, and their bytes, through the hub's own client.

All libraries of the process are told to stay offline (`studio.quiet`). The client made here sends a request only
within `asking`, which the store enters while the user waits for an answer.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ...errors import StudioError, Unreachable
from ...quiet import keep_quiet
from .wanted import Wanted

HUB = "https://huggingface.co"
"""Where models come from unless the user names another hub."""

MAX_FILES = 10_000
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_RETRIED = frozenset({408, 429, 500, 502, 503, 504})

_asked: ContextVar[str] = ContextVar("asked hub", default="")
_lock = threading.Lock()
_installed = False


class HubError(StudioError):
    """A hub that has not got what was asked for, or answers with what must not be used."""


class HubAway(HubError, Unreachable):
    """A hub that could not be reached in the end, however often it was tried."""


class GatedModel(HubError):
    """A model whose maker lets only those load it who have accepted its terms on the hub."""


class Consent(StudioError):
    """A licence that the user has not been shown yet."""


class Unsteady(Exception):
    """What may go away by itself: asked again after `wait` seconds, or as long as the caller thinks best (0)."""

    def __init__(self, why: str, wait: float = 0.0) -> None:
        super().__init__(why)
        self.wait = wait


class RemoteFile(msgspec.Struct, frozen=True, gc=False):
    """A file as the hub lists it: `sha256` for large ones, `blob` (git's digest) for the others; empty: not told."""

    path: str
    bytes: int
    sha256: str = ""
    blob: str = ""


class Listing(msgspec.Struct, frozen=True):
    """A repository at a commit of 40 hexadecimal digits."""

    commit: str
    files: tuple[RemoteFile, ...]


def endpoint_of(text: str) -> str:
    """A hub's address without its last slash. Raises StudioError for what is no address."""
    address = text.strip().rstrip("/")
    split = urlsplit(address)
    if split.scheme not in {"http", "https"} or not split.hostname or split.query or split.fragment or split.username:
        raise StudioError(f"“{text[:100]}” is not the address of a hub; give one such as {HUB}.")
    return address


@contextlib.contextmanager
def asking(endpoint: str) -> Iterator[None]:
    """While this lasts, this thread may ask the hub at `endpoint`."""
    _install()
    token = _asked.set(endpoint)
    try:
        yield
    finally:
        _asked.reset(token)


def list_files(spec: Wanted, endpoint: str, revision: str, seconds: float, token: str | None) -> Listing:
    """What the repository of a model has, with sizes. Only within `asking`. Raises HubError, or Unsteady."""
    from huggingface_hub import HfApi

    with _translated(spec, endpoint):
        api = HfApi(endpoint=endpoint, token=_token(spec, endpoint, token))
        told = api.model_info(spec.repo, revision=revision or None, files_metadata=True, timeout=seconds)
    files = tuple(_remote(item) for item in told.siblings or ())
    commit = told.sha or ""
    if len(commit) != 40 or set(commit) - set("0123456789abcdef"):
        raise HubError(f"The hub does not say which commit of {spec.repo} it has; use another hub.")
    if revision and commit != revision:
        raise HubError(f"The hub has another commit of {spec.repo} than “{spec.title}” is pinned to; use another hub.")
    if len(files) > MAX_FILES:
        raise HubError(f"{spec.repo} has more files than any model ({len(files)}); check its entry.")
    return Listing(commit, files)


@contextlib.contextmanager
def stream(
    spec: Wanted, endpoint: str, commit: str, path: str, begin: int, seconds: float, token: str | None
) -> Iterator[Any]:
    """The answer with a file's bytes from `begin` on; silence for `seconds` ends it. Only within `asking`.

    Raises HubError, or Unsteady for what may go away by itself, also while the bytes are read.
    """
    from huggingface_hub import get_session, hf_hub_url
    from huggingface_hub.utils import build_hf_headers, hf_raise_for_status  # type: ignore[attr-defined]

    url = hf_hub_url(spec.repo, path, revision=commit, endpoint=endpoint)
    headers = {**build_hf_headers(token=_token(spec, endpoint, token)), "Accept-Encoding": "identity"}
    if begin:
        headers["Range"] = f"bytes={begin}-"
    with _translated(spec, endpoint), get_session().stream("GET", url, headers=headers, timeout=seconds) as answer:
        hf_raise_for_status(answer)
        yield answer


def _install() -> None:
    """Gives the hub's client the gate, once for the process."""
    global _installed  # noqa: PLW0603 - the client is the process's too
    with _lock:
        if _installed:
            return
        keep_quiet()
        from huggingface_hub import set_client_factory

        set_client_factory(_client)
        _installed = True


def _client() -> Any:
    import httpx2

    direct = {f"all://{host}": None for host in ("127.0.0.1", "localhost")}  # no proxy knows the way to this machine
    return httpx2.Client(event_hooks={"request": [gate]}, follow_redirects=True, timeout=None, mounts=direct)


def gate(request: Any) -> None:
    """Lets a request pass while the user asks, and never from a secured hub to an open line."""
    from huggingface_hub.errors import OfflineModeIsEnabled

    endpoint = _asked.get()
    if not endpoint or (request.url.scheme != "https" and not endpoint.startswith("http:")):
        raise OfflineModeIsEnabled(f"The studio was not asked to reach {request.url.host}.")


def _token(spec: Wanted, endpoint: str, token: str | None) -> str | bool:
    """Who asks: told only for models behind a gate, and never over an open line."""
    secured = endpoint.startswith("https:") or urlsplit(endpoint).hostname in _LOOPBACK
    return token if spec.gated and token and secured else False


def _remote(item: Any) -> RemoteFile:
    large = item.lfs
    sha256 = str(large.sha256) if large is not None else ""
    return RemoteFile(str(item.rfilename), int(item.size or 0), sha256, "" if sha256 else str(item.blob_id or ""))


@contextlib.contextmanager
def _translated(spec: Wanted, endpoint: str) -> Iterator[None]:
    """Turns what the client raises into sentences, and what may go away by itself into Unsteady."""
    import httpx2
    from huggingface_hub import errors

    host = urlsplit(endpoint).netloc
    try:
        yield
    except errors.GatedRepoError as error:
        raise GatedModel(
            f"“{spec.title}” is behind a licence gate: accept its terms at {endpoint}/{spec.repo}, then give the studio"
            " your access token (HF_TOKEN) and try again."
        ) from error
    except errors.OfflineModeIsEnabled as error:
        raise HubError(f"{host} sent the download of “{spec.title}” over an open line; it was refused.") from error
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.EntryNotFoundError) as error:
        raise HubError(
            f"{host} has not got {spec.repo} as “{spec.title}” names it; check `repo` and `revision` of its entry."
        ) from error
    except errors.HfHubHTTPError as error:
        raise _status(spec, host, error) from error
    except httpx2.TransportError as error:
        raise Unsteady(f"{host} could not be reached ({type(error).__name__})") from error


def _status(spec: Wanted, host: str, error: Any) -> Exception:
    code = error.response.status_code if error.response is not None else 0
    if code in _RETRIED:
        told = error.response.headers.get("Retry-After", "")
        return Unsteady(f"{host} answered {code}", min(float(told), 60.0) if told.isdigit() else 0.0)
    if code in {401, 403}:
        return GatedModel(f"{host} does not let “{spec.title}” be loaded ({code}); accept its terms or sign in there.")
    return HubError(f"{host} has not got {spec.repo} as “{spec.title}” names it ({code}); check its entry.")
