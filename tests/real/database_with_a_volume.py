# SPDX-License-Identifier: Apache-2.0
# timeout: 120
"""A working day: a database whose files lie in a directory of the host survives its container, however that ends."""
import json
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import ContainerTest, main, run, wait_for  # noqa: E402
from host_layer import HostLayer  # noqa: E402
from oci_image import Layout  # noqa: E402

IMAGE, RUN, SQLITE = os.environ["WOLFFIA_IMAGE"], os.environ["WOLFFIA"], "/usr/bin/sqlite3"
# Says how far it has come only behind each transaction.
WRITER = ('i=0; while :; do i=$((i + 1)); '
          'sqlite3 -cmd ".timeout 20000" /data/db "insert into t values ($i);" && echo "$i"; done')


class Database(ContainerTest):
    def setUp(self):
        super().setUp()
        os.environ["WOLFFIA_STORE"] = self.dir + "/store"
        layer = HostLayer()
        layer.take_program(SQLITE)
        Layout(self.dir + "/layout").add_image("db", [layer], {"Volumes": {"/scratch": {}}}, packed=False)
        self.assert_ran(run([IMAGE, "pull", "-q", "--name", "db", f"oci:{self.dir}/layout"]))
        self.data = self.dir + "/data"
        os.mkdir(self.data)
        self.volume = ["-v", self.data + ":/data"]
        self.sql("create table t (n integer);")
        self.addCleanup(run, [RUN, "rm", "-f", "writer"])

    def sql(self, text):
        done = run([RUN, "run", "--rm", *self.volume, "db", "sqlite3", "-cmd", ".timeout 20000", "/data/db", text])
        self.assert_ran(done)
        return done.out.strip()

    def committed(self):
        """The last number that the writer says it has written."""
        lines = run([RUN, "logs", "writer"]).out.split()
        return int(lines[-1]) if lines else 0

    def start_writer(self):
        self.assert_ran(run([RUN, "run", "-d", "--name", "writer", *self.volume, "db", "sh", "-c", WRITER]))
        self.assertTrue(wait_for(lambda: self.committed() >= 5), run([RUN, "logs", "writer"]))

    def assert_whole(self, at_least):
        self.assertEqual(self.sql("pragma integrity_check;"), "ok")
        self.assertGreaterEqual(int(self.sql("select max(n) from t;")), at_least)
        self.assertEqual(os.stat(self.data + "/db").st_uid, os.geteuid())

    def test_it_survives_a_stop_and_goes_on_behind_a_start(self):
        self.start_writer()
        self.assert_ran(run([RUN, "stop", "-t", "1", "writer"]))
        before = self.committed()
        self.assert_whole(before)
        count = int(self.sql("select count(*) from t;"))
        self.assert_ran(run([RUN, "start", "writer"]))
        self.assertTrue(wait_for(lambda: int(self.sql("select count(*) from t;")) > count))
        self.assert_ran(run([RUN, "rm", "-f", "writer"]))
        self.assert_whole(before)

    def test_it_survives_a_kill_of_the_container_and_of_its_supervisor(self):
        self.start_writer()
        self.assert_ran(run([RUN, "kill", "writer"]))
        self.assert_ran(run([RUN, "wait", "writer"]))
        before = self.committed()
        self.assert_whole(before)
        self.assert_ran(run([RUN, "start", "writer"]))
        self.assertTrue(wait_for(lambda: self.committed() != before))
        with open(f"{os.environ['WOLFFIA_STORE']}/containers/{run([RUN, 'ps', '-q']).out.strip()}/container.json",
                  encoding="utf-8") as file:
            os.kill(json.load(file)["runner"]["pid"], signal.SIGKILL)
        self.assert_ran(run([RUN, "rm", "-f", "writer"]))
        self.assert_whole(before)
        self.assertEqual(os.listdir(os.environ["WOLFFIA_STORE"] + "/containers"), [])


if __name__ == "__main__":
    main()
