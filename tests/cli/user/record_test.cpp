// SPDX-License-Identifier: Apache-2.0
#include "cli/user/log_file.hpp"

#include <gtest/gtest.h>

#include "cli/user/record.hpp"
#include "cli/user/table.hpp"

namespace wolffia::cli::user {
namespace {

constexpr std::string_view kTime = "2026-01-01T00:00:00Z";

TEST(log_lines, are_read_as_they_were_written) {
  const auto line = parse_log_line("2026-01-01T00:00:00Z stderr P a b ");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->time, kTime);
  EXPECT_EQ(line->stream, Stream::Err);
  EXPECT_FALSE(line->whole);
  EXPECT_EQ(line->text, "a b ");
  for (const char* text : {"", "x", "t stdout", "t out F x", "t stdout X y"})
    EXPECT_FALSE(parse_log_line(text)) << text;
}

TEST(a_record, is_read_as_it_was_written) {
  Record record;
  record.id = "0123456789ab";
  record.name = "web";
  record.image = "debian:12";
  record.command = {"sh", "-c", "a\nb"};
  record.words = {"run", "debian:12"};
  record.created = kTime;
  record.state_root = "/run/x";
  record.runner = {42, 7, "boot"};
  record.detached = true;
  record.labels = {{"a", "b"}};
  const auto read = decode_record(encode_record(record));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(encode_record(*read), encode_record(record));
  EXPECT_EQ(read->runner.pid, 42);
  EXPECT_EQ(read->labels, record.labels);
}

TEST(a_record, that_is_damaged_is_refused) {
  for (const char* text : {"", "{", "[]", "{}", R"({"format": 2})", R"({"format": 1, "id": 1})"})
    EXPECT_FALSE(decode_record(text)) << text;
}

TEST(tables, align_columns_and_escape_what_others_chose) {
  EXPECT_EQ(table({{"A", "B"}, {"long", "x"}, {"\x1b[1m", ""}}),
            "A        B\nlong     x\n\\x1b[1m  \n");
}

TEST(tables, show_sizes_for_people) {
  EXPECT_EQ(readable_size(0), "0 B");
  EXPECT_EQ(readable_size(1536), "1.5 KiB");
  EXPECT_EQ(readable_size(uint64_t{5} << 30U), "5.0 GiB");
}

}  // namespace
}  // namespace wolffia::cli::user
