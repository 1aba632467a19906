// SPDX-License-Identifier: Apache-2.0
#include "launch/probe.hpp"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "base/version.hpp"
#include "sys/caps.hpp"

// Each test runs in a child with a user and a mount namespace of its own, where it is uid 0 and may
// put its own /etc and helper programs in place; then it drops its capabilities and probes as an
// ordinary user.
namespace wolffia::launch {
namespace {

using plan::Host;
using plan::MapHelper;
using Ranges = std::vector<plan::SubidRange>;

constexpr int kNoNamespace = 77;

void write_file(const std::string& path, const std::string& text, mode_t mode = 0644) {
  std::ofstream(path) << text;
  ASSERT_EQ(::chmod(path.c_str(), mode), 0) << path;
}

std::string directory_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

/// An empty file system over `path`.
void cover(const std::string& path) {
  ASSERT_EQ(::mount("tmpfs", path.c_str(), "tmpfs", 0, "mode=755"), 0) << path;
}

bool enter_namespaces() {
  const std::string uid = std::to_string(::geteuid());
  const std::string gid = std::to_string(::getegid());
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " << uid << " 1";
  std::ofstream("/proc/self/gid_map") << "0 " << gid << " 1";
  return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

/// Runs `body` in a child of its own.
template <class Body>
void in_namespaces(Body body) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (!enter_namespaces()) ::_exit(kNoNamespace);
    cover("/etc");
    body();
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNoNamespace)
    GTEST_SKIP() << "no user namespaces here";
  EXPECT_EQ(status, 0);
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
  write_file(kNewuidmap, "", 04755);
  write_file(kNewgidmap, "", 04755);
}

TEST(probe, knows_who_the_caller_is) {
  const Host host = probe({});
  EXPECT_EQ(host.uid, ::geteuid());
  EXPECT_EQ(host.gid, ::getegid());
}

TEST(probe, own_ids_in_the_bundle_are_all_it_looks_at) {
  in_namespaces([] {
    oci::Spec spec;
    spec.linux.uid_mappings = {{0, 0, 1}};
    spec.linux.gid_mappings = {{0, 0, 1}};
    write_file("/etc/subuid", "0:100000:10\n");
    const Host host = probe_unprivileged(spec);
    EXPECT_FALSE(host.privileged);
    EXPECT_TRUE(host.uid_map.empty());
    EXPECT_TRUE(host.sub_uids.empty());
  });
}

TEST(probe, root_of_a_user_namespace_is_privileged_there) {
  in_namespaces([] {
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
  in_namespaces([] {
    write_file("/etc/passwd", "toor:x:0:0::/:/bin/sh\n");
    write_file("/etc/subuid", "toor:100000:10\nother:500000:100\n0:300000:20\n");
    write_file("/etc/subgid", "0:200000:30\n");
    const Host host = probe_unprivileged();
    EXPECT_EQ(host.user_name, "toor");
    EXPECT_EQ(host.sub_uids, (Ranges{{100000, 10}, {300000, 20}}));
    EXPECT_EQ(host.sub_gids, (Ranges{{200000, 30}}));
    EXPECT_EQ(host.free_subid, 500100U);
  });
}

TEST(probe, a_user_outside_passwd_is_looked_up_by_the_name_it_logged_in_with) {
  in_namespaces([] {
    write_file("/etc/subuid", "ldapuser:100000:10\n");
    ::unsetenv("USER");
    ::setenv("LOGNAME", "ldapuser", 1);
    const Host host = probe_unprivileged();
    EXPECT_EQ(host.user_name, "");
    EXPECT_EQ(host.sub_uids, (Ranges{{100000, 10}}));
  });
}

TEST(probe, without_any_table_there_are_no_ranges) {
  in_namespaces([] {
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
  in_namespaces([] {
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
  write_file("/etc/passwd", "toor:x:0:0::/:/bin/sh\n");
  write_file("/etc/nsswitch.conf", nsswitch);
  write_file("/etc/getsubids",
             "#!/bin/sh\n"
             "case \"$*\" in\n"
             "  toor) echo '0: toor 700000 10' ;;\n"
             "  '-g toor') echo '0: toor 800000 20' ;;\n"
             "esac\n",
             0755);
  ASSERT_EQ(::mount("/etc/getsubids", kGetsubids, nullptr, MS_BIND, nullptr), 0);
}

TEST(probe, asks_getsubids_where_the_files_have_nothing_and_another_source_is_named) {
  in_namespaces([] {
    install_getsubids("subid: sss\n");
    const Host host = probe_unprivileged();
    EXPECT_EQ(host.sub_uids, (Ranges{{700000, 10}}));
    EXPECT_EQ(host.sub_gids, (Ranges{{800000, 20}}));
  });
}

TEST(probe, asks_getsubids_only_for_what_is_missing) {
  in_namespaces([] {
    install_getsubids("subid: sss\n");
    write_file("/etc/subuid", "toor:100000:10\n");
    const Host host = probe_unprivileged();
    EXPECT_EQ(host.sub_uids, (Ranges{{100000, 10}}));
    EXPECT_EQ(host.sub_gids, (Ranges{{800000, 20}}));
  });
}

TEST(probe, does_not_start_getsubids_to_hear_what_the_files_say) {
  in_namespaces([] {
    install_getsubids("subid: files\n");
    EXPECT_TRUE(probe_unprivileged().sub_uids.empty());
  });
}

TEST(probe, a_getsubids_that_fails_means_no_ranges) {
  in_namespaces([] {
    install_getsubids("subid: sss\n");
    write_file("/etc/getsubids", "#!/bin/sh\necho 'Error fetching ranges' >&2; exit 1\n", 0755);
    EXPECT_TRUE(probe_unprivileged().sub_uids.empty());
  });
}

}  // namespace
}  // namespace wolffia::launch
