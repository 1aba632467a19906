# SPDX-License-Identifier: Apache-2.0
# needs: ids
# run: full
# run: once
# timeout: 2400
"""runc's own integration tests, of the version that Debian ships, with our program in runc's place."""
import concurrent.futures
import glob
import os
import pwd
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests", "support"))
from conformance import (FAILED, HERE, MACHINE, OCI, PASSED, SKIPPED, TMP, TOP, Outcome, chosen, fetch,  # noqa: E402
                         handed_on, judge)
from harness import subordinate  # noqa: E402

# bats runs the tests; gawk reads mountinfo for them; the rest builds runc's helper programs.
PACKAGES = """bats gawk libsigsegv2 golang-1.19-go golang-1.19-src golang-dbus-dev golang-github-cilium-ebpf-dev
    golang-github-containerd-console-dev golang-github-coreos-go-systemd-dev golang-github-cpuguy83-go-md2man-v2-dev
    golang-github-cyphar-filepath-securejoin-dev golang-github-docker-go-units-dev golang-github-moby-sys-dev
    golang-github-mrunalp-fileutils-dev golang-github-opencontainers-selinux-dev golang-github-opencontainers-specs-dev
    golang-github-russross-blackfriday-v2-dev golang-github-seccomp-libseccomp-golang-dev golang-github-sirupsen-logrus-dev
    golang-github-urfave-cli-dev golang-github-vishvananda-netlink-dev golang-github-vishvananda-netns-dev
    golang-gocapability-dev golang-golang-x-sys-dev""".split()
HELPERS = ["recvtty", "sd-helper", "seccompagent"]  # of contrib/cmd
TEST_PATIENCE = 900 if MACHINE else 120
FILE_PATIENCE = 3600 if MACHINE else 1200
AT_ONCE = 1 if MACHINE else 2
ONE_LIBRARY = "libsigsegv.so.2"  # of what is fetched, all that no Debian 12 with our packages has
# The machine is slow: there run those that show more in it than here, as they want cgroups of the second version, and do not want root.
OF_MACHINE = "cgroups delete pause update".split()


def of_rootless():
    """What rootless.sh of the suite would set."""
    uids, gids = subordinate("/etc/subuid"), subordinate("/etc/subgid")
    return {
        "RUNC": OCI, "ROOTLESS_FEATURES": "idmap",
        "ROOTLESS_UIDMAP_START": str(uids[0]), "ROOTLESS_UIDMAP_LENGTH": str(uids[1]),
        "ROOTLESS_GIDMAP_START": str(gids[0]), "ROOTLESS_GIDMAP_LENGTH": str(gids[1]),
        "BATS_TEST_TIMEOUT": str(TEST_PATIENCE), "USER": pwd.getpwuid(os.geteuid()).pw_name,
    }


def environment(packages):
    """Where the suite and Go find what was fetched."""
    usr = os.path.join(packages, "usr")
    libraries = glob.glob(f"{usr}/lib/*-linux-gnu/{ONE_LIBRARY}")
    return {
        **os.environ, "GOROOT": f"{usr}/lib/go-1.19", "GOPATH": f"{usr}/share/gocode", "GO111MODULE": "off", "GOFLAGS": "-p=2",
        "GOCACHE": os.path.join(TMP, "go"), "LD_LIBRARY_PATH": os.path.dirname(libraries[0]),
        "PATH": f"{usr}/bin:{usr}/lib/go-1.19/bin:{os.environ['PATH']}:/usr/sbin:/sbin",
    }


def build_helpers(source, env):
    name = os.path.join(env["GOPATH"], "src", "github.com", "opencontainers", "runc")
    if not os.path.islink(name):
        os.symlink(source, name)
    for helper in HELPERS:
        directory = os.path.join(name, "contrib", "cmd", helper)
        if not os.path.exists(os.path.join(directory, helper)):
            subprocess.run(["go", "build", "-tags", "seccomp", "-o", helper, "."], cwd=directory, check=True, env=env)


def image(testdata, name, env):
    """Where the suite finds an image: under the name that it would have fetched it under; tar(1) sees what it is."""
    architecture = subprocess.run(["go", "env", "GOARCH"], env=env, check=True, capture_output=True, text=True).stdout.strip()
    return os.path.join(testdata, f"{name}-{architecture}.tar.xz")


def remove(path):
    """What the run before left: root's, where the user can't write to it, after one in the machine."""
    if os.path.lexists(path):
        os.unlink(path)


def make_busybox(busybox):
    remove(busybox)
    root = os.path.join(TMP, "busybox")
    subprocess.run([os.path.join(TOP, "tests/support/make-rootfs"), root], check=True)
    os.mkdir(os.path.join(root, "home"))
    subprocess.run(["tar", "-C", root, "-cf", busybox, "."], check=True)


def make_debian(debian):
    made = subprocess.run([os.path.join(TOP, "tests/support/debian-root")], check=True, capture_output=True, text=True).stdout.strip()
    remove(debian)
    os.symlink(made, debian)


def outcomes_of(stem, lines):
    """What a file's tests came to: a line "ok" or "not ok" each, followed by what a failed one printed."""
    found, before = None, []
    for line in lines:
        match = re.match(r"(not )?ok \d+ (.*)", line)
        if match:
            if found:
                yield found
            title, skip, _ = match.group(2).partition(" # skip")
            found = Outcome(f"{stem}: {title}", FAILED if match.group(1) else SKIPPED if skip else PASSED, line)
            print(found.result, found.name, flush=True)
        elif found:
            found = found._replace(output=found.output + line)
        else:
            before.append(line)
    yield found or Outcome(stem, FAILED, "".join(before))


def run_file(file, env):
    stem = os.path.basename(file)[:-len(".bats")]
    place = os.path.join(TMP, stem[-12:])  # sockets lie below it, whose paths are short
    os.mkdir(place)
    only = os.environ.get("WOLFFIA_ONLY", "").partition(": ")[2]
    args = ["bats", "--tap", *(["--filter", re.escape(only)] if only else []), file]
    with subprocess.Popen(["timeout", "--kill-after=5", str(FILE_PATIENCE), *args], env={**env, "TMPDIR": place},
                          cwd=os.path.dirname(file), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace") as bats:
        return list(outcomes_of(stem, bats.stdout))


def build():
    """The suite with its helper programs and one image, and the environment in which that went."""
    directory = fetch("runc", *PACKAGES)
    source = os.path.join(directory, "source")
    testdata = os.path.join(source, "tests", "integration", "testdata")
    env = environment(os.path.join(directory, "packages"))
    build_helpers(source, env)
    make_busybox(image(testdata, "busybox", env))
    return source, testdata, env


def hand_on(to):
    """What the machine needs; no test that runs in it uses the Debian image, but the suite asks whether there is one."""
    source, testdata, env = build()
    debian = os.path.basename(image(testdata, "debian", env))
    shutil.copytree(source, to, symlinks=True, ignore=shutil.ignore_patterns(debian))
    with open(os.path.join(to, os.path.relpath(testdata, source), debian), "wb"):
        pass


def prepared():
    """The suite and its environment."""
    if MACHINE:
        path = f"{os.path.join(HERE, 'stand_in')}:{os.environ['PATH']}:/usr/sbin:/sbin"
        return handed_on("runc"), {**os.environ, **of_rootless(), "RUNC_USE_SYSTEMD": "yes", "PATH": path}
    source, testdata, env = build()
    make_debian(image(testdata, "debian", env))
    return source, {**env, **of_rootless()}


def main():
    if sys.argv[1:2] == ["prepare"]:
        return hand_on(sys.argv[2])
    source, env = prepared()
    wanted = os.environ.get("WOLFFIA_ONLY", "").partition(": ")[0]
    files = [file for file in sorted(glob.glob(source + "/tests/integration/*.bats"))
             if wanted in os.path.basename(file) and (not MACHINE or os.path.basename(file)[:-5] in OF_MACHINE)]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = [outcome for of_file in pool.map(lambda file: run_file(file, env), files) for outcome in of_file]
    return judge("runc", [outcome for outcome in outcomes if chosen(outcome.name)])


sys.exit(main())
