# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 120
"""A working day: a web server in the background is asked, read, stopped and started, and its logs do not grow for ever."""
import glob
import json
import os
import socket
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import ContainerTest, main, run, wait_for  # noqa: E402
from host_layer import HostLayer  # noqa: E402
from oci_image import Layout  # noqa: E402

IMAGE, RUN = os.environ["WOLFFIA_IMAGE"], os.environ["WOLFFIA"]
MOST, FILES = 8192, 3


class WebServer(ContainerTest):
    def setUp(self):
        super().setUp()
        self.store = os.environ["WOLFFIA_STORE"] = self.dir + "/store"
        layer = HostLayer()
        layer.directory("www")
        layer.add("www/index.html", content=b"welcome\n")
        Layout(self.dir + "/layout").add_image("web", [layer], packed=False)
        self.assert_ran(run([IMAGE, "pull", "-q", "--name", "web", f"oci:{self.dir}/layout"]))
        self.addCleanup(run, [RUN, "rm", "-f", "site"])
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.assert_ran(run([RUN, "run", "-d", "--name", "site", "--net", "host", "--log-opt", f"max-size={MOST}",
                             "--log-opt", f"max-file={FILES}", "web", "httpd", "-f", "-vv", "-p", f"127.0.0.1:{self.port}",
                             "-h", "/www"]))
        self.assertTrue(wait_for(lambda: self.ask("/") == "welcome\n"), run([RUN, "logs", "site"]))

    def ask(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.read().decode()
        except OSError as error:
            return getattr(error, "code", None)

    def logged(self, text):
        done = run([RUN, "logs", "site"])
        self.assert_ran(done)
        return text in done.out + done.err

    def test_it_is_asked_stopped_and_started(self):
        self.assertEqual(self.ask("/missing-once"), 404)
        self.assertTrue(wait_for(lambda: self.logged("missing-once")))
        self.assert_ran(run([RUN, "stop", "-t", "1", "site"]))
        self.assertIsNone(self.ask("/"))
        self.assertTrue(self.logged("missing-once"), "what it said is read behind its end, too")
        self.assert_ran(run([RUN, "start", "site"]))
        self.assertTrue(wait_for(lambda: self.ask("/") == "welcome\n"))
        self.assertEqual(self.ask("/missing-twice"), 404)
        self.assertTrue(wait_for(lambda: self.logged("missing-twice")))
        state = json.loads(run([RUN, "ps", "--json"]).out)[0]
        self.assertEqual((state["name"], state["status"]), ("site", "running"))
        self.assert_ran(run([RUN, "rm", "-f", "site"]))
        self.assertIsNone(self.ask("/"))
        self.assertEqual(os.listdir(self.store + "/containers"), [])

    def test_its_logs_are_cut(self):
        for number in range(400):
            self.assertEqual(self.ask(f"/missing-{number}"), 404)
        self.assertTrue(wait_for(lambda: self.logged("missing-399")))
        self.assertFalse(self.logged("missing-0 "), "the first lines are still there")
        sizes = [os.path.getsize(path) for path in glob.glob(self.store + "/containers/*/*log*")]
        self.assertGreater(sum(sizes), MOST)
        self.assertLessEqual(max(sizes), MOST + 1024)
        self.assertLessEqual(len(sizes), 2 * FILES)  # of what it says, and of its complaints


if __name__ == "__main__":
    main()
