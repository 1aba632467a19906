# SPDX-License-Identifier: Apache-2.0
# needs: ids
# run: once
"""A mount shows the ids of its file system as the bundle maps them, for who may mount that; for others it is refused."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests", "support"))
from harness import ContainerTest, main, run  # noqa: E402

ALL = (0, 0, 1), (1, 1, 99)  # a range is one of those that root of the user namespace has, not more of them
SEEN = ("stat", "-c", "%u %g", "/seen/file", "/seen/below/file")


def ids(*rows):
    return [{"containerID": container, "hostID": host, "size": size} for container, host, size in rows]


class IdMappedMounts(ContainerTest):
    def mounting(self, options, readonly=False, **mapped):
        bundle = self.bundle(*SEEN)
        bundle.config["mounts"].append({"destination": "/seen", "source": self.dir + "/source", "options": options, **mapped})
        bundle.config["root"]["readonly"] = readonly
        bundle.config["linux"].update(uidMappings=ids(*ALL), gidMappings=ids(*ALL))
        bundle.write()
        return bundle

    def run_as_root(self, bundle, *more):
        """As root of a user namespace, where the source is a tmpfs with another one below."""
        source = self.dir + "/source"
        os.makedirs(source, exist_ok=True)
        steps = [f"mount -t tmpfs tmpfs {source}", f"mkdir {source}/below", f"mount -t tmpfs tmpfs {source}/below",
                 f"touch {source}/file {source}/below/file", f"chown 3:4 {source}/file", *more,
                 " ".join([*self.oci_words(), "run", "--bundle", bundle.path, self.new_id()])]
        return run(["unshare", "--user", "--map-root-user", "--map-auto", "--mount", "sh", "-ec", "\n".join(steps)])

    def test_ids_of_the_mount(self):
        done = self.run_as_root(self.mounting(["rbind"], uidMappings=ids((0, 0, 1), (3, 50, 1)), gidMappings=ids(*ALL)))
        self.assert_ran(done)
        self.assertEqual(done.out, "50 4\n0 0\n", "of the upper mount alone")

    def test_those_below_as_well(self):
        done = self.run_as_root(self.mounting(["rbind", "ridmap"], uidMappings=ids((0, 7, 4)), gidMappings=ids((0, 8, 5))))
        self.assert_ran(done)
        self.assertEqual(done.out, "10 12\n7 8\n")

    def test_ids_of_the_container(self):
        bundle = self.mounting(["rbind", "idmap"])
        bundle.config["linux"]["uidMappings"] = ids((0, 0, 1), (3, 20, 1))
        bundle.write()
        done = self.run_as_root(bundle)
        self.assert_ran(done)
        self.assertEqual(done.out, "3 4\n0 0\n", "there and back again")

    def test_what_is_made_belongs_to_whom_the_file_system_knows(self):
        bundle = self.mounting(["rbind", "rw"], uidMappings=ids((3, 0, 1), (9, 3, 1)), gidMappings=ids(*ALL))
        bundle.config["process"]["args"] = ["touch", "/seen/made"]
        bundle.write()
        source = self.dir + "/source"
        done = self.run_as_root(bundle, f"chown 3 {source}", f"trap 'stat -c %u {source}/made' EXIT")
        self.assert_ran(done)
        self.assertEqual(done.out, "3\n")

    def test_a_layer_above_the_root_changes_nothing(self):
        done = self.run_as_root(self.mounting(["rbind", "ro"], readonly=True, uidMappings=ids((0, 7, 4)),
                                              gidMappings=ids((0, 8, 5))))
        self.assert_ran(done)
        self.assertEqual(done.out, "10 12\n0 0\n")

    def test_who_may_not_mount_the_file_system_may_not_map_its_ids(self):
        os.makedirs(self.dir + "/source")
        bundle = self.mounting(["bind"], uidMappings=ids((0, 0, 1)), gidMappings=ids((0, 0, 1)))
        bundle.config["linux"].update(uidMappings=ids((0, os.geteuid(), 1)), gidMappings=ids((0, os.getegid(), 1)))
        done = self.run_bundle(bundle)
        self.assert_refused(done)
        self.assertIn("mounts[6] on /seen", done.err)
        self.assertIn("only who may mount its file system may", done.err)


if __name__ == "__main__":
    main()
