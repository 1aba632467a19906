// SPDX-License-Identifier: Apache-2.0
// Requests of a mount in the order of the input: whatever they ask for, of files that are there,
// were there or never were, each gets one answer of the right form. Between daemon and layers
// nothing is made up: they lie on a tmpfs.
#include <fcntl.h>
#include <linux/fuse.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>

#include "fuzz/overlay_kernel.hpp"
#include "overlay/overlay.hpp"
#include "sys/file.hpp"

using namespace wolffia;
using fuzz::Input;
using fuzz::Kernel;
using fuzz::require;
using overlay::Overlay;

namespace {

constexpr int kMostRequests = 64;
constexpr size_t kMostPayload = 4096;

/// One more request: `opcode`s of names, of numbers, and of contents.
class Asker {
 public:
  Asker(Kernel& kernel, Input& input) : kernel_(kernel), input_(input) {}

  void ask() {
    static constexpr std::array<void (Asker::*)(), 26> kAll{
        &Asker::name<FUSE_LOOKUP>,
        &Asker::name<FUSE_LOOKUP>,
        &Asker::name<FUSE_UNLINK>,
        &Asker::name<FUSE_RMDIR>,
        &Asker::make<FUSE_MKNOD, fuse_mknod_in>,
        &Asker::make<FUSE_MKDIR, fuse_mkdir_in>,
        &Asker::make<FUSE_CREATE, fuse_create_in>,
        &Asker::symlink,
        &Asker::link,
        &Asker::rename,
        &Asker::plain<FUSE_GETATTR, fuse_getattr_in>,
        &Asker::setattr,
        &Asker::plain<FUSE_OPEN, fuse_open_in>,
        &Asker::plain<FUSE_OPENDIR, fuse_open_in>,
        &Asker::open_file<FUSE_READ, fuse_read_in>,
        &Asker::open_file<FUSE_READDIR, fuse_read_in>,
        &Asker::open_file<FUSE_READDIRPLUS, fuse_read_in>,
        &Asker::write,
        &Asker::open_file<FUSE_FALLOCATE, fuse_fallocate_in>,
        &Asker::open_file<FUSE_LSEEK, fuse_lseek_in>,
        &Asker::copy,
        &Asker::open_file<FUSE_FSYNC, fuse_fsync_in>,
        &Asker::open_file<FUSE_RELEASE, fuse_release_in>,
        &Asker::attributes,
        &Asker::forget,
        &Asker::others};
    (this->*kAll[input_.number<uint8_t>() % kAll.size()])();
  }

 private:
  static std::string text(const std::string& word) { return word + '\0'; }
  template <class T>
  std::string raw() {
    return Kernel::bytes_of(input_.number<T>());
  }

  template <uint32_t kOpcode>
  void name() {
    const uint64_t parent = kernel_.node(input_);
    kernel_.ask(kOpcode, parent, text(input_.name()));
  }
  template <uint32_t kOpcode, class T>
  void make() {
    const uint64_t parent = kernel_.node(input_);
    const std::string body = raw<T>();
    kernel_.ask(kOpcode, parent, body + text(input_.name()));
  }
  template <uint32_t kOpcode, class T>
  void plain() {
    const uint64_t node = kernel_.node(input_);
    kernel_.ask(kOpcode, node, raw<T>());
  }
  /// A request with a handle in front.
  template <uint32_t kOpcode, class T>
  void open_file() {
    const uint64_t node = kernel_.node(input_);
    T body = input_.number<T>();
    body.fh = kernel_.handle(input_);
    kernel_.ask(kOpcode, node, Kernel::bytes_of(body));
  }
  void symlink() {
    const uint64_t parent = kernel_.node(input_);
    const std::string name = text(input_.name());
    kernel_.ask(FUSE_SYMLINK, parent, name + text(input_.name()));
  }
  void link() {
    const uint64_t parent = kernel_.node(input_);
    const fuse_link_in body{.oldnodeid = kernel_.node(input_)};
    kernel_.ask(FUSE_LINK, parent, Kernel::bytes_of(body) + text(input_.name()));
  }
  void rename() {
    const uint64_t from = kernel_.node(input_);
    fuse_rename2_in body{};
    body.newdir = kernel_.node(input_);
    body.flags = input_.number<uint8_t>() % 8;
    const std::string name = text(input_.name());
    kernel_.ask(FUSE_RENAME2, from, Kernel::bytes_of(body) + name + text(input_.name()));
  }
  void setattr() {
    const uint64_t node = kernel_.node(input_);
    auto body = input_.number<fuse_setattr_in>();
    body.fh = kernel_.handle(input_);
    kernel_.ask(FUSE_SETATTR, node, Kernel::bytes_of(body));
  }
  void write() {
    const uint64_t node = kernel_.node(input_);
    auto body = input_.number<fuse_write_in>();
    body.fh = kernel_.handle(input_);
    body.size %= kMostPayload;
    std::string content = input_.take(body.size);
    content.resize(body.size);
    kernel_.ask(FUSE_WRITE, node, Kernel::bytes_of(body) + content);
  }
  void copy() {
    const uint64_t node = kernel_.node(input_);
    auto body = input_.number<fuse_copy_file_range_in>();
    body.fh_in = kernel_.handle(input_);
    body.nodeid_out = kernel_.node(input_);
    body.fh_out = kernel_.handle(input_);
    kernel_.ask(FUSE_COPY_FILE_RANGE, node, Kernel::bytes_of(body));
  }
  std::string key() {
    static constexpr std::array kKeys{"user.x",
                                      "user.containers.override_stat",
                                      "trusted.overlay.opaque",
                                      "user.overlay.opaque",
                                      "security.capability",
                                      "system.posix_acl_access",
                                      "user.wolffia"};
    const auto choice = input_.number<uint8_t>();
    return choice < 200 ? kKeys[choice % kKeys.size()] : cat("user.", input_.name());
  }
  void attributes() {
    const uint64_t node = kernel_.node(input_);
    const auto which = input_.number<uint8_t>();
    const auto size = input_.number<uint16_t>();
    if (which % 4 == 0) {  // size and flags: the structure of before 7.33
      std::string value = input_.take(size % kMostPayload);
      const std::array<uint32_t, 2> body{static_cast<uint32_t>(value.size()), which % 3U};
      return kernel_.ask(FUSE_SETXATTR, node, Kernel::bytes_of(body) + text(key()) + value);
    }
    if (which % 4 == 1) return kernel_.ask(FUSE_REMOVEXATTR, node, text(key()));
    const fuse_getxattr_in body{.size = size, .padding = 0};
    if (which % 4 == 2) return kernel_.ask(FUSE_LISTXATTR, node, Kernel::bytes_of(body));
    kernel_.ask(FUSE_GETXATTR, node, Kernel::bytes_of(body) + text(key()));
  }
  void forget() {
    const uint64_t node = kernel_.node(input_);
    const fuse_forget_in once{.nlookup = input_.number<uint8_t>()};
    if (once.nlookup % 2 == 0) return kernel_.ask(FUSE_FORGET, node, Kernel::bytes_of(once), 0);
    const fuse_batch_forget_in count{.count = 2, .dummy = 0};
    const fuse_forget_one one{.nodeid = node, .nlookup = once.nlookup};
    const fuse_forget_one other{.nodeid = kernel_.node(input_), .nlookup = 1};
    kernel_.ask(FUSE_BATCH_FORGET, 0,
                Kernel::bytes_of(count) + Kernel::bytes_of(one) + Kernel::bytes_of(other), 0);
  }
  void others() {
    static constexpr std::array<uint32_t, 4> kEmpty{FUSE_READLINK, FUSE_STATFS, FUSE_SYNCFS, 9999};
    const auto which = input_.number<uint8_t>();
    if (which % 8 < kEmpty.size())
      return kernel_.ask(kEmpty[which % 8], kernel_.node(input_), std::string(64, '\0'));
    if (which % 8 == 4) return plain<FUSE_ACCESS, fuse_access_in>();
    if (which % 8 == 5) return open_file<FUSE_FLUSH, fuse_flush_in>();
    if (which % 8 == 6) return open_file<FUSE_RELEASEDIR, fuse_release_in>();
    const uint64_t node = kernel_.node(input_);
    auto body = input_.number<fuse_ioctl_in>();
    body.fh = kernel_.handle(input_);
    body.in_size %= kMostPayload;
    kernel_.ask(FUSE_IOCTL, node, Kernel::bytes_of(body) + std::string(body.in_size, 'i'));
  }

  Kernel& kernel_;
  Input& input_;
};

void write_file(const std::string& path, std::string_view content) {
  const sys::Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  require(file && sys::write_all(file, content));
}

/// Two lower layers with something to merge, a link group, and an empty upper one.
class Layers {
 public:
  Layers() {
    require(::mount("layers", place(), "tmpfs", 0, "size=4m,mode=755") == 0);
    for (const char* directory : {"up", "work", "one", "two", "one/d", "two/d", "two/d/e"})
      require(::mkdir(at(directory).c_str(), 0755) == 0);
    write_file(at("one/a"), "of one");
    write_file(at("two/b"), std::string(9000, 'b'));
    write_file(at("two/d/low"), "low");
    write_file(at("one/d/both"), "one");
    write_file(at("two/d/both"), "two");
    require(::link(at("two/b").c_str(), at("two/d/b").c_str()) == 0);
    require(::symlink("a", at("two/l").c_str()) == 0);
  }
  Layers(const Layers&) = delete;
  Layers& operator=(const Layers&) = delete;
  ~Layers() { require(::umount2(place(), MNT_DETACH) == 0); }

  std::string at(std::string_view path) const { return cat(place(), "/", path); }

 private:
  static const char* place() { return "/mnt"; }
};

/// A namespace of our own, in which mounts are ours.
void enter_namespaces() {
  const uid_t uid = ::getuid();
  const gid_t gid = ::getgid();
  require(::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0);
  const auto put = [](const char* path, const std::string& text) {
    const sys::Fd file(::open(path, O_WRONLY | O_CLOEXEC));
    require(file && sys::write_all(file, text));
  };
  put("/proc/self/setgroups", "deny");
  put("/proc/self/uid_map", cat("0 ", uid, " 1"));
  put("/proc/self/gid_map", cat("0 ", gid, " 1"));
}

}  // namespace

/// Called while there is one thread, as unshare(2) asks for.
// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** /*words*/) {
  enter_namespaces();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const Layers layers;
  overlay::Options options;
  options.lower = {layers.at("one"), layers.at("two")};
  options.upper = layers.at("up");
  options.work = layers.at("work");
  options.writeback = input.number<uint8_t>() % 2 == 0;
  const auto overlay = Overlay::open(options);
  require(static_cast<bool>(overlay));
  Kernel kernel(**overlay);
  Asker asker(kernel, input);
  for (int i = 0; i < kMostRequests && !input.empty(); ++i)
    asker.ask();
  return 0;
}
