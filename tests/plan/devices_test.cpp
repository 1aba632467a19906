// SPDX-License-Identifier: Apache-2.0
#include "plan/support.hpp"

namespace wolffia::plan::test {
namespace {

oci::Device device(std::string path, uint32_t major, uint32_t minor) {
  oci::Device device{};
  device.path = std::move(path);
  device.type = oci::DeviceType::Char;
  device.major = major;
  device.minor = minor;
  return device;
}

std::vector<DeviceStep> devices_with(std::vector<oci::Device> listed) {
  oci::Spec spec = bundle();
  spec.linux.devices = std::move(listed);
  return planned(spec, ana()).devices;
}

std::vector<std::string> paths_of(const std::vector<DeviceStep>& devices) {
  std::vector<std::string> paths;
  for (const DeviceStep& step : devices)
    paths.push_back(step.path);
  return paths;
}

const std::vector<std::string> kDefaults{"/dev/null",   "/dev/zero",    "/dev/full",
                                         "/dev/random", "/dev/urandom", "/dev/tty"};

TEST(devices, the_defaults_of_the_specification_are_always_there) {
  const std::vector<DeviceStep> devices = devices_with({});
  EXPECT_EQ(paths_of(devices), kDefaults);
  for (const DeviceStep& step : devices) {
    EXPECT_TRUE(step.is_default);
    EXPECT_EQ(step.mode, 0666U);
  }
  EXPECT_EQ(devices[0].major, 1U);
  EXPECT_EQ(devices[0].minor, 3U);
}

TEST(devices, listed_ones_follow) {
  oci::Device fuse = device("/dev/fuse", 10, 229);
  fuse.file_mode = 0660;
  fuse.uid = 1;
  fuse.gid = 2;
  const std::vector<DeviceStep> devices = devices_with({fuse});
  ASSERT_EQ(devices.size(), 7U);
  EXPECT_EQ(devices[6].path, "/dev/fuse");
  EXPECT_EQ(devices[6].mode, 0660U);
  EXPECT_EQ(devices[6].uid.value, 1U);
  EXPECT_EQ(devices[6].gid.value, 2U);
  EXPECT_FALSE(devices[6].is_default);
}

TEST(devices, the_last_of_two_with_one_path_wins) {
  const std::vector<DeviceStep> devices =
      devices_with({device("/dev/a", 1, 1), device("/dev/b", 2, 2), device("/dev/a", 3, 3)});
  ASSERT_EQ(devices.size(), 8U);
  EXPECT_EQ(devices[6].path, "/dev/a");
  EXPECT_EQ(devices[6].major, 3U);
}

TEST(devices, a_default_may_be_listed_with_its_own_mode) {
  oci::Device null = device("/dev/null", 1, 3);
  null.file_mode = 0600;
  const std::vector<DeviceStep> devices = devices_with({null});
  EXPECT_EQ(paths_of(devices), kDefaults);
  EXPECT_EQ(devices[0].mode, 0600U);
  EXPECT_TRUE(devices[0].is_default);
}

TEST(devices, another_node_under_a_defaults_name_is_no_default) {
  EXPECT_FALSE(devices_with({device("/dev/null", 1, 5)})[0].is_default);
}

TEST(devices, ptmx_stays_the_containers_own) {
  EXPECT_EQ(paths_of(devices_with({device("/dev/ptmx", 5, 2)})), kDefaults);
}

TEST(devices, a_default_that_the_bundle_mounts_is_left_to_it) {
  oci::Spec spec = bundle();
  spec.mounts = {{"/dev/random", "bind", "/dev/urandom", {"bind"}, {}, {}}};
  const std::vector<std::string> paths = paths_of(planned(spec, ana()).devices);
  EXPECT_EQ(paths.size(), 5U);
  EXPECT_EQ(std::count(paths.begin(), paths.end(), "/dev/random"), 0);
}

TEST(devices, a_fifo_needs_no_number) {
  oci::Device fifo{};
  fifo.path = "/dev/initctl";
  fifo.type = oci::DeviceType::Fifo;
  EXPECT_EQ(devices_with({fifo}).back().type, oci::DeviceType::Fifo);
}

class CrookedPath : public testing::TestWithParam<const char*> {};

TEST_P(CrookedPath, is_refused) {
  oci::Spec spec = bundle();
  spec.linux.devices = {device(GetParam(), 1, 1)};
  EXPECT_EQ(refused(spec), cat("EINVAL: linux.devices[0].path \"", GetParam(),
                               "\" must be plain: no \"..\", \".\" or empty part"));
}

INSTANTIATE_TEST_SUITE_P(devices, CrookedPath,
                         testing::Values("/dev/../etc/x", "/dev/./x", "/dev//x", "/dev/x/", "/",
                                         "/.."));

}  // namespace
}  // namespace wolffia::plan::test
