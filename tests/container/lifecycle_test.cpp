// SPDX-License-Identifier: Apache-2.0
#include "container/lifecycle.hpp"

#include <gtest/gtest.h>

namespace wolffia::container {
namespace {

struct Case {
  Operation operation;
  const char* legal;  // one letter per Status: y or n
};

constexpr Case kCases[] = {
    {Operation::Start, "nynnn"},  {Operation::Exec, "nyynn"},
    {Operation::Kill, "nyyny"},   {Operation::Processes, "nyyny"},
    {Operation::Delete, "nynyn"}, {Operation::ForcedDelete, "yyyyy"},
    {Operation::Pause, "nyynn"},  {Operation::Resume, "nnnny"},
    {Operation::Update, "nyyny"}, {Operation::Watch, "nyyny"},
};

TEST(lifecycle, allows_what_the_specification_allows) {
  for (const Case& one : kCases)
    for (size_t i = 0; i < 5; ++i)
      EXPECT_EQ(bool(allow(one.operation, static_cast<Status>(i), "box")), one.legal[i] == 'y')
          << static_cast<int>(one.operation) << " when " << status_name(static_cast<Status>(i));
}

TEST(lifecycle, refuses_in_the_words_that_callers_match) {
  EXPECT_EQ(allow(Operation::Kill, Status::Stopped, "box").error().message(),
            "cannot signal box: container not running");
  EXPECT_NE(allow(Operation::Delete, Status::Running, "box").error().message().find("--force"),
            std::string::npos);
}

}  // namespace
}  // namespace wolffia::container
