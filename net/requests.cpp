// SPDX-License-Identifier: Apache-2.0
#include "net/requests.hpp"

#include "json/field.hpp"
#include "json/writer.hpp"

namespace wolffia::net {
namespace {

constexpr int64_t kLastPort = 65535;

Error bad(std::string_view command, std::string_view field) {
  return Error::because(EINVAL, cat("bad request: ", command, ": bad arguments.", field));
}

std::optional<Address> parse_address(const std::string& text) {
  if (const auto ipv4 = parse_ipv4(text)) return Address(*ipv4);
  if (const auto ipv6 = parse_ipv6(text)) return Address(*ipv6);
  return std::nullopt;
}

/// What is given, and `otherwise` where that is nothing.
Result<Address> read_address(const json::Object& arguments, const char* key, Address otherwise) {
  std::string text;
  if (!arguments.read(key, text)) return bad("add_hostfwd", key);
  if (text.empty()) return otherwise;
  const auto address = parse_address(text);
  if (!address) return bad("add_hostfwd", key);
  return *address;
}

Result<uint16_t> read_port(const json::Object& arguments, const char* key) {
  const auto port = arguments.get_integer(key, 1, kLastPort);
  if (!port) return bad("add_hostfwd", key);
  return static_cast<uint16_t>(*port);
}

Result<Request> parse_add(const json::Object& arguments, const Network& network) {
  constexpr uint8_t kGuest = 100;
  Forward forward;
  const auto protocol = arguments.get<std::string>("proto");
  if (!protocol || (*protocol != "tcp" && *protocol != "udp")) return bad("add_hostfwd", "proto");
  forward.protocol = *protocol == "tcp" ? Protocol::Tcp : Protocol::Udp;
  forward.host_address = TRY(read_address(arguments, "host_addr", Ipv4()));
  forward.host_port = TRY(read_port(arguments, "host_port"));
  const bool is_ipv6 = std::holds_alternative<Ipv6>(forward.host_address);
  const Address guest =
      is_ipv6 ? Address(network.address6.host(network.prefix6, kGuest)) : Address(network.guest);
  forward.guest_address = TRY(read_address(arguments, "guest_addr", guest));
  forward.guest_port = TRY(read_port(arguments, "guest_port"));
  if (is_ipv6 && !network.has_ipv6) return bad("add_hostfwd", "host_addr");
  if (forward.guest_address.index() != forward.host_address.index())
    return bad("add_hostfwd", "guest_addr");
  return Request(AddForward{forward});
}

Result<Request> parse_remove(const json::Object& arguments, const Network& /*network*/) {
  const auto id = arguments.get<int64_t>("id");
  if (!id) return bad("remove_hostfwd", "id");
  return Request(RemoveForward{*id});
}

struct Command {
  std::string_view name;
  Result<Request> (*parse)(const json::Object& arguments, const Network& network);
};

constexpr Command kCommands[] = {{"add_hostfwd", parse_add}, {"remove_hostfwd", parse_remove}};

std::string entries_of(const std::vector<NumberedForward>& forwards) {
  json::Writer out;
  out.begin_array();
  for (const auto& [id, forward] : forwards) {
    out.begin_object().member("id", id);
    out.member("proto", forward.protocol == Protocol::Tcp ? "tcp" : "udp");
    out.member("host_addr", to_text(forward.host_address)).member("host_port", forward.host_port);
    out.member("guest_addr", to_text(forward.guest_address));
    out.member("guest_port", forward.guest_port).end_object();
  }
  out.end_array();
  return std::move(out).take();
}

}  // namespace

bool is_whole(std::string_view text) {
  return static_cast<bool>(json::Document::parse(std::string(text), "the request"));
}

Result<Request> parse_request(std::string text, const Network& network) {
  const auto document = json::Document::parse(std::move(text), "the request");
  if (!document) return Error::because(EINVAL, "bad request: cannot parse JSON");
  const auto root = document->root().as<json::Object>();
  if (!root) return Error::because(EINVAL, "bad request: json_object() failed");
  const auto execute = root->get<std::string>("execute");
  if (!execute) return Error::because(EINVAL, "bad request: no execute found");
  if (*execute == "list_hostfwd") return Request(ListForwards());
  if (*execute == "get_statistics") return Request(GetStatistics());
  for (const Command& command : kCommands) {
    if (command.name != *execute) continue;
    const auto arguments = root->get<json::Object>("arguments");
    if (!arguments)
      return Error::because(EINVAL, cat("bad request: ", *execute, ": bad arguments"));
    return command.parse(*arguments, network);
  }
  return Error::because(EINVAL, "bad request: unknown execute");
}

std::string added_reply(int64_t id) {
  json::Writer out;
  out.begin_object().key("return").begin_object().member("id", id).end_object().end_object();
  return std::move(out).take();
}

std::string removed_reply() {
  json::Writer out;
  out.begin_object().key("return").begin_object().end_object().end_object();
  return std::move(out).take();
}

/// Twice: slirp4netns(1) has the list in "return", and slirp4netns itself sends it without.
std::string list_reply(const std::vector<NumberedForward>& forwards) {
  const std::string entries = entries_of(forwards);
  json::Writer out;
  out.begin_object().key("return").begin_object().key("entries").raw(entries).end_object();
  out.key("entries").raw(entries).end_object();
  return std::move(out).take();
}

/// Of reasons only those that frames were dropped for.
std::string statistics_reply(const Statistics& statistics) {
  json::Writer out;
  const auto count = [&](std::string_view key, const Statistics::Count& it) {
    out.key(key).begin_object().member("frames", it.frames).member("bytes", it.bytes).end_object();
  };
  const auto relayed = [&](std::string_view key, const Statistics::Relayed& it) {
    out.key(key).begin_object().member("connections", it.connections);
    out.key("from_guest").begin_object().member("bytes", it.from_guest).end_object();
    out.key("to_guest").begin_object().member("bytes", it.to_guest).end_object();
    out.end_object();
  };
  out.begin_object().key("return").begin_object();
  count("from_guest", statistics.from_guest);
  count("to_guest", statistics.to_guest);
  relayed("published", statistics.published);
  relayed("outbound", statistics.outbound);
  out.member("lost", statistics.lost).member("fragments", statistics.fragments);
  out.key("dropped").begin_object();
  for (size_t i = 0; i < kReasons; ++i)
    if (statistics.dropped[i] != 0)
      out.member(name_of(static_cast<Reason>(i)), statistics.dropped[i]);
  out.end_object().end_object().end_object();
  return std::move(out).take();
}

std::string error_reply(std::string_view description) {
  json::Writer out;
  out.begin_object().key("error").begin_object().member("desc", description);
  out.end_object().end_object();
  return std::move(out).take();
}

}  // namespace wolffia::net
