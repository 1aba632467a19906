// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include "launch/facts.hpp"
#include "launch/rootfs_fixture.hpp"
#include "sys/file.hpp"

namespace wolffia::launch {
namespace {

using test::contains_line;
using test::describe;
using test::listing;

constexpr const char* kNodes[] = {"null char 1:3",   "zero char 1:5",    "full char 1:7",
                                  "random char 1:8", "urandom char 1:9", "tty char 5:0"};
constexpr const char* kLinks[] = {"fd link /proc/self/fd", "stdin link /proc/self/fd/0",
                                  "stdout link /proc/self/fd/1", "stderr link /proc/self/fd/2",
                                  "ptmx link pts/ptmx"};

class DevicesTest : public RootfsTest {
 protected:
  DevicesTest() { add_default_devices(); }

  plan::DeviceStep& add_device(const std::string& path, oci::DeviceType type, uint32_t major,
                               uint32_t minor) {
    plan::DeviceStep device;
    device.path = path;
    device.type = type;
    device.major = major;
    device.minor = minor;
    return plan_.devices.emplace_back(std::move(device));
  }

  void expect_all_in(const std::string& text) {
    for (const char* line : kNodes)
      EXPECT_TRUE(contains_line(text, line)) << line << " is missing in\n" << text;
    for (const char* line : kLinks)
      EXPECT_TRUE(contains_line(text, line)) << line << " is missing in\n" << text;
  }
};

std::string list_dev() {
  return listing("/dev");
}

TEST_F(DevicesTest, a_tmpfs_on_dev_gets_nodes_and_links) {
  add_tmpfs("/dev").data = {"mode=755"};
  const std::string text = build(list_dev);
  SKIP_IF_REFUSED();
  expect_all_in(text);
}

TEST_F(DevicesTest, without_a_mount_they_are_put_into_the_root) {
  const std::string text = build(list_dev);
  SKIP_IF_REFUSED();
  expect_all_in(text);
  EXPECT_EQ(describe(in_root("dev/null")), "file 600") << "only a place for the node";
}

TEST_F(DevicesTest, the_last_of_several_mounts_on_dev_is_the_one_that_counts) {
  add_tmpfs("/dev");
  add_tmpfs("/dev").data = {"mode=711"};
  const std::string text = build([] { return describe("/dev") + "\n" + listing("/dev"); });
  SKIP_IF_REFUSED();
  EXPECT_TRUE(text.starts_with("dir 711\n")) << text;
  expect_all_in(text);
}

TEST_F(DevicesTest, nodes_work) {
  add_tmpfs("/dev");
  const std::string text = build([] {
    std::string zeros(4, 'x');
    std::ifstream("/dev/zero").read(zeros.data(), 4);
    const bool zero = zeros == std::string(4, '\0');
    return test::try_write("/dev/null") + (zero ? " zeros" : " no zeros");
  });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "ok zeros");
}

TEST_F(DevicesTest, a_bound_dev_is_left_alone) {
  std::filesystem::create_directory(dir_ / "dev");
  test::write_text(dir_ / "dev/own", "");
  add_bind(dir_ / "dev", "/dev");
  const std::string text = build(list_dev);
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "own file 644\n");
}

TEST_F(DevicesTest, a_device_may_lie_anywhere_in_the_root) {
  add_tmpfs("/dev");
  add_device("/dev/deep/er/null", oci::DeviceType::Char, 1, 3);
  add_device("/elsewhere/null", oci::DeviceType::Char, 1, 3);
  const std::string text =
      build([] { return describe("/dev/deep/er/null") + " " + describe("/elsewhere/null"); });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "char 1:3 char 1:3");
}

TEST_F(DevicesTest, a_node_that_the_host_lacks_is_named) {
  add_tmpfs("/dev");
  add_device("/dev/wolffia", oci::DeviceType::Char, 4000, 7);
  const std::string text = build(list_dev);
  SKIP_IF_REFUSED();
  EXPECT_EQ(text,
            "error: mounts[0] on /dev: device /dev/wolffia: the host has no such node (character "
            "4000:7), and one can't be made without privileges");
}

TEST_F(DevicesTest, a_node_with_other_numbers_is_not_taken) {
  add_tmpfs("/dev");
  add_device("/dev/zero2", oci::DeviceType::Char, 1, 5);
  plan_.devices[1].major = 1;
  plan_.devices[1].minor = 3;  // "/dev/zero" is to be null: the host's is not
  const std::string text = build(list_dev);
  SKIP_IF_REFUSED();
  EXPECT_TRUE(text.find("char 1:5") == std::string::npos) << text;
}

TEST_F(DevicesTest, a_fifo_is_made) {
  add_tmpfs("/dev");
  add_device("/dev/pipe", oci::DeviceType::Fifo, 0, 0).mode = 0620;
  add_device("/data/pipe", oci::DeviceType::Fifo, 0, 0).mode = 0600;
  const std::string text =
      build([] { return describe("/dev/pipe") + " " + describe("/data/pipe"); });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "fifo 620 fifo 600");
}

TEST_F(DevicesTest, what_tmpcopyup_brought_makes_room_for_nodes) {
  test::write_text(in_root("dev/null"), "from the image");
  test::write_text(in_root("dev/stdin"), "from the image");
  test::write_text(in_root("dev/other"), "from the image");
  add_tmpfs("/dev").copy_up = true;
  const std::string text = build(list_dev);
  SKIP_IF_REFUSED();
  expect_all_in(text);
  EXPECT_TRUE(contains_line(text, "other file 644")) << text;
}

/// A pty whose slave lies in a devpts of the container's, as child_terminal.cpp opens it.
Result<sys::Fd> open_slave(Rootfs& rootfs) {
  const sys::InRoot master = TRY(sys::open_in_root(rootfs.root, "dev/pts/ptmx", O_RDWR | O_NOCTTY));
  const int unlock = 0;
  if (::ioctl(master.get(), TIOCSPTLCK, &unlock) < 0) return Error::last("ioctl");
  const int slave = ::ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) return Error::last("ioctl");
  (void)sys::same_again(master).value().release();  // stays open, or the slave hangs up
  return sys::Fd(slave);
}

class ConsoleTest : public DevicesTest {
 protected:
  ConsoleTest() {
    std::filesystem::create_directory(in_root("dev/pts"));
    before_seal_ = [](Rootfs& rootfs) -> Result<void> {
      return attach_console(rootfs, TRY(open_slave(rootfs)));
    };
  }
  void add_pts() {
    add_mount(plan::MountKind::Filesystem, "devpts", "devpts", "/dev/pts").data = {"newinstance",
                                                                                   "ptmxmode=0666"};
  }
};

TEST_F(ConsoleTest, is_the_pty_itself) {
  add_tmpfs("/dev");
  add_pts();
  for (const char* forced : {"", "openat2,open_tree,fsopen,move_mount,mount_setattr"}) {
    forced_ = forced;
    const std::string text = build([] { return describe("/dev/console"); });
    SKIP_IF_REFUSED();
    EXPECT_EQ(text, "char 136:0");
  }
}

TEST_F(ConsoleTest, is_put_into_the_roots_own_dev) {
  add_pts();
  const std::string text = build([] { return describe("/dev/console"); });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "char 136:0");
  EXPECT_EQ(describe(in_root("dev/console")), "file 600");
}

TEST_F(ConsoleTest, is_never_put_through_a_link) {
  test::write_text(dir_ / "canary", "text");
  std::filesystem::create_symlink(dir_ / "canary", in_root("dev/console"));
  add_pts();
  const std::string text = build(list_dev);
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "error: /dev/console: the root file system has something else there");
}

TEST_F(ConsoleTest, anything_but_a_pty_is_refused) {
  add_tmpfs("/dev");
  before_seal_ = [](Rootfs& rootfs) -> Result<void> {
    return attach_console(rootfs, TRY(sys::open_at(sys::cwd(), "/dev/null", O_RDWR)));
  };
  const std::string text = build(list_dev);
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "error: process.terminal: the console is not a pty");
}

TEST_F(ConsoleTest, of_a_read_only_root_is_put_into_a_layer) {
  plan_.root.readonly = true;
  plan_.root.cover = plan::Cover::IfMissing;
  plan_.process.emplace().terminal = true;
  for (const char* name : {"null", "zero", "full", "random", "urandom", "tty"})
    test::write_text(in_root("dev/") + name, "");  // all is there but the console
  for (const char* name : {"fd", "stdin", "stdout", "stderr", "ptmx"})
    std::filesystem::create_symlink("x", in_root("dev/") + name);
  add_pts();
  const std::string before = test::fingerprint(root());
  const std::string text = build([] { return describe("/dev/console"); });
  SKIP_IF_REFUSED();
  EXPECT_EQ(text, "char 136:0");
  EXPECT_EQ(test::fingerprint(root()), before);
}

}  // namespace
}  // namespace wolffia::launch
