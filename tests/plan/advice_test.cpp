// SPDX-License-Identifier: Apache-2.0
#include "base/version.hpp"
#include "plan/support.hpp"

namespace wolffia::plan::test {
namespace {

TEST(advice, for_a_user_without_ranges_is_a_command) {
  EXPECT_EQ(only_notice(planned(bundle(), ana())),
            "no subordinate ids for \"ana\": only uid 0 and gid 0 exist inside; to get 65536, run: "
            "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ana");
}

TEST(advice, never_gives_out_the_range_of_another_user) {
  Host host = ana();
  host.free_subid = 231072;
  EXPECT_NE(only_notice(planned(bundle(), host)).find("--add-subuids 231072-296607"),
            std::string::npos);
}

TEST(advice, for_a_user_that_usermod_does_not_know_writes_the_files) {
  Host host = ana();
  host.user_name.clear();
  EXPECT_EQ(only_notice(planned(bundle(), host)),
            "no subordinate ids for uid 1000: only uid 0 and gid 0 exist inside; to get 65536, "
            "run: echo 1000:100000:65536 | sudo tee -a /etc/subuid /etc/subgid");
}

TEST(advice, names_the_id_that_is_left) {
  oci::Spec spec = bundle();
  spec.process->user.uid = 33;
  EXPECT_NE(only_notice(planned(spec, ana())).find("only uid 33 and gid 0 exist inside"),
            std::string::npos);
}

struct HelperCase {
  MapHelper state;
  std::string notice;
};

class UnusableHelper : public testing::TestWithParam<HelperCase> {};

TEST_P(UnusableHelper, leaves_one_id_and_says_what_to_do) {
  Host host = ana_with_ranges();
  host.newuidmap = GetParam().state;
  const Plan plan = planned(bundle(), host);
  EXPECT_EQ(plan.user.writer, MapWriter::Child);
  EXPECT_EQ(only_notice(plan), std::string(kNewuidmap) + GetParam().notice);
}

TEST_P(UnusableHelper, refuses_a_bundle_that_needs_it) {
  oci::Spec spec = bundle();
  map_ids(spec, {{0, 100000, 10}}, {{0, 100000, 10}});
  Host host = ana();
  host.newuidmap = GetParam().state;
  const std::string message = refused(spec, host);
  EXPECT_EQ(message.find("EPERM: linux.uidMappings needs more than the caller's own id: "), 0U);
  EXPECT_NE(message.find(kNewuidmap), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    advice, UnusableHelper,
    testing::Values(
        HelperCase{MapHelper::Missing,
                   " is missing: only uid 0 and gid 0 exist inside; to get 65536, run: "
                   "sudo apt install uidmap"},
        HelperCase{MapHelper::NotSetuid,
                   std::string(" is not setuid root: only uid 0 and gid 0 exist inside; to get "
                               "65536, run: sudo chmod u+s ") +
                       kNewuidmap},
        HelperCase{
            MapHelper::NosuidMount,
            std::string(" is on a nosuid mount: only uid 0 and gid 0 exist inside; to get "
                        "65536, run: sudo mount -o remount,suid \"$(findmnt -no TARGET -T ") +
                kNewuidmap + ")\""}));

TEST(advice, no_new_privs_is_not_mended_by_a_command) {
  Host host = ana_with_ranges();
  host.newuidmap = host.newgidmap = MapHelper::NoNewPrivs;
  EXPECT_EQ(only_notice(planned(bundle(), host)),
            std::string("no_new_privs keeps ") + kNewuidmap +
                " from its rights: only uid 0 and gid 0 exist inside; to get 65536, start the "
                "runtime without no_new_privs (systemd: NoNewPrivileges=no)");
}

TEST(advice, newgidmap_counts_as_well) {
  Host host = ana_with_ranges();
  host.newgidmap = MapHelper::Missing;
  EXPECT_EQ(only_notice(planned(bundle(), host)).find(kNewgidmap), 0U);
}

TEST(advice, ranges_and_helpers_missing_are_mended_by_one_line) {
  Host host = ana();
  host.newuidmap = host.newgidmap = MapHelper::Missing;
  EXPECT_EQ(only_notice(planned(bundle(), host)),
            "no subordinate ids for \"ana\": only uid 0 and gid 0 exist inside; to get 65536, run: "
            "sudo apt install uidmap && sudo usermod --add-subuids 100000-165535 --add-subgids "
            "100000-165535 ana");
}

}  // namespace
}  // namespace wolffia::plan::test
