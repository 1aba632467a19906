// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "image/layer/unpack_support.hpp"

using namespace wolffia;
using image::Whiteouts;
using test::TarBuilder;
using test::UnpackedTree;

TEST(unpack, makes_what_a_layer_holds) {
  UnpackedTree tree;
  const std::string layer = TarBuilder()
                                .directory("etc/", 0750)
                                .file("etc/passwd", "root:x:0:0\n")
                                .symlink("etc/link", "/nowhere")
                                .hard_link("etc/again", "etc/passwd")
                                .add({.type = '6', .name = "pipe", .mode = 0600})
                                .done();
  const image::Unpacked done = tree.must_unpack(layer);
  EXPECT_EQ(done.diff_id, image::digest_of(layer));
  EXPECT_EQ(done.entries, 5U);
  EXPECT_EQ(done.bytes, 11U);
  EXPECT_EQ(tree.text("etc/passwd"), "root:x:0:0\n");
  EXPECT_EQ(tree.status("etc").st_mode, S_IFDIR | 0750U);
  EXPECT_EQ(tree.status("etc").st_mtim.tv_sec, 1'000'000'000);
  EXPECT_EQ(tree.status("etc/passwd").st_ino, tree.status("etc/again").st_ino);
  EXPECT_TRUE(S_ISLNK(tree.status("etc/link").st_mode));
  EXPECT_EQ(tree.status("etc/link").st_mtim.tv_sec, 1'000'000'000);
  EXPECT_TRUE(S_ISFIFO(tree.status("pipe").st_mode));
}

TEST(unpack, missing_parents_are_0755) {
  UnpackedTree tree;
  const mode_t before = ::umask(077);
  tree.must_unpack(TarBuilder().file("a/b/c").done());
  ::umask(before);
  EXPECT_EQ(tree.status("a").st_mode, S_IFDIR | 0755U);
  EXPECT_EQ(tree.status("a/b").st_mode, S_IFDIR | 0755U);
}

TEST(unpack, directories_get_their_mode_and_time_last) {
  UnpackedTree tree;
  tree.must_unpack(TarBuilder().directory("d", 0500).file("d/later").done());
  EXPECT_EQ(tree.status("d").st_mode, S_IFDIR | 0700U);  // the caller can remove it
  EXPECT_EQ(tree.status("d").st_mtim.tv_sec, 1'000'000'000);
  EXPECT_EQ(tree.text("d/later"), "content");
}

TEST(unpack, of_duplicates_the_last_wins) {
  UnpackedTree tree;
  tree.must_unpack(TarBuilder()
                       .file("twice", "first")
                       .directory("was-directory")
                       .file("was-directory/inside")
                       .file("twice", "second")
                       .file("was-directory", "now a file")
                       .symlink("was-link", "twice")
                       .file("was-link", "a file of its own")
                       .directory("modes", 0700)
                       .directory("modes", 0711)
                       .done());
  EXPECT_EQ(tree.text("twice"), "second");
  EXPECT_EQ(tree.text("was-directory"), "now a file");
  EXPECT_EQ(tree.text("was-link"), "a file of its own");
  EXPECT_EQ(tree.status("modes").st_mode, S_IFDIR | 0711U);
}

TEST(unpack, directory_over_directory_replaces_attributes_and_keeps_what_is_inside) {
  UnpackedTree tree;
  tree.must_unpack(
      TarBuilder()
          .add({.type = '5', .name = "d", .mode = 0755, .pax = {{"SCHILY.xattr.user.old", "x"}}})
          .file("d/inside")
          .add({.type = '5', .name = "d", .mode = 0711, .pax = {{"SCHILY.xattr.user.new", "x"}}})
          .done());
  EXPECT_EQ(tree.text("d/inside"), "content");
  EXPECT_FALSE(tree.attribute("d", "user.old"));
  EXPECT_EQ(tree.status("d").st_mode, S_IFDIR | 0711U);
}

TEST(unpack, a_whiteout_removes_only_of_lower_layers_in_any_order) {
  UnpackedTree tree;
  tree.must_unpack(TarBuilder()
                       .file(".wh.gone", "")
                       .file("before", "ours")
                       .file(".wh.before", "")
                       .file(".wh.after", "")
                       .file("after", "ours")
                       .directory("directory-before")
                       .file(".wh.directory-before", "")
                       .file(".wh.directory-after", "")
                       .directory("directory-after")
                       .done());
  EXPECT_TRUE(tree.is_whiteout("gone"));
  EXPECT_EQ(tree.text("before"), "ours");
  EXPECT_EQ(tree.text("after"), "ours");
  EXPECT_TRUE(tree.is_opaque("directory-before"));
  EXPECT_TRUE(tree.is_opaque("directory-after"));
  EXPECT_FALSE(tree.exists(".wh.gone"));
}

TEST(unpack, an_opaque_mark_hides_lower_children_only) {
  UnpackedTree tree;
  const auto done = tree.must_unpack(TarBuilder()
                                         .directory("d")
                                         .file("d/before", "ours")
                                         .file("d/.wh..wh..opq", "")
                                         .file("d/after", "ours")
                                         .done());
  EXPECT_TRUE(tree.is_opaque("d"));
  EXPECT_EQ(tree.text("d/before"), "ours");
  EXPECT_EQ(tree.text("d/after"), "ours");
  EXPECT_FALSE(tree.exists("d/.wh..wh..opq"));
  EXPECT_FALSE(done.hides_lower);
  EXPECT_TRUE(UnpackedTree().must_unpack(TarBuilder().file(".wh..wh..opq", "").done()).hides_lower);
}

TEST(unpack, whiteouts_of_names_that_cannot_be_are_refused) {
  for (const char* name : {".wh.", "d/.wh.", ".wh..", ".wh...", "d/.wh..wh.x", ".wh.d/x"})
    EXPECT_NE(UnpackedTree().refusal(TarBuilder().file(name, "").done()).find("whiteout"),
              std::string::npos)
        << name;
}

TEST(unpack, applied_whiteouts_remove_what_lower_layers_left) {
  UnpackedTree tree;
  tree.options.whiteouts = Whiteouts::Apply;
  tree.must_unpack(TarBuilder()
                       .file("gone")
                       .file("kept", "lower")
                       .file("d/lower")
                       .file("d/sub/lower")
                       .file("whole/lower")
                       .done());
  tree.must_unpack(TarBuilder()
                       .file("d/sub/upper")
                       .file("d/.wh..wh..opq", "")
                       .file("kept", "upper")
                       .file(".wh.kept", "")
                       .file(".wh.gone", "")
                       .file(".wh.whole", "")
                       .done());
  EXPECT_FALSE(tree.exists("gone"));
  EXPECT_FALSE(tree.exists("whole"));
  EXPECT_EQ(tree.text("kept"), "upper");
  EXPECT_FALSE(tree.exists("d/lower"));
  EXPECT_FALSE(tree.exists("d/sub/lower"));
  EXPECT_TRUE(tree.exists("d/sub/upper"));
}

TEST(unpack, aufs_link_data_is_skipped_but_hard_links_into_it_resolve) {
  UnpackedTree tree;
  tree.must_unpack(TarBuilder()
                       .directory(".wh..wh.aufs")
                       .directory(".wh..wh.plnk")
                       .file(".wh..wh.plnk/123.456", "shared")
                       .hard_link("a", ".wh..wh.plnk/123.456")
                       .hard_link("b", ".wh..wh.plnk/123.456")
                       .done());
  EXPECT_EQ(tree.text("a"), "shared");
  EXPECT_EQ(tree.status("a").st_ino, tree.status("b").st_ino);
  EXPECT_FALSE(tree.exists(".wh..wh.plnk"));
  EXPECT_FALSE(tree.exists(".wh..wh.aufs"));
}

TEST(unpack, a_hard_link_to_a_lower_layer_is_left_to_who_has_it) {
  UnpackedTree tree;
  const auto done = tree.must_unpack(TarBuilder()
                                         .hard_link("new", "/lower/file")
                                         .hard_link("chained", "new")
                                         .hard_link("early", "later")
                                         .file("later", "here")
                                         .hard_link("overwritten", "lower/file")
                                         .file("overwritten", "ours")
                                         .done());
  ASSERT_EQ(done.pending.size(), 2U);
  EXPECT_EQ(done.pending[0].path, "chained");
  EXPECT_EQ(done.pending[0].target, "lower/file");
  EXPECT_EQ(done.pending[1].path, "new");
  EXPECT_EQ(tree.text("early"), "here");
  EXPECT_EQ(tree.text("overwritten"), "ours");
}

TEST(unpack, a_lower_link_above_an_entry_gives_way_to_a_directory) {
  UnpackedTree tree;
  tree.options.whiteouts = Whiteouts::Apply;
  tree.must_unpack(TarBuilder().directory("usr/bin").symlink("bin", "usr/bin").done());
  tree.must_unpack(TarBuilder().file("bin/foo").done());
  EXPECT_TRUE(S_ISDIR(tree.status("bin").st_mode));
  EXPECT_FALSE(tree.exists("usr/bin/foo"));
}

TEST(unpack, a_link_of_the_same_layer_above_an_entry_is_followed_inside) {
  for (const Whiteouts how : {Whiteouts::Overlay, Whiteouts::Apply}) {
    UnpackedTree tree;
    tree.options.whiteouts = how;
    tree.must_unpack(TarBuilder()
                         .symlink("bin", "usr/bin")
                         .symlink("out", "/../../../../usr")
                         .file("bin/foo")
                         .file("out/bar")
                         .done());
    EXPECT_EQ(tree.text("usr/bin/foo"), "content");
    EXPECT_EQ(tree.text("usr/bar"), "content");
  }
}

TEST(unpack, paths_that_lead_out_are_refused) {
  for (const char* name : {"../x", "a/../../x", "/..", "a/b/../../../x"})
    EXPECT_NE(UnpackedTree().refusal(TarBuilder().file(name).done()).find("out of the tree"),
              std::string::npos)
        << name;
  UnpackedTree tree;
  tree.must_unpack(TarBuilder().file("/etc/a").file("./b").file("c/../d").done());
  EXPECT_TRUE(tree.exists("etc/a") && tree.exists("b") && tree.exists("d"));
}

TEST(unpack, the_root_stays_a_directory) {
  for (const char* name : {".", "./", "/", "a/.."}) {
    UnpackedTree().refusal(TarBuilder().symlink(name, "/tmp").done());
    UnpackedTree().refusal(TarBuilder().file(name).done());
  }
  UnpackedTree tree;
  tree.must_unpack(TarBuilder().directory("./", 0711).file("x").done());
  EXPECT_EQ(tree.status(".").st_mode, S_IFDIR | 0711U);
}

TEST(unpack, device_nodes_become_empty_files_with_a_warning) {
  UnpackedTree tree;
  const auto done = tree.must_unpack(
      TarBuilder()
          .add({.type = '3', .name = "dev/null", .mode = 0666, .major = 1, .minor = 3})
          .add({.type = '4', .name = "dev/sda", .mode = 0660, .major = 8, .minor = 0})
          .done());
  EXPECT_EQ(tree.status("dev/null").st_mode, S_IFREG | 0666U);
  EXPECT_EQ(tree.status("dev/sda").st_mode, S_IFREG | 0660U);
  EXPECT_EQ(done.warnings,
            (std::vector<image::Warning>{
                {"device nodes became empty files", 2, {R"("dev/null")", R"("dev/sda")"}}}));
}

TEST(unpack, warnings_of_a_kind_are_counted_and_bounded) {
  TarBuilder layer;
  for (int i = 0; i < 100; ++i)
    layer.add({.type = '3', .name = cat("d", i), .mode = 0666, .major = 1, .minor = 3});
  UnpackedTree tree;
  const auto done = tree.must_unpack(layer.done());
  ASSERT_EQ(done.warnings.size(), 1U);
  EXPECT_EQ(done.warnings[0].count, 100U);
  EXPECT_EQ(done.warnings[0].entries.size(), 20U);
}

TEST(unpack, the_device_0_0_is_refused) {
  EXPECT_NE(UnpackedTree().refusal(TarBuilder().add({.type = '3', .name = "x"}).done()).find("0:0"),
            std::string::npos);
}

TEST(unpack, what_the_overlay_of_its_maker_noted_is_left_out) {
  UnpackedTree tree;
  const auto done = tree.must_unpack(TarBuilder()
                                         .add({.name = "f",
                                               .pax = {{"SCHILY.xattr.user.overlay.origin", "x"},
                                                       {"SCHILY.xattr.user.overlay.impure", "y"},
                                                       {"SCHILY.xattr.user.overlay.nlink", "U+1"},
                                                       {"SCHILY.xattr.user.overlay.uuid", "z"}}})
                                         .done());
  for (const char* name : {"origin", "impure", "nlink", "uuid"})
    EXPECT_FALSE(tree.attribute("f", cat("user.overlay.", name).c_str())) << name;
  EXPECT_TRUE(done.warnings.empty());
}

TEST(unpack, attributes_of_programs_are_kept_and_those_of_overlays_refused) {
  const std::string binary("\0\xff\n=", 4);
  UnpackedTree tree;
  const auto done = tree.must_unpack(TarBuilder()
                                         .add({.name = "f",
                                               .pax = {{"SCHILY.xattr.user.plain", binary},
                                                       {"LIBARCHIVE.xattr.user.%61%3D", "AP8KPQ"},
                                                       {"SCHILY.xattr.trusted.x", "y"}}})
                                         .done());
  if (!tree.attribute("f", "user.plain")) GTEST_SKIP() << "the file system has no user attributes";
  EXPECT_EQ(tree.attribute("f", "user.plain"), binary);
  EXPECT_EQ(tree.attribute("f", "user.a="), binary);
  ASSERT_EQ(done.warnings.size(), 1U);
  EXPECT_NE(done.warnings[0].what.find("trusted.x"), std::string::npos);
  EXPECT_EQ(done.warnings[0].entries, (std::vector<std::string>{R"("f")"}));
  for (const char* name :
       {"user.overlay.opaque", "user.overlay.redirect", "user.overlay.metacopy",
        "trusted.overlay.redirect", "user.containers.override_stat", "user.fuseoverlayfs.opaque"}) {
    const std::string key = std::string("SCHILY.xattr.") + name;
    EXPECT_NE(UnpackedTree()
                  .refusal(TarBuilder().add({.name = "f", .pax = {{key, "y"}}}).done())
                  .find(name),
              std::string::npos);
  }
}

TEST(unpack, times_have_nanoseconds) {
  UnpackedTree tree;
  tree.must_unpack(TarBuilder()
                       .add({.name = "f", .pax = {{"mtime", "1234567890.123456789"}}})
                       .add({.name = "old", .pax = {{"mtime", "-1.25"}}})
                       .done());
  EXPECT_EQ(tree.status("f").st_mtim.tv_sec, 1'234'567'890);
  EXPECT_EQ(tree.status("f").st_mtim.tv_nsec, 123'456'789);
  EXPECT_EQ(tree.status("old").st_mtim.tv_sec, -2);
  EXPECT_EQ(tree.status("old").st_mtim.tv_nsec, 750'000'000);
}

TEST(unpack, paths_may_be_longer_than_path_max) {
  UnpackedTree tree;
  std::string path;
  TarBuilder builder;
  for (int i = 0; i < 1500; ++i) {
    path += "deep/";
    builder.add({.type = '5', .name = "x", .mode = 0755, .pax = {{"path", path}}});
  }
  builder.add({.name = "x", .content = "bottom", .pax = {{"path", path + "file"}}});
  builder.add({.type = '1', .name = "top", .pax = {{"linkpath", path + "file"}}});
  tree.must_unpack(builder.done());
  EXPECT_EQ(tree.text("top"), "bottom");
}

TEST(unpack, the_digest_covers_what_follows_the_archive) {
  UnpackedTree tree;
  const std::string layer = TarBuilder().file("f").done() + "anything behind the end";
  EXPECT_EQ(tree.must_unpack(layer).diff_id, image::digest_of(layer));
}

TEST(unpack, limits_end_in_an_error) {
  UnpackedTree tree;
  tree.options.limits.bytes = 10;
  EXPECT_NE(tree.refusal(TarBuilder().file("f", "eleven bytes").done(), ENOSPC).find("10 bytes"),
            std::string::npos);
  tree.options.limits.bytes = 1000;
  tree.options.limits.entries = 2;
  tree.refusal(TarBuilder().file("a").file("b").file("c").done(), E2BIG);
}

TEST(unpack, an_archive_that_ends_early_is_told) {
  const std::string layer = TarBuilder().file("f", std::string(3000, 'x')).open();
  EXPECT_NE(UnpackedTree().refusal(layer.substr(0, 2000), EIO).find("too early"),
            std::string::npos);
  UnpackedTree().refusal(layer.substr(0, 100), EIO);
  UnpackedTree().must_unpack(layer);  // without blocks of zeros, as some writers leave it
}
