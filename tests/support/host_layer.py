# SPDX-License-Identifier: Apache-2.0
"""Layers of programs of this machine, with the libraries that they load: images of what people work with, made in a
second and without a network."""
import os
import re
import subprocess
import tarfile

from oci_image import Layer

# Where /usr is all there is, the other names are links.
LINKS = {"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "lib64": "usr/lib64"}
APPLETS = ("sh", "cat", "ls", "id", "sleep", "touch", "echo", "true", "httpd", "seq", "mkdir", "setsid", "rm")


def libraries_of(program):
    listed = subprocess.run(["ldd", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return re.findall(r"(/\S+) \(0x", listed.stdout)


class HostLayer(Layer):
    """A root with busybox, to which files of the host are added under their own names."""

    def __init__(self):
        super().__init__()
        self.known = set()
        for link, target in LINKS.items():
            self.directory(target)
            self.add(link, tarfile.SYMTYPE, link=target, mode=0o777)
        for directory in ("etc", "tmp", "root"):
            self.directory(directory, mode=0o1777 if directory == "tmp" else 0o755)
        self.add("etc/passwd", content=b"root:x:0:0:root:/root:/bin/sh\n")
        self.take("/bin/busybox")
        for applet in APPLETS:
            self.add("usr/bin/" + applet, tarfile.SYMTYPE, link="busybox", mode=0o777)

    def take(self, path):
        """The file at that path, whatever links lead to it."""
        directory = os.path.realpath(os.path.dirname(path))
        name = os.path.join(directory, os.path.basename(path)).lstrip("/")
        if name in self.known:
            return
        self.known.add(name)
        with open(path, "rb") as file:
            self.add(name, content=file.read(), mode=os.stat(path).st_mode & 0o777)

    def take_program(self, path):
        for file in [path, *libraries_of(path)]:
            self.take(file)
