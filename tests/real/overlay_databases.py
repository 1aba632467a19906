# SPDX-License-Identifier: Apache-2.0
# timeout: 240
# run: once
"""Databases whose files lie on a union mount: SQLite in both of its journals with writers that exclude each other, and
PostgreSQL as an ordinary user who mounts through fusermount3. What was committed is there after kill -9 and another mount."""
import contextlib
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import FULL, main, run, wait_for  # noqa: E402
from overlay_test import OverlayTest  # noqa: E402

CLIENTS, TRANSACTIONS = 4, 100 if FULL else 25  # of each client
POSTGRESQL = "/usr/lib/postgresql/15/bin/"
WRITER = """i=0
while [ $i -lt {count} ]; do
  i=$((i + 1))
  sqlite3 -cmd ".timeout 30000" db "insert into t values ({writer}, $i)"
done"""


class Databases(OverlayTest):
    outside = True

    def sql(self, text, cwd=None):
        return self.must("sqlite3", "-cmd", ".timeout 30000", "db", text, cwd=cwd).strip()

    def sqlite(self, journal, writers=3, count=8):
        """The database comes from the lower layer; several processes add to it at once."""
        self.sql(f"pragma journal_mode={journal}; create table t (writer integer, n integer);", cwd=self.lower)
        with self.mounted():
            commands = [subprocess.Popen(["sh", "-c", WRITER.format(writer=writer, count=count)], cwd=self.path)
                        for writer in range(writers)]
            self.assertEqual([command.wait() for command in commands], [0] * writers)
            self.assertEqual(self.sql("select count(*) from t; pragma integrity_check"), f"{writers * count}\nok")
        with self.mounted():
            self.assertEqual(self.sql("select count(*) from t; pragma integrity_check"), f"{writers * count}\nok")

    def test_sqlite_with_a_rollback_journal(self):
        self.sqlite("delete")

    def test_sqlite_with_a_write_ahead_log(self):
        """Its index is shared memory."""
        self.sqlite("wal")

    def test_sqlite_killed(self):
        self.sql("create table t (writer integer, n integer);", cwd=self.lower)
        with self.mounted():
            with subprocess.Popen(["sh", "-c", WRITER.format(writer=1, count=100_000)], cwd=self.path,
                                  start_new_session=True) as writer:
                reached = wait_for(lambda: int(self.sql("select count(*) from t")) >= 5)
                os.killpg(writer.pid, signal.SIGKILL)
            self.assertTrue(reached)
            count = self.sql("select count(*) from t; pragma integrity_check")
            self.assertTrue(count.endswith("\nok"), count)
        with self.mounted():
            self.assertEqual(self.sql("select count(*) from t; pragma integrity_check"), count)

    @contextlib.contextmanager
    def server(self, end):
        """PostgreSQL on a socket in its own directory."""
        options = f"-k {self.dir} -c listen_addresses= -c shared_buffers=16MB"
        self.must(POSTGRESQL + "pg_ctl", "-D", "data", "-w", "-o", options, "-l", self.dir + "/log", "start")
        try:
            yield
        finally:
            self.must(POSTGRESQL + "pg_ctl", "-D", "data", "-w", "-m", end, "stop")

    def query(self, text):
        return self.must(POSTGRESQL + "psql", "-h", self.dir, "-d", "postgres", "-Atc", text).strip()

    def assert_consistent(self):
        """pgbench moves amounts around: all sums are one."""
        sums = [self.query(f"select coalesce(sum({column}), 0) from {table}") for table, column in (
            ("pgbench_accounts", "abalance"), ("pgbench_tellers", "tbalance"), ("pgbench_branches", "bbalance"),
            ("pgbench_history", "delta"))]
        self.assertEqual(len(set(sums)), 1, sums)

    def test_postgresql(self):
        bench = [POSTGRESQL + "pgbench", "-h", self.dir, "-n", "-c", str(CLIENTS), "-j", "2", "-t", str(TRANSACTIONS),
                 "postgres"]
        with self.mounted():
            self.must(POSTGRESQL + "initdb", "-D", "data", "-A", "trust", "-E", "UTF8", "--no-locale")
            with self.server("immediate"):  # as if it were killed
                self.must(POSTGRESQL + "pgbench", "-h", self.dir, "-i", "-q", "postgres")
                self.must(*bench)
        with self.mounted():
            with self.server("fast"):
                self.assert_consistent()
                self.assertEqual(self.query("select count(*) from pgbench_history"), str(CLIENTS * TRANSACTIONS))
                self.must(*bench)
                self.query("vacuum full")
                self.assert_consistent()
        self.assertNotIn("PANIC", run(["cat", self.dir + "/log"]).out)


if __name__ == "__main__":
    main()
