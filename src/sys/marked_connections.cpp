// SPDX-License-Identifier: Apache-2.0
#include "sys/marked_connections.hpp"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <string_view>

#include "base/text.hpp"

namespace wolffia::sys {
namespace {

constexpr std::string_view kChain = "output";

template <class T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.c_str(), text.size() + 1));
}

/// Attributes, some of which hold others. Source: struct nlattr in netlink(7).
class Attributes {
 public:
  Attributes& add(uint16_t type, std::span<const std::byte> value) {
    nlattr header{};
    header.nla_type = type;
    header.nla_len = static_cast<uint16_t>(sizeof header + value.size());
    append(bytes_of(header));
    append(value);
    return *this;
  }
  Attributes& number(uint16_t type, uint32_t value) { return add(type, bytes_of(htonl(value))); }
  Attributes& text(uint16_t type, std::string_view value) {
    return add(type, bytes_of(std::string(value)));
  }
  Attributes& nested(uint16_t type, const Attributes& others) {
    return add(type | NLA_F_NESTED, others.bytes());
  }
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  void append(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    bytes_.resize(NLMSG_ALIGN(bytes_.size()));
  }
  std::vector<std::byte> bytes_;
};

/// What has a mark, and the attributes of the expression that reads or sets it.
struct Place {
  std::string_view name;
  uint16_t key;
  uint16_t into;  // a register that it is read into
  uint16_t from;  // or set from
  uint32_t mark;  // the key's value
};
constexpr Place kPacket{"meta", NFTA_META_KEY, NFTA_META_DREG, NFTA_META_SREG, NFT_META_MARK};
constexpr Place kConnection{"ct", NFTA_CT_KEY, NFTA_CT_DREG, NFTA_CT_SREG, NFT_CT_MARK};

/// A chain of expressions, each of which goes on or ends the rule. Source: NFTA_EXPR_* and those of
/// each expression in linux/netfilter/nf_tables.h.
class Rule {
 public:
  Rule& load_mark(const Place& of, uint32_t into) {
    return add(of.name, Attributes().number(of.into, into).number(of.key, of.mark));
  }
  Rule& set_mark(const Place& of, uint32_t from) {
    return add(of.name, Attributes().number(of.key, of.mark).number(of.from, from));
  }
  Rule& load_protocol(uint32_t into) {
    return add("meta",
               Attributes().number(NFTA_META_DREG, into).number(NFTA_META_KEY, NFT_META_L4PROTO));
  }
  /// A byte of TCP's header, or whatever has its place.
  Rule& load_byte(uint32_t offset, uint32_t into) {
    return add("payload", Attributes()
                              .number(NFTA_PAYLOAD_DREG, into)
                              .number(NFTA_PAYLOAD_BASE, NFT_PAYLOAD_TRANSPORT_HEADER)
                              .number(NFTA_PAYLOAD_OFFSET, offset)
                              .number(NFTA_PAYLOAD_LEN, 1));
  }
  Rule& keep_bits(uint8_t bits, uint32_t of) {
    constexpr uint8_t kNone = 0;
    return add("bitwise", Attributes()
                              .number(NFTA_BITWISE_SREG, of)
                              .number(NFTA_BITWISE_DREG, of)
                              .number(NFTA_BITWISE_LEN, 1)
                              .nested(NFTA_BITWISE_MASK, value(bits))
                              .nested(NFTA_BITWISE_XOR, value(kNone)));
  }
  template <class T>
  Rule& compare(uint32_t what, nft_cmp_ops how, const T& with) {
    return add("cmp", Attributes()
                          .number(NFTA_CMP_SREG, what)
                          .number(NFTA_CMP_OP, how)
                          .nested(NFTA_CMP_DATA, value(with)));
  }
  const Attributes& expressions() const { return expressions_; }

 private:
  template <class T>
  static Attributes value(const T& it) {
    return Attributes().add(NFTA_DATA_VALUE, bytes_of(it));
  }
  Rule& add(std::string_view name, const Attributes& data) {
    expressions_.nested(NFTA_LIST_ELEM,
                        Attributes().text(NFTA_EXPR_NAME, name).nested(NFTA_EXPR_DATA, data));
    return *this;
  }
  Attributes expressions_;
};

/// What a marked socket sends gives its connection the mark.
Rule note_mark(uint32_t mark) {
  constexpr uint32_t kRegister = NFT_REG_1;
  Rule rule;
  rule.load_mark(kPacket, kRegister).compare(kRegister, NFT_CMP_EQ, mark);
  rule.set_mark(kConnection, kRegister);
  return rule;
}

/// What else belongs to it gets it, but for a SYN alone: that is a new connection's, where one that
/// ended has the same ports. Source: RFC 9293, 3.1.
Rule give_mark(uint32_t mark) {
  constexpr uint32_t kMark = NFT_REG_1;
  constexpr uint32_t kOther = NFT_REG_2;
  constexpr uint32_t kFlags = 13;
  constexpr uint8_t kSyn = 0x02;
  constexpr uint8_t kAck = 0x10;
  Rule rule;
  rule.load_mark(kConnection, kMark).compare(kMark, NFT_CMP_EQ, mark);
  rule.load_protocol(kOther).compare(kOther, NFT_CMP_EQ, uint8_t{IPPROTO_TCP});
  rule.load_byte(kFlags, kOther).keep_bits(kSyn | kAck, kOther);
  rule.compare(kOther, NFT_CMP_NEQ, kSyn).set_mark(kPacket, kMark);
  return rule;
}

/// Of one number each, as two daemons may serve one namespace.
std::string table_name(uint32_t mark) {
  return cat("wolffia-net-", mark);
}

nfgenmsg header(uint8_t family, uint16_t resource = 0) {
  nfgenmsg out{};
  out.nfgen_family = family;
  out.version = NFNETLINK_V0;
  out.res_id = htons(resource);
  return out;
}

/// Requests that are carried out all or not at all. Source: NFNL_MSG_BATCH_BEGIN in
/// linux/netfilter/nfnetlink.h.
class Batch {
 public:
  explicit Batch(uint8_t family) : family_(family) { edge(NFNL_MSG_BATCH_BEGIN); }

  void add(uint16_t type, uint16_t flags, const Attributes& attributes) {
    const nfgenmsg head = header(family_);
    std::vector<std::byte> body(bytes_of(head).begin(), bytes_of(head).end());
    body.insert(body.end(), attributes.bytes().begin(), attributes.bytes().end());
    append(NetlinkRequest(static_cast<uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | type), flags, body));
  }
  std::span<const std::byte> finish() {
    edge(NFNL_MSG_BATCH_END);
    return bytes_;
  }

 private:
  void edge(uint16_t type) {
    const nfgenmsg head = header(AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
    append(NetlinkRequest(type, 0, bytes_of(head)));
  }
  void append(const NetlinkRequest& request) {
    bytes_.insert(bytes_.end(), request.bytes().begin(), request.bytes().end());
  }
  uint8_t family_;
  std::vector<std::byte> bytes_;
};

Attributes chain(const std::string& table) {
  return Attributes()
      .text(NFTA_CHAIN_TABLE, table)
      .text(NFTA_CHAIN_NAME, kChain)
      .nested(NFTA_CHAIN_HOOK,
              Attributes()
                  .number(NFTA_HOOK_HOOKNUM, NF_INET_LOCAL_OUT)
                  .number(NFTA_HOOK_PRIORITY, static_cast<uint32_t>(NF_IP_PRI_MANGLE)))
      .text(NFTA_CHAIN_TYPE, "route");
}

Attributes rule(const std::string& table, const Rule& what) {
  return Attributes()
      .text(NFTA_RULE_TABLE, table)
      .text(NFTA_RULE_CHAIN, kChain)
      .nested(NFTA_RULE_EXPRESSIONS, what.expressions());
}

}  // namespace

/// Only the last is acknowledged; whichever fails is told of in its place.
Result<MarkedConnections> MarkedConnections::keep(uint8_t family, uint32_t mark, Ends ends) {
  constexpr uint16_t kNew = NLM_F_CREATE | NLM_F_EXCL;
  constexpr uint16_t kBehind = NLM_F_CREATE | NLM_F_APPEND;
  const uint8_t kind = family == AF_INET6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
  const std::string table = table_name(mark);
  Netlink netlink = TRY(Netlink::open_to(NETLINK_NETFILTER));
  Batch batch(kind);
  batch.add(NFT_MSG_NEWTABLE, kNew,
            Attributes()
                .text(NFTA_TABLE_NAME, table)
                .number(NFTA_TABLE_FLAGS, ends == Ends::WithSocket ? NFT_TABLE_F_OWNER : 0));
  batch.add(NFT_MSG_NEWCHAIN, kNew, chain(table));
  batch.add(NFT_MSG_NEWRULE, kBehind, rule(table, note_mark(mark)));
  batch.add(NFT_MSG_NEWRULE, kBehind | NLM_F_ACK, rule(table, give_mark(mark)));
  TRY(netlink.change(batch.finish()), "rules for marked connections");
  return MarkedConnections(std::move(netlink), kind, mark, ends);
}

/// From Linux 5.12 on a table goes with the socket that it was made through.
Result<MarkedConnections> MarkedConnections::keep(uint8_t family, uint32_t mark) {
  auto made = keep(family, mark, Ends::WithSocket);
  if (made || !(made.error().is(EINVAL) || made.error().is(EOPNOTSUPP))) return made;
  return keep(family, mark, Ends::WhenAsked);
}

MarkedConnections::~MarkedConnections() {
  if (!netlink_.fd() || ends_ == Ends::WithSocket) return;
  Batch batch(family_);
  batch.add(NFT_MSG_DELTABLE, NLM_F_ACK, Attributes().text(NFTA_TABLE_NAME, table_name(mark_)));
  (void)netlink_.change(batch.finish());
}

}  // namespace wolffia::sys
