// SPDX-License-Identifier: Apache-2.0
// delete --force needs only the id: twenty ways to damage the state, at five points of a
// container's life, and each time no process and no file may be left.
#include <array>
#include <random>

#include "container/fixture.hpp"
#include "container/remove.hpp"

namespace wolffia::container {
namespace {

namespace fs = std::filesystem;

std::string random_bytes(size_t size) {
  std::mt19937 source(4711);  // NOLINT(bugprone-random-generator-seed): the same in every run
  std::string bytes(size, '\0');
  for (char& byte : bytes)
    byte = static_cast<char>(source());
  return bytes;
}

void replace(const std::string& path, std::string_view text) {
  fs::remove_all(path);
  write_text(path, text);
}

void make_fifo(const std::string& path) {
  fs::remove_all(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
}

void make_directory(const std::string& path) {
  fs::remove_all(path);
  fs::create_directories(path + "/deep/er");
  write_text(path + "/deep/file", "x");
}

void link_to(const std::string& path, const std::string& target) {
  fs::remove_all(path);
  fs::create_symlink(target, path);
}

struct Corruption {
  const char* name;
  void (*apply)(const std::string& directory);  // ends in the container's directory
};

const std::array kCorruptions{
    Corruption{"state_missing", [](const std::string& d) { fs::remove(d + "/state.json"); }},
    Corruption{"state_empty", [](const std::string& d) { replace(d + "/state.json", ""); }},
    Corruption{"state_cut",
               [](const std::string& d) {
                 const std::string whole = read_text(d + "/state.json");
                 replace(d + "/state.json", whole.substr(0, whole.size() / 2));
               }},
    Corruption{"state_random",
               [](const std::string& d) { replace(d + "/state.json", random_bytes(4096)); }},
    Corruption{"state_deep",
               [](const std::string& d) { replace(d + "/state.json", std::string(200000, '[')); }},
    Corruption{"state_of_another_type",
               [](const std::string& d) { replace(d + "/state.json", "[1,2,3]"); }},
    Corruption{"state_with_pid_1",
               [](const std::string& d) {
                 replace(d + "/state.json", R"({"version":1,"id":"box","init":{"pid":1}})");
               }},
    Corruption{"state_directory", [](const std::string& d) { make_directory(d + "/state.json"); }},
    Corruption{"state_fifo", [](const std::string& d) { make_fifo(d + "/state.json"); }},
    Corruption{"state_link_to_zero",
               [](const std::string& d) { link_to(d + "/state.json", "/dev/zero"); }},
    Corruption{"state_link_to_itself",
               [](const std::string& d) { link_to(d + "/state.json", "state.json"); }},
    Corruption{"state_unreadable",
               [](const std::string& d) { fs::permissions(d + "/state.json", fs::perms::none); }},
    Corruption{"config_missing", [](const std::string& d) { fs::remove(d + "/config.json"); }},
    Corruption{"config_random",
               [](const std::string& d) { replace(d + "/config.json", random_bytes(4096)); }},
    Corruption{"recovery_missing_and_state_empty",
               [](const std::string& d) {
                 fs::remove(d + "/recovery");
                 replace(d + "/state.json", "");
               }},
    Corruption{"recovery_and_state_random",
               [](const std::string& d) {
                 replace(d + "/recovery", random_bytes(100));
                 replace(d + "/state.json", random_bytes(100));
               }},
    Corruption{"recovery_and_state_fifos",
               [](const std::string& d) {
                 make_fifo(d + "/recovery");
                 make_fifo(d + "/state.json");
               }},
    Corruption{"trace_missing_and_state_cut",
               [](const std::string& d) {
                 fs::remove(fs::path(d).parent_path() / "@box");
                 replace(d + "/state.json", "{");
               }},
    Corruption{"trace_is_a_directory_and_state_missing",
               [](const std::string& d) {
                 make_directory((fs::path(d).parent_path() / "@box").string());
                 fs::remove(d + "/state.json");
               }},
    Corruption{"everything_inside_removed",
               [](const std::string& d) {
                 fs::remove_all(d);
                 fs::create_directory(d);
               }},
    Corruption{"directory_removed", [](const std::string& d) { fs::remove_all(d); }},
    Corruption{"directory_is_a_file", [](const std::string& d) { replace(d, "x"); }},
    Corruption{"directory_unreadable",
               [](const std::string& d) { fs::permissions(d, fs::perms::none); }},
    Corruption{"directory_full_of_others",
               [](const std::string& d) {
                 for (int i = 0; i < 30; ++i)
                   make_directory(d + "/" + std::to_string(i));
                 replace(d + "/state.json", "");
               }},
};

enum class Point { Interrupted, Created, Running, Zombie, Dead };
constexpr std::array kPoints{Point::Interrupted, Point::Created, Point::Running, Point::Zombie,
                             Point::Dead};

class Corrupted : public StoreTest,
                  public ::testing::WithParamInterface<std::tuple<Corruption, Point>> {};

TEST_P(Corrupted, is_deleted_with_only_its_id) {
  const auto& [corruption, point] = GetParam();
  const bool at_gate = point == Point::Interrupted || point == Point::Created;
  StandIn init(at_gate ? StandIn::Like::WaitingAtGate : StandIn::Like::RunningProgram);
  record("box", init);
  // A create that was killed after it left its traces.
  if (point == Point::Interrupted) fs::remove(file("box", "state.json"));
  if (point == Point::Zombie) init.end_unreaped();
  if (point == Point::Dead) init.end();
  if (point != Point::Interrupted || fs::exists(file("box", "state.json")) ||
      std::string_view(corruption.name).find("state_") == std::string_view::npos)
    corruption.apply(root_ / "box");

  const auto removed = remove(store_, "box", Force::Yes, [](std::string_view) {});
  EXPECT_TRUE(removed) << removed.error().message();
  if (point != Point::Dead) {
    EXPECT_FALSE(init.alive());
  }
  EXPECT_TRUE(empty());
}

std::string case_name(const ::testing::TestParamInfo<Corrupted::ParamType>& info) {
  static constexpr const char* kNames[] = {"interrupted", "created", "running", "zombie", "dead"};
  return cat(std::get<0>(info.param).name, "_when_",
             kNames[static_cast<size_t>(std::get<1>(info.param))]);
}

INSTANTIATE_TEST_SUITE_P(matrix, Corrupted,
                         ::testing::Combine(::testing::ValuesIn(kCorruptions),
                                            ::testing::ValuesIn(kPoints)),
                         case_name);

}  // namespace
}  // namespace wolffia::container
