// SPDX-License-Identifier: Apache-2.0
#include "launch/seccomp_cache.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/build_id.hpp"
#include "support/section.hpp"
#include "sys/file.hpp"

namespace wolffia::launch {
namespace {

namespace fs = std::filesystem;

/// A state root of our own.
class seccomp_cache : public testing::Test {
 protected:
  seccomp_cache() {
    std::string name = fs::temp_directory_path() / "wolffia-seccomp-XXXXXX";
    path_ = ::mkdtemp(name.data());
    root_ = sys::open_at(sys::cwd(), path_.c_str(), O_RDONLY | O_DIRECTORY).value();
  }
  ~seccomp_cache() override { fs::remove_all(path_); }

  static oci::Seccomp section(std::string source) {
    oci::Seccomp made = test::section("SCMP_ACT_ERRNO", {test::rule({"read"}, "SCMP_ACT_ALLOW")});
    made.source = std::move(source);
    return made;
  }
  fs::path folder() const { return path_ / "=seccomp"; }
  size_t files() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(folder()), fs::directory_iterator()));
  }
  /// Keeps a filter that no compiler makes, so that it is known when it comes back.
  fs::path keep(std::string_view key) {
    EXPECT_TRUE(keep_filter(root_, key, marked()));
    return newest();
  }
  fs::path newest() const {
    const auto later = [](const fs::path& a, const fs::path& b) {
      return fs::last_write_time(a) < fs::last_write_time(b);
    };
    std::vector<fs::path> all;
    for (const auto& entry : fs::directory_iterator(folder()))
      all.push_back(entry.path());
    return *std::max_element(all.begin(), all.end(), later);
  }
  static Filter marked() {
    return {.program = {{BPF_RET | BPF_K, 0, 0, 42}, {BPF_RET | BPF_K, 0, 0, 43}}, .flags = 4};
  }
  bool finds(std::string_view key) const { return find_filter(root_, key).has_value(); }

  fs::path path_;
  sys::Fd root_;
};

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
void write(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}
mode_t mode(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0);
  return status.st_mode & 07777;
}

TEST_F(seccomp_cache, gives_back_what_was_kept) {
  keep("key");
  const std::optional<Filter> found = find_filter(root_, "key");
  ASSERT_TRUE(found);
  ASSERT_EQ(found->program.size(), 2U);
  EXPECT_EQ(found->program[0].k, 42U);
  EXPECT_EQ(found->program[1].k, 43U);
  EXPECT_EQ(found->flags, 4U);
  EXPECT_FALSE(finds("another key"));
}

TEST_F(seccomp_cache, loads_the_kept_filter_instead_of_compiling) {
  const oci::Seccomp profile = section("{}");
  const Result<Filter> compiled = load_filter(profile, root_);
  ASSERT_TRUE(compiled);
  EXPECT_EQ(files(), 1U);
  keep(filter_key(profile));
  const Result<Filter> loaded = load_filter(profile, root_);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->program[0].k, 42U);
  EXPECT_GT(compiled->program.size(), loaded->program.size());
}

TEST_F(seccomp_cache, rewrites_a_damaged_file) {
  const oci::Seccomp profile = section("{}");
  ASSERT_TRUE(load_filter(profile, root_));
  const std::string good = read(newest());
  write(newest(), "damaged");
  ASSERT_TRUE(load_filter(profile, root_));
  EXPECT_EQ(read(newest()), good);
}

TEST_F(seccomp_cache, writes_private_files) {
  ::umask(0);
  const fs::path file = keep("key");
  ::umask(022);
  EXPECT_EQ(mode(file), 0600U);
  EXPECT_EQ(mode(folder()), 0700U);
  EXPECT_EQ(file.filename().string().size(), 16U);
}

TEST_F(seccomp_cache, ignores_a_file_cut_anywhere) {
  const fs::path file = keep("key");
  const std::string good = read(file);
  for (size_t size = 0; size < good.size(); ++size) {
    write(file, good.substr(0, size));
    EXPECT_FALSE(finds("key")) << size;
  }
  write(file, good + '\0');
  EXPECT_FALSE(finds("key"));
  write(file, good);
  EXPECT_TRUE(finds("key"));
}

TEST_F(seccomp_cache, ignores_a_file_with_any_bit_flipped) {
  const fs::path file = keep("key");
  const std::string good = read(file);
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    write(file, bad);
    EXPECT_FALSE(finds("key")) << bit;
  }
}

// Names are hashes, and hashes can be made to collide: the key in the file decides.
TEST_F(seccomp_cache, ignores_a_file_of_another_key_under_the_same_name) {
  const fs::path ours = keep("key");
  const std::string theirs = read(keep("KEY"));
  write(ours, theirs);
  EXPECT_FALSE(finds("key"));
  EXPECT_TRUE(finds("KEY"));
}

TEST_F(seccomp_cache, ignores_a_file_that_others_may_touch) {
  const fs::path file = keep("key");
  for (const mode_t open : {0640U, 0620U, 0604U, 0602U, 0601U}) {
    ASSERT_EQ(::chmod(file.c_str(), open), 0);
    EXPECT_FALSE(finds("key")) << std::oct << open;
  }
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  EXPECT_TRUE(finds("key"));
}

TEST(seccomp_cache_owner, wants_a_regular_file_of_the_user_and_closed_to_others) {
  struct stat file {};
  file.st_uid = 1001;
  file.st_mode = S_IFREG | 0600;
  EXPECT_TRUE(is_private(file, 1001));
  EXPECT_FALSE(is_private(file, 1002));
  EXPECT_FALSE(is_private(file, 0));
  for (const int kind : {S_IFIFO, S_IFCHR, S_IFBLK, S_IFSOCK, S_IFDIR, S_IFLNK}) {
    file.st_mode = static_cast<mode_t>(kind) | 0600;
    EXPECT_FALSE(is_private(file, 1001)) << kind;
  }
}

TEST_F(seccomp_cache, does_not_follow_a_link) {
  const fs::path file = keep("key");
  fs::rename(file, path_ / "elsewhere");
  fs::create_symlink(path_ / "elsewhere", file);
  EXPECT_FALSE(finds("key"));
  EXPECT_TRUE(keep_filter(root_, "key", marked()));
  EXPECT_TRUE(finds("key"));
  EXPECT_FALSE(fs::is_symlink(fs::symlink_status(file)));
}

TEST_F(seccomp_cache, does_not_wait_for_a_fifo) {
  const fs::path file = keep("key");
  fs::remove(file);
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  EXPECT_FALSE(finds("key"));
}

TEST_F(seccomp_cache, works_without_a_name_that_a_directory_has) {
  const oci::Seccomp profile = section("{}");
  const fs::path file = keep(filter_key(profile));
  fs::remove(file);
  fs::create_directory(file);
  EXPECT_FALSE(finds(filter_key(profile)));
  EXPECT_TRUE(load_filter(profile, root_));
}

TEST_F(seccomp_cache, reads_nothing_larger_than_it_writes) {
  const fs::path file = keep("key");
  fs::resize_file(file, 64U << 20);
  EXPECT_FALSE(finds("key"));
}

TEST_F(seccomp_cache, compiles_where_the_folder_is_not_ours_to_write) {
  std::ofstream(folder()) << "a file where the folder should be";
  EXPECT_TRUE(load_filter(section("{}"), root_));
  EXPECT_FALSE(keep_filter(root_, "key", marked()));
  EXPECT_FALSE(finds("key"));
}

TEST_F(seccomp_cache, does_not_keep_filters_behind_a_link) {
  fs::create_directory(path_ / "elsewhere");
  fs::create_directory_symlink(path_ / "elsewhere", folder());
  EXPECT_FALSE(keep_filter(root_, "key", marked()));
  EXPECT_TRUE(fs::is_empty(path_ / "elsewhere"));
}

TEST_F(seccomp_cache, compiles_without_a_directory_or_a_text) {
  EXPECT_TRUE(load_filter(section("{}"), sys::Fd()));
  EXPECT_TRUE(load_filter(section(""), root_));
  EXPECT_FALSE(fs::exists(folder()));
}

TEST_F(seccomp_cache, keeps_a_bounded_number_and_drops_the_oldest) {
  for (size_t i = 0; i < kCachedFilters; ++i) {
    const fs::path file = keep(cat("key ", i));
    const timespec written[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT},
                                 {.tv_sec = static_cast<time_t>(1000 + i), .tv_nsec = 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), written, 0), 0);
  }
  EXPECT_EQ(files(), kCachedFilters);
  keep("one more");
  EXPECT_EQ(files(), kCachedFilters);
  EXPECT_FALSE(finds("key 0"));
  EXPECT_TRUE(finds("key 1"));
  EXPECT_TRUE(finds("one more"));
}

TEST(seccomp_key, depends_on_text_architectures_library_and_build) {
  oci::Seccomp profile;
  profile.source = "{}";
  const std::string key = filter_key(profile);
  EXPECT_NE(key.find(libseccomp_version()), std::string::npos);
  EXPECT_NE(key.find(build_id()), std::string::npos);
  EXPECT_TRUE(key.ends_with("{}"));
  profile.architectures = {"SCMP_ARCH_X86"};
  EXPECT_NE(filter_key(profile), key);
}

}  // namespace
}  // namespace wolffia::launch
