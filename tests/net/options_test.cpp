// SPDX-License-Identifier: Apache-2.0
#include "net/options.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace wolffia::net {
namespace {

using Line = std::vector<const char*>;

Result<Options> parsed(const Line& words) {
  return parse_command_line(words);
}

std::string refusal(const Line& words) {
  const auto options = parsed(words);
  return options ? "" : options.error().message();
}

TEST(options, are_those_that_podman_gives) {
  const auto options =
      parsed({"--disable-host-loopback", "--mtu=65520", "--enable-sandbox", "--enable-seccomp",
              "--enable-ipv6", "-c", "-r", "3", "-e", "4", "--api-socket", "/run/s",
              "--netns-type=path", "/run/netns/x", "tap0"});
  ASSERT_TRUE(options);
  EXPECT_FALSE(options->host);
  EXPECT_EQ(options->mtu, 65520U);
  EXPECT_TRUE(options->demands_sandbox && options->configure && options->network.has_ipv6);
  EXPECT_EQ(options->ready_fd, 3);
  EXPECT_EQ(options->exit_fd, 4);
  EXPECT_EQ(options->api_socket, "/run/s");
  EXPECT_EQ(options->kind, TargetKind::Path);
  EXPECT_EQ(options->target, "/run/netns/x");
  EXPECT_EQ(options->interface, "tap0");
}

TEST(options, are_those_that_rootlesskit_gives) {
  const auto options = parsed({"--mtu", "1400", "-r", "3", "--cidr", "10.1.0.0/16",
                               "--userns-path=/proc/7/ns/user", "--netns-type=path", "/n", "tap0"});
  ASSERT_TRUE(options);
  EXPECT_FALSE(options->configure);
  EXPECT_EQ(options->user_namespace, "/proc/7/ns/user");
  EXPECT_EQ(to_text(options->network.gateway), "10.1.0.2");
  EXPECT_EQ(to_text(options->network.nameserver), "10.1.0.3");
  EXPECT_EQ(to_text(options->network.guest), "10.1.0.100");
}

TEST(options, may_stand_together_behind_and_be_cut_short) {
  const auto options = parsed({"77", "-c6r3", "tap0", "--disable-host", "--mt", "1400"});
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->configure && options->network.has_ipv6 && !options->host);
  EXPECT_EQ(options->ready_fd, 3);
  EXPECT_EQ(options->mtu, 1400U);
  EXPECT_EQ(options->target, "77");
}

TEST(options, take_name_servers_of_both_kinds) {
  const auto options = parsed({"--dns", "192.0.2.53", "--dns=2001:db8::53", "1", "tap0"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->name_servers, (std::vector<std::string>{"192.0.2.53", "2001:db8::53"}));
  EXPECT_FALSE(parsed({"--dns=dns.example.org", "1", "tap0"}));
  EXPECT_FALSE(parsed({"--dns=192.0.2.53", "--disable-dns", "1", "tap0"}));
}

TEST(options, of_networks_move_all_addresses_of_it) {
  const auto options = parsed({"--cidr6=fd12:3:4:5::/64", "1", "tap0"});
  ASSERT_TRUE(options);
  EXPECT_EQ(to_text(options->network.gateway6), "fd12:3:4:5::2");
  EXPECT_EQ(to_text(options->network.nameserver6), "fd12:3:4:5::3");
  for (const char* text :
       {"--cidr=10.0.2.0", "--cidr=10.0.2.100/24", "--cidr=10.0.2.0/26", "--cidr=10.0.2.0/0",
        "--cidr=fd00::/64", "--cidr=x/24", "--cidr=0.0.0.0/8", "--cidr=127.1.0.0/16",
        "--cidr=64.0.0.0/2", "--cidr=224.0.0.0/24"})
    EXPECT_FALSE(parsed({text, "1", "tap0"})) << text;
  for (const char* text : {"--cidr6=fd00::/48", "--cidr6=fd00::1/64", "--cidr6=fe80::/64",
                           "--cidr6=ff02::/64", "--cidr6=::/64", "--cidr6=10.0.2.0/24"})
    EXPECT_FALSE(parsed({text, "1", "tap0"})) << text;
}

TEST(options, of_the_policy_keep_their_order) {
  const auto options =
      parsed({"--deny=*", "--offline", "--allow", "example.org:443", "--log", "l", "1", "tap0"});
  ASSERT_TRUE(options);
  ASSERT_EQ(options->rules.size(), 2U);
  EXPECT_EQ(options->rules[0].with_option(), "--deny \"*\"");
  EXPECT_EQ(options->rules[1].with_option(), "--allow example.org:443");
  EXPECT_TRUE(options->offline);
  EXPECT_EQ(options->log, "l");
}

TEST(options, of_rates_have_units) {
  const auto options = parsed({"--upload-rate=500k", "--download-rate", "2m", "1", "tap0"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->upload_rate, 500U << 10);
  EXPECT_EQ(options->download_rate, 2U << 20);
  for (const char* text : {"", "0", "1023", "k", "-1", "1t", "1.5m", "99999999999g", "2kk"})
    EXPECT_FALSE(parsed({"--upload-rate", text, "1", "tap0"})) << text;
}

TEST(options, that_are_wrong_are_named) {
  struct Case {
    Line words;
    const char* refusal;
  };
  for (const Case& it : {
           Case{{},
                "the target is missing: a process, or what --netns-type says: see wolffia-net "
                "--help"},
           Case{{"7"},
                "the name of the interface is missing, such as tap0: see wolffia-net --help"},
           Case{
               {"7", "tap0", "more"},
               "there is nothing to do for \"more\": a target and an interface are the last words"},
           Case{{"/run/netns/x", "tap0"},
                "\"/run/netns/x\" is not the number of a process: for a "
                "path give --netns-type=path"},
           Case{{"--mtu", "67", "7", "tap0"}, "--mtu takes a number from 68 to 65521, not \"67\""},
           Case{{"-r", "x", "7", "tap0"}, "-r takes the number of an open descriptor, not \"x\""},
           Case{{"-r"}, "-r needs a value: -r FD"},
           Case{{"--deny", "10.0.0.0/8:99999", "7", "tap0"},
                "--deny 10.0.0.0/8:99999 must have a port from 1 to 65535 behind the colon, or two "
                "as 8000-8010"},
           Case{{"--dance"}, "unknown flag --dance: see wolffia-net --help"},
           Case{{"--enable"}, "unknown flag --enable: see wolffia-net --help"},
           Case{{"-x"}, "unknown flag -x: see wolffia-net --help"},
           Case{{"--configure=yes"}, "--configure takes no value"},
           Case{{"--netns-type=name", "7", "tap0"},
                "--netns-type takes pid, path or tapfd, not \"name\""},
           Case{{"--macaddress=02:00:00:00:00:01", "7", "tap0"},
                "--macaddress needs --configure too"},
           Case{{"--outbound=fast", "7", "tap0"},
                "--outbound takes auto, splice or slirp, not \"fast\""},
           Case{{"--outbound=splice", "--pcap=f", "7", "tap0"},
                "--outbound=splice and --pcap are not for one daemon: a capture has every frame"},
           Case{{"-c", "--macaddress=01:00:5e:00:00:01", "7", "tap0"},
                "--macaddress takes the link address of one interface, such as 02:00:00:00:00:01, "
                "not \"01:00:5e:00:00:01\""},
           Case{{"-c", "--target-type=bess", "/run/s"},
                "--configure is for namespaces: this target is configured from inside"},
       })
    EXPECT_EQ(refusal(it.words), it.refusal);
}

TEST(options, that_callers_look_for_in_the_help_are_there) {
  const std::string help = help_text();
  for (const char* word :
       {"--disable-host-loopback", "--mtu", "--enable-sandbox", "--enable-seccomp", "--cidr",
        "--outbound-addr", "--enable-ipv6", "--netns-type", "--api-socket", "--userns-path"})
    EXPECT_NE(help.find(word), std::string::npos) << word;
}

}  // namespace
}  // namespace wolffia::net
