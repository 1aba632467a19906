// SPDX-License-Identifier: Apache-2.0
#include "image/transfer/unpackers.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "image/layer/message.hpp"
#include "sys/children.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"
#include "sys/socket.hpp"

namespace wolffia::image {
namespace {

/// A request is three packets: the options with the stream, then the tree, then where to answer.
constexpr size_t kDescriptors = 3;
static_assert(std::is_trivially_copyable_v<UnpackOptions>);

struct Request {
  UnpackOptions options;
  std::array<sys::Fd, kDescriptors> descriptors;  // stream, tree, answer
};

/// nullopt: the other end is closed.
Result<std::optional<Request>> receive_request(const sys::Fd& socket) {
  Request request;
  for (sys::Fd& descriptor : request.descriptors) {
    sys::Received got =
        TRY(sys::receive_packet(socket, std::as_writable_bytes(std::span(&request.options, 1))));
    if (got.size == 0) return std::optional<Request>();
    descriptor = std::move(got.attached);
  }
  return std::optional<Request>(std::move(request));
}

[[noreturn]] void answer(const Request& request) {
  const auto& [stream, tree, reply] = request.descriptors;
  const std::string text = encode(unpack_confined(stream, tree, request.options));
  ::_exit(sys::write_all(reply, text) ? 0 : 1);
}

/// Their answers have said all; but what nobody waits for has cost nothing, to time(1) and others.
void reap_ended() {
  for (;;) {
    const auto ended = sys::ended_child();
    if (!ended || *ended == 0 || !sys::reap(*ended)) return;
  }
}

[[noreturn]] void end() noexcept {
  for (auto more = sys::reap_next(); more && *more;)
    more = sys::reap_next();
  ::_exit(0);
}

/// Serves requests until the program that started us has ended.
[[noreturn]] void serve(const sys::Fd& socket) noexcept {
  (void)::signal(SIGCHLD, SIG_DFL);  // ignored by whoever started us, it could not be waited for
  for (;;) {
    const auto request = receive_request(socket);
    if (!request || !*request) end();
    reap_ended();
    const auto child = sys::clone_process(0);
    if (child && child->pid == 0) answer(**request);
    if (child) continue;
    const std::string text = encode(child.error());
    (void)sys::write_all((*request)->descriptors.back(), text);
  }
}

}  // namespace

Result<Unpacked> Unpacking::wait() {
  const std::string text = TRY(sys::read_all(answer_, kMostMessage));
  if (text.empty()) return Error::because(EIO, "the unpacking process died");
  return decode(text);
}

Result<Unpackers> Unpackers::start() {
  auto [ours, theirs] = TRY(sys::packet_pair());
  const sys::Cloned child = TRY(sys::clone_process(0), "starting a process that unpacks");
  if (child.pid == 0) {
    ours.reset();
    serve(theirs);
  }
  return Unpackers(std::move(ours));
}

Result<Unpacking> Unpackers::unpack(const sys::Fd& stream, const sys::Fd& tree,
                                    const UnpackOptions& options) {
  auto [reading, writing] = TRY(sys::make_pipe(0));
  const std::lock_guard lock(*mutex_);
  const auto bytes = std::as_bytes(std::span(&options, 1));
  for (const sys::Fd* descriptor : {&stream, &tree, static_cast<const sys::Fd*>(&writing)})
    TRY(sys::send_packet(socket_, bytes, descriptor), "asking for a process that unpacks");
  return Unpacking(std::move(reading));
}

}  // namespace wolffia::image
