# SPDX-License-Identifier: Apache-2.0
"""A registry on loopback that can be made to fail, and remembers every request.

Four servers share one log: "registry" speaks the distribution API over TLS, "storage" holds blobs as
a CDN does, "auth" gives tokens, and "canary" speaks plain http, and nobody may ever talk to it. A
fault is a function fault(registry, request, reply): it gets the honest reply and returns what is sent.

    with Registry(tmp, fault=faults.blob_drop_once) as registry:
        fetch(registry.reference)
"""
import base64
import collections
import dataclasses
import functools
import gzip
import hashlib
import http.server
import json
import os
import random
import re
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time

OCI = "application/vnd.oci.image."
MANIFEST, INDEX, CONFIG = OCI + "manifest.v1+json", OCI + "index.v1+json", OCI + "config.v1+json"
LAYER = OCI + "layer.v1.tar+gzip"
USER, PASSWORD, TOKEN, IDENTITY = "ana", "pass:word", "token-of-ana", "identity-of-ana"


@dataclasses.dataclass
class Request:
    server: str
    method: str
    path: str
    query: str
    headers: dict
    body: bytes
    sent: int = 0  # bytes of body that left for the client

    @property
    def authorization(self):
        return self.headers.get("authorization", "")


@dataclasses.dataclass
class Reply:
    status: int = 200
    headers: dict = dataclasses.field(default_factory=dict)
    body: bytes = b""
    length: int = None    # Content-Length where it is not that of the body; -1: none
    cut: int = None       # end after so many bytes of the body …
    end: str = "close"    # … by closing, by a reset, or by silence: 'close', 'reset', 'silence'
    drip: float = None    # seconds for each 100 bytes
    endless: bool = False # the body again and again
    chunked: bool = False


def digest_of(data, algorithm="sha256"):
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


def as_json(value):
    return json.dumps(value).encode()


@functools.lru_cache(None)
def two_layers(seed, size):
    """Of each its diffID and its bytes; packed once for all registries of a test."""
    tars = [random.Random(seed).randbytes(size), b"\0" * 10240]
    return [(digest_of(tar), gzip.compress(tar, 1, mtime=0)) for tar in tars]


class Content:
    """Blobs and manifests by digest, and tags: one image of two layers in an index."""

    def __init__(self, seed=7, size=1 << 20):
        self.blobs, self.manifests, self.types, self.tags = {}, {}, {}, {}
        made = two_layers(seed, size)
        layers = [self.add_blob(packed, LAYER) for _, packed in made]
        config = {"os": "linux", "architecture": "amd64", "config": {"Cmd": ["true"]},
                  "rootfs": {"type": "layers", "diff_ids": [diff_id for diff_id, _ in made]}}
        self.layers = layers
        self.manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "layers": layers,
                         "config": self.add_blob(as_json(config), CONFIG)}
        self.put_image(self.manifest)

    def add_blob(self, data, media_type):
        self.blobs[digest_of(data)] = data
        return {"mediaType": media_type, "digest": digest_of(data), "size": len(data)}

    def add_manifest(self, value, media_type, *tags):
        data = value if isinstance(value, bytes) else as_json(value)
        digest = digest_of(data)
        self.manifests[digest], self.types[digest] = data, media_type
        self.tags.update({tag: digest for tag in tags})
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    def put_image(self, manifest, **changes):
        """The tag "1" is an index of that manifest, "single" the manifest itself."""
        entry = self.add_manifest(manifest, MANIFEST, "single")
        entry = {**entry, "platform": {"os": "linux", "architecture": "amd64"}, **changes}
        self.add_manifest({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}, INDEX, "1")
        return entry


certificates_made = {}  # name -> content


def make_certificates(directory):
    """ca.crt, and server, elsewhere (another name), expired: each NAME.crt and NAME.key; selfsigned. The same ones
    for all directories of a test."""
    if not certificates_made:
        with tempfile.TemporaryDirectory() as place:
            generate_certificates(place)
            for name in os.listdir(place):
                with open(os.path.join(place, name), "rb") as file:
                    certificates_made[name] = file.read()
    for name, content in certificates_made.items():
        with open(os.path.join(directory, name), "wb") as file:
            file.write(content)


def generate_certificates(directory):
    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, cwd=directory, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=test", "-days", "9")
    openssl("req", "-x509", *key, "-keyout", "selfsigned.key", "-out", "selfsigned.crt", "-subj",
            "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "9")
    for name, alternative, days in [("server", "IP:127.0.0.1,DNS:localhost", "9"),
                                    ("elsewhere", "DNS:elsewhere.example", "9"),
                                    ("expired", "IP:127.0.0.1", "0")]:
        openssl("req", *key, "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=server")
        with open(os.path.join(directory, name + ".ext"), "w", encoding="ascii") as file:
            file.write("subjectAltName=" + alternative)
        openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-days", days,
                "-CAcreateserial", "-extfile", name + ".ext", "-out", name + ".crt")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, registry, name, certificate):
        super().__init__(("127.0.0.1", 0), Handler)
        self.registry, self.name, self.context = registry, name, None
        self.connections = 0
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate + ".crt", certificate + ".key")
        self.host = f"127.0.0.1:{self.server_address[1]}"
        self.url = f'{"https" if certificate else "http"}://{self.host}'

    def get_request(self):
        connection, address = super().get_request()
        self.connections += 1
        if self.context:
            connection = self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, request, client_address):
        pass  # a client that goes away in the middle is what this is for


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    disable_nagle_algorithm = True  # a body behind its headers would wait for the client's delayed acknowledgement

    def log_message(self, *words):
        pass

    def handle_any(self):
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.server.name, self.command, path, query, headers, b"")
        registry = self.server.registry
        registry.read_body(request, self.rfile, int(headers.get("content-length", 0)))
        with registry.lock:
            registry.log.append(request)
            reply = registry.answer(request)
            reply = registry.fault(registry, request, reply) if registry.fault else reply
        if reply is None:  # a connection that drops instead of an answer
            self.close_connection = True
            return
        self.send(request, reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def send(self, request, reply):
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            for each in value if isinstance(value, list) else [value]:
                self.send_header(name, each)
        if reply.chunked or reply.endless:
            self.send_header("Transfer-Encoding", "chunked")
        elif reply.length != -1:
            self.send_header("Content-Length", len(reply.body) if reply.length is None else reply.length)
        self.end_headers()
        if request.method != "HEAD":
            self.send_body(request, reply)

    def send_body(self, request, reply):
        chunked = reply.chunked or reply.endless
        body = reply.body if reply.cut is None else reply.body[:reply.cut]
        step = 100 if reply.drip else 1 << 16
        while True:
            for at in range(0, len(body), step):
                part = body[at:at + step]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part) if chunked else part)
                request.sent += len(part)
                if reply.drip:
                    time.sleep(reply.drip)
            if not reply.endless:
                break
        if reply.cut is not None or reply.length is not None:
            self.end(reply.end)
        elif chunked:
            self.wfile.write(b"0\r\n\r\n")

    def end(self, how):
        self.close_connection = True
        if how == "silence":
            self.server.registry.over.wait(60)
        if how == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Registry:
    """Honest, but for its fault. `auth` is None, 'basic' or 'bearer'; `tls` the certificate's name."""

    def __init__(self, directory, fault=None, auth=None, tls="server", content=None):
        self.lock, self.over = threading.Lock(), threading.Event()
        self.log, self.count = [], collections.Counter()
        self.fault, self.auth_kind = fault, auth
        self.tokens = {TOKEN}
        self.content = content or Content()
        path = lambda name: os.path.join(directory, name) if name else None
        self.registry = Server(self, "registry", path(tls))
        self.storage = Server(self, "storage", path("server"))
        self.auth = Server(self, "auth", path("server"))
        self.canary = Server(self, "canary", None)
        self.servers = [self.registry, self.storage, self.auth, self.canary]
        self.host, self.repository = self.registry.host, "team/app"
        self.reference = f"{self.host}/{self.repository}:1"

    def __enter__(self):
        for server in self.servers:
            threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        return self

    def __exit__(self, *_):
        self.over.set()
        ends = [threading.Thread(target=server.shutdown) for server in self.servers]  # each waits for its next look
        for end in ends:
            end.start()
        for end, server in zip(ends, self.servers):
            end.join()
            server.server_close()

    def read_body(self, request, stream, length):
        request.body = stream.read(length)

    def requests(self, server=None, path=""):
        return [r for r in self.log if server in (None, r.server) and re.search(path, r.path)]

    def challenge(self):
        if self.auth_kind == "basic":
            return 'Basic realm="test"'
        return (f'Bearer realm="{self.auth.url}/token",service="test",'
                f'scope="repository:{self.repository}:pull"')

    def is_allowed(self, request):
        if not self.auth_kind:
            return True
        if self.auth_kind == "basic":
            return request.authorization == basic(USER, PASSWORD)
        return request.authorization.removeprefix("Bearer ") in self.tokens

    def answer(self, request):
        if request.server == "auth":
            return self.give_token(request)
        if request.server == "storage":
            return self.blob(request, request.path.rpartition("/")[2])
        if request.server == "canary":
            return Reply(200, {}, b"canary")
        if not self.is_allowed(request):
            return Reply(401, {"WWW-Authenticate": self.challenge()}, b'{"errors":[{"code":"UNAUTHORIZED"}]}')
        return self.serve(request)

    def give_token(self, request):
        anonymous = not request.authorization and not request.body
        known = request.authorization == basic(USER, PASSWORD) or IDENTITY.encode() in request.body
        if not anonymous and not known:
            return Reply(401)
        return Reply(200, {}, as_json({"token": TOKEN, "expires_in": 300}))

    def serve(self, request):
        found = re.fullmatch(r"/v2/(?:(?P<name>.+)/(?P<kind>manifests|blobs|tags|referrers)/(?P<what>.+))?",
                             request.path)
        if not found:
            return Reply(404)
        kind, what = found["kind"], found["what"]
        if not kind:
            return Reply(200, {}, b"{}")
        if kind == "manifests":
            return self.manifest(request, what)
        if kind == "tags":
            return Reply(200, {}, as_json({"name": found["name"], "tags": sorted(self.content.tags)}))
        return self.blob(request, what) if kind == "blobs" else Reply(404)

    def manifest(self, request, what):
        digest = self.content.tags.get(what, what)
        if digest not in self.content.manifests:
            return Reply(404, {}, as_json({"errors": [{"code": "MANIFEST_UNKNOWN", "message": "no such tag"}]}))
        headers = {"Content-Type": self.content.types[digest], "Docker-Content-Digest": digest}
        return Reply(200, headers, self.content.manifests[digest])

    def blob(self, request, digest):
        if digest not in self.content.blobs:
            return Reply(404)
        data = self.content.blobs[digest]
        asked = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
        if not asked:
            return Reply(200, {}, data)
        start = int(asked[1])
        if start >= len(data):
            return Reply(416)
        return Reply(206, {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}, data[start:])

    def big_blob(self):
        """The digest of the first layer, which is the big one."""
        return self.content.layers[0]["digest"]

    def is_big_blob(self, request):
        return request.server in ("registry", "storage") and request.path.endswith("/" + self.big_blob())

    def first_time(self, what):
        self.count[what] += 1
        return self.count[what] == 1


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
