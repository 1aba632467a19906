# SPDX-License-Identifier: Apache-2.0
"""Debian's docker-registry on loopback, with TLS and, where asked for, tokens of a server of ours.

    with DockerRegistry(directory, users={"ana": "secret"}) as registry:
        registry.fill("oci:layout:app", "team/app:1", *registry.as_user("ana"))
        run([IMAGE, "pull", "--cert-dir", registry.certificates, registry.name("team/app:1")])

`directory` gets the certificates of make_certificates, what is stored, and a directory that --cert-dir takes.
"""
import base64
import http.server
import json
import os
import re
import ssl
import subprocess
import threading
import time
import urllib.parse

from harness import PATIENCE, wait_for
from registry import basic, make_certificates

SERVICE, ISSUER = "registry of the tests", "tests"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class TokenServer(http.server.ThreadingHTTPServer):
    """Gives a user the access that was asked for, and anybody who gives no name a token to pull what is public."""

    daemon_threads = True

    def __init__(self, directory, users, public, seconds):
        super().__init__(("127.0.0.1", 0), TokenHandler)
        self.directory, self.users, self.public, self.seconds = directory, users, public, seconds
        self.lock, self.given = threading.Lock(), []  # (user or "", scopes) of each token
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(directory + "/server.crt", directory + "/server.key")
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.host = f"127.0.0.1:{self.server_address[1]}"
        self.realm = f"https://{self.host}/token"

    def handle_error(self, request, client_address):
        pass  # a client that trusts nobody hangs up

    def user_of(self, authorization):
        """The user's name, "" for none, None for a wrong one."""
        if not authorization:
            return ""
        known = [user for user, password in self.users.items() if authorization == basic(user, password)]
        return known[0] if known else None

    def access(self, user, scope):
        kind, _, rest = scope.partition(":")
        name, _, actions = rest.rpartition(":")
        allowed = actions.split(",") if user else [one for one in actions.split(",") if one == "pull"]
        known = user or any(re.fullmatch(pattern, name) for pattern in self.public)
        return {"type": kind, "name": name, "actions": allowed if known else []}

    def token(self, user, scopes):
        """A JWT as docker-registry checks it: signed with RS256, the certificate along with it."""
        now = int(time.time())
        with open(self.directory + "/token.crt", encoding="ascii") as file:
            certificate = base64.b64encode(ssl.PEM_cert_to_DER_cert(file.read())).decode()
        head = {"typ": "JWT", "alg": "RS256", "x5c": [certificate]}
        body = {"iss": ISSUER, "sub": user, "aud": SERVICE, "iat": now, "nbf": now - 10, "exp": now + self.seconds,
                "jti": str(len(self.given)), "access": [self.access(user, scope) for scope in scopes]}
        text = ".".join(base64url(json.dumps(part).encode()) for part in (head, body))
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.directory + "/token.key"],
                                   input=text.encode(), stdout=subprocess.PIPE, check=True).stdout
        with self.lock:
            self.given.append((user, scopes))
        return f"{text}.{base64url(signature)}"


class TokenHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    disable_nagle_algorithm = True  # as in registry.py

    def log_message(self, *words):
        pass

    def do_GET(self):
        path, _, query = self.path.partition("?")
        asked = urllib.parse.parse_qs(query)
        user = self.server.user_of(self.headers.get("authorization"))
        if path != "/token" or asked.get("service") != [SERVICE] or user is None:
            self.answer(401 if user is None else 404, {"errors": [{"code": "DENIED"}]})
            return
        scopes = [scope for words in asked.get("scope", []) for scope in words.split(" ")]
        self.answer(200, {"token": self.server.token(user, scopes), "expires_in": self.server.seconds})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class DockerRegistry:
    """`users` are names and passwords; None is a registry that asks nobody. Without a name whatever matches `public`
    can be pulled. `certificates` is what --cert-dir takes, `host` is 127.0.0.1 and a port that the kernel chose."""

    def __init__(self, directory, users=None, public=(), seconds=300):
        self.directory, self.users = directory, users
        if not os.path.exists(directory + "/ca.crt"):
            make_certificates(directory)
        self.certificates = directory + "/registry-certs"
        self.tokens = self.process = self.host = None
        if users is not None:
            self.make_token_key()
            self.tokens = TokenServer(directory, users, public, seconds)

    def make_token_key(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "token.key", "-out",
                        "token.crt", "-subj", "/CN=tokens", "-days", "9"], cwd=self.directory, check=True,
                       capture_output=True)

    def config(self):
        config = {"version": 0.1, "storage": {"filesystem": {"rootdirectory": self.directory + "/registry"}},
                  "http": {"addr": "127.0.0.1:0", "tls": {"certificate": self.directory + "/server.crt",
                                                          "key": self.directory + "/server.key"}}}
        if self.tokens:
            config["auth"] = {"token": {"realm": self.tokens.realm, "service": SERVICE, "issuer": ISSUER,
                                        "rootcertbundle": self.directory + "/token.crt"}}
        return config

    def __enter__(self):
        with open(self.directory + "/registry.json", "w", encoding="ascii") as file:
            json.dump(self.config(), file)
        with open(self.directory + "/registry.log", "w", encoding="ascii") as log:
            # It takes members of its configuration from there: REGISTRY_AUTH_FILE is no file of credentials to it.
            environment = {name: value for name, value in os.environ.items() if not name.startswith("REGISTRY_")}
            self.process = subprocess.Popen(["docker-registry", "serve", self.directory + "/registry.json"],
                                            stdout=log, stderr=log, env=environment)
        if self.tokens:
            threading.Thread(target=self.tokens.serve_forever, args=[0.02], daemon=True).start()
        if not wait_for(self.has_port, PATIENCE):
            self.__exit__()
            raise AssertionError("docker-registry does not listen: " + self.log())
        for host in [self.host] + ([self.tokens.host] if self.tokens else []):
            os.makedirs(f"{self.certificates}/{host}", exist_ok=True)
            os.symlink(self.directory + "/ca.crt", f"{self.certificates}/{host}/ca.crt")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        if self.tokens:
            self.tokens.shutdown()
            self.tokens.server_close()

    def log(self):
        with open(self.directory + "/registry.log", encoding="utf-8", errors="replace") as file:
            return file.read()

    def has_port(self):
        """It says where it listens once it does: connections wait from then on."""
        found = re.search(r"listening on (127\.0\.0\.1:\d+)", self.log())
        self.host = found and found[1]
        return bool(found)

    def name(self, repository):
        return f"{self.host}/{repository}"

    def as_user(self, user, side="dest"):
        """What skopeo takes to be that user."""
        return [f"--{side}-creds", f"{user}:{self.users[user]}"]

    def fill(self, source, repository, *options):
        """Copies an image into the registry with skopeo."""
        subprocess.run(["skopeo", "--insecure-policy", "copy", "-q", "--dest-cert-dir",
                        f"{self.certificates}/{self.host}", *options, source, f"docker://{self.name(repository)}"],
                       check=True, timeout=PATIENCE * 4)
