// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "net/bytes.hpp"
#include "sys/fd.hpp"

namespace wolffia::net {

/// Every frame in either direction, before it is judged, as a file for tcpdump(1) and wireshark(1).
/// Source: draft-ietf-opsawg-pcap, sections 4 and 5.
class Capture {
 public:
  Capture() = default;  // none
  /// Errors: of the file, with --pcap in front.
  static Result<Capture> open(const std::string& path);

  bool is_on() const { return static_cast<bool>(file_); }
  int number() const { return file_.get(); }
  /// False where it cannot be written whole: then it has ended.
  bool add(Bytes frame);

 private:
  explicit Capture(sys::Fd file) : file_(std::move(file)) {}
  sys::Fd file_;
};

}  // namespace wolffia::net
