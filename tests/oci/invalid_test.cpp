// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "oci/parse_runtime.hpp"

namespace wolffia::oci {
namespace {

/// One line of tests/data/spec/invalid.txt, put into its section's document.
struct Row {
  size_t line;
  std::string document;
  std::string message;
};

std::vector<Row> read_rows() {
  std::vector<Row> rows;
  std::string section;
  std::string text;
  std::ifstream file(WOLFFIA_TEST_DATA "/spec/invalid.txt");
  for (size_t line = 1; std::getline(file, text); ++line) {
    if (text.empty() || text.front() == '#') continue;
    const size_t arrow = text.rfind(" => ");
    if (arrow == std::string::npos) {
      section = text.substr(1, text.size() - 2);
      continue;
    }
    std::string document = section;
    document.replace(document.find('$'), 1, text.substr(0, arrow));
    rows.push_back({line, std::move(document), text.substr(arrow + 4)});
  }
  return rows;
}

TEST(invalid_spec, of_every_row_is_refused_with_its_message) {
  const std::vector<Row> rows = read_rows();
  EXPECT_GE(rows.size(), 60U);  // or the table was not found
  for (const Row& row : rows) {
    SCOPED_TRACE(cat("invalid.txt:", row.line, ": ", row.document));
    const auto spec = parse_spec(row.document);
    if (spec) {
      ADD_FAILURE() << "was accepted";
      continue;
    }
    EXPECT_EQ(spec.error().message(), row.message);
    EXPECT_TRUE(spec.error().is(EINVAL));
  }
}

}  // namespace
}  // namespace wolffia::oci
