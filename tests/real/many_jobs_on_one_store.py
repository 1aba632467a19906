# SPDX-License-Identifier: Apache-2.0
# run: plain
# run: once
# timeout: 180
"""Fifty jobs of a build server at once on one store: all of them run, a layer is fetched once, and nothing is left."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import entries, main, processes_naming, run, wait_for  # noqa: E402
from hostile_images import Whole, small_layer  # noqa: E402
from image_test import RUN, Content, ImageTest, busybox_layer  # noqa: E402
from oci_image import INDEX, digest_of  # noqa: E402

JOBS, PATIENCE = 50, 120


class ManyJobs(ImageTest):
    def at_once(self, words_of):
        """Starts all of them before it waits for the first; the outputs, in order."""
        jobs = []
        for number in range(JOBS):
            with open(f"{self.dir}/out{number}", "wb") as out, open(f"{self.dir}/err{number}", "wb") as err:
                jobs.append(subprocess.Popen(words_of(number), stdin=subprocess.DEVNULL, stdout=out, stderr=err))
        statuses = [job.wait(PATIENCE) for job in jobs]
        failed = [number for number, status in enumerate(statuses) if status]
        self.assertEqual(failed, [], self.read(f"err{failed[0]}") if failed else "")
        return [self.read(f"out{number}") for number in range(JOBS)]

    def read(self, name):
        with open(os.path.join(self.dir, name), encoding="utf-8") as file:
            return file.read()

    def assert_nothing_runs_on(self):
        self.assertEqual(entries(self.store + "/containers"), [])
        self.assert_ran(run([RUN, "gc"]))
        self.assertEqual([name for name in entries(self.store + "/tmp") if not name.startswith("part-")], [])

    def test_jobs_that_run(self):
        os.mkdir(self.dir + "/out")
        said = self.at_once(lambda number: [RUN, "run", "--rm", "-v", f"{self.dir}/out:/out", "base", "sh", "-c",
                                            f"echo job {number}; cat /proc/self/stat > /out/{number}"])
        self.assertEqual(said, [f"job {number}\n" for number in range(JOBS)])
        self.assertEqual(sorted(map(int, os.listdir(self.dir + "/out"))), list(range(JOBS)))
        self.assert_nothing_runs_on()
        self.assertEqual(self.names_in_store(), self.before)

    def test_jobs_that_all_fetch_their_image_first(self):
        lowest = busybox_layer()
        lowest.add("lowest", content=os.urandom(1 << 20))
        tars = [lowest.bytes(), small_layer()]
        image = Whole([(tar, "") for tar in tars], [digest_of(tar) for tar in tars])
        top = digest_of(image.index)
        self.registry.content = Content(image.blobs, image.blobs | {top: image.index},
                                        {digest: "application/json" for digest in image.blobs} | {top: INDEX}, {"1": top})
        os.makedirs(os.environ["HOME"] + "/.config/containers", exist_ok=True)
        os.symlink(self.dir + "/certs", os.environ["HOME"] + "/.config/containers/certs.d")
        said = self.at_once(lambda _: [RUN, "run", "--rm", self.registry.reference, "cat", "/greeting"])
        self.assertEqual(set(said), {"hello\n"})
        for tar in tars:
            fetched = [request for request in self.registry.requests(path="/blobs/" + digest_of(tar))
                       if request.method == "GET"]
            self.assertEqual(len(fetched), 1, "a layer was fetched more than once")
        self.assert_nothing_runs_on()

    def test_jobs_that_are_ended_by_their_time(self):
        """Whatever they started, and whatever that thinks of signals."""
        mark = f"9{os.getpid()}"
        script = f'trap "" TERM HUP INT; setsid sleep {mark} & sleep {mark} & (sleep {mark} &) ; sleep {mark}; sleep {mark}'
        words = ["--rm", "--timeout", "1", "--stop-timeout", "1", "base", "sh", "-c", script]
        self.assert_ran(run([RUN, "run", "-d", *words]))
        jobs = [subprocess.Popen([RUN, "run", *words], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                for _ in range(5)]
        self.assertEqual({job.wait(PATIENCE) for job in jobs}, {124})
        self.assertTrue(wait_for(lambda: not processes_naming(mark)), processes_naming(mark))
        self.assertTrue(wait_for(lambda: entries(self.store + "/containers") == []))
        self.assert_nothing_runs_on()
        self.assertEqual(self.names_in_store(), self.before)


if __name__ == "__main__":
    main()
