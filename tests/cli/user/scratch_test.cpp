// SPDX-License-Identifier: Apache-2.0
#include "cli/user/scratch.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/temp_dir.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user {
namespace {

/// A container whose scratch directory holds one changed file.
class Scratch : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::mkdir((temp_ / "container").c_str(), 0700), 0);
    auto directory = sys::open_directory(sys::cwd(), (temp_ / "container").c_str());
    ASSERT_TRUE(directory);
    container_.id = "0123456789ab";
    container_.path = temp_ / "container";
    container_.fd = std::move(directory).value();
    ASSERT_TRUE(make_scratch(container_, place_));
    test::write_text(place_ + "/0123456789ab/changed", "x");
  }

  bool exists(const std::string& path) const {
    return bool(sys::stat_at(sys::cwd(), path.c_str()));
  }

  test::TempDir temp_;
  std::string place_ = temp_ / "wolffia-1000/scratch";
  ContainerDir container_;
};

TEST_F(Scratch, is_found_again_by_the_link) {
  const auto path = scratch_of(container_.fd);
  ASSERT_TRUE(path);
  EXPECT_EQ(*path, place_ + "/0123456789ab");
  EXPECT_TRUE(open_scratch(container_, *path));
}

TEST_F(Scratch, that_others_can_have_made_is_not_opened) {
  ASSERT_EQ(::chmod((temp_ / "wolffia-1000").c_str(), 0777), 0);
  const auto opened = open_scratch(container_, *scratch_of(container_.fd));
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().is(EPERM)) << opened.error().message();
}

TEST_F(Scratch, that_others_can_have_made_is_left_alone_and_forgotten) {
  ASSERT_EQ(::chmod(place_.c_str(), 0777), 0);
  EXPECT_TRUE(remove_scratch(container_.fd));
  EXPECT_FALSE(scratch_of(container_.fd));
  EXPECT_TRUE(exists(place_ + "/0123456789ab/changed"));
}

TEST_F(Scratch, is_removed_with_its_link) {
  EXPECT_TRUE(remove_scratch(container_.fd));
  EXPECT_FALSE(scratch_of(container_.fd));
  EXPECT_FALSE(exists(place_ + "/0123456789ab"));
}

TEST_F(Scratch, of_a_container_that_is_gone_is_swept) {
  sweep_scratch({place_});
  EXPECT_TRUE(exists(place_ + "/0123456789ab/changed"));
  ASSERT_EQ(::unlink((temp_ / "container/scratch").c_str()), 0);
  ASSERT_EQ(::rmdir((temp_ / "container").c_str()), 0);
  sweep_scratch({place_});
  EXPECT_FALSE(exists(place_ + "/0123456789ab"));
}

TEST_F(Scratch, that_is_gone_is_said_so) {
  const std::string path = *scratch_of(container_.fd);
  ASSERT_TRUE(remove_scratch(container_.fd));
  const auto opened = open_scratch(container_, path);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message().find("wolffia rm 0123456789ab"), std::string::npos);
}

}  // namespace
}  // namespace wolffia::cli::user
