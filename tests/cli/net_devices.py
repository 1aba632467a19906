# SPDX-License-Identifier: Apache-2.0
"""Network devices come into a container with what they had, where the caller has rights over their namespace."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests", "support"))
from harness import ContainerTest, main, run  # noqa: E402

# A pair of devices, of which the first has addresses of every kind.
PAIR = """ip link add first type veth peer name second
ip link set first mtu 1400 address 02:00:00:00:00:07
ip link set first up
ip link set second up
ip address add 192.0.2.7/24 dev first
ip address add 198.51.100.8/24 dev first scope link
ip address add 203.0.113.9/24 dev first valid_lft 1000 preferred_lft 1000"""
NO_RIGHTS = ("to move a device takes rights over the network namespace that it is in: have root move it into a "
             "namespace of yours, and name that by its path")
ROOT_ALONE = {key: [{"containerID": 0, "hostID": 0, "size": 1}] for key in ("uidMappings", "gidMappings")}


class NetDevices(ContainerTest):
    def having(self, devices, *args, **more):
        """A bundle that devices come into, for root of a user namespace with one id."""
        bundle = self.bundle(*args)
        bundle.config["linux"].update(ROOT_ALONE, netDevices=devices, **more)
        bundle.write()
        return bundle

    def words(self, bundle):
        return " ".join([*self.oci_words(), "run", "--bundle", bundle.path, self.new_id()])

    def run_with_rights(self, *steps):
        return run(["unshare", "--user", "--map-root-user", "--net", "--mount", "sh", "-ec", "\n".join([PAIR, "cd " + self.dir, *steps])])

    def run_in_it(self, devices, command, **more):
        return self.run_with_rights(self.words(self.having(devices, "sh", "-c", command, **more)))

    def test_all_but_its_place_is_kept(self):
        done = self.run_in_it({"first": {}}, "cat /sys/class/net/first/mtu /sys/class/net/first/address; "
                              "cat /proc/sys/net/ipv4/conf/first/rp_filter; busybox ip -o address show dev first; busybox ip route",
                              sysctl={"net.ipv4.conf.first.rp_filter": "2"})
        self.assert_ran(done)
        lines = done.out.splitlines()
        self.assertEqual(lines[:3], ["1400", "02:00:00:00:00:07", "2"], "settings of it are made once it is there")
        self.assertIn("inet 192.0.2.7/24", lines[3])
        self.assertNotIn("198.51.100.8", done.out, "an address of the link stays")
        self.assertNotIn("203.0.113.9", done.out, "an address for some time stays")
        self.assertIn("192.0.2.0/24 dev first", lines[-1], "it is up")

    def test_it_gets_another_name_and_leaves(self):
        bundle = self.having({"first": {"name": "data0"}}, "ls", "/sys/class/net")
        done = self.run_with_rights(self.words(bundle), "! grep first /proc/net/dev",
                                    "while grep -q second /proc/net/dev; do sleep 0.02; done")  # a pair ends with the container
        self.assert_ran(done)
        self.assertEqual(done.out.split(), ["data0", "lo"])

    def test_a_number_is_chosen(self):
        done = self.run_in_it({"first": {"name": "data%d"}, "second": {"name": "data%d"}}, "ls /sys/class/net")
        self.assert_ran(done)
        self.assertEqual(done.out.split(), ["data0", "data1", "lo"])

    def test_one_that_is_not_there_is_named(self):
        done = self.run_in_it({"third": {}}, "true")
        self.assert_refused(done)
        self.assertIn("linux.netDevices third: ", done.err)
        self.assertIn("No such device", done.err)

    def test_a_name_that_is_taken_leaves_it_where_it_is(self):
        bundle = self.having({"first": {"name": "lo"}}, "true")
        done = self.run_with_rights(self.words(bundle) + " || true", "ip link show first")
        self.assertIn("linux.netDevices first: the container's network namespace has a device lo already", done.err)
        self.assertIn("mtu 1400 ", done.out)

    def test_it_comes_into_a_namespace_that_is_joined(self):
        bundle = self.having({"first": {"name": "data0"}}, "busybox", "ip", "-o", "address", "show", "dev", "data0")
        for space in bundle.config["linux"]["namespaces"]:
            if space["type"] == "network":
                space["path"] = "/proc/PID/ns/net"
        bundle.write()
        done = self.run_with_rights(
            "mkfifo held", "unshare --net cat held & held=$!",
            "while [ $(readlink /proc/$held/ns/net) = $(readlink /proc/self/ns/net) ]; do sleep 0.02; done",
            f"sed -i s,/proc/PID/,/proc/$held/, {bundle.path}/config.json", "status=0", self.words(bundle) + " || status=$?",
            "nsenter --net=/proc/$held/ns/net ip -o address show dev data0", "echo > held", "wait", "exit $status")
        self.assert_ran(done)
        self.assertEqual(done.out.count("inet 192.0.2.7/24"), 2, "it stays there when the container ends")

    def test_without_rights_it_is_refused(self):
        bundle = self.bundle("true")
        bundle.config["linux"]["netDevices"] = {"lo": {"name": "lo1"}}
        bundle.write()
        done = self.run_bundle(bundle)
        self.assert_refused(done)
        self.assertIn("linux.netDevices can't be carried out: " + NO_RIGHTS, done.err)
        # Root of a user namespace whose network is that of the machine.
        done = run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
                    self.words(self.having({"lo": {"name": "lo1"}}, "true"))])
        self.assert_refused(done)
        self.assertIn("linux.netDevices: " + NO_RIGHTS, done.err)

    def test_it_is_told_beforehand(self):
        done = self.run_with_rights(self.words(self.having({"first": {"name": "data0"}}, "true")).replace(
            " run ", " run --dry-run "), "ip -o link show first")
        self.assert_ran(done)
        self.assertIn("network device first comes in as data0\n", done.out)
        self.assertIn("mtu 1400 ", done.out, "it is where it was")


main()
