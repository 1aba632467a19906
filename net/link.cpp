// SPDX-License-Identifier: Apache-2.0
#include "net/link.hpp"

#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "net/headers.hpp"
#include "net/offload.hpp"
#include "sys/tap.hpp"

namespace wolffia::net {
namespace {

/// The largest IPv4 packet and its Ethernet header; what is longer is cut, and so dropped.
constexpr size_t kLargestFrame = ethernet::kSize + 65535 + 1;
static_assert(sizeof(OffloadHeader) == sys::kTapHeader);

iovec vector_of(Bytes bytes) {
  return {.iov_base = const_cast<uint8_t*>(bytes.data()), .iov_len = bytes.size()};
}

}  // namespace

Link::Link(sys::Fd fd, bool has_header, size_t mtu)
    : fd_(std::move(fd)),
      has_header_(has_header),
      mtu_(mtu),
      buffer_(sizeof(OffloadHeader) + kLargestFrame) {}

Result<Link> Link::of_tap(sys::Fd tap, size_t mtu) {
  const bool has_header = TRY(sys::take_offloads(tap));
  return Link(std::move(tap), has_header, mtu);
}

Link::Received Link::receive() {
  const ssize_t size = ::read(fd_.get(), buffer_.data(), buffer_.size());
  if (size < 0) return {.news = errno == EAGAIN || errno == EINTR ? News::Nothing : News::End};
  if (size == 0) return {.news = News::End};
  MutableBytes frame = MutableBytes(buffer_).first(static_cast<size_t>(size));
  if (!has_header_) return {.news = News::Frame, .frame = frame};
  OffloadHeader header;
  if (frame.size() < sizeof header) return {.news = News::Frame};
  std::memcpy(&header, frame.data(), sizeof header);
  frame = frame.subspan(sizeof header);
  complete_checksum(header, frame);
  return {.news = News::Frame, .frame = frame};
}

bool Link::send(Bytes frame) const {
  if (!has_header_) return ::write(fd_.get(), frame.data(), frame.size()) >= 0;
  const Offloaded it = offload(frame, mtu_);
  const std::array parts{
      iovec{.iov_base = const_cast<OffloadHeader*>(&it.header), .iov_len = sizeof it.header},
      vector_of(Bytes(it.head).first(it.head_size)), vector_of(frame.subspan(it.head_size))};
  return ::writev(fd_.get(), parts.data(), parts.size()) >= 0;
}

}  // namespace wolffia::net
