// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "oci/parse_runtime.hpp"
#include "plan/support.hpp"

namespace wolffia::plan::test {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::string dry_run(const std::string& config, const Host& host) {
  auto spec = oci::parse_spec(read(cat(WOLFFIA_TEST_DATA "/", config)));
  if (!spec) {
    ADD_FAILURE() << spec.error().message();
    return {};
  }
  return print(planned(*spec, host));
}

bool prints(const Plan& plan, std::string_view line) {
  return cat("\n", print(plan)).find(cat("\n", line, "\n")) != std::string::npos;
}

struct Golden {
  const char* config;    // below tests/data
  const char* expected;  // below tests/data/plan
  Host (*host)();
};

/// The user of the mappings in runc's rootless bundle.
Host uid_zero() {
  Host host = ana();
  host.uid = host.gid = 0;
  return host;
}

class GoldenPlan : public testing::TestWithParam<Golden> {};

/// To accept a change: WOLFFIA_UPDATE_GOLDEN=1 plan_test, then read the diff.
TEST_P(GoldenPlan, prints_what_will_be_done) {
  const std::string expected = cat(WOLFFIA_TEST_DATA "/plan/", GetParam().expected);
  const std::string printed = dry_run(GetParam().config, GetParam().host());
  if (std::getenv("WOLFFIA_UPDATE_GOLDEN")) std::ofstream(expected) << printed;
  EXPECT_EQ(printed, read(expected));
}

INSTANTIATE_TEST_SUITE_P(
    print, GoldenPlan,
    testing::Values(Golden{"spec/valid/runc-spec-rootless.json", "runc-spec-rootless.txt",
                           uid_zero},
                    Golden{"spec/valid/runc-spec.json", "runc-spec-ranges.txt", ana_with_ranges},
                    Golden{"spec/valid/crun-spec.json", "crun-spec-one-id.txt", ana},
                    Golden{"plan/podman-run.json", "podman-run.txt", podman_root},
                    Golden{"plan/podman-keep-id.json", "podman-keep-id.txt", podman_root},
                    Golden{"plan/podman-options.json", "podman-options.txt", podman_root},
                    Golden{"plan/rare.json", "rare.txt", ana_with_ranges}));

TEST(print, a_hostile_path_cannot_forge_a_line) {
  oci::Spec spec = bundle();
  spec.linux.masked_paths = {"/a\nroot /etc"};
  EXPECT_TRUE(prints(planned(spec, ana()), "mask \"/a\\nroot /etc\""));
}

TEST(print, maps_are_printed_from_inside_to_outside) {
  const Plan plan = planned(bundle(), ana_with_ranges());
  EXPECT_TRUE(prints(plan, "  uid 0 inside is 1000 outside"));
  EXPECT_TRUE(prints(plan, "  uid 1-65536 inside is 100000-165535 outside"));
  EXPECT_TRUE(prints(plan, "  if that fails: uid 0 is 1000, gid 0 is 1001, no others"));
}

TEST(print, a_joined_namespace_shows_its_path) {
  oci::Spec spec = bundle();
  add_namespace(spec, oci::NamespaceType::Network, "/run/netns/a b");
  EXPECT_TRUE(prints(planned(spec, ana()), "network namespace joined: \"/run/netns/a b\""));
}

TEST(print, a_joined_user_namespace_shows_its_path) {
  oci::Spec spec = bundle();
  add_namespace(spec, oci::NamespaceType::User, "/proc/7/ns/user");
  EXPECT_TRUE(prints(planned(spec, ana()), "user namespace joined: /proc/7/ns/user"));
}

TEST(print, every_mount_option_that_counts_is_shown) {
  oci::Spec spec = bundle();
  spec.mounts = {{"/x",
                  "bind",
                  "/y",
                  {"rbind", "rro", "nosuid", "dev", "noatime", "rslave", "src-nofollow"},
                  {},
                  {}}};
  EXPECT_TRUE(prints(planned(spec, ana()),
                     "bind tree /y on /x: dev nosuid noatime rro rslave src-nofollow"));
}

TEST(print, a_device_shows_type_numbers_and_mode) {
  oci::Spec spec = bundle();
  oci::Device disk{};
  disk.path = "/dev/disk";
  disk.type = oci::DeviceType::Block;
  disk.major = 8;
  disk.file_mode = 04640;
  spec.linux.devices = {disk};
  EXPECT_TRUE(prints(planned(spec, ana()), "device /dev/disk b 8:0 mode 04640"));
}

TEST(print, a_cgroup_shows_its_limits) {
  Plan plan;
  plan.cgroup.emplace();
  plan.cgroup->path = "/user.slice/a";
  plan.cgroup->limits = {{"pids.limit", "pids.max", "9"}};
  EXPECT_NE(print(plan).find("cgroup /user.slice/a\nlimit pids.limit: pids.max 9\n"),
            std::string::npos);
}

TEST(print, notices_come_last) {
  const std::string page = print(planned(bundle(), ana()));
  const size_t notice = page.find("\nnotice: no subordinate ids");
  ASSERT_NE(notice, std::string::npos);
  EXPECT_EQ(page.find('\n', notice + 1), page.size() - 1);
}

}  // namespace
}  // namespace wolffia::plan::test
