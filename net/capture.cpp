// SPDX-License-Identifier: Apache-2.0
#include "net/capture.hpp"

#include <fcntl.h>
#include <sys/uio.h>

#include <array>
#include <chrono>

#include "base/quote.hpp"
#include "sys/file.hpp"

namespace wolffia::net {
namespace {

/// In the byte order of this machine, which the first number tells.
struct FileHeader {
  uint32_t magic = 0xa1b2c3d4;  // times are in microseconds
  uint16_t version = 2;
  uint16_t revision = 4;
  uint32_t reserved1 = 0;
  uint32_t reserved2 = 0;
  uint32_t longest = 0x40000;
  uint32_t link = 1;  // Ethernet
};

struct FrameHeader {
  uint32_t seconds = 0;
  uint32_t microseconds = 0;
  uint32_t captured = 0;
  uint32_t size = 0;
};

FrameHeader header_of(Bytes frame) {
  using std::chrono::microseconds;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto time = std::chrono::duration_cast<microseconds>(now).count();
  constexpr int64_t kSecond = 1'000'000;
  const auto size = static_cast<uint32_t>(frame.size());
  return {.seconds = static_cast<uint32_t>(time / kSecond),
          .microseconds = static_cast<uint32_t>(time % kSecond),
          .captured = size,
          .size = size};
}

}  // namespace

Result<Capture> Capture::open(const std::string& path) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY;
  sys::Fd file =
      TRY(sys::open_at(sys::cwd(), path.c_str(), kFlags, 0600), "--pcap ", quoted_if_needed(path));
  TRY(sys::set_blocking(file, false), "--pcap");  // whoever reads a pipe must not stop the guest
  const FileHeader header;
  TRY(sys::write_all(file, {reinterpret_cast<const char*>(&header), sizeof header}), "--pcap ",
      quoted_if_needed(path));
  return Capture(std::move(file));
}

bool Capture::add(Bytes frame) {
  FrameHeader header = header_of(frame);
  const std::array parts{
      iovec{.iov_base = &header, .iov_len = sizeof header},
      iovec{.iov_base = const_cast<uint8_t*>(frame.data()), .iov_len = frame.size()}};
  const ssize_t written = ::writev(file_.get(), parts.data(), static_cast<int>(parts.size()));
  if (written == static_cast<ssize_t>(sizeof header + frame.size())) return true;
  file_.reset();
  return false;
}

}  // namespace wolffia::net
