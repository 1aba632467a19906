// SPDX-License-Identifier: Apache-2.0
#include "overlay/command_line.hpp"

#include <gtest/gtest.h>

#include "overlay/option_table.hpp"

using namespace wolffia;
using namespace wolffia::overlay;

namespace {

using Words = std::vector<const char*>;

Result<CommandLine> parse(const Words& words) {
  return parse_command_line(words, "/here");
}

CommandLine parsed(const Words& words) {
  auto line = parse(words);
  EXPECT_TRUE(line) << line.error().message();
  return line ? std::move(*line) : CommandLine();
}

/// The line that `options` make behind -o, with all that has to be there.
CommandLine with(const std::string& options) {
  return parsed({"-o", "lowerdir=/l,upperdir=/u,workdir=/w", "-o", options.c_str(), "/mnt"});
}

std::string refusal(const Words& words) {
  const auto line = parse(words);
  EXPECT_FALSE(line);
  return line ? "" : line.error().message();
}

std::string refused_option(const std::string& options) {
  return refusal({"-o", "lowerdir=/l,upperdir=/u,workdir=/w", "-o", options.c_str(), "/mnt"});
}

using Lower = std::vector<std::string>;

Lower lower_of(const std::string& value) {
  return parsed({"-o", ("lowerdir=" + value).c_str(), "/mnt"}).options.lower;
}

}  // namespace

TEST(command_line, layers_are_named_topmost_first) {
  const CommandLine line = parsed({"-o", "lowerdir=/a:/b:/c,upperdir=/u,workdir=/w", "/mnt"});
  EXPECT_EQ(line.options.lower, (Lower{"/a", "/b", "/c"}));
  EXPECT_EQ(line.options.upper, "/u");
  EXPECT_EQ(line.options.work, "/w");
  EXPECT_EQ(line.mount.point, "/mnt");
  EXPECT_EQ(line.ask, Ask::Serve);
  EXPECT_FALSE(line.foreground);
  EXPECT_FALSE(line.mount.read_only);
}

TEST(command_line, backslashes_keep_colons_and_commas) {
  EXPECT_EQ(lower_of("/a\\:b:/c\\,d"), (Lower{"/a:b", "/c,d"}));
  EXPECT_EQ(lower_of("/a\\\\:/b"), (Lower{"/a\\", "/b"}));
  EXPECT_EQ(lower_of("/a\\"), Lower{"/a\\"});
  EXPECT_EQ(with("upperdir=/u\\,\\:x=y").options.upper, "/u,:x=y");
}

TEST(command_line, empty_words_are_passed_over) {
  EXPECT_EQ(lower_of(":/a::/b:"), (Lower{"/a", "/b"}));
  EXPECT_EQ(parsed({"-o", ",,lowerdir=/a,,", "/mnt"}).options.lower, Lower{"/a"});
}

TEST(command_line, relative_paths_begin_at_the_directory) {
  const CommandLine line = parsed({"-olowerdir=a:../b,upperdir=u,workdir=w", "mnt"});
  EXPECT_EQ(line.options.lower, (Lower{"/here/a", "/here/../b"}));
  EXPECT_EQ(line.options.upper, "/here/u");
  EXPECT_EQ(line.options.work, "/here/w");
  EXPECT_EQ(line.mount.point, "/here/mnt");
}

TEST(command_line, layers_may_be_descriptors) {
  EXPECT_EQ(lower_of("/proc/self/fd/5:/dev/fd/6"), (Lower{"/proc/self/fd/5", "/dev/fd/6"}));
}

TEST(command_line, the_last_value_counts) {
  EXPECT_EQ(parsed({"-o", "lowerdir=/a", "-olowerdir=/b,timeout=1", "-o", "timeout=2", "/mnt"})
                .options.lower,
            Lower{"/b"});
  EXPECT_EQ(with("timeout=1,timeout=2.5").options.timeout, 2.5);
}

TEST(command_line, without_an_upper_layer_nothing_can_be_changed) {
  const CommandLine line = parsed({"-o", "lowerdir=/a,workdir=/w,rw", "/mnt"});
  EXPECT_TRUE(line.mount.read_only);
  EXPECT_EQ(line.options.work, "");
}

TEST(command_line, switches_reach_their_members) {
  const Options standard;
  EXPECT_TRUE(standard.writeback && standard.sync && standard.attributes && standard.acl);
  EXPECT_FALSE(with("writeback=0").options.writeback);
  EXPECT_FALSE(with("fsync=0").options.sync);
  EXPECT_FALSE(with("sync=0").options.sync);
  EXPECT_FALSE(with("noxattrs").options.attributes);
  EXPECT_FALSE(with("noxattrs=1").options.attributes);
  EXPECT_TRUE(with("noxattrs=0").options.attributes);
  EXPECT_FALSE(with("noacl").options.acl);
  EXPECT_TRUE(with("static_nlink").options.static_nlink);
  EXPECT_TRUE(with("ino32_t").options.ino32);
  EXPECT_FALSE(with("redirect_dir=off").options.rename_directories);
  EXPECT_TRUE(with("redirect_dir=on").options.rename_directories);
  EXPECT_EQ(with("xino=off").options.xino, Xino::Off);
  EXPECT_EQ(with("xino=auto").options.xino, Xino::Auto);
  EXPECT_EQ(with("xino=on").options.xino, Xino::On);
  EXPECT_EQ(with("xattr_permissions=0").options.override_stat, StatOverride::WhereNeeded);
  EXPECT_EQ(with("xattr_permissions=1").options.override_stat, StatOverride::Privileged);
  EXPECT_EQ(with("xattr_permissions=2").options.override_stat, StatOverride::User);
}

TEST(command_line, volatile_syncs_nothing_whatever_else_is_said) {
  const CommandLine line = with("volatile,fsync=1");
  EXPECT_FALSE(line.options.durable);
  EXPECT_FALSE(line.options.sync);
}

TEST(command_line, threads_are_counted_or_left_to_us) {
  EXPECT_EQ(with("threads=7").options.threads, 7U);
  EXPECT_EQ(with("max_threads=7").options.threads, 7U);
  EXPECT_EQ(with("threaded=0").options.threads, 1U);
  EXPECT_EQ(with("threaded=1").options.threads, 0U);
  EXPECT_EQ(parsed({"-s", "-olowerdir=/a", "/mnt"}).options.threads, 1U);
}

TEST(command_line, mappings_say_what_is_stored_and_what_is_shown) {
  // As containers-storage writes it, with a colon in front, for a container whose root is user
  // 1000.
  const Options options = with("uidmapping=:0:1000:1:1:110000:65536,gidmapping=0:7:1").options;
  ASSERT_EQ(options.uids.size(), 2U);
  EXPECT_EQ(options.uids[0].outside, 0U);
  EXPECT_EQ(options.uids[0].inside, 1000U);
  EXPECT_EQ(options.uids[0].size, 1U);
  EXPECT_EQ(options.uids[1].outside, 1U);
  EXPECT_EQ(options.uids[1].inside, 110000U);
  EXPECT_EQ(options.uids[1].size, 65536U);
  ASSERT_EQ(options.gids.size(), 1U);
  EXPECT_EQ(options.gids[0].inside, 7U);
  EXPECT_EQ(with("uidmapping=0:1:1\\,5:6:1").options.uids.size(),
            2U);  // as fuse-overlayfs(1) has it
  EXPECT_EQ(with("uidmapping=0:0:4294967295").options.uids[0].size, 4294967295U);
}

TEST(command_line, a_mapping_that_is_none_is_refused) {
  const std::string form = "STORED:SHOWN:SIZE, and more of them behind colons";
  EXPECT_EQ(refused_option("uidmapping=0:1"), "uidmapping takes " + form + ", not \"0:1\"");
  EXPECT_EQ(refused_option("gidmapping=x:1:1"), "gidmapping takes " + form + ", not \"x:1:1\"");
  EXPECT_EQ(refused_option("uidmapping=:"), "uidmapping takes " + form + ", not \":\"");
  EXPECT_EQ(refused_option("uidmapping=0:1:0"),
            "uidmapping has a range of no ids: a size is at least 1");
  for (const char* past : {"0:4294967295:1", "4294967295:0:1", "1:0:4294967295", "0:2:4294967294"})
    EXPECT_EQ(refused_option(cat("gidmapping=", past)),
              "gidmapping has a range past the last id, 4294967294: make its size smaller");
}

TEST(command_line, a_single_owner_goes_before_root) {
  const Options root = with("squash_to_root").options;
  EXPECT_EQ(root.squash_uid, 0U);
  EXPECT_EQ(root.squash_gid, 0U);
  for (const char* text : {"squash_to_root,squash_to_uid=5", "squash_to_uid=5,squash_to_root"}) {
    const Options both = with(text).options;
    EXPECT_EQ(both.squash_uid, 5U) << text;
    EXPECT_EQ(both.squash_gid, 0U) << text;
  }
  EXPECT_EQ(with("squash_to_gid=9").options.squash_gid, 9U);
  EXPECT_EQ(with("squash_to_gid=9").options.squash_uid, std::nullopt);
}

TEST(command_line, flags_of_mounts_are_kept) {
  const MountOptions standard = with("").mount;
  EXPECT_FALSE(standard.allow_other || standard.allow_root || standard.suid || standard.dev);
  EXPECT_TRUE(standard.exec && standard.clone_fd);
  EXPECT_TRUE(with("allow_other").mount.allow_other);
  EXPECT_TRUE(with("allow_root").mount.allow_root);
  EXPECT_TRUE(with("ro").mount.read_only);
  EXPECT_FALSE(with("ro,rw").mount.read_only);
  EXPECT_EQ(with("suid").mount.suid, true);
  EXPECT_EQ(with("nosuid").mount.suid, false);
  EXPECT_EQ(with("dev").mount.dev, true);
  EXPECT_EQ(with("nodev").mount.dev, false);
  EXPECT_FALSE(with("noexec").mount.exec);
  EXPECT_TRUE(with("clone_fd").mount.clone_fd);
  EXPECT_FALSE(with("clone_fd=0").mount.clone_fd);
  EXPECT_EQ(with("max_write=131072").mount.max_write, 131072U);
  EXPECT_EQ(with("fsname=a\\,b").mount.source, "a,b");
}

TEST(command_line, what_storage_conf_may_hold_is_taken) {
  const CommandLine line = with(
      "context=\"system_u:object_r:container_file_t:s0:c1,c2\",userxattr,index=off,metacopy=on,"
      "nfs_export=off,uuid=null,default_permissions,fast_ino=1,kernel_cache,lazytime,noacl");
  EXPECT_FALSE(line.options.acl);  // so the comma in the label ended nothing
}

TEST(command_line, a_word_of_mount_in_front_is_the_device) {
  const CommandLine line = parsed({"overlay", "/mnt", "-o", "rw,lowerdir=/a"});
  EXPECT_EQ(line.mount.source, "overlay");
  EXPECT_EQ(line.mount.point, "/mnt");
  EXPECT_EQ(parsed({"-olowerdir=/a", "--", "-x"}).mount.point, "/here/-x");
}

TEST(command_line, flags_in_front_and_behind) {
  const CommandLine line =
      parsed({"/mnt", "-f", "--exit-fd", "5", "--ready-fd=6", "-olowerdir=/a"});
  EXPECT_TRUE(line.foreground);
  EXPECT_EQ(line.exit_fd, 5);
  EXPECT_EQ(line.ready_fd, 6);
  for (const char* flag : {"-d", "--debug", "-odebug"}) {
    const CommandLine debugged = parsed({flag, "-olowerdir=/a", "/mnt"});
    EXPECT_TRUE(debugged.foreground && debugged.mount.debug) << flag;
  }
}

TEST(command_line, help_and_version_need_nothing_else) {
  EXPECT_EQ(parsed({"-h"}).ask, Ask::Help);
  EXPECT_EQ(parsed({"-f", "--help", "--nonsense"}).ask, Ask::Help);
  EXPECT_EQ(parsed({"-V"}).ask, Ask::Version);
  EXPECT_EQ(parsed({"--version"}).ask, Ask::Version);
}

TEST(command_line, what_is_missing_is_named) {
  EXPECT_EQ(refusal({"-olowerdir=/a"}),
            "the directory to mount on is missing: see wolffia-overlay --help");
  EXPECT_EQ(refusal({"/mnt"}), "the layers are missing: -o lowerdir=DIR[:DIR...] names them");
  EXPECT_EQ(refusal({"-olowerdir=/a,upperdir=/u", "/mnt"}),
            "upperdir needs -o workdir=DIR too, an empty directory of the same file system");
  EXPECT_EQ(refusal({"-olowerdir=:", "/mnt"}), "lowerdir names no directory");
  EXPECT_EQ(refusal({"-olowerdir=", "/mnt"}), "lowerdir needs a value: -o lowerdir=DIR[:DIR...]");
  EXPECT_EQ(refusal({"-olowerdir=/a", ""}), "the directory to mount on has an empty name");
  EXPECT_EQ(refusal({"/mnt", "-o"}), "-o needs a value: -o OPTION[,OPTION...]");
  EXPECT_EQ(refusal({"/mnt", "--exit-fd"}), "--exit-fd needs a value: --exit-fd N");
}

TEST(command_line, what_is_unknown_is_named) {
  EXPECT_EQ(refused_option("nonsense=1"),
            "unknown option nonsense behind -o: see wolffia-overlay --help");
  EXPECT_EQ(refusal({"--nonsense=1", "/mnt"}),
            "unknown flag --nonsense: see wolffia-overlay --help");
  EXPECT_EQ(refusal({"-x", "/mnt"}), "unknown flag -x: see wolffia-overlay --help");
  EXPECT_EQ(refusal({"a", "b", "c"}),
            "there is nothing to do for \"c\": one directory is mounted on, the last word of the "
            "command line");
}

TEST(command_line, plugins_are_refused) {
  EXPECT_EQ(refused_option("plugins=/x.so"),
            "plugins are not loaded: leave plugins= out, and name directories or image files in "
            "lowerdir");
  EXPECT_EQ(
      refusal({"-olowerdir=//plugin/data//path", "/mnt"}),
      "lowerdir: plugins are not loaded, and \"//plugin/data//path\" asks for one: a path has "
      "one slash in front");
}

TEST(command_line, a_value_of_another_kind_is_refused) {
  EXPECT_EQ(refused_option("noacl=1"), "noacl takes no value, not \"1\"");
  EXPECT_EQ(refused_option("writeback=2"), "writeback takes 0 or 1, not \"2\"");
  EXPECT_EQ(refused_option("writeback="), "writeback needs a value: -o writeback=0|1");
  EXPECT_EQ(refused_option("xino=maybe"), "xino takes off, auto or on, not \"maybe\"");
  EXPECT_EQ(refused_option("redirect_dir=follow"), "redirect_dir takes off or on, not \"follow\"");
  EXPECT_EQ(refused_option("xattr_permissions=3"), "xattr_permissions takes 0, 1 or 2, not \"3\"");
  EXPECT_EQ(refused_option("threads=0"), "threads takes a number from 1 to 1024, not \"0\"");
  EXPECT_EQ(refused_option("squash_to_uid=-1"),
            "squash_to_uid takes a number from 0 to 4294967294, not \"-1\"");
  for (const char* seconds : {"-1", "inf", "nan", "1s", "x"})
    EXPECT_EQ(refused_option(cat("timeout=", seconds)),
              cat("timeout takes seconds, as 0 or 1.5, not \"", seconds, "\""));
  EXPECT_EQ(refusal({"--exit-fd=x", "/mnt"}),
            "--exit-fd takes a number from 0 to 2147483647, not \"x\"");
}

TEST(command_line, five_hundred_layers_and_no_more) {
  std::string lower = "lowerdir=/0";
  for (int i = 1; i < 500; ++i)
    lower += cat(":/", i);
  EXPECT_EQ(parsed({"-o", lower.c_str(), "/mnt"}).options.lower.size(), 500U);
  lower += ":/x";
  EXPECT_EQ(refusal({"-o", lower.c_str(), "/mnt"}),
            "lowerdir has 501 layers: at most 500 can be mounted, so merge some");
}

TEST(command_line, help_names_every_option) {
  const std::string help = help_text();
  for (const MountWord& word : mount_words()) {
    const bool shown = !word.help.empty() || !word.apply;
    EXPECT_TRUE(!shown || help.find(word.name) != std::string::npos) << word.name;
  }
  for (const Flag& flag : flags())
    EXPECT_NE(help.find(flag.name.empty() ? flag.letter : flag.name), std::string::npos);
}
