# SPDX-License-Identifier: Apache-2.0
# run: sanitized
# timeout: 180
# run: once
"""Whatever is wrong with a registry, pulling ends as the table says, and nobody learns a secret."""
import concurrent.futures
import itertools
import os
import re
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import registry_faults as faults  # noqa: E402
from harness import PATIENCE, SUPPORT, TMP, main, sha256  # noqa: E402
from registry import (IDENTITY, PASSWORD, TOKEN, USER, Content, Registry, as_json, basic,  # noqa: E402
                      make_certificates)

CERTIFICATES = os.path.join(TMP, "certificates")
GOOD = "GOOD"
ANA = {"user": USER, "password": PASSWORD}

# Name of the fault, how the registry is and what fetch is told, outcome, what the message says.
TABLE = [
    (None, {}, GOOD, ""),
    # answers of any kind
    ("manifest_500_once", {}, GOOD, "notice: .* answered 500; trying again"),
    ("manifest_502_twice", {}, GOOD, ""),
    ("manifest_503_retry_after", {}, GOOD, "trying again in 1.0 s"),
    ("manifest_503_forever", {}, "EIO", "answered 503"),
    ("manifest_429_once", {}, GOOD, "trying again in 1.0 s"),
    ("manifest_429_until_a_date", {}, GOOD, "trying again in [12].0 s"),
    ("manifest_429_for_an_hour", {}, "EIO", "answered 429"),
    ("manifest_404", {}, "ENOENT", "team/app:1 does not exist"),
    ("manifest_403", {}, "EACCES", r'answered 403 "forbidden \\x1b\[31m"'),
    ("endless_error", {}, "EIO", "answered 500"),
    ("too_many_headers", {}, "EFBIG", "headers"),
    # manifests
    ("manifest_too_big", {}, "EFBIG", "longer than 4194304 bytes"),
    ("manifest_endless", {}, "EFBIG", "longer than 4194304 bytes"),
    ("manifest_cut_once", {}, GOOD, "trying again"),
    ("manifest_cut_forever", {}, "ECONNRESET", ""),
    ("manifest_not_json", {}, "EINVAL", "not valid JSON"),
    ("manifest_with_duplicate_keys", {}, "EINVAL", "mediaType appears twice"),
    ("manifest_is_an_index_too", {}, "EINVAL", "CVE-2021-41190"),
    ("manifest_of_schema_1", {}, "EOPNOTSUPP", "schema 1"),
    ("index_without_platform", {}, "ENOENT", "no image for linux/amd64"),
    ("index_in_itself", {}, "EINVAL", "nest"),
    ("child_digest_is_a_path", {}, "EINVAL", "digest"),
    ("child_size_is_wrong", {}, "EINVAL", "as its descriptor says"),
    ("child_is_another", {}, "EINVAL", "not what its digest says"),
    ("header_of_another_type", {}, "EINVAL", "mediaType"),
    ("header_of_any_type", {}, GOOD, ""),
    ("no_content_type", {}, GOOD, ""),
    ("digest_header_is_wrong", {}, "EINVAL", "not what its digest says"),
    # authentication
    (None, {"auth": "bearer"}, GOOD, ""),
    (None, {"auth": "bearer", **ANA}, GOOD, ""),
    (None, {"auth": "basic", **ANA}, GOOD, ""),
    (None, {"auth": "basic"}, "EACCES", "wolffia login"),
    (None, {"auth": "basic", "user": USER, "password": "wrong"}, "EACCES", "does not let this user"),
    (None, {"auth": "bearer", "user": USER, "password": "wrong"}, "EACCES", "refuses the user name or password"),
    (None, {"auth": "bearer", "identity": True}, GOOD, ""),
    ("several_challenges", {"auth": "bearer"}, GOOD, ""),
    ("unknown_scheme", {"auth": "bearer"}, "EACCES", "negotiate"),
    ("challenge_without_realm", {"auth": "bearer", **ANA}, "EINVAL", "token server"),
    ("challenge_is_garbage", {"auth": "bearer", **ANA}, "EACCES", "not how"),
    ("realm_is_plain", {"auth": "bearer", **ANA}, "EPERM", "plain http"),
    ("realm_is_a_file", {"auth": "bearer", **ANA}, "EINVAL", "neither https nor http"),
    ("never_satisfied", {"auth": "bearer", **ANA}, "EACCES", "does not let this user"),
    ("anonymous_refused", {"auth": "bearer"}, "EACCES", "wolffia login"),
    ("token_500_once", {"auth": "bearer"}, GOOD, "trying again"),
    ("token_not_json", {"auth": "bearer"}, "EINVAL", "token server is not valid JSON"),
    ("token_missing", {"auth": "bearer"}, "EPROTO", "gave no token"),
    ("token_with_line_break", {"auth": "bearer"}, "EPROTO", "gave no token"),
    ("token_too_big", {"auth": "bearer"}, "EFBIG", ""),
    ("token_is_named_access_token", {"auth": "bearer"}, GOOD, ""),
    ("token_expires", {"auth": "bearer", **ANA}, GOOD, ""),
    ("token_server_redirects", {"auth": "bearer", **ANA}, "EIO", "answered 404"),
    # redirects
    ("blob_in_storage", {"auth": "bearer", **ANA}, GOOD, ""),
    ("blob_in_storage_by_301", {"auth": "basic", **ANA}, GOOD, ""),
    ("blob_in_the_same_place", {"auth": "bearer"}, GOOD, ""),
    ("localhost_is_elsewhere", {"auth": "bearer", **ANA}, GOOD, ""),
    ("storage_asks_who_we_are", {"auth": "bearer", **ANA}, "EACCES", "answered 401"),
    ("manifest_in_storage", {"auth": "bearer", **ANA}, GOOD, ""),
    ("blob_in_plain_storage", {"auth": "bearer", **ANA}, "EPERM", "from https to"),
    ("blob_in_a_file", {}, "EINVAL", "neither https nor http"),
    ("blob_with_a_user", {}, "EINVAL", "must not carry a user"),
    ("redirect_loop", {}, "ELOOP", "redirects without end"),
    ("redirect_without_location", {}, "EIO", "answered 307"),
    # blobs
    ("blob_404", {}, "ENOENT", "does not exist"),
    ("blob_503_once", {}, GOOD, "trying again"),
    ("blob_drop_once", {}, GOOD, "trying again"),
    ("blob_reset_once", {}, GOOD, "trying again"),
    ("blob_drop_every_100k", {}, GOOD, "trying again"),
    ("blob_drop_at_once", {}, "ECONNRESET", ""),
    ("blob_chunked_drop_once", {}, GOOD, "trying again"),
    ("blob_drop_without_ranges", {}, GOOD, "trying again"),
    ("blob_drop_then_416", {}, GOOD, ""),
    ("blob_drop_then_another_range", {}, "EINVAL", "another range than asked"),
    ("blob_drop_then_no_content_range", {}, "EINVAL", "another range than asked"),
    ("blob_ends_well_but_early_once", {}, GOOD, "trying again"),
    ("blob_is_shorter", {}, "EIO", "ended after 500000 of"),
    ("blob_is_longer", {}, "EINVAL", "as its descriptor says"),
    ("blob_is_endless", {}, "EINVAL", "longer than its descriptor says"),
    ("blob_is_another", {}, "EINVAL", "not what its digest says"),
    ("blob_stalls_once", {}, GOOD, "trying again"),
    ("blob_stalls_forever", {}, "ETIMEDOUT", ""),
    ("blob_drips", {}, "EIO", "ended after"),
    ("blob_is_compressed_again", {}, GOOD, ""),
    ("layer_elsewhere", {"auth": "bearer", **ANA}, GOOD, ""),
    ("layer_elsewhere_in_plain", {"auth": "bearer", **ANA}, "EPERM", "plain http"),
    ("layer_elsewhere_asks_who_we_are", {"auth": "basic", **ANA}, "ENOENT", ""),
    # connections
    (None, {"tls": "selfsigned"}, "EKEYREJECTED", "certs.d"),
    (None, {"tls": "elsewhere"}, "EKEYREJECTED", "certs.d"),
    (None, {"tls": "expired"}, "EKEYREJECTED", "expired"),
    (None, {"trusted": False}, "EKEYREJECTED", "certs.d"),
    (None, {"tls": None}, "EPROTO", ""),
    (None, {"tls": None, "insecure": True}, GOOD, ""),
    (None, {"tls": "selfsigned", "insecure": True}, GOOD, ""),
    (None, {"tls": "expired", "insecure": True, "auth": "basic", **ANA}, GOOD, ""),
    ("blob_in_plain_storage", {"tls": "selfsigned", "insecure": True}, "EPERM", "from https to"),
]


# What waits for seconds begins first, and the others run beside it.
LONG = "stalls|drips|until"


class Case:
    """One row of the table, carried out."""

    def __init__(self, number, row):
        self.fault, self.options, self.outcome, self.message = row
        self.name = f"{self.fault or 'honest'} {self.options}"
        self.dir = os.path.join(TMP, f"case{number}")
        self.wrong = []

    def run(self):
        options = dict(self.options)
        fault = getattr(faults, self.fault) if self.fault else None
        tls = options.pop("tls", "server")
        with Registry(CERTIFICATES, fault, options.pop("auth", None), tls) as registry:
            words = self.prepare(registry, options)
            begun = time.monotonic()
            done = subprocess.run([os.path.join(SUPPORT, "fetch"), *words], capture_output=True, text=True,
                                  env=self.environment(registry), timeout=PATIENCE * 2)
            self.seconds = time.monotonic() - begun
        self.check_outcome(registry, done)
        self.check_secrets(registry)
        return self

    def prepare(self, registry, options):
        os.makedirs(self.dir)
        if options.pop("trusted", True):
            for server in [*registry.servers, "localhost:" + registry.storage.host.split(":")[1]]:
                place = os.path.join(self.dir, "certs.d", getattr(server, "host", server))
                os.makedirs(place)
                os.symlink(os.path.join(CERTIFICATES, "ca.crt"), os.path.join(place, "ca.crt"))
        with open(os.path.join(self.dir, "registries.conf"), "w", encoding="ascii") as file:
            if options.pop("insecure", False):
                file.write(f"[[registry]]\nlocation = '{registry.host}'\ninsecure = true\n")
        with open(os.path.join(self.dir, "auth.json"), "wb") as file:
            entry = {"identitytoken": IDENTITY} if options.pop("identity", False) else {}
            file.write(as_json({"auths": {registry.host: entry}}))
        words = [f"{name}={value}" for name, value in options.items()]
        return [f"certs={self.dir}/certs.d", "wait=10", "stall=1", "connect=5000", *words, registry.reference,
                os.path.join(self.dir, "out")]

    def environment(self, registry):
        variables = {"HOME": self.dir, "PATH": "/usr/bin:/bin", "REGISTRY_AUTH_FILE": f"{self.dir}/auth.json",
                     "CONTAINERS_REGISTRIES_CONF": f"{self.dir}/registries.conf"}
        if not self.options.get("insecure"):
            variables["http_proxy"] = registry.canary.url  # plain http would come by
        return variables

    def expect(self, holds, what):
        if not holds:
            self.wrong.append(what)

    def check_outcome(self, registry, done):
        lines = done.stderr.splitlines()
        if self.outcome == GOOD:
            self.expect(done.returncode == 0, f"failed: {done.stderr}")
            for layer in registry.content.layers if done.returncode == 0 else []:
                file = os.path.join(self.dir, "out", layer["digest"].partition(":")[2])
                self.expect("sha256:" + sha256(file) == layer["digest"], "wrong bytes in a file")
        else:
            self.expect(done.returncode == 1, f"exit status {done.returncode}, {done.stderr}")
            self.expect(lines and lines[-1].startswith(self.outcome + ": "), f"not {self.outcome}: {done.stderr}")
        self.expect(re.search(self.message, done.stderr), f"message: {done.stderr}")
        self.expect(all(line.isprintable() for line in lines), f"not printable: {lines}")
        self.expect(self.seconds < PATIENCE, f"took {self.seconds:.1f} s")
        self.expect(len(registry.log) < 100, f"{len(registry.log)} requests")
        self.expect(all(r.headers["user-agent"].startswith("wolffia/") for r in registry.log), "User-Agent")

    def check_secrets(self, registry):
        """Every header that anybody got: passwords only for whom they are, nothing in the clear."""
        if not self.options.get("insecure"):
            self.expect(registry.canary.connections == 0, "plain http was spoken")
        allowed = {"registry": {"", f"Bearer {TOKEN}"}, "auth": {"", basic(USER, PASSWORD), basic(USER, "wrong")},
                   "storage": {""}, "canary": {""}}
        if self.options.get("auth") == "basic":
            allowed["registry"] |= {basic(USER, PASSWORD), basic(USER, "wrong")}
        allowed["registry"] |= {f"Bearer token-{number}" for number in range(9)}
        for request in registry.log:
            self.expect(request.authorization in allowed[request.server],
                        f"{request.server} got {request.authorization!r}")
            self.expect(PASSWORD not in request.query and TOKEN not in request.query, "secret in a URL")
            self.expect("cookie" not in request.headers, "cookie")


class FaultyRegistries(unittest.TestCase):
    maxDiff = None
    numbers = itertools.count(len(TABLE))

    @classmethod
    def setUpClass(cls):
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # clients hang up on the servers in this process
        os.makedirs(CERTIFICATES)
        make_certificates(CERTIFICATES)
        time.sleep(1.1)  # until "expired" is

    def test_every_fault_has_its_outcome(self):
        rows = sorted(TABLE, key=lambda row: not re.search(LONG, row[0] or ""))
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            cases = list(pool.map(lambda row: Case(*row).run(), enumerate(rows)))
        wrong = {case.name: case.wrong for case in cases if case.wrong}
        self.assertEqual(wrong, {})

    def test_every_fault_is_in_the_table(self):
        signature = ("registry", "request", "reply")
        functions = {name: value for name, value in vars(faults).items() if hasattr(value, "__code__")}
        known = {name for name, value in functions.items() if value.__code__.co_varnames[:3] == signature}
        self.assertGreaterEqual(len(known), 40)
        self.assertEqual(known - {fault for fault, *_ in TABLE}, set())

    def fetched(self, fault, **settings):
        case = Case(next(self.numbers), (fault, settings, GOOD, ""))
        registries = []
        prepare = case.prepare
        case.prepare = lambda registry, options: registries.append(registry) or prepare(registry, options)
        case.run()
        self.assertEqual(case.wrong, [])
        return registries[0]

    def test_a_dropped_blob_is_resumed_to_the_byte(self):
        for fault, ranges in [("blob_drop_once", [None, "bytes=500000-"]),
                              ("blob_drop_without_ranges", [None, "bytes=500000-"])]:
            registry = self.fetched(fault)
            asked = [r for r in registry.log if registry.is_big_blob(r)]
            self.assertEqual([r.headers.get("range") for r in asked], ranges)
            size = registry.content.layers[0]["size"]
            again = 0 if fault == "blob_drop_once" else 500_000
            self.assertEqual(sum(r.sent for r in asked), size + again, fault)
        registry = self.fetched("blob_drop_every_100k")
        sent = sum(r.sent for r in registry.log if registry.is_big_blob(r))
        self.assertEqual(sent, registry.content.layers[0]["size"])

    def test_one_connection_and_one_token_serve_a_pull(self):
        registry = self.fetched(None, auth="bearer")
        self.assertEqual(registry.registry.connections, 1)
        self.assertEqual(len(registry.requests("auth")), 1)

    def test_the_user_is_told_of_a_wait(self):
        case = Case(next(self.numbers), ("manifest_500_once", {}, GOOD, ""))
        with Registry(CERTIFICATES, faults.manifest_500_once) as registry:
            case.prepare(registry, {})
            done = subprocess.run(
                [os.environ["WOLFFIA_IMAGE"], "copy", "--progress", "plain", "--platform", "linux/amd64",
                 "--cert-dir", f"{case.dir}/certs.d", registry.reference, f"oci:{case.dir}/layout"],
                capture_output=True, text=True, env=case.environment(registry), timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"(?m)^127.0.0.1:\d+ answered 500; trying again in 0.[12] s$")

    def with_mirror(self, location, mirror=None, **settings):
        """A pull from an honest registry with a mirror in front of it that is at `location`."""
        case = Case(next(self.numbers), (None, settings, GOOD, ""))
        with Registry(CERTIFICATES) as registry:
            words = case.prepare(registry, dict(settings))
            for server in mirror.servers if mirror else []:
                os.makedirs(f"{case.dir}/certs.d/{server.host}")
                os.symlink(os.path.join(CERTIFICATES, "ca.crt"), f"{case.dir}/certs.d/{server.host}/ca.crt")
            with open(f"{case.dir}/registries.conf", "w", encoding="ascii") as file:
                file.write(f"[[registry]]\nlocation = '{registry.host}'\n")
                file.write(f"[[registry.mirror]]\nlocation = '{location}'\n")
            done = subprocess.run([os.path.join(SUPPORT, "fetch"), *words], capture_output=True, text=True,
                                  env=case.environment(registry), timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        return registry

    def test_a_mirror_is_asked_first_and_without_what_the_user_gave(self):
        with Registry(CERTIFICATES) as mirror:
            registry = self.with_mirror(mirror.host, mirror, **ANA)
        self.assertEqual(registry.log, [])
        self.assertEqual({request.authorization for request in mirror.log}, {""})
        with Registry(CERTIFICATES, auth="basic") as mirror:
            registry = self.with_mirror(mirror.host, mirror, **ANA)
        self.assertEqual({request.authorization for request in mirror.log}, {""})
        self.assertGreater(len(registry.log), 0)

    def test_a_mirror_that_fails_is_passed_over(self):
        for location in ["127.0.0.1:1", "127.0.0.1:1/moved"]:
            self.assertGreater(len(self.with_mirror(location).log), 0)
        for fault in [faults.manifest_404, faults.manifest_503_forever, faults.manifest_not_json]:
            with Registry(CERTIFICATES, fault) as mirror:
                self.assertGreater(len(self.with_mirror(mirror.host, mirror).log), 0)

    def test_layers_come_in_parallel(self):
        content = Content()
        registry = self.fetched(None, threads=4)
        self.assertEqual(len(registry.requests("registry", "/blobs/")), 1 + len(content.layers))


if __name__ == "__main__":
    main()
