// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "image/layer/unpack_support.hpp"
#include "support/namespaced.hpp"

using namespace wolffia;
using image::Owners;
using test::TarBuilder;
using test::UnpackedTree;

namespace {

/// What `body` finds wrong as root of a user namespace that has one id.
void as_mapped_root(const std::function<std::string()>& body) {
  const test::Outcome outcome = test::in_namespaces(0, body);
  if (!outcome.skipped.empty()) GTEST_SKIP() << outcome.skipped;
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.text, "");
}

}  // namespace

TEST(owners, the_archives_owner_is_set_before_the_mode) {
  UnpackedTree tree;
  tree.options.owners = Owners::Archive;
  as_mapped_root([&]() -> std::string {
    const std::string layer = TarBuilder()
                                  .add({.name = "program", .mode = 06755})
                                  .add({.type = '5', .name = "sticky", .mode = 03777})
                                  .symlink("link", "program")
                                  .done();
    const auto done = tree.unpack(layer);
    if (!done) return done.error().message();
    if (tree.status("program").st_mode != (S_IFREG | 06755U)) return "chown took set-id bits away";
    if (tree.status("sticky").st_mode != (S_IFDIR | 03777U)) return "the directory's mode";
    return tree.status("program").st_uid == 0 ? "" : "another owner";
  });
}

TEST(owners, an_id_that_is_not_mapped_is_an_error_naming_the_entry) {
  UnpackedTree tree;
  tree.options.owners = Owners::Archive;
  as_mapped_root([&]() -> std::string {
    const auto done = tree.unpack(TarBuilder().add({.name = "f", .uid = "0000055"}).done());
    if (done) return "it was unpacked";
    return done.error().is(EINVAL) && done.error().message().starts_with("\"f\": ")
               ? ""
               : done.error().message();
  });
}

TEST(owners, directories_keep_the_archives_mode_where_its_owners_do) {
  UnpackedTree tree;
  tree.options.owners = Owners::Archive;
  as_mapped_root([&]() -> std::string {
    const auto done = tree.unpack(TarBuilder().directory("d", 0500).file("d/f").done());
    if (!done) return done.error().message();
    return tree.status("d").st_mode == (S_IFDIR | 0500U) ? "" : "another mode";
  });
  ::chmod(tree.at("d").c_str(), 0700);
}

TEST(owners, file_capabilities_are_kept_where_the_user_namespace_allows) {
  // vfs_cap_data of capabilities(7), version 2: CAP_NET_BIND_SERVICE, permitted and effective.
  const std::string value("\x01\0\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
  const std::string layer = TarBuilder()
                                .add({.name = "program",
                                      .mode = 0755,
                                      .pax = {{"SCHILY.xattr.security.capability", value}}})
                                .done();
  UnpackedTree tree;
  tree.options.owners = Owners::Archive;
  as_mapped_root([&]() -> std::string {
    const auto done = tree.unpack(layer);
    if (!done) return done.error().message();
    if (!done->warnings.empty()) return done->warnings[0].what;
    return tree.attribute("program", "security.capability") == value ? "" : "no capability";
  });
}

TEST(owners, callers_files_are_the_callers) {
  UnpackedTree tree;
  tree.must_unpack(TarBuilder().add({.name = "f", .uid = "0000055", .gid = "0000066"}).done());
  EXPECT_EQ(tree.status("f").st_uid, ::geteuid());
  EXPECT_EQ(tree.status("f").st_gid, ::getegid());
}

TEST(owners, confined_as_mapped_root_keeps_the_archives_owners) {
  UnpackedTree tree;
  tree.options.owners = Owners::Archive;
  as_mapped_root([&]() -> std::string {
    const sys::Fd stream = test::stream_of(TarBuilder().add({.name = "d/f", .mode = 04711}).done());
    const sys::Fd root = sys::open_root(tree.root().c_str()).value();
    const auto done = image::unpack_confined(stream, root, tree.options);
    if (!done) return done.error().message();
    return tree.status("d/f").st_mode == (S_IFREG | 04711U) ? "" : "another mode";
  });
}
