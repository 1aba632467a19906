// SPDX-License-Identifier: Apache-2.0
// An upper directory of wolffia-overlay whose file system keeps no attributes.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/owner_list.hpp"
#include "image/layer/pack.hpp"
#include "image/layer/unpack_support.hpp"
#include "support/namespaced.hpp"

using namespace wolffia;
using image::PackFrom;
using test::UnpackedTree;

namespace {

constexpr size_t kBlock = 512;

/// "NAME TYPE UID:GID MODE" of each header, as the fields have them.
std::string headers_of(std::string_view archive) {
  std::string all;
  for (size_t at = 0; at + kBlock <= archive.size() && archive[at] != '\0';) {
    const auto field = [&](size_t from, size_t size) {
      const std::string_view text = archive.substr(at + from, size);
      return std::string(text.substr(0, text.find('\0')));
    };
    const auto number = [&](size_t from, size_t size) {
      return std::strtoul(field(from, size).c_str(), nullptr, 8);
    };
    if (field(156, 1) != "x")
      all += cat(field(0, 100), " ", field(156, 1), " ", number(108, 8), ":", number(116, 8), " ",
                 field(100, 8).substr(4), "\n");
    at += kBlock + (number(124, 12) + kBlock - 1) / kBlock * kBlock;
  }
  return all;
}

void note(const UnpackedTree& tree, const std::string& directory,
          const std::vector<std::pair<std::string, Noted>>& notes) {
  OwnerList list;
  std::string text = list.rewritten();
  for (const auto& [name, noted] : notes) {
    const struct stat status = tree.status(cat(directory, "/", name));
    text += list.set(name, status.st_ino, noted);
    const mode_t left = Noted::least_mode((status.st_mode & S_IFMT) | (noted.mode & 07777));
    if (!S_ISLNK(status.st_mode)) ::chmod(tree.at(cat(directory, "/", name)).c_str(), left);
  }
  test::write_text(tree.at(cat(directory, "/", OwnerList::kFile)), text);
}

/// A tree with owners in lists, a directory that hides what is below it, and a list of a stranger.
void fill(const UnpackedTree& tree) {
  for (const char* name : {"dir", "dir/in", "other"})
    std::filesystem::create_directory(tree.at(name));
  for (const char* name : {"a", "tty", "dir/b", "other/c"})
    test::write_text(tree.at(name), "");
  std::filesystem::create_symlink("a", tree.at("link"));
  ::mkfifo(tree.at("pipe").c_str(), 0600);
  note(tree, ".",
       {{"a", {.uid = 7, .gid = 8, .mode = 04755, .device = 0}},
        {"link", {.uid = 9, .gid = 9, .mode = S_IFLNK | 0777, .device = 0}},
        {"pipe", {.uid = 10, .gid = 10, .mode = S_IFIFO | 0604, .device = 0}},
        {"tty", {.uid = 0, .gid = 5, .mode = S_IFCHR | 0620, .device = ::makedev(4, 1)}}});
  note(tree, "dir",
       {{".", {.uid = 11, .gid = 11, .mode = S_IFDIR | 0750, .device = 0}},
        {"b", {.uid = 12, .gid = 12, .mode = 0600, .device = 0}}});
  test::write_text(tree.at("dir/in/.wh..wh..opq"), "");
  test::write_text(tree.at("other/.wh..wh.owners"),
                   "wolffia owners 1\n1 66:66:4755 c/\n1 66:66:755 ./\n");
}

std::string packed_on_ramfs(const UnpackedTree& tree) {
  if (::mount("none", tree.root().c_str(), "ramfs", 0, nullptr) < 0) return "ramfs";
  fill(tree);
  const sys::Fd out = sys::memory_file("packed").value();
  const auto done = image::pack(sys::open_root(tree.root().c_str()).value(), out,
                                {.compression = oci::Compression::None,
                                 .from = PackFrom::Upper,
                                 .uids = {},
                                 .gids = {},
                                 .without = {}});
  if (!done) return done.error().message();
  EXPECT_TRUE(sys::rewind(out));
  return headers_of(sys::read_all(out, 1 << 20).value());
}

}  // namespace

TEST(pack_lists, owners_come_out_of_them_and_they_do_not) {
  const UnpackedTree tree;
  const auto outcome = test::in_namespaces(0, [&] { return packed_on_ramfs(tree); });
  if (!outcome.skipped.empty()) GTEST_SKIP() << outcome.skipped;
  EXPECT_EQ(outcome.text,
            "a 0 7:8 755\n"
            "dir/ 5 11:11 750\n"
            "dir/b 0 12:12 600\n"
            "dir/in/ 5 0:0 777\n"
            "dir/in/.wh..wh..opq 0 0:0 000\n"
            "link 2 9:9 777\n"
            "other/ 5 0:0 777\n"
            "other/c 0 0:0 666\n"
            "pipe 6 10:10 604\n"
            "tty 3 0:5 620\n");
}
