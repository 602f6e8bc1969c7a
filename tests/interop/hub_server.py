"""A stand-in of the Hugging Face Hub on this computer, for its own client library.

It answers the requests that huggingface_hub makes to create a repository, to commit
files (also large ones, by LFS), and to list and download them, as the service does:
paths, headers, error codes.
"""

import base64
import hashlib
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

WRITER, READER = "hf_writes", "hf_reads"  # tokens of a stand-in, of no other use


def oid_of(content):
    """The id that git gives a file."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@dataclass
class Repository:
    private: bool
    branches: dict = field(default_factory=dict)  # name -> commit
    commits: dict = field(default_factory=dict)  # commit -> {path: content}

    def files(self, revision):
        return self.commits.get(self.branches.get(revision, revision))

    def commit(self, branch, files):
        content = repr((len(self.commits), sorted(files))).encode()
        name = hashlib.sha1(content).hexdigest()
        self.commits[name], self.branches[branch] = files, name
        return name


@dataclass
class Service:
    """What the service holds, and how it misbehaves where a test wants it to."""

    address: str = ""
    repositories: dict = field(default_factory=dict)
    large: dict = field(default_factory=dict)  # sha256 -> content, of LFS
    lfs: tuple = ()  # endings of files that it wants by LFS
    torn: dict = field(default_factory=dict)  # file -> bytes after which it hangs up
    full: bool = False  # it takes no large files
    broken: int = 0  # status of every answer, if it is not 0
    seen: list = field(default_factory=list)  # requests
    agents: set = field(default_factory=set)

    @property
    def cdn(self):
        return self.address.replace("127.0.0.1", "localhost")

    def put(self, name, files, private=False):
        """A repository with these files; its commit."""
        repository = self.repositories.setdefault(name, Repository(private))
        return repository.commit("main", dict(files))


class Refused(Exception):
    def __init__(self, status, code="", message=""):
        self.status, self.code, self.message = status, code, message


class Handler(BaseHTTPRequestHandler):
    service: Service

    def log_message(self, format, *args):
        pass

    def do_GET(self):
        self.answer()

    do_HEAD = do_POST = do_PUT = do_GET

    def answer(self):
        path = urlsplit(self.path).path
        self.service.seen.append((self.command, unquote(path)))
        self.service.agents.add(self.headers.get("User-Agent", ""))
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            if self.service.broken:
                raise Refused(self.service.broken)
            self.route([unquote(part) for part in path.strip("/").split("/")])
        except Refused as refused:
            headers = {"X-Error-Code": refused.code, "X-Error-Message": refused.message}
            self.send({"error": refused.message}, refused.status, headers)

    def route(self, parts):
        match parts:
            case ["api", "repos", "create"]:
                self.create()
            case ["api", "validate-yaml"]:
                self.send({"errors": [], "warnings": []})
            case ["api", "models", owner, name, "branch", branch]:
                self.make_branch(f"{owner}/{name}", branch)
            case ["api", "models", owner, name, "preupload", _]:
                self.preupload(f"{owner}/{name}")
            case ["api", "models", owner, name, "commit", branch]:
                self.commit(f"{owner}/{name}", branch)
            case ["api", "models", owner, name, "tree", revision]:
                self.send(list(self.listing(f"{owner}/{name}", revision)))
            case ["api", "models", owner, name, "paths-info", revision]:
                asked = parse_qs(self.body.decode())["paths"]
                found = self.listing(f"{owner}/{name}", revision)
                self.send([one for one in found if one["path"] in asked])
            case ["api", "models", owner, name, *rest]:
                self.info(f"{owner}/{name}", rest[-1] if rest else "main")
            case [owner, name, "info", "lfs", "objects", "batch"]:
                self.batch(f"{owner}/{name.removesuffix('.git')}")
            case ["upload", _] if self.service.full:
                raise Refused(403, message="the storage is full")
            case ["upload", oid]:
                assert hashlib.sha256(self.body).hexdigest() == oid
                self.service.large[oid] = self.body
                self.send({})
            case [owner, name, "resolve", revision, file]:
                self.resolve(f"{owner}/{name}", revision, file)
            case ["cdn", oid, file]:
                self.send_file(file, self.service.large[oid], {"ETag": f'"{oid}"'})
            case _:
                raise Refused(404)

    def token(self):
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if token and token not in (WRITER, READER):
            raise Refused(401, message="Invalid credentials in Authorization header")
        return token

    def check_writer(self):
        token = self.token()
        if not token:
            raise Refused(401, message="Invalid username or password.")
        if token != WRITER:
            raise Refused(403, message="you need a token with the right to write")

    def repository(self, name):
        token = self.token()
        found = self.service.repositories.get(name)
        if found is None or (found.private and not token):
            raise Refused(404 if token else 401, "RepoNotFound", "Repository not found")
        return found

    def files(self, name, revision):
        files = self.repository(name).files(revision)
        if files is None:
            raise Refused(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return files

    def create(self):
        self.check_writer()
        asked = json.loads(self.body)
        name = f"{asked['organization']}/{asked['name']}"
        there = name in self.service.repositories
        if not there:
            self.service.put(
                name, {".gitattributes": b""}, asked.get("visibility") == "private"
            )
        self.send({"url": f"{self.service.address}/{name}"}, 409 if there else 200)

    def make_branch(self, name, branch):
        self.check_writer()
        branches = self.repository(name).branches
        there = branch in branches
        branches.setdefault(branch, branches["main"])
        self.send({}, 409 if there else 200)

    def preupload(self, name):
        self.check_writer()
        self.repository(name)
        paths = [one["path"] for one in json.loads(self.body)["files"]]
        modes = [
            "lfs" if path.endswith(self.service.lfs) else "regular" for path in paths
        ]
        self.send(
            {
                "files": [
                    {"path": path, "uploadMode": mode, "shouldIgnore": False}
                    for path, mode in zip(paths, modes, strict=True)
                ]
            }
        )

    def commit(self, name, branch):
        self.check_writer()
        files = dict(self.files(name, branch))
        for line in self.body.splitlines():
            operation = json.loads(line)
            value = operation["value"]
            match operation["key"]:
                case "file":
                    files[value["path"]] = base64.b64decode(value["content"])
                case "lfsFile":
                    files[value["path"]] = ("lfs", value["oid"])
                case "deletedFile":
                    del files[value["path"]]
        commit = self.repository(name).commit(branch, files)
        url = f"{self.service.address}/{name}/commit/{commit}"
        self.send({"commitUrl": url, "commitOid": commit})

    def batch(self, name):
        self.check_writer()
        self.repository(name)
        objects = json.loads(self.body)["objects"]
        for one in objects:
            href = f"{self.service.address}/upload/{one['oid']}"
            one["actions"] = {"upload": {"href": href}}
        self.send({"transfer": "basic", "objects": objects})

    def listing(self, name, revision):
        for path, content in self.files(name, revision).items():
            one = {"type": "file", "path": path}
            if isinstance(content, tuple):
                oid, size = content[1], len(self.service.large[content[1]])
                lfs = {"oid": oid, "size": size, "pointerSize": 130}
                yield {**one, "size": size, "oid": oid[:40], "lfs": lfs}
            else:
                yield {**one, "size": len(content), "oid": oid_of(content)}

    def info(self, name, revision):
        repository, files = self.repository(name), self.files(name, revision)
        self.send(
            {
                "id": name,
                "sha": repository.branches.get(revision, revision),
                "private": repository.private,
                "siblings": [{"rfilename": path} for path in files],
                "tags": [],
            }
        )

    def resolve(self, name, revision, file):
        repository, files = self.repository(name), self.files(name, revision)
        commit = {"X-Repo-Commit": repository.branches.get(revision, revision)}
        if file not in files:
            raise Refused(404, "EntryNotFound", "Entry not found")
        content = files[file]
        if not isinstance(content, tuple):
            self.send_file(file, content, {**commit, "ETag": f'"{oid_of(content)}"'})
            return
        oid = content[1]
        linked = {
            "X-Linked-Etag": f'"{oid}"',
            "X-Linked-Size": str(len(self.service.large[oid])),
            # another host, as that of the service's large files
            "Location": f"{self.service.cdn}/cdn/{oid}/{file}",
        }
        self.send_bytes(b"", 302, {**commit, **linked})

    def send_file(self, file, content, headers):
        asked = self.headers.get("Range", "")
        start = int(asked.removeprefix("bytes=").rstrip("-") or 0)
        if start:
            headers["Content-Range"] = (
                f"bytes {start}-{len(content) - 1}/{len(content)}"
            )
        end = self.service.torn.get(file, len(content))
        self.send_bytes(content[start:], 206 if start else 200, headers, end - start)

    def send(self, content, status=200, headers=None):
        headers = {"Content-Type": "application/json", **(headers or {})}
        self.send_bytes(json.dumps(content).encode(), status, headers)

    def send_bytes(self, content, status, headers, most=None):
        self.send_response(status)
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content if most is None else content[: max(0, most)])


@contextmanager
def serving():
    """The service on a free port of this computer; it ends with the block."""
    service = Service()
    handler = type("HandlerOfOne", (Handler,), {"service": service})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    service.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
