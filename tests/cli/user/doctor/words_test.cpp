// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/user/doctor/check.hpp"
#include "cli/user/doctor/proxy.hpp"

namespace wolffia::cli::user::doctor {
namespace {

TEST(doctor_words, are_one_word_of_a_shell) {
  EXPECT_EQ(shell_word("/usr/bin/wolffia"), "/usr/bin/wolffia");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("/home/a b/$(id)"), "'/home/a b/$(id)'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
}

TEST(doctor_words, tell_sizes_as_people_do) {
  EXPECT_EQ(size_words(0), "0 bytes");
  EXPECT_EQ(size_words(1023), "1023 bytes");
  EXPECT_EQ(size_words(1536), "1.5 KiB");
  EXPECT_EQ(size_words(uint64_t{100} << 20), "100 MiB");
  EXPECT_EQ(size_words(uint64_t{1} << 40), "1.0 TiB");
  EXPECT_EQ(size_words(uint64_t{1} << 60), "1024 PiB");
  EXPECT_EQ(size_words(UINT64_MAX), "16383 PiB");
}

TEST(doctor_words, escape_a_path_in_a_profile) {
  EXPECT_NE(apparmor_profile("/opt/w/wolffia").find("\"/opt/w/wolffia{,-oci,-image}\""),
            std::string::npos);
  EXPECT_NE(apparmor_profile("/opt/a*[b]\"/wolffia").find("\"/opt/a\\*\\[b\\]\\\"/wolffia{"),
            std::string::npos);
}

TEST(doctor_proxy, is_read_as_libcurl_reads_it) {
  struct Row {
    const char* text;
    const char* host;
    uint16_t port;
  };
  for (const Row& row :
       {Row{"proxy", "proxy", 1080}, Row{"http://proxy:3128", "proxy", 3128},
        Row{"http://me:se:cr@t@proxy:3128/", "proxy", 3128},
        Row{"socks5h://10.0.0.1:9050", "10.0.0.1", 9050}, Row{"http://[::1]:8080", "::1", 8080}}) {
    const auto address = parse_proxy(row.text);
    ASSERT_TRUE(address) << row.text;
    EXPECT_EQ(address->host, row.host);
    EXPECT_EQ(address->port, row.port);
  }
}

TEST(doctor_proxy, is_refused_where_it_is_none) {
  for (const char* text : {"", "http://", "ftp://proxy", "proxy:", "proxy:0", "proxy:70000",
                           "proxy:12x", "http://[::1", "http://a b:1", ":3128", "[::1]x"})
    EXPECT_FALSE(parse_proxy(text)) << text;
}

TEST(doctor_proxy, is_shown_without_its_password) {
  EXPECT_EQ(without_credentials("http://me:secret@proxy:1/"), "http://proxy:1/");
  EXPECT_EQ(without_credentials("me:s@cret@proxy"), "proxy");
  EXPECT_EQ(without_credentials("http://proxy"), "http://proxy");
}

}  // namespace
}  // namespace wolffia::cli::user::doctor
