// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "net/block_log.hpp"
#include "net/capture.hpp"
#include "net/datagrams.hpp"
#include "net/dns_stream.hpp"
#include "net/frame.hpp"
#include "net/link.hpp"
#include "net/name_servers.hpp"
#include "net/outbound.hpp"
#include "net/questions.hpp"
#include "net/rate.hpp"
#include "net/reassembly.hpp"
#include "net/stack.hpp"
#include "net/statistics.hpp"

namespace wolffia::net {

/// Whose link address counts as the guest's.
enum class Sender : uint8_t {
  Interface,  // that of the tap, whatever it is now
  First,      // that of the first frame
};

/// What there is besides rules. Source: wolffia-net(1).
struct TrafficOptions {
  Rate upload = Rate();
  Rate download = Rate();
  Capture capture = {};
  BlockLog::Tell decisions = {};  // what the rules decide; empty: nobody wants to know
  BlockLog::Tell tell = {};       // what else happens
};

/// What goes between the guest's descriptor and the stack: each frame of the guest is judged, and
/// put together where it is a part.
class Traffic {
 public:
  Traffic(Link guest, Sender sender, Rules rules, TrafficOptions options);

  const Link& guest() const { return guest_; }
  Rules& rules() { return rules_; }

  Rate& upload() { return upload_; }
  Rate& download() { return download_; }
  Statistics statistics() const;

  /// They are told who asks and answers; they have to outlive this.
  void follow(NameServers& servers) { servers_ = &servers; }
  /// It gets what begins a connection first; it has to outlive this too.
  void offer_to(Outbound& outbound) { outbound_ = &outbound; }
  /// The same with datagrams; what it knows of may go on though it is blocked.
  void offer_to(Datagrams& datagrams) { datagrams_ = &datagrams; }

  /// Takes what the guest has sent, some frames at most; false where the other end is gone.
  bool receive(Stack& stack);
  /// A frame to the guest. What it has no room for is lost, as on any wire.
  void send(Bytes frame);
  /// Forgets fragments that have waited for too long.
  void expire() { reassembly_.expire(now_ms()); }
  bool has_fragments() const { return reassembly_.waiting() > 0; }

 private:
  void take(MutableBytes frame, Stack& stack);
  void capture(Bytes frame);
  void judge(MutableBytes frame, Stack& stack);
  void refuse(Bytes blocked);
  void pass(const Checked& checked, Bytes frame, Stack& stack);
  bool learn_sender(Bytes frame);
  bool follows_names() const { return has_names_ || (servers_ && servers_->size() > 1); }
  void note_question(Bytes frame);
  void note_answer(Bytes frame);
  void bind_names(Bytes message);

  Link guest_;
  Sender sender_;
  Rules rules_;
  Reassembly reassembly_;
  Rate upload_;
  Rate download_;
  Capture capture_;
  BlockLog log_;
  Rate refusals_;
  BlockLog::Tell tell_;
  Statistics statistics_;
  bool has_names_;  // in the rules
  Questions questions_;
  DnsStreams streams_;
  NameServers* servers_ = nullptr;
  Outbound* outbound_ = nullptr;
  Datagrams* datagrams_ = nullptr;
};

}  // namespace wolffia::net
