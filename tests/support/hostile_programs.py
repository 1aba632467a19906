# SPDX-License-Identifier: Apache-2.0
"""Hostile images, the family of what a config wants to be run: pulled without a word, it is `wolffia run` that answers."""
import tarfile

from hostile_images import GOOD, Family, at
from image_test import busybox_layer

MIB = 1 << 20
SHOW_ID = ("sh", "-c", "id -u; id -g")
# Where the root of every image has the links "out" and "up", the file "file" and the directory "directory".


def trap_layer(canary):
    """The base of all images: busybox, and links to the canary."""
    layer = busybox_layer()
    layer.directory("etc")
    layer.add("etc/passwd", content=b"root:x:0:0::/root:/bin/sh\nana:x:7:70::/:/bin/sh\nbig:x:4294967296:0::/:/bin/sh\n")
    layer.add("etc/group", content=b"root:x:0:\nana:x:70:\n")
    layer.add("out", tarfile.SYMTYPE, link=canary)
    layer.add("up", tarfile.SYMTYPE, link="../" * 40 + canary[1:])
    layer.add("file", content=b"file\n")
    layer.directory("directory")
    return layer.bytes()


def users(family):
    for user, outcome in {"-1": "not in the image's", "4294967295": "is no id", "4294967296": "is no id",
                          "99999999999999999999": "is no id", "0:4294967295": "is no id", "nobody-here": "not in the image's",
                          "big": "not in the image's", "../etc/passwd": "not in the image's", "0x0": "not in the image's",
                          "+0": "not in the image's", " 0": "not in the image's", "0 ": "not in the image's",
                          "root\n": "not in the image's", "0:0:0": "not in the image's", "\x1b[31m": "not in the image's",
                          "x" * MIB: "not in the image's", "ana:eve": "not in the image's"}.items():
        family.add(f"User {user[:24]!r}", "config", at("config/User", user), GOOD, run=(SHOW_ID, 125, outcome))
    for user in ("", "0", "00", "root", "root:root", "0:0", ":0", "0:", ":"):
        family.add(f"User {user!r} is root", "config", at("config/User", user), GOOD, run=(SHOW_ID, 0, "^0\n0\n$"))


def directories(family):
    show = ("pwd",)
    for path, status, outcome in ((".", 125, "--workdir"), ("..", 125, "--workdir"), ("", 0, "^/\n$"),
                                  ("relative", 125, "--workdir"), ("/new/and/deep", 0, "^/new/and/deep\n$"),
                                  ("/file", 125, "directory"), ("/file/below", 125, "directory"),
                                  ("/out", 0, "/canary\n$"), ("/up/new", None, ""), ("/out/new", None, ""),
                                  ("/proc/self/fd/3", 125, "fd/3"), ("/proc/self/fd/7/../../..", 125, "missing"),
                                  ("/proc/1/root", None, ""), ("/a\n\x1b[31mb", 0, ""), ("/" + "d/" * 3000, 125, "process.cwd")):
        family.add(f"WorkingDir {path[:24]!r}", "config", at("config/WorkingDir", path), GOOD, run=(show, status, outcome))


def programs(family):
    for name, argv, status, outcome in (
            ("none", [], 0, "^$"), ("empty", [""], 127, ""), ("nowhere", ["/nowhere"], 127, "nowhere"),
            ("a directory", ["/directory"], 126, "directory"), ("a file of text", ["/file"], 126, "file"),
            ("that leads out", ["/out/file"], 127, ""), ("of dots", ["../../../bin/cat", "/greeting"], 0, "hello"),
            ("of the host", ["/proc/self/exe"], None, ""), ("with a line end", ["a\n\x1b[31mb"], 127, ""),
            ("of 1 MiB", ["true", "x" * MIB], 126, "Argument list too long|too long"),
            ("of 50,000 words", ["true"] + ["x"] * 50_000, 0, "")):
        family.add(f"Cmd {name}", "config", at("config/Cmd", argv), GOOD, run=((), status, outcome))
    family.add("Entrypoint that leads out", "config", at("config/Entrypoint", ["/up/directory/file"]), GOOD,
               run=((), 127, ""))
    family.add("Shell and OnBuild", "config", at("config/OnBuild", ["RUN touch /out/x"]), GOOD, run=((), 0, "hello"))
    family.add("Healthcheck", "config", at("config/Healthcheck", {"Test": ["CMD", "/out/file"]}), GOOD, run=((), 0, "hello"))
    family.add("Hooks", "config", at("config/hooks", {"prestart": [{"path": "/bin/touch"}]}), GOOD, run=((), 0, "hello"))


def variables(family):
    show = ("env",)
    for name, entry, outcome in (
            ("without =", "NAME", "^(?!(.*\n)*NAME)"), ("without a name", "=x", "^(?!(.*\n)*=x)"), ("empty", "", "PATH="),
            ("of two lines", "A=b\nPATH=/evil", "^PATH=/usr"), ("LD_PRELOAD", "LD_PRELOAD=/evil.so", "LD_PRELOAD=/evil"),
            ("of ours", "WOLFFIA_FORCE_FALLBACK=1", "PATH="), ("of the store", "WOLFFIA_STORE=/x", "WOLFFIA_STORE=/x"),
            ("with an escape", "A=\x1b[31m", "A=")):
        family.add(f"Env {name}", "config", at("config/Env", [entry]), GOOD, run=(show, 0, outcome))
    family.add("Env of 200 KiB", "config", at("config/Env", ["A=" + "x" * 200_000]), GOOD, run=(("true",), 126, "long"))
    family.add("Env with NUL", "config", at("config/Env", ["A=b\0c"]), GOOD, run=(show, 0, "PATH="))
    for key, old in (("Env", "config/Env"), ("Cmd", "config/Cmd"), ("Entrypoint", "config/Entrypoint")):
        family.add(f"{key} is text", "config", at(old, "true"), key)
        family.add(f"{key} of numbers", "config", at(old, [1]), key)
    for key in ("Cmd", "Entrypoint"):
        family.add(f"{key} with NUL", "config", at(f"config/{key}", ["true\0x"]), "NUL")
    for key in ("User", "WorkingDir", "StopSignal"):
        family.add(f"{key} is a number", "config", at(f"config/{key}", 1), key)
        family.add(f"{key} with NUL", "config", at(f"config/{key}", "/\0x"), "NUL")


def volumes(family):
    show = ("true",)
    for path, status, outcome in (("/", 0, ""), ("/proc", 0, ""), ("/proc/self", 0, ""), ("/sys/fs/cgroup", 0, ""),
                                  ("/dev/shm", 0, ""), ("..", 0, ""), ("/../../..", 0, ""), ("/out", None, ""),
                                  ("/up/directory", None, ""), ("/out/directory/new", None, ""), ("/file", None, ""),
                                  ("/etc/passwd", None, ""), ("/a\n\x1b[31mb", None, ""), ("relative", 0, ""),
                                  ("/" + "v" * 300, None, "")):
        for flags in ((), ("--read-only",)):
            family.add(f"Volumes {path[:24]!r}{' read-only' if flags else ''}", "config",
                       at("config/Volumes", {path: {}}), GOOD, run=((*flags, *show), status, outcome))
    family.add("Volumes of an array", "config", at("config/Volumes", ["/x"]), "Volumes")
    family.add("Volumes, 2,000 of them", "config", at("config/Volumes", {f"/v{i}": {} for i in range(2000)}), GOOD,
               run=(show, 0, ""))
    for key in ("Volumes", "ExposedPorts"):
        family.add(f"{key} with NUL", "config", at(f"config/{key}", {"/x\0y": {}}), "NUL")


def labels(family):
    for key, value in {"org.wolffia.resources.optional": "1", "run.oci.hooks.stdout": "/canary", "": "empty",
                       "org.systemd.property.DeviceAllow": "x", "cdi.k8s.io/gpu": "vendor.com/gpu=all",
                       "x\n\x1b[31m": "y\n", "x" * MIB: "y"}.items():
        family.add(f"Labels {key[:24]!r}", "config", at("config/Labels", {key: value}), GOOD, run=((), 0, "hello"))
    family.add("Labels of an array", "config", at("config/Labels", ["x"]), "Labels")
    family.add("Labels of numbers", "config", at("config/Labels", {"x": 1}), "Labels")
    for value in ("SIGNONE", "99999", "-9", "9; reboot", "RTMAX+99"):
        family.add(f"StopSignal {value}", "config", at("config/StopSignal", value), GOOD, run=((), 0, "hello"))
    for value in ("80", "0/tcp", "99999/tcp", "../x", "80-\n/udp"):
        family.add(f"ExposedPorts {value!r}", "config", at("config/ExposedPorts", {value: {}}), GOOD,
                   run=((), 0, "hello"))


def families():
    family = Family("run", ("oci",))
    for part in (users, directories, programs, variables, volumes, labels):
        part(family)
    return [family]
