// SPDX-License-Identifier: Apache-2.0
#include "cli/user/log_file.hpp"

#include <gtest/gtest.h>

#include "cli/user/record.hpp"
#include "cli/user/table.hpp"
#include "support/temp_dir.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

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

TEST(an_exit, is_read_as_it_was_written) {
  const test::TempDir temp;
  auto directory = sys::open_directory(sys::cwd(), temp.path().c_str());
  const ContainerDir container{"0123456789ab", temp.path(), std::move(directory).value()};
  Exit exit{.status = 137, .finished = std::string(kTime), .restarts = 2};
  exit.oom_killed = true;
  ASSERT_TRUE(save_exit(container, exit));
  const auto read = load_exit(container);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->status, 137);
  EXPECT_TRUE(read->oom_killed);
  // As releases wrote it that did not look for that.
  test::write_text(temp / "exit", R"({"status":1,"finished":"","restarts":0,"error":""})");
  ASSERT_TRUE(load_exit(container));
  EXPECT_FALSE(load_exit(container)->oom_killed);
}

TEST(a_record, has_what_was_changed_of_it) {
  const test::TempDir temp;
  auto directory = sys::open_directory(sys::cwd(), temp.path().c_str());
  const ContainerDir container{"0123456789ab", temp.path(), std::move(directory).value()};
  Record record;
  record.id = container.id;
  ASSERT_TRUE(save_record(container, record));
  EXPECT_TRUE(load_record(container)->updated.empty());
  ASSERT_TRUE(save_updated(container, {"--memory=64m", "--cpus=1"}));
  ASSERT_TRUE(save_record(container, record));  // a supervisor knows nothing of it
  EXPECT_EQ(load_record(container)->updated,
            (std::vector<std::string>{"--memory=64m", "--cpus=1"}));
}

TEST(a_status, is_paused_before_it_is_running) {
  Known known;
  known.phase = Phase::Running;
  EXPECT_STREQ(status_name(known), "running");
  known.paused = true;
  EXPECT_STREQ(status_name(known), "paused");
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
