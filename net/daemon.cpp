// SPDX-License-Identifier: Apache-2.0
#include "net/daemon.hpp"

#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "base/quote.hpp"
#include "base/utc.hpp"
#include "net/api.hpp"
#include "net/confine.hpp"
#include "net/connects.hpp"
#include "net/guest.hpp"
#include "net/host.hpp"
#include "net/listen.hpp"
#include "net/traffic.hpp"
#include "net/watcher.hpp"
#include "sys/close_others.hpp"
#include "sys/file.hpp"
#include "sys/signal_reset.hpp"
#include "sys/standard_streams.hpp"
#include "sys/tap.hpp"

namespace wolffia::net {
namespace {

using Tell = void (*)(std::string_view sentence);

Result<void> check_descriptors(const Options& options) {
  struct Passed {
    const char* name;
    int number;
  };
  for (const Passed& it :
       {Passed{"--exit-fd", options.exit_fd}, Passed{"--ready-fd", options.ready_fd}})
    if (it.number >= 0 && !sys::is_open(it.number))
      return Error::because(EBADF, cat(it.name, " names descriptor ", it.number,
                                       ", which is not open: leave it open for this program"));
  return {};
}

Rules rules_of(const Options& options) {
  Rules rules;
  rules.network = options.network;
  rules.dns = options.dns;
  rules.dhcp = options.dhcp;
  rules.host = options.host;
  rules.link_local = options.link_local;
  rules.policy = Policy(options.rules, options.offline);
  return rules;
}

/// All that is open while it serves.
struct Session {
  const Options& options;
  PollSet& poll_set;
  Timers timers;
  Traffic traffic;
  Api api;
  std::unique_ptr<GuestSockets> sockets;
  Published published;
  Outside outside;
  NameServers servers;
  sys::Fd resolv_conf;            // what libslirp reads them from; empty: it reads the host's
  std::optional<HostWatch> host;  // where the host is blocked
  std::unique_ptr<Stack> stack;
  std::optional<Outbound> outbound = std::nullopt;    // where there are sockets for it
  std::optional<Datagrams> datagrams = std::nullopt;  // always, once it serves
  Timers::Id expiry = 0;                              // of fragments
  bool is_expiring = false;
};

/// Where decisions are told: `file` has to outlive what is made. Without rules nobody asked.
BlockLog::Tell decisions_to(const Options& options, const sys::Fd& file, Tell tell) {
  if (options.log.empty()) return options.rules.empty() && !options.offline ? nullptr : tell;
  return [&file](std::string_view sentence) {
    (void)sys::write_all(file, cat(utc_seconds(::time(nullptr)), "Z ", sentence, "\n"));
  };
}

Result<sys::Fd> open_log(const Options& options) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_NONBLOCK;
  if (options.log.empty()) return sys::Fd();
  return TRY(sys::open_at(sys::cwd(), options.log.c_str(), kFlags, 0600), "--log ",
             quoted_if_needed(options.log));
}

Result<std::array<uint8_t, 6>> address_of(const Options& options, const sys::Fd& guest) {
  const auto address = sys::link_address(guest);
  if (address || options.kind != TargetKind::Tap) return TRY(address, "the interface");
  return Error::because(address.error().code(),
                        cat("descriptor ", options.target,
                            " is not that of a tap interface: ", address.error().message()));
}

Result<Traffic> open_traffic(const Options& options, sys::Fd guest, TrafficOptions others) {
  Rules rules = rules_of(options);
  const bool is_tap = options.kind != TargetKind::Bess;
  if (!is_tap)
    return Traffic(Link(std::move(guest)), Sender::First, std::move(rules), std::move(others));
  rules.guest.bytes = TRY(address_of(options, guest));
  Link link = TRY(Link::of_tap(std::move(guest), options.mtu), "the interface");
  return Traffic(std::move(link), Sender::Interface, std::move(rules), std::move(others));
}

Result<sys::Fd> open_api(const Options& options) {
  constexpr int kWaiting = 128;
  if (options.api_socket.empty()) return sys::Fd();
  sys::Fd listener = TRY(listen_at_path(options.api_socket, sys::SocketKind::Stream, kWaiting),
                         "--api-socket ", quoted_if_needed(options.api_socket));
  TRY(sys::set_blocking(listener, false));
  return listener;
}

/// Fragments are forgotten in time also where no further one comes.
void watch_fragments(Session& session) {
  constexpr Timers::Time kPause{30'000};
  if (session.is_expiring || !session.traffic.has_fragments()) return;
  session.is_expiring = true;
  session.timers.set(session.expiry, now_ms() + kPause);
}

Result<void> block_host(Session& session) {
  session.host = TRY(HostWatch::open());
  session.traffic.rules().host_owned = TRY(session.host->addresses(), "addresses of this host");
  return {};
}

Result<void> start_stack(Session& session, StackOptions& settings) {
  settings.has_offloads = session.traffic.guest().has_offloads();
  const auto send = [&traffic = session.traffic](Bytes frame) { traffic.send(frame); };
  session.stack =
      TRY(Stack::make(settings, session.traffic.rules(), session.poll_set, session.timers, send));
  return {};
}

Result<void> start_datagrams(Session& session, const StackOptions& settings) {
  DatagramOptions options{.mtu = settings.mtu,
                          .from = settings.outbound,
                          .from6 = settings.outbound6,
                          .send = [&session](Bytes frame) { session.traffic.send(frame); }};
  session.datagrams = TRY(Datagrams::make(session.traffic.rules(), std::move(options)));
  session.traffic.offer_to(*session.datagrams);
  return {};
}

Result<void> start_outbound(Session& session, const StackOptions& settings, Tell tell) {
  const Options& options = session.options;
  if (options.outbound_way == OutboundWay::Slirp || !options.pcap.empty()) return {};
  OutboundOptions others{.from = settings.outbound,
                         .from6 = settings.outbound6,
                         .send = [&session](Bytes frame) { session.traffic.send(frame); },
                         .pass_on = [&session](Bytes frame) { session.stack->input(frame); },
                         .explain = options.explains ? tell : nullptr};
  session.outbound =
      TRY(Outbound::make(options.network, *session.sockets, session.poll_set, std::move(others)));
  session.traffic.offer_to(*session.outbound);
  return options.outbound_way == OutboundWay::Splice ? session.outbound->demand() : Result<void>();
}

Rates rates_of(Session& session) {
  return {.upload = session.traffic.upload(), .download = session.traffic.download()};
}

void write_servers(Session& session) {
  const std::string text = session.servers.text();
  if (!session.resolv_conf || ::ftruncate(session.resolv_conf.get(), 0) < 0) return;
  const ssize_t written = ::pwrite(session.resolv_conf.get(), text.data(), text.size(), 0);
  (void)written;  // a file that is full has no servers: the next change writes it again
}

/// False when nobody is outside any more.
bool hear_outside(Session& session) {
  const auto resolv_conf = session.outside.news();
  if (!resolv_conf) return false;
  const bool are_given = !session.options.name_servers.empty();
  if (!are_given && session.servers.replace(*resolv_conf)) write_servers(session);
  return true;
}

void ask_others(Session& session) {
  if (session.servers.deadline() > now_ms()) return;
  session.servers.move_on();
  write_servers(session);
}

/// What of resolv.conf(5) counts.
Result<std::string> name_servers(const Options& options) {
  if (options.name_servers.empty()) return read_resolv_conf();
  std::string text;
  for (const std::string& address : options.name_servers)
    text += cat("nameserver ", address, "\n");
  return text;
}

Result<void> shut_in(Session& session, uint64_t capabilities, Tell tell) {
  const std::string servers = session.servers.text();
  const bool demanded = session.options.demands_sandbox;
  if (demanded && !session.outside.is_apart())
    return Error::because(EPERM, "confine the daemon: a process namespace of its own is refused");
  const bool blocks_host = !session.options.host;
  Confined confined = TRY(enter({.resolv_conf = servers, .demands_namespaces = demanded}));
  if (blocks_host) TRY(leave_connects_to_another(session.traffic.rules(), capabilities));
  TRY(lock_in({.kept_capabilities = capabilities, .forbid = [blocks_host] {
                 return blocks_host ? forbid_connects_too(connects_file()) : forbid_system_calls();
               }}));
  if (blocks_host) TRY(await_connects());
  session.resolv_conf = std::move(confined.resolv_conf);
  if (!session.resolv_conf && !session.options.name_servers.empty())
    return Error::because(EPERM,
                          "--dns: namespaces of its own are refused to it, without which the "
                          "host's servers would be asked");
  if (!confined.is_hidden)
    tell("namespaces of its own are refused to it: the file system is not hidden from it");
  return {};
}

Result<void> tell_ready(const Options& options) {
  if (options.ready_fd < 0) return {};
  const sys::Fd ready(options.ready_fd);
  const auto told = sys::write_all(ready, "1");
  if (!told && told.error().is(EPIPE)) return {};  // nobody waits any more
  TRY(told, "--ready-fd");
  return {};
}

/// The earlier of two moments to wake at, as a time to wait.
std::optional<Timers::Time> until(std::optional<Timers::Time> wait,
                                  std::optional<Timers::Time> when) {
  if (!when) return wait;
  const Timers::Time left = std::max(*when - now_ms(), Timers::Time(0));
  return wait ? std::min(*wait, left) : left;
}

/// What is read only while the guest may get more.
std::optional<Timers::Time> prepare_sockets(Session& session) {
  session.poll_set.want(session.datagrams->fd().get(), EPOLLIN);
  const auto stack = session.stack->prepare();
  return stack ? std::optional(now_ms() + *stack) : std::nullopt;
}

/// What is waited for, and for how long at most. While the guest has got more than it may, the
/// sockets of the host are not read; while it has sent more, it is not.
std::optional<Timers::Time> prepare(Session& session, bool sockets_rest) {
  PollSet& poll_set = session.poll_set;
  poll_set.begin();
  auto wait = until(std::nullopt, session.api.prepare(poll_set));
  if (const auto until_then = session.traffic.upload().closed_until(now_ms()))
    wait = until(wait, until_then);
  else
    poll_set.want(session.traffic.guest().fd().get(), EPOLLIN);
  if (sockets_rest)
    wait = until(wait, session.traffic.download().closed_until(now_ms()));
  else
    wait = until(wait, prepare_sockets(session));
  poll_set.want(session.options.exit_fd, EPOLLIN | EPOLLPRI);
  if (session.host) poll_set.want(session.host->fd().get(), EPOLLIN);
  wait = until(wait, session.published.prepare(rates_of(session)));
  if (session.outbound) wait = until(wait, session.outbound->prepare(rates_of(session)));
  poll_set.want(session.outside.fd().get(), EPOLLIN);
  poll_set.want(connects_file(), EPOLLIN);
  wait = until(wait, session.servers.deadline());
  wait = until(wait, session.datagrams->deadline());
  return until(wait, session.timers.next());
}

/// Where the guest's sockets have run out its ports lead through packets.
void relay(Session& session) {
  session.published.work(rates_of(session));
  for (const Forward& forward : session.published.abandoned())
    (void)session.stack->add(forward);
  if (session.outbound) session.outbound->work(rates_of(session));
}

/// Once round; false when it is over.
Result<bool> go_round(Session& session) {
  PollSet& poll_set = session.poll_set;
  const bool sockets_rest = session.traffic.download().closed_until(now_ms()).has_value();
  TRY(poll_set.wait(prepare(session, sockets_rest)));
  if (poll_set.happened(session.options.exit_fd) != 0) return false;
  session.timers.run(now_ms());
  if (!sockets_rest) session.stack->work();
  session.datagrams->work(!sockets_rest && poll_set.happened(session.datagrams->fd().get()) != 0);
  relay(session);
  session.api.work(poll_set, {session.published, *session.datagrams, *session.stack});
  if (poll_set.happened(session.outside.fd().get()) != 0 && !hear_outside(session)) return false;
  if (poll_set.happened(connects_file()) != 0) return connects_are_over();
  if (session.servers.deadline()) ask_others(session);
  if (session.host && poll_set.happened(session.host->fd().get()) != 0 && session.host->changed())
    session.traffic.rules().host_owned = TRY(session.host->addresses());
  const uint32_t frames = poll_set.happened(session.traffic.guest().fd().get());
  const bool goes_on =
      frames == 0 || ((frames & EPOLLERR) == 0 && session.traffic.receive(*session.stack));
  watch_fragments(session);
  return goes_on;
}

}  // namespace

Result<void> serve(const Options& options, Tell tell) {
  const sys::IgnoreSigpipe without_signals;
  (void)::signal(SIGXFSZ, SIG_IGN);  // a log that is full is not the end: setrlimit(2)
  TRY(check_descriptors(options));
  StackOptions settings{.mtu = options.mtu};
  TRY(find_outbound(options, settings));
  tell_missing(settings, tell);
  sys::Fd listener = TRY(open_api(options));
  const sys::Fd log = TRY(open_log(options));
  Capture capture;
  if (!options.pcap.empty()) capture = TRY(Capture::open(options.pcap));
  const int captured = capture.number();
  Guest guest = TRY(connect_guest(options));
  Traffic traffic = TRY(open_traffic(options, std::move(guest.link),
                                     {.upload = Rate(options.upload_rate),
                                      .download = Rate(options.download_rate),
                                      .capture = std::move(capture),
                                      .decisions = decisions_to(options, log, tell),
                                      .tell = tell}));
  TRY(sys::close_all_but({options.exit_fd, options.ready_fd, traffic.guest().fd().get(),
                          listener.get(), log.get(), captured, guest.sockets.fd().get(),
                          guest.maker.get()}));
  const std::string resolv_conf = TRY(name_servers(options));
  const uint64_t capabilities = TRY(capability_for_ports());
  Outside outside = TRY(Outside::leave(resolv_conf, guest.maker));
  guest.maker.reset();
  auto sockets = std::make_unique<GuestSockets>(std::move(guest.sockets));
  PollSet poll_set = TRY(PollSet::make());
  Published published(options.network, options.splices ? sockets.get() : nullptr, poll_set);
  Session session{.options = options,
                  .poll_set = poll_set,
                  .timers = {},
                  .traffic = std::move(traffic),
                  .api = Api(std::move(listener), options.network),
                  .sockets = std::move(sockets),
                  .published = std::move(published),
                  .outside = std::move(outside),
                  .servers = {},
                  .resolv_conf = {},
                  .host = std::nullopt,
                  .stack = nullptr};
  session.servers.replace(resolv_conf);
  session.traffic.follow(session.servers);
  session.api.count_with([&session] {
    Statistics counts = session.traffic.statistics();
    counts.published = session.published.counts();
    if (session.outbound) counts.outbound = session.outbound->counts();
    return counts;
  });
  session.expiry = session.timers.add([&session] {
    session.traffic.expire();
    session.is_expiring = false;
    watch_fragments(session);
  });
  if (!options.host) TRY(block_host(session));
  TRY(start_stack(session, settings));
  TRY(start_datagrams(session, settings));
  TRY(start_outbound(session, settings, tell));
  TRY(shut_in(session, capabilities, tell));
  TRY(tell_ready(options));
  while (TRY(go_round(session))) {
  }
  return {};
}

}  // namespace wolffia::net
