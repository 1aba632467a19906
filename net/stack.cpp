// SPDX-License-Identifier: Apache-2.0
#include "net/stack.hpp"

#include <dlfcn.h>
#include <slirp/libslirp.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <limits>
#include <list>
#include <utility>
#include <vector>

#include "net/offload.hpp"
#include "net/socket_name.hpp"
#include "net/unanswered.hpp"

namespace wolffia::net {
namespace {

struct EventPair {
  int library;
  uint32_t kernel;
};

constexpr std::array kEvents{
    EventPair{SLIRP_POLL_IN, EPOLLIN},   EventPair{SLIRP_POLL_OUT, EPOLLOUT},
    EventPair{SLIRP_POLL_PRI, EPOLLPRI}, EventPair{SLIRP_POLL_ERR, EPOLLERR},
    EventPair{SLIRP_POLL_HUP, EPOLLHUP},
};

/// The largest that the library takes. With offloads frames may be as large, at any MTU.
constexpr uint32_t kLargestMtu = 65'520;

/// A frame with another segment size where it begins a connection: see offload.hpp.
class Handshake {
 public:
  /// `mtu` is what goes with the size that is said now; 0: it is to stay.
  Handshake(Bytes frame, size_t mtu) : frame_(frame) {
    if (mtu == 0 || frame.size() > own_.size()) return;
    const MutableBytes copy = MutableBytes(own_).first(frame.size());
    std::ranges::copy(frame, copy.begin());
    set_segment_size(copy, mtu);
    frame_ = copy;
  }
  Handshake(const Handshake&) = delete;
  Handshake& operator=(const Handshake&) = delete;

  Bytes frame() const { return frame_; }

 private:
  static constexpr size_t kLargest = 128;  // with all options
  std::array<uint8_t, kLargest> own_;
  Bytes frame_;
};

in_addr to_library(Ipv4 address) {
  return {.s_addr = htonl(address.value)};
}

in6_addr to_library(const Ipv6& address) {
  in6_addr out{};
  std::ranges::copy(address.bytes, std::begin(out.s6_addr));
  return out;
}

/// The library tells of frames that it does not like on standard error: a guest could fill disks.
/// GLib comes with it, and nothing else here needs its headers.
void silence_library() {
  using Handler = void (*)(const char* domain, int level, const char* message, void* with);
  using SetHandler = Handler (*)(Handler handler, void* with);
  const auto set = reinterpret_cast<SetHandler>(::dlsym(RTLD_DEFAULT, "g_log_set_default_handler"));
  const Handler silent = [](const char*, int, const char*, void*) {};
  if (set) set(silent, nullptr);
}

class LibraryStack : public Stack {
 public:
  LibraryStack(PollSet& poll_set, Timers& timers, Send send)
      : poll_set_(poll_set), timers_(timers), send_(std::move(send)) {}
  ~LibraryStack() override {
    if (slirp_) ::slirp_cleanup(slirp_);
  }
  LibraryStack(const LibraryStack&) = delete;
  LibraryStack& operator=(const LibraryStack&) = delete;

  bool start(const StackOptions& options, const Rules& rules);

  void input(Bytes frame) override;
  void output(Bytes frame);
  std::optional<Timers::Time> prepare() override;
  void work() override;
  Result<void> add(const Forward& forward) override;
  Result<void> remove(const Forward& forward) override;

 private:
  static LibraryStack& self(void* opaque) { return *static_cast<LibraryStack*>(opaque); }
  static const SlirpCb& callbacks();
  static int want(int file, int events, void* opaque);
  static int happened(int file, void* opaque);
  void hand_over(Bytes frame) {
    ::slirp_input(slirp_, frame.data(), static_cast<int>(frame.size()));
  }

  PollSet& poll_set_;
  Timers& timers_;
  std::list<Timers::Id> numbers_;  // of the library's timers
  Send send_;
  size_t mtu_ = 0;
  bool has_offloads_ = false;
  Slirp* slirp_ = nullptr;
  SlirpConfig config_{};  // the library keeps pointers into it
  sockaddr_in outbound_{};
  sockaddr_in6 outbound6_{};
  Unanswered unanswered_;
  std::vector<Unanswered::Frame> answered_;  // since work() was last done
};

/// What the library calls. A timer is the address of its number.
const SlirpCb& LibraryStack::callbacks() {
  static const SlirpCb table = [] {
    SlirpCb it{};
    it.send_packet = [](const void* frame, size_t size, void* opaque) {
      self(opaque).output({static_cast<const uint8_t*>(frame), size});
      return static_cast<ssize_t>(size);
    };
    it.guest_error = [](const char* /*message*/, void* /*opaque*/) {};  // a guest could fill disks
    it.clock_get_ns = [](void* /*opaque*/) { return int64_t{now().count()}; };
    it.timer_new = [](SlirpTimerCb run, void* with, void* opaque) {
      LibraryStack& stack = self(opaque);
      stack.numbers_.push_back(stack.timers_.add([run, with] { run(with); }));
      return static_cast<void*>(&stack.numbers_.back());
    };
    it.timer_free = [](void* timer, void* opaque) {
      LibraryStack& stack = self(opaque);
      stack.timers_.remove(*static_cast<Timers::Id*>(timer));
      stack.numbers_.remove_if([timer](const Timers::Id& number) { return &number == timer; });
    };
    it.timer_mod = [](void* timer, int64_t milliseconds, void* opaque) {
      self(opaque).timers_.set(*static_cast<Timers::Id*>(timer), Timers::Time(milliseconds));
    };
    it.register_poll_fd = [](int file, void* opaque) { self(opaque).poll_set_.forget(file); };
    it.unregister_poll_fd = [](int file, void* opaque) { self(opaque).poll_set_.forget(file); };
    it.notify = [](void* /*opaque*/) {};  // the loop comes to it after each frame anyway
    return it;
  }();
  return table;
}

bool LibraryStack::start(const StackOptions& options, const Rules& rules) {
  silence_library();
  const Network& network = rules.network;
  config_.version = 4;  // of libslirp 4.7
  config_.in_enabled = true;
  config_.vnetwork = to_library(network.address);
  config_.vnetmask = to_library(Ipv4{0xffffffffU << (32 - network.prefix)});
  config_.vhost = to_library(network.gateway);
  config_.vnameserver = to_library(network.nameserver);
  config_.vdhcp_start = to_library(Ipv4{network.address.value + 15});  // up to 30: slirp4netns(1)
  config_.in6_enabled = network.has_ipv6;
  config_.vprefix_addr6 = to_library(network.address6);
  config_.vprefix_len = static_cast<uint8_t>(network.prefix6);
  config_.vhost6 = to_library(network.gateway6);
  config_.vnameserver6 = to_library(network.nameserver6);
  mtu_ = options.mtu;
  has_offloads_ = options.has_offloads;
  config_.if_mtu = has_offloads_ ? kLargestMtu : options.mtu;
  config_.if_mru = config_.if_mtu;
  config_.disable_host_loopback = false;  // frames are judged by it: it would stop replies too
  config_.disable_dns = !rules.dns;
  config_.disable_dhcp = !rules.dhcp;
  if (options.outbound) {
    outbound_.sin_family = AF_INET;
    outbound_.sin_addr = to_library(*options.outbound);
    config_.outbound_addr = &outbound_;
  }
  if (options.outbound6) {
    outbound6_.sin6_family = AF_INET6;
    outbound6_.sin6_addr = to_library(*options.outbound6);
    config_.outbound_addr6 = &outbound6_;
  }
  slirp_ = ::slirp_new(&config_, &callbacks(), this);
  return slirp_ != nullptr;
}

void LibraryStack::input(Bytes frame) {
  const Handshake own(frame, has_offloads_ ? mtu_ : 0);
  unanswered_.keep(own.frame());
  hand_over(own.frame());
  answered_.clear();  // at once, so with all its options
}

void LibraryStack::output(Bytes frame) {
  if (auto syn = unanswered_.take(frame)) answered_.push_back(*std::move(syn));
  send_(Handshake(frame, has_offloads_ ? kLargestMtu : 0).frame());
}

void LibraryStack::work() {
  ::slirp_pollfds_poll(slirp_, 0, happened, this);
  // Before anything is read for these connections, as the library then makes their buffers anew.
  for (const Unanswered::Frame& syn : std::exchange(answered_, {}))
    hand_over(syn);
}

int LibraryStack::want(int file, int events, void* opaque) {
  uint32_t wanted = 0;
  for (const EventPair& it : kEvents)
    if ((events & it.library) != 0) wanted |= it.kernel;
  self(opaque).poll_set_.want(file, wanted);
  return file;
}

int LibraryStack::happened(int file, void* opaque) {
  const uint32_t events = self(opaque).poll_set_.happened(file);
  int out = 0;
  for (const EventPair& it : kEvents)
    if ((events & it.kernel) != 0) out |= it.library;
  return out;
}

std::optional<Timers::Time> LibraryStack::prepare() {
  constexpr uint32_t kForEver = std::numeric_limits<uint32_t>::max();
  uint32_t milliseconds = kForEver;
  ::slirp_pollfds_fill(slirp_, &milliseconds, want, this);
  if (milliseconds == kForEver) return std::nullopt;
  return Timers::Time(milliseconds);
}

Result<void> LibraryStack::add(const Forward& forward) {
  const sys::SocketName host = to_name(forward.host_address, forward.host_port);
  const sys::SocketName guest = to_name(forward.guest_address, forward.guest_port);
  const int flags =
      std::holds_alternative<Ipv6>(forward.host_address) ? int{SLIRP_HOSTFWD_V6ONLY} : 0;
  errno = 0;
  if (::slirp_add_hostxfwd(slirp_, host.generic(), host.size, guest.generic(), guest.size, flags) ==
      0)
    return {};
  return errno == 0 ? Error::because(EINVAL, "libslirp refuses it") : Error::last("bind");
}

Result<void> LibraryStack::remove(const Forward& forward) {
  const sys::SocketName host = to_name(forward.host_address, forward.host_port);
  if (::slirp_remove_hostxfwd(slirp_, host.generic(), host.size, 0) == 0) return {};
  return Error::because(ENOENT, "there is no such forward");
}

}  // namespace

Result<std::unique_ptr<Stack>> Stack::make(const StackOptions& options, const Rules& rules,
                                           PollSet& poll_set, Timers& timers, Send send) {
  auto stack = std::make_unique<LibraryStack>(poll_set, timers, std::move(send));
  if (!stack->start(options, rules))
    return Error::because(EINVAL, cat("libslirp ", library(), " refuses these settings"));
  return std::unique_ptr<Stack>(std::move(stack));
}

std::string Stack::library() {
  return ::slirp_version_string();
}

}  // namespace wolffia::net
