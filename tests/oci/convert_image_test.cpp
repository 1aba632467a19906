// SPDX-License-Identifier: Apache-2.0
#include "oci/convert_image.hpp"

#include <gtest/gtest.h>

namespace wolffia::oci {
namespace {

using Strings = std::vector<std::string>;

const UserTables kTables{
    "root:x:0:0:root:/root:/bin/sh\nbroken\nana:x:7:70::/home/ana:/bin/sh\n12:x:99:99::/:/bin/sh\n"
    "big:x:4294967295:0::/:/bin/sh\nbob:x:8:80:::\n",
    "root:x:0:\nana:x:70:\nwheel:x:10:bob,ana\nother:x:11:bob\ndouble:x:10:ana\n13:x:1300:\n"};

std::string failure(std::string_view user) {
  const auto found = resolve_user(user, kTables);
  return found ? "accepted" : found.error().message();
}

TEST(resolve_user, is_root_where_nothing_is_said) {
  const auto user = resolve_user("", kTables);
  ASSERT_TRUE(user);
  EXPECT_EQ(user->uid, 0U);
  EXPECT_EQ(user->gid, 0U);
}

TEST(resolve_user, finds_a_name_with_its_groups_each_once) {
  const auto user = resolve_user("ana", kTables);
  ASSERT_TRUE(user);
  EXPECT_EQ(user->uid, 7U);
  EXPECT_EQ(user->gid, 70U);
  EXPECT_EQ(user->additional_gids, std::vector<uint32_t>{10});
}

TEST(resolve_user, leaves_other_groups_out_beside_a_given_one) {
  for (const char* text : {"ana:wheel", "ana:10"}) {
    const auto user = resolve_user(text, kTables);
    ASSERT_TRUE(user);
    EXPECT_EQ(user->gid, 10U);
    EXPECT_TRUE(user->additional_gids.empty());
  }
}

TEST(resolve_user, takes_a_number_as_it_is) {
  const auto user = resolve_user("12:13", kTables);
  ASSERT_TRUE(user);
  EXPECT_EQ(user->uid, 12U);  // not the account that is called 12
  EXPECT_EQ(user->gid, 13U);
}

TEST(resolve_user, gives_a_number_the_group_of_its_account) {
  const auto user = resolve_user("7", kTables);
  ASSERT_TRUE(user);
  EXPECT_EQ(user->gid, 70U);
  EXPECT_TRUE(user->additional_gids.empty());
}

TEST(resolve_user, refuses_numbers_that_are_no_ids) {
  for (const char* text :
       {"4294967295", "4294967296", "9223372036854775808", "99999999999999999999", "0:4294967295"})
    EXPECT_NE(failure(text).find("is no id"), std::string::npos) << text;
}

TEST(resolve_user, refuses_names_the_image_does_not_know) {
  for (const char* text : {"-1", "eve", "ana:eve", "big", "broken", "0x0", " 0"})
    EXPECT_NE(failure(text).find("is not in the image's"), std::string::npos) << text;
}

TEST(home_of, is_that_of_the_first_account) {
  EXPECT_EQ(home_of(7, kTables.passwd), "/home/ana");
  EXPECT_FALSE(home_of(8, kTables.passwd));
  EXPECT_FALSE(home_of(5, kTables.passwd));
}

TEST(image_arguments, are_entrypoint_and_cmd) {
  ImageConfig config;
  config.entrypoint = {"e", "1"};
  config.cmd = {"c"};
  EXPECT_EQ(image_arguments(config, {}, {}), (Strings{"e", "1", "c"}));
  EXPECT_EQ(image_arguments(config, {}, {"x"}), (Strings{"e", "1", "x"}));
  EXPECT_EQ(image_arguments(config, "new", {}), Strings{"new"});
  EXPECT_EQ(image_arguments(config, "new", {"x"}), (Strings{"new", "x"}));
  EXPECT_EQ(image_arguments(config, "", {"x"}), Strings{"x"});
}

TEST(image_annotations, are_the_fields_with_labels_over_them) {
  ImageConfig config;
  config.platform = {"linux", "amd64", "", ""};
  config.author = "ana";
  config.created = "now";
  config.stop_signal = "SIGINT";
  config.exposed_ports = {"80/tcp", "53/udp"};
  config.labels = {{"org.opencontainers.image.author", "bob"}, {"x", "y"}};
  const Annotations expected{{"org.opencontainers.image.os", "linux"},
                             {"org.opencontainers.image.architecture", "amd64"},
                             {"org.opencontainers.image.author", "bob"},
                             {"org.opencontainers.image.created", "now"},
                             {"org.opencontainers.image.stopSignal", "SIGINT"},
                             {"org.opencontainers.image.exposedPorts", "80/tcp,53/udp"},
                             {"x", "y"}};
  EXPECT_EQ(image_annotations(config), expected);
}

TEST(image_annotations, leave_out_what_a_runtime_acts_on) {
  ImageConfig config;
  config.labels = {{"org.wolffia.mountpoints", "never"},
                   {"org.wolffia.resources.optional", "1"},
                   {"run.oci.keep_original_groups", "1"},
                   {"run.oci.hooks.stdout", "/etc/passwd"},
                   {"org.systemd.property.DeviceAllow", "x"},
                   {"cdi.k8s.io/gpu", "vendor.com/gpu=all"},
                   {"", "empty"}};
  EXPECT_TRUE(image_annotations(config).empty());
}

TEST(image_volumes, leave_out_what_the_runtime_mounts) {
  ImageConfig config;
  config.volumes = {"/data/../data/", "/data",      "/",        "/proc/sys", "/sys",
                    "/dev/shm",       "/x/../proc", "relative", "/devices"};
  EXPECT_EQ(image_volumes(config), (Strings{"/data", "/devices", "/relative"}));
}

}  // namespace
}  // namespace wolffia::oci
