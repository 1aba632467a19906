// SPDX-License-Identifier: Apache-2.0
#include "oci/config_changes.hpp"

#include <gtest/gtest.h>

namespace wolffia::oci {
namespace {

/// "config" after the changes, or what is wrong with one of them.
std::string changed(std::initializer_list<std::string_view> instructions,
                    const ImageConfig& base = {}, std::string_view section = {}) {
  ConfigChanges changes(base);
  for (const std::string_view instruction : instructions)
    if (const auto done = changes.apply(instruction); !done) return done.error().message();
  const auto text = changes.section(section);
  return text ? *text : text.error().message();
}

TEST(config_changes, know_every_instruction_that_makes_no_layer) {
  struct Row {
    std::string_view instruction, section;
  };
  constexpr Row kRows[] = {
      {R"(CMD ["a", "b c"])", R"({"Cmd":["a","b c"]})"},
      {"CMD echo  $A", R"({"Cmd":["/bin/sh","-c","echo  $A"]})"},
      {"cmd=/bin/a -l", R"({"Cmd":["/bin/sh","-c","/bin/a -l"]})"},
      {"CMD []", R"({"Cmd":[]})"},
      {R"(ENTRYPOINT=["/a"])", R"({"Entrypoint":["/a"]})"},
      {R"(ENV A=1 B="two words" C='$x' D=a\ b)", R"({"Env":["A=1","B=two words","C=$x","D=a b"]})"},
      {"ENV NAME some words", R"({"Env":["NAME=some words"]})"},
      {"ENV=A=b=c", R"({"Env":["A=b=c"]})"},
      {"EXPOSE 80 53/udp 80/tcp", R"({"ExposedPorts":{"80/tcp":{},"53/udp":{}}})"},
      {R"(LABEL a.b="c d" e=)", R"({"Labels":{"a.b":"c d","e":""}})"},
      {"STOPSIGNAL SIGRTMIN+3", R"({"StopSignal":"SIGRTMIN+3"})"},
      {"STOPSIGNAL 15", R"({"StopSignal":"15"})"},
      {"USER  ana:staff ", R"({"User":"ana:staff"})"},
      {R"(VOLUME ["/a b", "/c"])", R"({"Volumes":{"/a b":{},"/c":{}}})"},
      {"VOLUME /a /a /c", R"({"Volumes":{"/a":{},"/c":{}}})"},
      {"WORKDIR /srv", R"({"WorkingDir":"/srv"})"},
      {"WORKDIR srv", R"({"WorkingDir":"/srv"})"},
  };
  for (const Row& row : kRows)
    EXPECT_EQ(changed({row.instruction}), row.section) << row.instruction;
}

TEST(config_changes, add_to_what_the_image_says) {
  ImageConfig base;
  base.env = {"A=1", "B=2"};
  base.labels = {{"x", "1"}};
  base.exposed_ports = {"80/tcp"};
  base.volumes = {"/v"};
  base.working_dir = "/srv";
  EXPECT_EQ(changed({"ENV B=3 C=4"}, base), R"({"Env":["A=1","B=3","C=4"]})");
  EXPECT_EQ(changed({"LABEL x=2", "LABEL y=3"}, base), R"({"Labels":{"x":"2","y":"3"}})");
  EXPECT_EQ(changed({"EXPOSE 81"}, base), R"({"ExposedPorts":{"80/tcp":{},"81/tcp":{}}})");
  EXPECT_EQ(changed({"VOLUME /w"}, base), R"({"Volumes":{"/v":{},"/w":{}}})");
  EXPECT_EQ(changed({"WORKDIR a", "WORKDIR b"}, base), R"({"WorkingDir":"/srv/a/b"})");
}

TEST(config_changes, leave_all_other_members_as_they_are) {
  constexpr std::string_view kSection = R"({"Cmd":["old"],"x.more": [1,  2],"User":"ana"})";
  EXPECT_EQ(changed({"CMD [\"new\"]", "USER bob"}, {}, kSection),
            R"({"Cmd":["new"],"x.more":[1,  2],"User":"bob"})");
  EXPECT_EQ(changed({}, {}, kSection), R"({"Cmd":["old"],"x.more":[1,  2],"User":"ana"})");
  EXPECT_EQ(changed({"USER bob"}, {}, "null"), R"({"User":"bob"})");
}

TEST(config_changes, say_in_a_sentence_what_is_wrong) {
  struct Row {
    std::string_view instruction, part;
  };
  using namespace std::string_view_literals;
  constexpr Row kRows[] = {
      {"RUN ls", "must begin with one of CMD, ENTRYPOINT, ENV"},
      {"", "must begin with one of"},
      {"CMD", "must say what CMD becomes"},
      {"CMD a\0b"sv, "must say what CMD becomes"},
      {"CMD ['a']", "must be an array as"},
      {"CMD [1]", "must be an array as"},
      {R"(CMD ["a\u0000b"])", "must be an array as"},
      {"ENV A=1 B", "must be NAME=VALUE, and has \"B\""},
      {"ENV =1", "must be NAME=VALUE"},
      {"LABEL a='b", "a quote that does not end"},
      {"EXPOSE 0", "must be PORT"},
      {"EXPOSE 65536", "must be PORT"},
      {"EXPOSE 80/icmp", "must be PORT"},
      {"STOPSIGNAL 65", "must be a signal"},
      {"STOPSIGNAL term", "must be a signal"},
      {"USER a b", "must be USER or USER:GROUP"},
      {"VOLUME data", "must be absolute paths"},
      {"WORKDIR a b", "must be one directory"},
  };
  for (const Row& row : kRows)
    EXPECT_NE(changed({row.instruction}).find(row.part), std::string::npos)
        << row.instruction << ": " << changed({row.instruction});
}

}  // namespace
}  // namespace wolffia::oci
