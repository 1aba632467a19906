// SPDX-License-Identifier: Apache-2.0
#include "cli/log.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "sys/file.hpp"

namespace wolffia::cli {
namespace {

constexpr time_t kNow = 1785542400;  // 2026-08-01T00:00:00Z

/// A log file of its own, and what came to standard error meanwhile.
class LogFile {
 public:
  LogFile() {
    const int fd = ::mkstemp(path_);
    EXPECT_GE(fd, 0);
    ::close(fd);
  }
  ~LogFile() { ::unlink(path_); }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  Log open(std::optional<Format> format, std::optional<Level> level) const {
    return Log::open({.program = "prog", .file = path_, .format = format, .level = level}).value();
  }
  std::string text() const { return sys::read_file(sys::cwd(), path_, 1 << 20).value(); }

 private:
  char path_[32] = "/tmp/cli-log-test-XXXXXX";
};

template <class Act>
std::string stderr_of(Act act) {
  testing::internal::CaptureStderr();
  act();
  return testing::internal::GetCapturedStderr();
}

TEST(log, writes_records_as_runc_does) {
  EXPECT_EQ(record(Format::Text, Level::Error, "no \"such\" thing", kNow),
            "time=\"2026-08-01T00:00:00Z\" level=error msg=\"no \\\"such\\\" thing\"\n");
}

TEST(log, writes_json_records) {
  EXPECT_EQ(record(Format::Json, Level::Warning, "a \"b\"\n", kNow),
            "{\"level\":\"warning\",\"msg\":\"a \\\"b\\\"\\n\","
            "\"time\":\"2026-08-01T00:00:00Z\"}\n");
}

TEST(log, keeps_a_record_on_one_line) {
  const std::string text =
      record(Format::Text, Level::Error, "a\nlevel=error msg=\"forged\"", kNow);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
}

TEST(log, does_not_cut_a_long_message) {
  const std::string text = record(Format::Text, Level::Error, std::string(5000, 'x'), kNow);
  EXPECT_NE(text.find(std::string(5000, 'x') + "\"\n"), std::string::npos);
}

TEST(log, writes_a_sentence_for_a_person) {
  EXPECT_EQ(sentence("prog", Level::Error, "no such\tthing"), "prog: no such\\tthing\n");
  EXPECT_EQ(sentence("prog", Level::Warning, "careful"), "prog: warning: careful\n");
}

TEST(log, knows_its_levels) {
  EXPECT_EQ(parse_level("warning"), Level::Warning);
  EXPECT_EQ(parse_level("debug"), Level::Debug);
  EXPECT_EQ(parse_level("loud"), std::nullopt);
}

TEST(log, puts_only_errors_into_a_file_by_default) {
  const LogFile file;
  const Log log = file.open(Format::Json, {});
  EXPECT_EQ(stderr_of([&] {
              log.warning("careful");
              log.error("broken");
            }),
            "prog: broken\n");
  EXPECT_EQ(file.text().find("careful"), std::string::npos);
  EXPECT_TRUE(file.text().starts_with("{\"level\":\"error\",\"msg\":\"broken\",\"time\":\""))
      << file.text();
}

TEST(log, puts_warnings_into_a_file_when_asked) {
  const LogFile file;
  const Log log = file.open(Format::Text, Level::Warning);
  EXPECT_EQ(stderr_of([&] { log.warning("careful"); }), "");
  EXPECT_NE(file.text().find("level=warning msg=\"careful\"\n"), std::string::npos) << file.text();
}

TEST(log, appends_to_a_file) {
  const LogFile file;
  stderr_of([&] {
    file.open(Format::Json, {}).error("one");
    file.open(Format::Json, {}).error("two");
  });
  const std::string text = file.text();
  EXPECT_LT(text.find("one"), text.find("two"));
}

TEST(log, shows_warnings_on_standard_error_without_a_file) {
  const Log log = Log::open({.program = "prog", .file = "", .format = {}, .level = {}}).value();
  EXPECT_EQ(stderr_of([&] {
              log.debug("detail");
              log.info("note");
              log.warning("careful");
            }),
            "prog: warning: careful\n");
}

TEST(log, shows_details_on_standard_error_at_debug) {
  const Log log =
      Log::open({.program = "prog", .file = "", .format = {}, .level = Level::Debug}).value();
  EXPECT_EQ(stderr_of([&] { log.debug("detail"); }), "prog: debug: detail\n");
}

TEST(log, shows_records_on_standard_error_when_a_format_is_asked_for) {
  const Log log =
      Log::open({.program = "prog", .file = "", .format = Format::Json, .level = {}}).value();
  const std::string text = stderr_of([&] { log.error("broken"); });
  EXPECT_TRUE(text.starts_with("{\"level\":\"error\",\"msg\":\"broken\"")) << text;
}

TEST(log, shows_only_errors_when_asked) {
  const Log log =
      Log::open({.program = "prog", .file = "", .format = {}, .level = Level::Error}).value();
  EXPECT_EQ(stderr_of([&] { log.warning("careful"); }), "");
}

TEST(log, speaks_as_the_journal_reads) {
  const LogDaemon journal{LogDaemon::Kind::Journal, "box"};
  using namespace std::string_literals;
  EXPECT_EQ(daemon_record(journal, Level::Warning, "two\nlines", 7),
            "PRIORITY=4\nSYSLOG_IDENTIFIER=box\nMESSAGE\n\t\0\0\0\0\0\0\0two\nlines\n"s);
}

TEST(log, speaks_one_line_to_syslog) {
  const LogDaemon daemon{LogDaemon::Kind::Syslog, "box"};
  EXPECT_EQ(daemon_record(daemon, Level::Error, "two\n<0>lines", 7), "<11>box[7]: two\\n<0>lines");
  EXPECT_EQ(daemon_record(daemon, Level::Debug, "", 7), "<15>box[7]: ");
}

TEST(log, names_a_file_it_cannot_open) {
  const auto log =
      Log::open({.program = "prog", .file = "/nonexistent/log", .format = {}, .level = {}});
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().message(), "--log /nonexistent/log: openat: No such file or directory");
}

}  // namespace
}  // namespace wolffia::cli
