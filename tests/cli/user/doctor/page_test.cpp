// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>

#include "cli/user/doctor/check.hpp"
#include "support/temp_dir.hpp"

/// packaging/doc/DOCTOR.md is the table of checks in words, and says how each is tested: which is
/// found in the scripts that do it.
namespace wolffia::cli::user::doctor {
namespace {

const std::string kTop = WOLFFIA_TEST_DATA "/../..";

/// What the word in front of an id says in a script. See tests/support/doctor.sh.
struct Way {
  std::string word, shown;
};
const std::vector<Way> kWays{{"injects", "injected"}, {"imitates", "imitated"}};

/// id: how it is brought about.
std::map<std::string, std::string> ways_of_scripts() {
  std::map<std::string, std::string> found;
  for (const char* folder : {"/tests/cli", "/tests/faults"}) {
    for (const auto& entry : std::filesystem::directory_iterator(kTop + folder)) {
      if (!entry.path().filename().string().starts_with("doctor_")) continue;
      std::istringstream lines(test::read_text(entry.path().string()));
      for (std::string line, word, id; std::getline(lines, line);) {
        std::istringstream words(line);
        if (!(words >> word >> id)) continue;
        for (const Way& way : kWays)
          if (word == way.word && found[id] != "injected") found[id] = way.shown;
      }
    }
  }
  return found;
}

/// A bar inside of a cell.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text)
    out += c == '|' ? "\\|" : std::string(1, c);
  return out;
}

std::string page() {
  const auto ways = ways_of_scripts();
  std::string text = "| id | cause | fix | works meanwhile | tested |\n|---|---|---|---|---|\n";
  for (const Check& check : checks()) {
    const auto way = ways.find(std::string(check.id));
    text += cat("| `", check.id, "` | ", cell(check.cause), " | ", cell(check.fix), " | ",
                cell(check.now), " | ", way == ways.end() ? "simulated" : way->second, " |\n");
  }
  return text;
}

TEST(doctor_page, is_the_table) {
  const std::string path = kTop + "/packaging/doc/DOCTOR.md";
  const std::string start = "<!-- the table of checks.cpp -->\n", end = "<!-- end -->";
  std::string text = test::read_text(path);
  const size_t from = text.find(start) + start.size(), to = text.find(end);
  ASSERT_NE(to, std::string::npos);
  if (::getenv("WOLFFIA_REWRITE")) {
    text.replace(from, to - from, page());
    test::write_text(path, text);
    return;
  }
  EXPECT_EQ(text.substr(from, to - from), page())
      << "render it again with WOLFFIA_REWRITE=1 in the environment of this test";
}

TEST(doctor_page, knows_every_id_of_the_scripts) {
  for (const auto& [id, way] : ways_of_scripts()) {
    bool known = false;
    for (const Check& check : checks())
      known = known || check.id == id;
    EXPECT_TRUE(known) << id;
  }
}

}  // namespace
}  // namespace wolffia::cli::user::doctor
