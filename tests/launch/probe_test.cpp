// SPDX-License-Identifier: Apache-2.0
#include "launch/probe.hpp"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string>

#include "base/version.hpp"
#include "support/namespaced.hpp"
#include "support/temp_dir.hpp"
#include "sys/caps.hpp"

// Most tests run as root of a user and a mount namespace of their own, where they may put their own
// /etc and helper programs in place; then they drop their capabilities and probe as a user would.
namespace wolffia::launch {
namespace {

using plan::Host;
using plan::MapHelper;
using Ranges = std::vector<plan::SubidRange>;

void write_program(const std::string& path, const std::string& text, mode_t mode) {
  test::write_text(path, text);
  ASSERT_EQ(::chmod(path.c_str(), mode), 0) << path;
}

std::string directory_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

/// An empty file system over `path`.
void cover(const std::string& path) {
  ASSERT_EQ(::mount("tmpfs", path.c_str(), "tmpfs", 0, "mode=755"), 0) << path;
}

/// Runs `body` where /etc is empty and the caller may fill it.
void on_a_machine(const std::function<void()>& body) {
  const test::Outcome outcome = test::in_namespaces(0, [&] {
    cover("/etc");
    body();
    return std::string(testing::Test::HasFailure() ? "failed" : "passed");
  });
  if (!outcome.skipped.empty()) GTEST_SKIP() << outcome.skipped;
  EXPECT_EQ(outcome.text, "passed");
}

Host probe(const oci::Spec& spec) {
  auto host = probe_host(spec);
  if (host) return std::move(host).value();
  ADD_FAILURE() << host.error().message();
  return {};
}

Host probe_unprivileged(const oci::Spec& spec = {}) {
  EXPECT_TRUE(sys::set_capabilities(0, 0, 0));
  return probe(spec);
}

/// Programs that look like helpers which may gain rights.
void install_helpers() {
  cover(directory_of(kNewuidmap));
  write_program(kNewuidmap, "", 04755);
  write_program(kNewgidmap, "", 04755);
}

TEST(probe, knows_who_the_caller_is) {
  const Host host = probe({});
  EXPECT_EQ(host.uid, ::geteuid());
  EXPECT_EQ(host.gid, ::getegid());
}

TEST(probe, own_ids_in_the_bundle_are_all_it_looks_at) {
  on_a_machine([] {
    oci::Spec spec;
    spec.linux.uid_mappings = {{0, 0, 1}};
    spec.linux.gid_mappings = {{0, 0, 1}};
    test::write_text("/etc/subuid", "0:100000:10\n");
    const Host host = probe_unprivileged(spec);
    EXPECT_FALSE(host.privileged);
    EXPECT_TRUE(host.uid_map.empty());
    EXPECT_TRUE(host.sub_uids.empty());
  });
}

TEST(probe, root_of_a_user_namespace_is_privileged_there) {
  on_a_machine([] {
    const Host host = probe({});
    EXPECT_TRUE(host.privileged);
    EXPECT_NE(host.capabilities & uint64_t{1} << CAP_SYS_ADMIN, 0U);
    EXPECT_TRUE(host.setgroups_denied);
    ASSERT_EQ(host.uid_map.size(), 1U);
    EXPECT_EQ(host.uid_map[0].container, 0U);
    EXPECT_EQ(host.uid_map[0].size, 1U);
    EXPECT_EQ(host.gid_map.size(), 1U);
  });
}

TEST(probe, finds_ranges_by_name_and_by_uid) {
  on_a_machine([] {
    test::write_text("/etc/passwd", "toor:x:0:0::/:/bin/sh\n");
    test::write_text("/etc/subuid", "toor:100000:10\nother:500000:100\n0:300000:20\n");
    test::write_text("/etc/subgid", "0:200000:30\n");
    const Host host = probe_unprivileged();
    EXPECT_EQ(host.user_name, "toor");
    EXPECT_EQ(host.sub_uids, (Ranges{{100000, 10}, {300000, 20}}));
    EXPECT_EQ(host.sub_gids, (Ranges{{200000, 30}}));
    EXPECT_EQ(host.free_subid, 500100U);
  });
}

TEST(probe, a_user_outside_passwd_is_looked_up_by_the_name_it_logged_in_with) {
  on_a_machine([] {
    test::write_text("/etc/subuid", "ldapuser:100000:10\n");
    ::unsetenv("USER");
    ::setenv("LOGNAME", "ldapuser", 1);
    const Host host = probe_unprivileged();
    EXPECT_EQ(host.user_name, "");
    EXPECT_EQ(host.sub_uids, (Ranges{{100000, 10}}));
  });
}

TEST(probe, without_any_table_there_are_no_ranges) {
  on_a_machine([] {
    const Host host = probe_unprivileged();
    EXPECT_TRUE(host.sub_uids.empty());
    EXPECT_EQ(host.free_subid, 100000U);
  });
}

struct HelperCase {
  const char* name;
  void (*arrange)();
  MapHelper expected;
};

class Helper : public testing::TestWithParam<HelperCase> {};

TEST_P(Helper, is_judged_before_it_is_run) {
  on_a_machine([] {
    install_helpers();
    GetParam().arrange();
    EXPECT_EQ(probe_unprivileged().newuidmap, GetParam().expected);
  });
}

INSTANTIATE_TEST_SUITE_P(
    probe, Helper,
    testing::Values(
        HelperCase{"usable", [] {}, MapHelper::Usable},
        HelperCase{"missing", [] { EXPECT_EQ(::unlink(kNewuidmap), 0); }, MapHelper::Missing},
        HelperCase{"not_setuid", [] { EXPECT_EQ(::chmod(kNewuidmap, 0755), 0); },
                   MapHelper::NotSetuid},
        HelperCase{"no_new_privs", [] { EXPECT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0); },
                   MapHelper::NoNewPrivs},
        HelperCase{"nosuid_mount",
                   [] {
                     EXPECT_EQ(::mount(nullptr, directory_of(kNewuidmap).c_str(), nullptr,
                                       MS_REMOUNT | MS_BIND | MS_NOSUID, nullptr),
                               0);
                   },
                   MapHelper::NosuidMount}),
    [](const auto& row) { return std::string(row.param.name); });

/// A getsubids(1) that answers for "toor" as a directory service would.
void install_getsubids(const std::string& nsswitch) {
  test::write_text("/etc/passwd", "toor:x:0:0::/:/bin/sh\n");
  test::write_text("/etc/nsswitch.conf", nsswitch);
  write_program("/etc/getsubids",
                "#!/bin/sh\n"
                "case \"$*\" in\n"
                "  toor) echo '0: toor 700000 10' ;;\n"
                "  '-g toor') echo '0: toor 800000 20' ;;\n"
                "esac\n",
                0755);
  ASSERT_EQ(::mount("/etc/getsubids", kGetsubids, nullptr, MS_BIND, nullptr), 0);
}

TEST(probe, asks_getsubids_where_the_files_have_nothing_and_another_source_is_named) {
  on_a_machine([] {
    install_getsubids("subid: sss\n");
    const Host host = probe_unprivileged();
    EXPECT_EQ(host.sub_uids, (Ranges{{700000, 10}}));
    EXPECT_EQ(host.sub_gids, (Ranges{{800000, 20}}));
  });
}

TEST(probe, asks_getsubids_only_for_what_is_missing) {
  on_a_machine([] {
    install_getsubids("subid: sss\n");
    test::write_text("/etc/subuid", "toor:100000:10\n");
    const Host host = probe_unprivileged();
    EXPECT_EQ(host.sub_uids, (Ranges{{100000, 10}}));
    EXPECT_EQ(host.sub_gids, (Ranges{{800000, 20}}));
  });
}

TEST(probe, does_not_start_getsubids_to_hear_what_the_files_say) {
  on_a_machine([] {
    install_getsubids("subid: files\n");
    EXPECT_TRUE(probe_unprivileged().sub_uids.empty());
  });
}

TEST(probe, a_getsubids_that_fails_means_no_ranges) {
  on_a_machine([] {
    install_getsubids("subid: sss\n");
    write_program("/etc/getsubids", "#!/bin/sh\necho 'Error fetching ranges' >&2; exit 1\n", 0755);
    EXPECT_TRUE(probe_unprivileged().sub_uids.empty());
  });
}

}  // namespace
}  // namespace wolffia::launch
