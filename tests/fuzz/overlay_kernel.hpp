// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fcntl.h>
#include <linux/fuse.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/require.hpp"
#include "overlay/answer.hpp"
#include "overlay/operations.hpp"

/// The kernel's side of a union mount, for requests that are made of the bytes of an input.
namespace wolffia::fuzz {

using overlay::Overlay;

class Input {
 public:
  Input(const uint8_t* data, size_t size) : left_(reinterpret_cast<const char*>(data), size) {}
  bool empty() const { return left_.empty(); }
  std::string take(size_t size) {
    const std::string taken(left_.substr(0, size));
    left_.remove_prefix(taken.size());
    return taken;
  }
  /// Zeros where there is no more.
  template <class T>
  T number() {
    T value{};
    const std::string bytes = take(sizeof value);
    std::memcpy(&value, bytes.data(), bytes.size());
    return value;
  }
  /// As the kernel gives names: not empty, no slash, neither "." nor "..".
  std::string name() {
    static constexpr std::array kNames{"a",    "b",   "d",     "l",           "low",
                                       "both", "new", ".wh.b", ".wh..wh..opq"};
    const auto choice = number<uint8_t>();
    if (choice < 200) return kNames[choice % kNames.size()];
    std::string name = choice < 210 ? std::string(size_t{choice} + 50, 'n') : take(choice % 8);
    for (char& c : name)
      if (c == '/' || c == '\0') c = '_';
    return name.empty() || name == "." || name == ".." ? "x" : name;
  }

 private:
  std::string_view left_;
};

/// The kernel's side of a session.
class Kernel {
 public:
  explicit Kernel(Overlay& overlay) {
    std::string program = "overlay";
    std::array<char*, 2> words{program.data(), nullptr};
    fuse_args arguments = FUSE_ARGS_INIT(1, words.data());
    session_ =
        ::fuse_session_new(&arguments, &overlay::operations(), sizeof(fuse_lowlevel_ops), &overlay);
    ::fuse_opt_free_args(&arguments);
    require(session_ != nullptr);
    fuse_custom_io io{};
    io.writev = take_answer;
    io.read = [](int, void*, size_t, void*) -> ssize_t { return 0; };
    require(::fuse_session_custom_io(session_, &io, ::open("/dev/null", O_RDWR | O_CLOEXEC)) == 0);
    current = this;
    fuse_init_in init{};
    init.major = FUSE_KERNEL_VERSION;
    init.minor = 36;  // of what this library knows
    init.max_readahead = 1 << 17;
    init.flags = ~uint32_t{FUSE_INIT_EXT};
    ask(FUSE_INIT, 0, bytes_of(init));
  }
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  ~Kernel() {
    ::fuse_session_destroy(session_);
    current = nullptr;
  }

  template <class T>
  static std::string bytes_of(const T& body) {
    return {reinterpret_cast<const char*>(&body), sizeof body};
  }

  /// Asks and takes in what the answer gives. `answers`: how many there must be.
  void ask(uint32_t opcode, uint64_t node, const std::string& body, int answers = 1) {
    fuse_in_header header{};
    header.len = static_cast<uint32_t>(sizeof header + body.size());
    header.opcode = opcode;
    header.unique = ++unique_;
    header.nodeid = node;
    header.uid = ::getuid();
    header.gid = ::getgid();
    header.pid = 1;
    std::string request = bytes_of(header) + body;
    fuse_buf buffer{};
    buffer.mem = request.data();
    buffer.size = request.size();
    opcode_ = opcode;
    answers_ = 0;
    ::fuse_session_process_buf(session_, &buffer);
    require(answers_ == answers);
  }

  uint64_t node(Input& input) const { return one_of(nodes_, input); }
  uint64_t handle(Input& input) const { return one_of(handles_, input); }

 private:
  static uint64_t one_of(const std::vector<uint64_t>& known, Input& input) {
    const auto choice = input.number<uint8_t>();
    return choice == 255 || known.empty() ? input.number<uint64_t>() : known[choice % known.size()];
  }

  static ssize_t take_answer(int, iovec* parts, int count, void*) {
    std::string answer;
    for (int i = 0; i < count; ++i)
      answer.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
    current->take(answer);
    return static_cast<ssize_t>(answer.size());
  }

  void take(std::string_view answer) {
    fuse_out_header header{};
    require(answer.size() >= sizeof header);
    std::memcpy(&header, answer.data(), sizeof header);
    require(header.len == answer.size() && header.unique == unique_);
    require(header.error <= 0 && header.error > -1000);
    require(header.error == 0 || answer.size() == sizeof header);
    ++answers_;
    answer.remove_prefix(sizeof header);
    if (header.error != 0) return;
    size_t handle_at = 0;
    switch (opcode_) {
      case FUSE_CREATE:
        handle_at = sizeof(fuse_entry_out);
        [[fallthrough]];
      case FUSE_LOOKUP:
      case FUSE_MKNOD:
      case FUSE_MKDIR:
      case FUSE_SYMLINK:
      case FUSE_LINK:
        keep(nodes_, answer, offsetof(fuse_entry_out, nodeid));
        if (opcode_ != FUSE_CREATE) return;
        [[fallthrough]];
      case FUSE_OPEN:
      case FUSE_OPENDIR:
        keep(handles_, answer, handle_at + offsetof(fuse_open_out, fh));
        return;
      default:
        return;
    }
  }

  static void keep(std::vector<uint64_t>& known, std::string_view answer, size_t at) {
    uint64_t number = 0;
    require(answer.size() >= at + sizeof number);
    std::memcpy(&number, answer.data() + at, sizeof number);
    known.push_back(number);
  }

  static inline Kernel* current = nullptr;
  fuse_session* session_;
  uint64_t unique_ = 0;
  uint32_t opcode_ = 0;
  int answers_ = 0;
  std::vector<uint64_t> nodes_{FUSE_ROOT_ID};
  std::vector<uint64_t> handles_;
};

}  // namespace wolffia::fuzz
