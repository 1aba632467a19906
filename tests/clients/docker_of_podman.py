# SPDX-License-Identifier: Apache-2.0
# needs: ids
# run: full
# run: once
# timeout: 400
"""Docker's command line over `podman system service`, whose runtime is wolffia-oci. Over it Podman 4.3 tells no status of
`run --rm`, whatever the runtime."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from client_test import main  # noqa: E402
from docker_test import DockerTest  # noqa: E402
from harness import OCI, TMP, run  # noqa: E402

STORE = os.path.join(TMP, "podman")
SOCKET = "unix://" + os.path.join(TMP, "podman.sock")
PODMAN = ["podman", "--root", STORE + "/root", "--runroot", STORE + "/run", "--tmpdir", STORE + "/tmp",
          "--storage-driver", "overlay", "--cgroup-manager", "cgroupfs", "--events-backend", "file", "--runtime", OCI]


class DockerOfPodman(DockerTest):
    client = ["docker", "--host", SOCKET]

    @classmethod
    def setUpClass(cls):
        cls.service = subprocess.Popen([*PODMAN, "system", "service", "--time", "0", SOCKET])
        cls.addClassCleanup(cls.end)
        cls.begin()

    @classmethod
    def end(cls):
        cls.service.terminate()
        cls.service.wait()
        run([*PODMAN, "rm", "--all", "--force", "--time", "0"], timeout=60)
        cls.kill_all_of(STORE)
        run([*PODMAN, "unshare", "rm", "-rf", STORE + "/root"], timeout=60)
        run([*PODMAN, "system", "migrate"], timeout=60)


del DockerTest  # its tests are those of the class above alone

if __name__ == "__main__":
    main("Docker's command line over podman system service", ["docker", "--version"], ["podman", "--version"])
