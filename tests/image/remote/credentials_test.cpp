// SPDX-License-Identifier: Apache-2.0
#include "image/remote/credentials.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "image/remote/credential_helper.hpp"
#include "image/remote/environment.hpp"
#include "image/remote/login.hpp"
#include "support/temp_dir.hpp"

namespace wolffia::image::remote {
namespace {

using test::Variable;

AuthFile parsed(std::string text) {
  auto file = parse_auth_file(std::move(text), "auth.json");
  EXPECT_TRUE(file) << file.error().message();
  return std::move(file).value();
}

std::string user_for(const AuthFile& file, std::string_view name) {
  const Credentials* found = file.find(name);
  return found ? found->user : "nobody";
}

// "YTpi" is "a:b", "eDp5" is "x:y", "bTpu" is "m:n".
constexpr const char* kThree =
    R"({"auths": {"r.example": {"auth": "YTpi"}, "r.example/team": {"auth": "eDp5"},
                  "r.example/team/app": {"auth": "bTpu"}}})";

TEST(credentials, the_most_specific_key_counts) {
  const AuthFile file = parsed(kThree);
  EXPECT_EQ(user_for(file, "r.example/team/app"), "m");
  EXPECT_EQ(user_for(file, "r.example/team/other"), "x");
  EXPECT_EQ(user_for(file, "r.example/teams/app"), "a");
  EXPECT_EQ(user_for(file, "r.example"), "a");
  EXPECT_EQ(user_for(file, "r.example:5000/team/app"), "nobody");
  EXPECT_EQ(user_for(file, "example/team"), "nobody");
}

TEST(credentials, keys_of_docker_count_for_their_host) {
  const AuthFile file = parsed(
      R"({"auths": {"https://index.docker.io/v1/": {"auth": "YTpi"},
                    "https://r.example/v2/": {"auth": "eDp5"}}})");
  EXPECT_EQ(user_for(file, "docker.io/library/debian"), "a");
  EXPECT_EQ(user_for(file, "r.example/x"), "x");
}

TEST(credentials, password_may_hold_a_colon) {
  const AuthFile file = parsed(R"({"auths": {"r": {"auth": "YTpiOmM="}}})");
  EXPECT_EQ(file.find("r")->user, "a");
  EXPECT_EQ(file.find("r")->password, "b:c");
}

TEST(credentials, identity_token_stands_instead) {
  const AuthFile file = parsed(R"({"auths": {"r": {"identitytoken": "T"}, "empty": {}}})");
  EXPECT_EQ(file.find("r")->identity_token, "T");
  EXPECT_EQ(file.find("empty"), nullptr);
}

TEST(credentials, damaged_entry_is_an_error) {
  EXPECT_FALSE(parse_auth_file(R"({"auths": {"r": {"auth": "!"}}})", "auth.json"));
  EXPECT_FALSE(parse_auth_file(R"({"auths": {"r": {"auth": "YQ=="}}})", "auth.json"));
  EXPECT_FALSE(parse_auth_file(R"({"auths": []})", "auth.json"));
  EXPECT_FALSE(parse_auth_file("", "auth.json"));
}

TEST(credentials, helper_of_the_host_comes_before_the_store) {
  const AuthFile file = parsed(R"({"credsStore": "all", "credHelpers": {"r.example": "one"}})");
  EXPECT_EQ(file.helper("r.example"), "one");
  EXPECT_EQ(file.helper("other"), "all");
}

TEST(credentials, files_are_looked_for_where_podman_and_docker_have_them) {
  const Variable file("REGISTRY_AUTH_FILE", {});
  const Variable runtime("XDG_RUNTIME_DIR", "/run/me");
  const Variable config("XDG_CONFIG_HOME", {});
  const Variable docker("DOCKER_CONFIG", {});
  const Variable own("HOME", "/h");
  EXPECT_EQ(auth_files(""), (std::vector<std::string>{"/run/me/containers/auth.json",
                                                      "/h/.config/containers/auth.json",
                                                      "/h/.docker/config.json"}));
  EXPECT_EQ(auth_files("/x"), std::vector<std::string>{"/x"});
  const Variable explicitly("REGISTRY_AUTH_FILE", "/y");
  EXPECT_EQ(auth_files(""), std::vector<std::string>{"/y"});
}

TEST(credentials, the_first_file_that_knows_counts) {
  const test::TempDir dir;
  test::write_text(dir / "one", R"({"auths": {"other": {"auth": "YTpi"}}})");
  test::write_text(dir / "two", R"({"auths": {"r": {"auth": "eDp5"}}})");
  const auto found = find_credentials({dir / "none", dir / "one", dir / "two"}, "r/app");
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ((*found)->user, "x");
  EXPECT_EQ(*find_credentials({dir / "one"}, "r/app"), std::nullopt);
}

/// A helper in a directory of PATH that knows one server.
struct HelperDir {
  HelperDir() : path("PATH", cat(":relative:", dir.path(), ":/usr/bin:/bin")) {
    write("fake",
          "read server; case $1-$server in get-r.example) "
          "echo '{\"Username\":\"u\",\"Secret\":\"s\"}';; get-t.example) "
          "echo '{\"Username\":\"<token>\",\"Secret\":\"T\"}';; get-bad) echo broken; exit 3;; "
          "*) echo 'credentials not found in native keychain'; exit 1;; esac");
  }
  void write(const std::string& name, std::string_view script, mode_t mode = 0755) {
    const std::string file = dir / cat("docker-credential-", name);
    test::write_text(file, cat("#!/bin/sh\n", script, "\n"));
    ::chmod(file.c_str(), mode);
  }
  test::TempDir dir;
  Variable path;
};

TEST(credential_helper, is_asked_for_the_host) {
  const HelperDir helpers;
  EXPECT_EQ(*ask_helper("fake", "r.example"), (Credentials{"u", "s", ""}));
  EXPECT_EQ(*ask_helper("fake", "t.example"), (Credentials{"", "", "T"}));
  EXPECT_EQ(*ask_helper("fake", "nobody"), std::nullopt);
}

TEST(credential_helper, failure_is_told_in_its_words) {
  const HelperDir helpers;
  const auto answer = ask_helper("fake", "bad");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message(), "docker-credential-fake failed with status 3: \"broken\"");
}

TEST(credential_helper, name_is_a_plain_word) {
  const HelperDir helpers;
  for (const char* name : {"", "../fake", "a/b", "fake;x", "fake x"})
    EXPECT_TRUE(find_helper(name).error().is(EINVAL)) << name;
  EXPECT_TRUE(find_helper("missing").error().is(ENOENT));
}

TEST(credential_helper, others_must_not_be_able_to_write_it) {
  HelperDir helpers;
  helpers.write("open", "echo", 0777);
  EXPECT_TRUE(find_helper("open").error().is(EPERM));
}

TEST(credential_helper, answers_through_the_auth_file) {
  const HelperDir helpers;
  test::write_text(helpers.dir / "auth.json",
                   R"({"credHelpers": {"r.example": "fake", "no.example": "fake"},
                       "auths": {"no.example": {"auth": "YTpi"}}})");
  EXPECT_EQ((*find_credentials({helpers.dir / "auth.json"}, "r.example/app"))->user, "u");
  EXPECT_EQ((*find_credentials({helpers.dir / "auth.json"}, "no.example/app"))->user, "a");
}

TEST(login, keeps_everything_else_in_the_file) {
  const auto text = with_entry(R"({"proxies": {"x": [1, 2.50]}, "auths": {"old": {"auth": "YTpi",
      "more": true}, "r": {"auth": "eDp5"}}, "z": null})",
                               "auth.json", "r", Credentials{"m", "n", ""});
  ASSERT_TRUE(text) << text.error().message();
  const AuthFile file = parsed(*text);
  EXPECT_EQ(user_for(file, "r"), "m");
  EXPECT_EQ(user_for(file, "old"), "a");
  EXPECT_NE(text->find(R"({"x": [1, 2.50]})"), std::string::npos);
  EXPECT_NE(text->find("\"more\": true"), std::string::npos);
  EXPECT_NE(text->find("\"z\": null"), std::string::npos);
}

TEST(login, makes_a_private_file_and_forgets_again) {
  const test::TempDir dir;
  const std::string path = dir / "a/b/auth.json";
  ASSERT_TRUE(remember(path, "r.example/team", {"u", "p", ""}));
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_EQ((*find_credentials({path}, "r.example/team/x"))->password, "p");
  EXPECT_TRUE(*forget(path, "r.example/team"));
  EXPECT_FALSE(*forget(path, "r.example/team"));
  EXPECT_EQ(*find_credentials({path}, "r.example/team/x"), std::nullopt);
}

TEST(login, leaves_a_damaged_file_alone) {
  const test::TempDir dir;
  test::write_text(dir / "auth.json", "{\"auths\": ");
  EXPECT_FALSE(remember(dir / "auth.json", "r", {"u", "p", ""}));
  EXPECT_EQ(test::read_text(dir / "auth.json"), "{\"auths\": ");
}

TEST(login, follows_a_link_instead_of_replacing_it) {
  const test::TempDir dir;
  test::write_text(dir / "real.json", "{}");
  std::filesystem::create_symlink("real.json", dir / "auth.json");
  ASSERT_TRUE(remember(dir / "auth.json", "r", {"u", "p", ""}));
  EXPECT_TRUE(std::filesystem::is_symlink(dir / "auth.json"));
  EXPECT_EQ((*find_credentials({dir / "real.json"}, "r"))->user, "u");
}

}  // namespace
}  // namespace wolffia::image::remote
