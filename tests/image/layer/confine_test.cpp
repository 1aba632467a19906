// SPDX-License-Identifier: Apache-2.0
#include "image/layer/confine.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <functional>

#include "image/layer/unpack_support.hpp"

using namespace wolffia;
using test::TarBuilder;
using test::UnpackedTree;

namespace {

/// What `body` says in a process that is confined to the tree; the reason where it cannot be.
std::string confined(const UnpackedTree& tree, const std::function<std::string()>& body) {
  auto [ours, theirs] = sys::make_pipe(0).value();
  const sys::Fd stream = test::stream_of("");
  const pid_t child = ::fork();
  if (child == 0) {
    sys::Fd root = sys::open_root(tree.root().c_str()).value();
    const auto done = image::confine(stream, theirs, root, image::Owners::Caller);
    (void)sys::write_all(theirs, done ? body() : done.error().message());
    ::_exit(0);
  }
  theirs.reset();
  std::string text = sys::read_all(ours, 4096).value();
  ::waitpid(child, nullptr, 0);
  return text;
}

std::string outcome(long result) {
  return result < 0 ? ::strerrorname_np(errno) : "done";
}

}  // namespace

TEST(confine, a_layer_is_unpacked_as_without) {
  UnpackedTree tree;
  const std::string layer = TarBuilder()
                                .directory("d", 0711)
                                .file("d/f")
                                .file(".wh.gone", "")
                                .hard_link("pending", "below")
                                .done();
  const sys::Fd stream = test::stream_of(layer);
  const sys::Fd root = sys::open_root(tree.root().c_str()).value();
  const auto done = image::unpack_confined(stream, root, tree.options);
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(done->diff_id, image::digest_of(layer));
  EXPECT_EQ(tree.text("d/f"), "content");
  EXPECT_EQ(tree.status("d").st_mode, S_IFDIR | 0711U);
  EXPECT_TRUE(tree.is_whiteout("gone"));
  EXPECT_EQ(done->pending.size(), 1U);
}

TEST(confine, errors_come_back_whole) {
  UnpackedTree tree;
  const sys::Fd root = sys::open_root(tree.root().c_str()).value();
  const sys::Fd stream = test::stream_of(TarBuilder().file("../x").done());
  const auto done = image::unpack_confined(stream, root, tree.options);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), EINVAL);
  EXPECT_EQ(done.error().message(), "\"../x\": the path leads out of the tree");
}

TEST(confine, the_process_ends_with_who_started_it) {
  UnpackedTree tree;
  auto [reading, writing] = sys::make_pipe(0).value();
  const sys::Fd root = sys::open_root(tree.root().c_str()).value();
  const pid_t starter = ::fork();
  if (starter == 0) {
    writing.reset();
    (void)image::unpack_confined(reading, root, tree.options);
    ::_exit(1);
  }
  reading.reset();
  ASSERT_TRUE(sys::write_all(
      writing, TarBuilder().file("begun").file("much", std::string(600'000, 'x')).open()));
  while (!tree.exists("begun"))  // then it is confined, and waits for more
    ASSERT_EQ(::waitpid(starter, nullptr, WNOHANG), 0);
  ::kill(starter, SIGKILL);
  ::waitpid(starter, nullptr, 0);
  pollfd readers{writing.get(), 0, 0};  // POLLERR comes when nobody reads any more
  EXPECT_EQ(::poll(&readers, 1, 20'000), 1);
  EXPECT_NE(readers.revents & POLLERR, 0);
}

TEST(confine, nothing_but_the_tree_can_be_seen) {
  UnpackedTree tree;
  test::write_text(tree.dir / "secret", "outside");
  test::write_text(tree.at("inside"), "inside");
  EXPECT_EQ(confined(tree, [] { return outcome(::open("/inside", O_RDONLY | O_CLOEXEC)); }),
            "done");
  for (const char* path : {"/secret", "/../secret", "../secret", "/etc/passwd", "/proc/self/maps"})
    EXPECT_EQ(confined(tree, [=] { return outcome(::open(path, O_RDONLY | O_CLOEXEC)); }), "ENOENT")
        << path;
}

TEST(confine, no_other_descriptor_is_left) {
  UnpackedTree tree;
  const sys::Fd outside = sys::open_root("/").value();
  const int number = outside.get();
  EXPECT_EQ(confined(tree, [=] { return outcome(::fcntl(number, F_GETFD)); }), "EBADF");
}

TEST(confine, system_calls_that_unpacking_needs_not_are_refused) {
  UnpackedTree tree;
  struct Row {
    const char* name;
    long (*call)();
  };
  const Row rows[] = {
      {"socket",
       [] { return static_cast<long>(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }},
      {"fork", [] { return ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }},
      {"execve", [] { return static_cast<long>(::execl("/inside", "x", nullptr)); }},
      {"ptrace", [] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); }},
      {"unshare", [] { return static_cast<long>(::unshare(CLONE_NEWUSER)); }},
      {"kill", [] { return static_cast<long>(::kill(1, 0)); }},
      {"chroot", [] { return static_cast<long>(::chroot(".")); }},
      {"executable memory", [] {
         void* p = ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         return p == MAP_FAILED ? -1L : 0L;
       }}};
  for (const Row& row : rows)
    EXPECT_EQ(confined(tree, [&] { return outcome(row.call()); }), "EPERM") << row.name;
  EXPECT_EQ(confined(tree, [] { return outcome(::syscall(SYS_clone3, nullptr, 0)); }), "ENOSYS");
}
