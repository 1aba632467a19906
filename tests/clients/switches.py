# SPDX-License-Identifier: Apache-2.0
# needs: ids
# run: once
# timeout: 120
"""The files that packaging installs to switch other programs to wolffia-oci are read by them, and one line switches back."""
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from client_test import ClientTest, archive_of_rootfs, main, scratch, settings  # noqa: E402
from harness import OCI, TMP, run  # noqa: E402

CLIENTS = os.path.join(os.environ["TOP"], "packaging/clients")
STORE = os.path.join(TMP, "podman")
# As after an installation, the program is in the PATH.
os.environ["PATH"] = os.path.dirname(OCI) + ":" + os.environ["PATH"]
INFO = ["info", "--format", "{{.Host.OCIRuntime.Name}} {{.Host.OCIRuntime.Path}}"]


class Switches(ClientTest):
    client = ["podman", "--root", STORE + "/root", "--runroot", STORE + "/run", "--tmpdir", STORE + "/tmp",
              "--storage-driver", "overlay", "--events-backend", "file", "--cgroup-manager", "cgroupfs"]

    def test_podman(self):
        """cp podman.conf ~/.config/containers/containers.conf.d/wolffia.conf; podman info, podman run --cgroups=disabled; rm it"""
        self.addCleanup(run, [*self.client, "system", "migrate"], timeout=60)
        self.addCleanup(run, [*self.client, "unshare", "rm", "-rf", STORE + "/root"], timeout=60)
        with open(CLIENTS + "/podman.conf", encoding="utf-8") as file:
            place = settings("containers.conf.d/wolffia.conf", file.read())
        done = self.call(*INFO)
        self.assertEqual(done.out, f"wolffia-oci {OCI}\n", done)
        self.assertNotIn("containers.conf", done.err)  # where it complains of what it does not know
        self.ok("import", "-q", archive_of_rootfs(TMP + "/root.tar"), "localhost/box:1")
        run_it = ["run", "--rm", "--network", "none", "--cgroups=disabled", "localhost/box:1"]
        self.assertEqual(self.ok(*run_it, "echo", "hello"), "hello\n")
        done = self.call(*run_it, "/nowhere")
        self.assertEqual(done.status, 127, done)
        self.assertNotIn('{"', done.err, "what is JSON was not read as that")
        os.unlink(place)
        self.assertNotIn("wolffia", self.ok(*INFO))

    def test_docker(self):
        """cp docker.json ~/.config/docker/daemon.json: what dockerd.py starts Docker's daemon with"""
        with open(CLIENTS + "/docker.json", encoding="utf-8") as file:
            settings_of_docker = json.load(file)
        path = settings_of_docker["runtimes"][settings_of_docker["default-runtime"]]["path"]
        self.assertEqual(shutil.which(path), OCI)

    def test_containerd(self):
        """cp containerd.toml ~/.config/containerd/wolffia.toml; containerd config dump"""
        place = scratch("containerd")
        shutil.copy(CLIENTS + "/containerd.toml", place + "/wolffia.toml")
        with open(place + "/config.toml", "w", encoding="ascii") as file:
            file.write(f'version = 2\nimports = ["{place}/wolffia.toml"]\n')
        done = run(["containerd", "--config", place + "/config.toml", "config", "dump"])
        self.assertEqual(done.status, 0, done)
        self.assertIn('default_runtime_name = "wolffia-oci"', done.out)
        self.assertIn('BinaryName = "wolffia-oci"', done.out)


if __name__ == "__main__":
    main("The files that switch clients", ["podman", "--version"], ["containerd", "--version"])
