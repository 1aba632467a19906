// SPDX-License-Identifier: Apache-2.0
#include "cli/option.hpp"

#include <gtest/gtest.h>

#include <array>

#include "cli/help.hpp"
#include "cli/parsing.hpp"

namespace wolffia::cli {
namespace {

constexpr Option kHelp{.name = "help", .letter = 'h', .help = "help"};
constexpr Option kVersion{.name = "version", .letter = 'v', .help = "version"};
constexpr Option kRoot{.name = "root", .takes = Takes::Value, .value = "DIR", .help = "root"};
constexpr Option kMode{.name = "mode", .takes = Takes::Word, .value = "on|off|auto", .help = "m"};
constexpr Option kQuiet{.name = "quiet", .letter = 'q', .help = "quiet"};
constexpr Option kForce{.name = "force", .letter = 'f', .help = "force"};
constexpr Option kBundle{
    .name = "bundle", .letter = 'b', .takes = Takes::Value, .value = "DIR", .help = "bundle"};
constexpr Option kEnv{
    .name = "env", .letter = 'e', .takes = Takes::List, .value = "NAME=VALUE", .help = "env"};
constexpr Option kFormat{
    .name = "format", .takes = Takes::Value, .value = "table|json", .help = "format"};
constexpr Option kCount{.name = "count", .takes = Takes::Value, .value = "N", .help = "count"};
constexpr Option kLater{
    .name = "later", .takes = Takes::Value, .value = "X", .help = "x", .missing = "it comes later"};

constexpr std::array kGlobal{&kRoot, &kMode, &kVersion, &kHelp};
constexpr std::array kPlain{&kQuiet, &kForce, &kBundle, &kEnv, &kFormat, &kCount, &kLater, &kHelp};
constexpr Command kDelete{.name = "delete",
                          .arguments = "ID",
                          .summary = "deletes",
                          .options = kPlain,
                          .least = 1,
                          .most = 2};
constexpr Command kExec{.name = "exec",
                        .arguments = "ID COMMAND...",
                        .summary = "executes",
                        .options = kPlain,
                        .least = 1,
                        .most = SIZE_MAX,
                        .behind = Behind::Verbatim};
constexpr Command kPause{.name = "pause", .summary = "", .missing = "it needs cgroups"};
constexpr std::array kCommands{&kDelete, &kExec, &kPause};
constexpr Program kProgram{.name = "prog",
                           .summary = "A program.",
                           .options = kGlobal,
                           .commands = kCommands,
                           .help = &kHelp,
                           .version = &kVersion};

Arguments parsed(const Words& words) {
  return cli::parsed(kProgram, words);
}

std::string refused(const Words& words) {
  return cli::refused(kProgram, words);
}

std::vector<std::string> texts(std::span<const std::string_view> views) {
  return {views.begin(), views.end()};
}

using Texts = std::vector<std::string>;

TEST(option, finds_the_command_and_its_arguments) {
  const Arguments arguments = parsed({"delete", "box"});
  EXPECT_EQ(arguments.command(), &kDelete);
  EXPECT_EQ(texts(arguments.positionals()), Texts{"box"});
}

TEST(option, reads_a_value_behind_an_equals_sign) {
  EXPECT_EQ(parsed({"--root=/x", "delete", "box"}).value(kRoot), "/x");
}

TEST(option, reads_a_value_in_the_next_word) {
  EXPECT_EQ(parsed({"--root", "/x", "delete", "box"}).value(kRoot), "/x");
}

TEST(option, reads_an_equals_sign_inside_a_value) {
  EXPECT_EQ(parsed({"--root=a=b", "delete", "box"}).value(kRoot), "a=b");
}

TEST(option, takes_an_empty_value) {
  const Arguments arguments = parsed({"--root=", "delete", "box"});
  EXPECT_TRUE(arguments.has(kRoot));
  EXPECT_EQ(arguments.value(kRoot), "");
}

TEST(option, takes_a_value_that_looks_like_an_option) {
  EXPECT_EQ(parsed({"delete", "--bundle", "-x", "box"}).value(kBundle), "-x");
}

TEST(option, reads_a_letter_with_the_next_word) {
  EXPECT_EQ(parsed({"delete", "-b", "dir", "box"}).value(kBundle), "dir");
}

TEST(option, reads_a_letter_with_its_value_attached) {
  EXPECT_EQ(parsed({"delete", "-bdir", "box"}).value(kBundle), "dir");
}

TEST(option, reads_a_letter_with_an_equals_sign) {
  EXPECT_EQ(parsed({"delete", "-b=dir", "box"}).value(kBundle), "dir");
}

TEST(option, reads_letters_in_one_word) {
  const Arguments arguments = parsed({"delete", "-qf", "box"});
  EXPECT_TRUE(arguments.has(kQuiet));
  EXPECT_TRUE(arguments.has(kForce));
}

TEST(option, reads_letters_that_end_in_one_with_a_value) {
  const Arguments arguments = parsed({"delete", "-qb", "dir", "box"});
  EXPECT_TRUE(arguments.has(kQuiet));
  EXPECT_EQ(arguments.value(kBundle), "dir");
}

TEST(option, does_not_have_what_was_not_given) {
  const Arguments arguments = parsed({"delete", "box"});
  EXPECT_FALSE(arguments.has(kForce));
  EXPECT_EQ(arguments.value(kBundle, "other"), "other");
}

TEST(option, lets_the_last_value_count) {
  EXPECT_EQ(parsed({"delete", "--bundle=a", "--bundle", "b", "box"}).value(kBundle), "b");
}

TEST(option, adds_up_a_list) {
  const Arguments arguments = parsed({"exec", "-e", "A=1", "--env=B=2", "-eC=3", "box", "sh"});
  EXPECT_EQ(arguments.list(kEnv), (Texts{"A=1", "B=2", "C=3"}));
}

TEST(option, keeps_line_breaks_in_a_value) {
  EXPECT_EQ(parsed({"exec", "--env", "A=1\n2", "box", "sh"}).list(kEnv), Texts{"A=1\n2"});
}

TEST(option, accepts_options_behind_arguments) {
  const Arguments arguments = parsed({"delete", "box", "--force"});
  EXPECT_TRUE(arguments.has(kForce));
  EXPECT_EQ(texts(arguments.positionals()), Texts{"box"});
}

TEST(option, leaves_a_verbatim_command_alone_behind_its_first_argument) {
  const Arguments arguments = parsed({"exec", "-q", "box", "ls", "-f", "--", "--env"});
  EXPECT_TRUE(arguments.has(kQuiet));
  EXPECT_FALSE(arguments.has(kForce));
  EXPECT_EQ(texts(arguments.positionals()), (Texts{"box", "ls", "-f", "--", "--env"}));
}

TEST(option, ends_options_at_two_dashes) {
  const Arguments arguments = parsed({"delete", "--", "--force"});
  EXPECT_FALSE(arguments.has(kForce));
  EXPECT_EQ(texts(arguments.positionals()), Texts{"--force"});
}

TEST(option, ends_a_verbatim_commands_options_at_two_dashes) {
  EXPECT_EQ(texts(parsed({"exec", "--", "-box", "ls"}).positionals()), (Texts{"-box", "ls"}));
}

TEST(option, takes_a_single_dash_for_an_argument) {
  EXPECT_EQ(texts(parsed({"delete", "-"}).positionals()), Texts{"-"});
}

TEST(option, takes_an_empty_word_for_an_argument) {
  EXPECT_EQ(texts(parsed({"delete", ""}).positionals()), Texts{""});
}

TEST(option, lets_a_switch_say_true) {
  EXPECT_TRUE(parsed({"delete", "--force=true", "box"}).has(kForce));
  EXPECT_TRUE(parsed({"delete", "--force=1", "box"}).has(kForce));
}

TEST(option, lets_a_switch_be_taken_back) {
  EXPECT_FALSE(parsed({"delete", "--force", "--force=false", "box"}).has(kForce));
  EXPECT_TRUE(parsed({"delete", "--force=0", "--force", "box"}).has(kForce));
}

TEST(option, refuses_other_values_of_a_switch) {
  EXPECT_EQ(refused({"delete", "--force=maybe", "box"}),
            "--force takes true or false, not \"maybe\"");
}

TEST(option, lets_a_word_option_stand_alone) {
  const Arguments arguments = parsed({"--mode", "delete", "box"});
  EXPECT_EQ(arguments.value(kMode), "on");
  EXPECT_EQ(arguments.command(), &kDelete);
}

TEST(option, reads_the_word_of_a_word_option) {
  EXPECT_EQ(parsed({"--mode", "auto", "delete", "box"}).value(kMode), "auto");
  EXPECT_EQ(parsed({"--mode=off", "delete", "box"}).value(kMode), "off");
}

TEST(option, refuses_a_word_that_is_not_one) {
  EXPECT_EQ(refused({"--mode=later", "delete", "box"}),
            "--mode takes on, off or auto, not \"later\"");
  EXPECT_EQ(refused({"delete", "--format", "yaml", "box"}),
            "--format takes table or json, not \"yaml\"");
}

TEST(option, refuses_an_unknown_flag_by_name) {
  EXPECT_EQ(refused({"delete", "--frob=1", "box"}),
            "unknown flag --frob of delete: see prog delete --help");
  EXPECT_EQ(refused({"--frob", "delete"}), "unknown flag --frob: see prog --help");
}

TEST(option, refuses_an_unknown_letter) {
  EXPECT_EQ(refused({"delete", "-qx", "box"}),
            "unknown flag -qx of delete: see prog delete --help");
}

TEST(option, does_not_complete_shortened_names) {
  EXPECT_EQ(refused({"delete", "--forc", "box"}),
            "unknown flag --forc of delete: see prog delete --help");
}

TEST(option, says_where_a_flag_of_the_program_belongs) {
  EXPECT_EQ(refused({"delete", "--root", "/x", "box"}),
            "unknown flag --root of delete: it belongs in front of the command");
}

TEST(option, refuses_an_id_that_starts_with_a_dash) {
  EXPECT_EQ(refused({"delete", "-xbox"}), "unknown flag -xbox of delete: see prog delete --help");
}

TEST(option, quotes_what_a_reader_could_mistake) {
  EXPECT_EQ(refused({"delete", "--a b\n"}),
            "unknown flag \"--a b\\n\" of delete: see prog delete --help");
}

TEST(option, refuses_a_missing_value) {
  EXPECT_EQ(refused({"delete", "box", "--bundle"}), "--bundle needs a value: --bundle DIR");
  EXPECT_EQ(refused({"delete", "box", "-b"}), "--bundle needs a value: --bundle DIR");
}

TEST(option, refuses_what_comes_later_and_says_why) {
  EXPECT_EQ(refused({"delete", "--later", "x", "box"}),
            "--later is not in this release: it comes later");
  EXPECT_EQ(refused({"pause", "--anything", "box"}),
            "pause is not in this release: it needs cgroups");
}

TEST(option, refuses_an_unknown_command) {
  EXPECT_EQ(refused({"frob"}), "unknown command \"frob\": see prog --help for the list");
}

TEST(option, refuses_a_line_without_a_command) {
  EXPECT_EQ(refused({}), "a command is missing: see prog --help for the list");
  EXPECT_EQ(refused({"--root", "/x"}), "a command is missing: see prog --help for the list");
}

TEST(option, refuses_too_few_arguments) {
  EXPECT_EQ(refused({"delete"}), "delete needs more arguments: prog delete [OPTION...] ID");
}

TEST(option, refuses_too_many_arguments) {
  EXPECT_EQ(refused({"delete", "a", "b", "c"}),
            "delete does not take \"c\": prog delete [OPTION...] ID");
}

TEST(option, answers_help_without_the_rest_being_right) {
  const Arguments arguments = parsed({"delete", "--help", "--frob"});
  EXPECT_TRUE(arguments.has(kHelp));
  EXPECT_EQ(arguments.command(), &kDelete);
}

TEST(option, answers_help_in_front_of_a_command) {
  const Arguments arguments = parsed({"-h", "frob"});
  EXPECT_TRUE(arguments.has(kHelp));
  EXPECT_EQ(arguments.command(), nullptr);
}

TEST(option, knows_the_command_help) {
  EXPECT_EQ(parsed({"help"}).command(), nullptr);
  EXPECT_EQ(parsed({"help", "exec"}).command(), &kExec);
  EXPECT_TRUE(parsed({"help", "exec"}).has(kHelp));
}

TEST(option, leaves_help_inside_a_verbatim_command_to_the_program) {
  EXPECT_FALSE(parsed({"exec", "box", "ls", "--help"}).has(kHelp));
}

TEST(option, answers_version_without_a_command) {
  EXPECT_TRUE(parsed({"--version"}).has(kVersion));
  EXPECT_TRUE(parsed({"-v"}).has(kVersion));
}

TEST(option, keeps_what_stood_in_front_of_a_fault) {
  Arguments arguments;
  const Words words{"--root", "/x", "delete", "--frob"};
  EXPECT_FALSE(parse(kProgram, words, arguments));
  EXPECT_EQ(arguments.value(kRoot), "/x");
}

TEST(option, reads_numbers) {
  const auto number = parsed({"delete", "--count=7", "box"}).number(kCount, 0, 10);
  ASSERT_TRUE(number);
  EXPECT_EQ(*number, 7U);
  EXPECT_EQ(*parsed({"delete", "box"}).number(kCount, 3, 10), 3U);
}

TEST(option, refuses_what_is_no_number) {
  for (const char* word : {"--count=", "--count=-1", "--count=11", "--count=1x", "--count= 1",
                           "--count=0x1", "--count=99999999999999999999"}) {
    const auto number = parsed({"delete", word, "box"}).number(kCount, 0, 10);
    EXPECT_FALSE(number) << word;
  }
  EXPECT_EQ(parsed({"delete", "--count=ten", "box"}).number(kCount, 0, 10).error().message(),
            "--count takes a number from 0 to 10, not \"ten\"");
}

TEST(help, shows_every_option_and_command) {
  EXPECT_EQ(help(kProgram),
            "Usage: prog [OPTION...] COMMAND [OPTION...] [ARGUMENT...]\n"
            "A program.\n"
            "\nOptions:\n"
            "      --root DIR            root\n"
            "      --mode[=on|off|auto]  m\n"
            "  -v, --version             version\n"
            "  -h, --help                help\n"
            "\nCommands:\n"
            "  delete  deletes\n"
            "  exec    executes\n"
            "\nNot in this release: pause.\n"
            "\nprog COMMAND --help shows a command's options.\n");
}

TEST(help, shows_a_commands_usage_and_what_is_missing) {
  const std::string text = help(kProgram, kExec);
  EXPECT_TRUE(text.starts_with("Usage: prog exec [OPTION...] ID COMMAND...\nexecutes\n")) << text;
  EXPECT_NE(text.find("  -e, --env NAME=VALUE     env\n"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("\nNot in this release: --later.\n")) << text;
}

}  // namespace
}  // namespace wolffia::cli
