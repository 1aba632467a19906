// SPDX-License-Identifier: Apache-2.0
#include "image/layer/pack.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "image/layer/unpack_support.hpp"

using namespace wolffia;
using image::PackFrom;
using image::PackOptions;
using oci::Compression;
using test::TarBuilder;
using test::UnpackedTree;

namespace {

/// What a tree becomes.
struct Archive {
  std::string bytes;
  image::Packed packed{image::digest_of(""), image::digest_of("")};
};

/// Files of the test's user are root's in the layer.
PackOptions as_root(Compression compression = Compression::None) {
  return {.compression = compression,
          .from = PackFrom::Upper,
          .uids = {{0, ::geteuid(), 1}},
          .gids = {{0, ::getegid(), 1}},
          .without = {}};
}

Result<Archive> try_pack(const UnpackedTree& tree, const PackOptions& options) {
  const sys::Fd out = sys::memory_file("packed").value();
  const sys::Fd root = sys::open_root(tree.root().c_str()).value();
  Archive archive;
  archive.packed = TRY(image::pack(root, out, options));
  TRY(sys::rewind(out));
  archive.bytes = TRY(sys::read_all(out, 64U << 20));
  return archive;
}

Archive packed(const UnpackedTree& tree, const PackOptions& options) {
  auto archive = try_pack(tree, options);
  if (!archive) ADD_FAILURE() << archive.error().message();
  return archive ? std::move(*archive) : Archive{};
}

/// One of everything that a layer can say.
std::string everything() {
  const std::string deep(180, 'd');
  return TarBuilder()
      .directory("etc", 0711)
      .add({.name = "etc/file",
            .content = std::string(3000, 'x'),
            .mode = 04755,
            .pax = {{"mtime", "1234567890.987654321"}}})
      .add({.name = "etc/old", .pax = {{"mtime", "-5.25"}}})
      .hard_link("etc/hard", "etc/file")
      .symlink("etc/link", "../" + std::string(95, 't'))
      .add({.type = '2',
            .name = "long-link",
            .link = "x",
            .pax = {{"linkpath", std::string(300, 'l')}}})
      .add({.type = '6', .name = "pipe", .mode = 0620})
      .add({.name = "x", .pax = {{"path", deep + "/" + deep + "/file"}}})
      .add({.name = "x", .pax = {{"path", std::string(120, 'p') + "/" + std::string(90, 'n')}}})
      .file(".wh.gone", "")
      .file("etc/.wh.gone", "")
      .directory("opaque")
      .file("opaque/.wh..wh..opq", "")
      .file("opaque/own")
      .add({.name = "attributes",
            .pax = {{"SCHILY.xattr.user.b", std::string("\0=\n", 3)},
                    {"SCHILY.xattr.user.a", "first"}}})
      .done();
}

}  // namespace

TEST(pack, what_was_unpacked_and_packed_unpacks_to_the_same) {
  UnpackedTree first;
  first.must_unpack(everything());
  const Archive once = packed(first, as_root());
  UnpackedTree second;
  second.must_unpack(once.bytes);
  EXPECT_EQ(packed(second, as_root()).bytes, once.bytes);
  EXPECT_TRUE(second.is_whiteout("gone") && second.is_whiteout("etc/gone"));
  EXPECT_TRUE(second.is_opaque("opaque"));
  EXPECT_EQ(second.status("etc/file").st_mode, S_IFREG | 04755U);
  EXPECT_EQ(second.status("etc/file").st_mtim.tv_nsec, 987'654'321);
  EXPECT_EQ(second.status("etc/old").st_mtim.tv_sec, -6);
  EXPECT_EQ(second.status("etc/old").st_mtim.tv_nsec, 750'000'000);
  EXPECT_EQ(second.status("etc/file").st_ino, second.status("etc/hard").st_ino);
  EXPECT_EQ(second.status("long-link").st_size, 300);
  EXPECT_EQ(second.attribute("attributes", "user.b"), first.attribute("attributes", "user.b"));
}

TEST(pack, digests_are_of_the_archive_and_of_what_was_written) {
  UnpackedTree tree;
  tree.must_unpack(everything());
  const Archive plain = packed(tree, as_root());
  EXPECT_EQ(plain.packed.diff_id, image::digest_of(plain.bytes));
  for (const Compression how : {Compression::Gzip, Compression::Zstd}) {
    const Archive archive = packed(tree, as_root(how));
    EXPECT_EQ(archive.packed.diff_id, plain.packed.diff_id);
    EXPECT_EQ(archive.packed.digest, image::digest_of(archive.bytes));
    EXPECT_EQ(archive.packed.size, archive.bytes.size());
    UnpackedTree again;
    again.options.compression = how;
    EXPECT_EQ(again.must_unpack(archive.bytes).diff_id, plain.packed.diff_id);
    EXPECT_EQ(packed(tree, as_root(how)).bytes, archive.bytes);
  }
}

TEST(pack, ids_are_those_of_the_container) {
  UnpackedTree tree;
  tree.must_unpack(TarBuilder().file("f").done());
  PackOptions options = as_root();
  options.uids = {{5, ::geteuid(), 1}};
  options.gids = {{3'000'000, ::getegid(), 1}};
  const Archive archive = packed(tree, options);
  EXPECT_NE(archive.bytes.find("0000005"), std::string::npos);
  EXPECT_NE(archive.bytes.find("gid=3000000\n"), std::string::npos);
  options.uids = {{0, ::geteuid() + 1, 1}};
  const auto refused = try_pack(tree, options);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("\"f\": the user id"), std::string::npos);
}

TEST(pack, paths_can_be_left_out) {
  UnpackedTree tree;
  tree.must_unpack(TarBuilder().file("proc/x").file("kept/proc").done());
  PackOptions options = as_root();
  options.without = {"proc"};
  const std::string bytes = packed(tree, options).bytes;
  EXPECT_EQ(bytes.find("proc/x"), std::string::npos);
  EXPECT_NE(bytes.find("kept/proc"), std::string::npos);
}

TEST(pack, a_name_that_would_be_a_whiteout_is_refused) {
  UnpackedTree tree;
  test::write_text(tree.at(".wh.x"), "");
  const auto refused = try_pack(tree, as_root());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), EINVAL);
}

TEST(pack, sockets_are_left_out_with_a_warning) {
  UnpackedTree tree;
  ASSERT_EQ(::mknod(tree.at("socket").c_str(), S_IFSOCK | 0600, 0), 0);
  const Archive archive = packed(tree, as_root());
  ASSERT_EQ(archive.packed.warnings.size(), 1U);
  EXPECT_EQ(archive.packed.entries, 0U);
}

TEST(pack, trees_may_be_deeper_than_path_max) {
  UnpackedTree tree;
  std::string path;
  TarBuilder builder;
  for (int i = 0; i < 900; ++i)
    path += "deep/";
  builder.add({.name = "x", .content = "bottom", .pax = {{"path", path + "file"}}});
  tree.must_unpack(builder.done());
  EXPECT_EQ(packed(tree, as_root()).packed.entries, 901U);
}

TEST(pack, takes_only_what_was_selected_and_marks_what_is_gone) {
  UnpackedTree tree;
  tree.must_unpack(TarBuilder()
                       .directory("a")
                       .file("a/kept")
                       .file("a/changed")
                       .directory("same")
                       .file("same/file")
                       .done());
  const image::PackSelection only{.taken = {"a", "a/changed"}, .gone = {"a/b", "z"}};
  PackOptions options = as_root();
  options.from = PackFrom::Tree;
  options.only = &only;
  const std::string bytes = packed(tree, options).bytes;
  image::MemorySource memory(std::as_bytes(std::span(bytes)));
  image::BufferedPieces pieces(memory);
  image::TarReader reader(pieces);
  std::string names;
  for (image::TarEntry entry; reader.next(entry).value();)
    names += entry.name + " ";
  EXPECT_EQ(names, "a/ a/.wh.b a/changed .wh.z ");
}

TEST(pack, owners_that_were_noted_are_the_layers) {
  UnpackedTree tree;
  tree.must_unpack(TarBuilder().directory("d", 0750).file("d/f").file("null").done());
  const auto note = [&](const char* path, const std::string& text) {
    EXPECT_EQ(::setxattr(tree.at(path).c_str(), "user.containers.override_stat", text.data(),
                         text.size(), 0),
              0);
  };
  note("d", "7:8:2750");
  note("d/f", "9:10:4755");
  note("null", "0:11:666:char-1-3");
  ASSERT_EQ(::chmod(tree.at("d").c_str(), 0750), 0);
  ASSERT_EQ(::chmod(tree.at("d/f").c_str(), 0600), 0);  // later: this counts
  const std::string bytes = packed(tree, as_root()).bytes;
  const auto header = [&](const std::string& name) {
    return bytes.substr(bytes.find(name + std::string(1, '\0')), 512);
  };
  EXPECT_EQ(header("d/").substr(100, 23), std::string("0002750\0"
                                                      "0000007\0"
                                                      "0000010",
                                                      23));
  EXPECT_EQ(header("d/f").substr(100, 23), std::string("0000600\0"
                                                       "0000011\0"
                                                       "0000012",
                                                       23));
  EXPECT_EQ(header("null").substr(100, 23), std::string("0000666\0"
                                                        "0000000\0"
                                                        "0000013",
                                                        23));
  EXPECT_EQ(header("null")[156], '3');
  EXPECT_EQ(bytes.find("override_stat"), std::string::npos);
}
