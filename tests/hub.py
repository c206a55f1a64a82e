"""A hub of models on the loopback that answers as the real one does, and breaks in the ways that a real one may.

Repositories are folders, each file large enough is stored apart and reached by a redirect, ranges are honoured, a
repository may be gated. `Fault`s are spent one by one on the requests for a path.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

LARGE = 20_000
"""Bytes from which a file is stored apart."""

TOKEN = "hf_token_of_the_tests"


@dataclass
class Fault:
    """What goes wrong, once per count of `times`: an HTTP status, a line that is closed or goes silent after `after`
    bytes, bytes that are others, or an answer that takes no notice of the range."""

    kind: Literal["status", "close", "stall", "wrong", "whole"]
    times: int = 1
    status: int = 500
    after: int = 1_000
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Repository:
    """A folder as a repository: its name, the one commit it has, and whether a token is asked for."""

    name: str
    folder: Path
    commit: str
    gated: bool = False

    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())


class Hub:
    """The server. Use it as a context; `requests` lists (method, path, Range) of all that was asked."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.faults: dict[str, list[Fault]] = {}
        self.requests: list[tuple[str, str, str]] = []
        self.tokens: list[str] = []
        self.slow = 0.0
        self.closing = threading.Event()
        hub = self

        class Handler(_Handler):
            owner = hub

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="hub")

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def add(self, name: str, folder: Path, gated: bool = False) -> Repository:
        """Serves a folder under a name, at a commit made from its content."""
        digest = hashlib.sha1(usedforsecurity=False)
        repository = Repository(name, folder, "", gated)
        for path in repository.files():
            digest.update(str(path.relative_to(folder)).encode() + hashlib.sha256(path.read_bytes()).digest())
        repository.commit = digest.hexdigest()
        self.repositories[name] = repository
        return repository

    def fail(self, path: str, *faults: Fault) -> None:
        """What goes wrong with the next requests for the bytes of a path, or for the list ("list")."""
        self.faults.setdefault(path, []).extend(faults)

    def asked(self, ending: str) -> list[tuple[str, str, str]]:
        """The requests whose path ends so."""
        return [request for request in self.requests if request[1].endswith(ending)]

    def __enter__(self) -> Hub:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: Hub

    def log_message(self, *_: object) -> None:
        return

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def _answer(self, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        self.owner.requests.append((self.command, path, self.headers.get("Range", "")))
        self.owner.tokens.append(self.headers.get("Authorization", ""))
        if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/revision/([^/]+))?", path):
            self._list(match[1], match[2])
        elif match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            self._file(match[1], match[2], match[3], body)
        elif match := re.fullmatch(r"/stored/([^/]+/[^/]+)/([^/]+)/(.+)", path):
            self._bytes(self.owner.repositories[match[1]].folder / match[3], match[3], body)
        else:
            self._refuse(404)

    def _fault(self, path: str) -> Fault | None:
        waiting = self.owner.faults.get(path, [])
        if not waiting:
            return None
        waiting[0].times -= 1
        return waiting[0] if waiting[0].times > 0 else waiting.pop(0)

    def _refuse(self, status: int, code: str = "", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if code:
            self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _known(self, name: str, revision: str | None) -> Repository | None:
        repository = self.owner.repositories.get(name)
        if repository is None:
            self._refuse(404, "RepoNotFound")
        elif revision not in {None, "main", repository.commit}:
            self._refuse(404, "RevisionNotFound")
            return None
        return repository

    def _list(self, name: str, revision: str | None) -> None:
        fault = self._fault("list")
        if fault is not None:
            self._refuse(fault.status, headers=fault.headers)
            return
        repository = self._known(name, revision)
        if repository is None:
            return
        told: dict[str, Any] = {"id": name, "modelId": name, "sha": repository.commit, "gated": repository.gated}
        told["siblings"] = [self._told(repository, path) for path in repository.files()]
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @staticmethod
    def _told(repository: Repository, path: Path) -> dict[str, Any]:
        content = path.read_bytes()
        blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
        told: dict[str, Any] = {
            "rfilename": path.relative_to(repository.folder).as_posix(),
            "size": len(content),
            "blobId": blob,
        }
        if len(content) >= LARGE:
            told["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
        return told

    def _file(self, name: str, revision: str, inside: str, body: bool) -> None:
        repository = self._known(name, revision)
        if repository is None:
            return
        if repository.gated and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._refuse(403 if self.headers.get("Authorization") else 401, "GatedRepo")
            return
        path = repository.folder / inside
        if not path.is_file():
            self._refuse(404, "EntryNotFound")
        elif path.stat().st_size >= LARGE:
            place = f"/stored/{name}/{repository.commit}/{inside}"
            linked = {"Location": place, "X-Repo-Commit": repository.commit, "X-Linked-Size": str(path.stat().st_size)}
            self._refuse(302, headers=linked)
        else:
            self._bytes(path, inside, body)

    def _bytes(self, path: Path, inside: str, body: bool) -> None:
        fault = self._fault(inside) if body else None
        if fault is not None and fault.kind == "status":
            self._refuse(fault.status, headers=fault.headers)
            return
        content = path.read_bytes()
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        begin = int(wanted[1]) if wanted and not (fault and fault.kind == "whole") else 0
        if fault is not None and fault.kind == "wrong":
            content = bytes(byte ^ 1 for byte in content)
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - begin))
        self.send_header("Accept-Ranges", "bytes")
        self.end_headers()
        if body:
            self._send(content[begin:], fault)

    def _send(self, content: bytes, fault: Fault | None) -> None:
        if fault is not None and fault.kind in {"close", "stall"}:
            self.wfile.write(content[: fault.after])
            self.wfile.flush()
            if fault.kind == "stall":
                self.owner.closing.wait(20)
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        pace = self.owner.slow
        with contextlib.suppress(ConnectionError):  # who asked may be gone, killed in the middle
            for at in range(0, len(content), 4_096 if pace else max(len(content), 1)):
                self.wfile.write(content[at : at + 4_096] if pace else content)
                if pace and self.owner.closing.wait(pace):
                    return
