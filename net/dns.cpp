// SPDX-License-Identifier: Apache-2.0
#include "net/dns.hpp"

#include <algorithm>

namespace wolffia::net {
namespace {

// RFC 1035, section 4.1.1.
constexpr size_t kHeader = 12;
constexpr size_t kFlags = 2;
constexpr size_t kQuestions = 4;
constexpr size_t kAnswers = 6;
constexpr uint16_t kIsAnswer = 0x8000;
constexpr uint16_t kOpcodeAndError = 0x780f;

// Sections 3.2.2 and 3.2.4; RFC 3596.
constexpr uint16_t kA = 1;
constexpr uint16_t kCname = 5;
constexpr uint16_t kAaaa = 28;
constexpr uint16_t kInternet = 1;

constexpr size_t kMostRecords = 128;

/// Reads on, and stops for good at the first thing that is not there.
class Reader {
 public:
  Reader(Bytes message, size_t at) : message_(message), at_(at) {}

  bool failed() const { return failed_; }
  size_t at() const { return at_; }
  uint16_t number16() { return take(2) ? read16(message_, at_ - 2) : uint16_t{0}; }
  uint32_t number32() { return take(4) ? read32(message_, at_ - 4) : 0; }
  Bytes bytes(size_t size) { return take(size) ? message_.subspan(at_ - size, size) : Bytes(); }
  std::string name();

 private:
  bool take(size_t size) {
    failed_ = failed_ || message_.size() - at_ < size;
    if (!failed_) at_ += size;
    return !failed_;
  }
  /// Adds a label, which lies where `at` says.
  bool add_label(size_t at, size_t size, std::string& name) const;

  Bytes message_;
  size_t at_;
  bool failed_ = false;
};

/// A dot inside of a label would be taken for one between labels.
bool may_be_in_label(uint8_t c) {
  return c > ' ' && c < 0x7f && c != '.';
}

bool Reader::add_label(size_t at, size_t size, std::string& name) const {
  constexpr size_t kLongest = 253;
  if (size > message_.size() - at || name.size() + size + 1 > kLongest + 1) return false;
  const Bytes label = message_.subspan(at, size);
  if (!std::ranges::all_of(label, may_be_in_label)) return false;
  if (!name.empty()) name += '.';
  for (const uint8_t c : label)
    name += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return true;
}

/// Each pointer leads to what stands in front of it, so that none leads round in a circle. Source:
/// section 4.1.4.
std::string Reader::name() {
  constexpr uint8_t kPointer = 0xc0;
  std::string name;
  size_t at = at_;
  size_t floor = at_;  // a pointer has to lead below
  bool jumped = false;
  while (!failed_ && at < message_.size()) {
    const uint8_t size = message_[at];
    if ((size & kPointer) == kPointer) {
      if (message_.size() - at < 2) break;
      const size_t target = read16(message_, at) & 0x3fffU;
      if (target >= floor) break;
      if (!jumped) at_ = at + 2;
      jumped = true;
      floor = target;
      at = target;
      continue;
    }
    if ((size & kPointer) != 0) break;
    if (size == 0) {
      if (!jumped) at_ = at + 1;
      return name;
    }
    if (!add_label(at + 1, size, name)) break;
    at += 1 + size_t{size};
  }
  failed_ = true;
  return {};
}

struct Record {
  std::string name;
  uint16_t type = 0;
  uint16_t space = 0;
  uint32_t seconds = 0;
  size_t data_at = 0;
  Bytes data;
};

Record read_record(Reader& reader) {
  Record out;
  out.name = reader.name();
  out.type = reader.number16();
  out.space = reader.number16();
  out.seconds = reader.number32();
  const size_t size = reader.number16();
  out.data_at = reader.at();
  out.data = reader.bytes(size);
  return out;
}

void take_address(const Record& record, uint32_t least, DnsAnswer& answer) {
  const uint32_t seconds = std::min(least, record.seconds);
  if (record.type == kA && record.data.size() == 4)
    answer.found.push_back({Ipv4::read(record.data, 0), seconds});
  if (record.type == kAaaa && record.data.size() == 16)
    answer.found.push_back({Ipv6::read(record.data, 0), seconds});
}

}  // namespace

std::optional<DnsAnswer> read_dns_answer(Bytes message) {
  constexpr uint32_t kForEver = 0xffffffff;
  if (message.size() < kHeader) return std::nullopt;
  const uint16_t flags = read16(message, kFlags);
  if ((flags & kIsAnswer) == 0 || (flags & kOpcodeAndError) != 0) return std::nullopt;
  if (read16(message, kQuestions) != 1) return std::nullopt;
  Reader reader(message, kHeader);
  DnsAnswer answer;
  answer.name = reader.name();
  reader.number32();  // type and class of the question
  std::string current = answer.name;
  uint32_t least = kForEver;
  const size_t count = std::min<size_t>(read16(message, kAnswers), kMostRecords);
  for (size_t i = 0; i < count; ++i) {
    const Record record = read_record(reader);
    if (reader.failed()) return std::nullopt;
    if (record.name != current || record.space != kInternet) continue;
    if (record.type == kCname) {
      Reader target(message, record.data_at);
      current = target.name();
      if (target.failed()) return std::nullopt;
      least = std::min(least, record.seconds);
    }
    take_address(record, least, answer);
  }
  if (reader.failed()) return std::nullopt;
  return answer;
}

}  // namespace wolffia::net
