// SPDX-License-Identifier: Apache-2.0
#include "image/lock_file.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.hpp"
#include "base/words.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/filesystem.hpp"
#include "sys/process_facts.hpp"

namespace wolffia::image {
namespace {

constexpr size_t kTextLimit = 1024;

int64_t milliseconds_of(const timespec& time) {
  return int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

/// The pid namespace: a number that means the same to every process in it.
std::string pid_namespace() {
  auto text = sys::read_symlink(sys::cwd(), "/proc/self/ns/pid");
  return text ? std::move(text).value() : std::string("-");
}

/// An unnamed claim: a file of ours that says who we are, to become a lock by a second name.
class Claim {
 public:
  static Result<Claim> make(const sys::Fd& directory, const std::string& lock) {
    std::string name = cat(".", lock, ".", TRY(sys::random_name()));
    sys::Fd file = TRY(sys::open_at(directory, name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600));
    Claim claim(&directory, std::move(name), std::move(file));
    TRY(sys::write_all(claim.file_, Holder::self().text()));
    return claim;
  }
  Claim(Claim&& other) noexcept
      : directory_(std::exchange(other.directory_, nullptr)),
        name_(std::move(other.name_)),
        file_(std::move(other.file_)) {}
  Claim& operator=(Claim&&) = delete;
  ~Claim() {
    if (directory_) (void)sys::remove_entry(*directory_, name_.c_str());
  }

  /// False: the name is taken.
  Result<bool> become(const std::string& name) const {
    auto linked = sys::link_entry(*directory_, name_.c_str(), name.c_str());
    if (linked) return true;
    if (!linked.error().is(EEXIST)) return std::move(linked).error().context(name);
    // The answer to a call that NFS sent twice: it did succeed. Source: open(2), O_EXCL.
    const struct stat status = TRY(sys::stat_fd(file_));
    return status.st_nlink == 2;
  }

  /// Now, by the clock of the file server, in milliseconds.
  Result<int64_t> now() const {
    TRY(sys::touch(file_));
    const struct stat status = TRY(sys::stat_fd(file_));
    return milliseconds_of(status.st_mtim);
  }

  sys::Fd take_file() && { return std::move(file_); }
  const std::string& name() const { return name_; }

 private:
  Claim(const sys::Fd* directory, std::string name, sys::Fd file)
      : directory_(directory), name_(std::move(name)), file_(std::move(file)) {}
  const sys::Fd* directory_;
  std::string name_;
  sys::Fd file_;
};

enum class Found : uint8_t { Nothing, Alive, Stale };

struct Sight {
  Found found = Found::Nothing;
  std::string text;
};

/// Whether the process is one of this machine and gone, or of this machine and alive; nullopt: only
/// another machine knows.
std::optional<bool> is_gone(std::string_view text) {
  const auto holder = Holder::parse(text);
  if (!holder || holder->machine != Holder::self().machine) return {};
  const auto facts = sys::read_facts(holder->pid);
  if (!facts) return facts.error().is(ENOENT) || facts.error().is(ESRCH);
  return facts->zombie || facts->start_time != holder->start_time;
}

Result<Sight> look_at(const sys::Fd& directory, const std::string& name, const Claim& claim,
                      const LockTimes& times) {
  const auto file = sys::open_at(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file && (file.error().is(ENOENT) || file.error().is(ESTALE))) return Sight{};
  if (!file) return Error(file.error()).context(name);
  Sight sight{Found::Alive, TRY(sys::read_all(*file, kTextLimit), name)};
  if (const auto gone = is_gone(sight.text); gone) {
    if (*gone) sight.found = Found::Stale;
    return sight;
  }
  const struct stat status = TRY(sys::stat_fd(*file), name);
  const int64_t now = TRY(claim.now(), name);
  if (now - milliseconds_of(status.st_mtim) > times.lease.count()) sight.found = Found::Stale;
  return sight;
}

/// Removes a stale lock file. Of all who see it stale one may, the one whose claim gets a name made
/// of the stale text; and that one looks again first, for the others may have been faster: what
/// stands there now could be a fresh lock.
Result<void> remove_stale(const sys::Fd& directory, const std::string& name, const Sight& stale,
                          const LockTimes& times) {
  const std::string right = cat(name, ".over-", hash_bytes(stale.text));
  const Claim claim = TRY(Claim::make(directory, name));
  if (!TRY(claim.become(right))) {
    const Sight other = TRY(look_at(directory, right, claim, times));
    if (other.found == Found::Stale) (void)sys::remove_entry(directory, right.c_str());
    return {};
  }
  const auto again = look_at(directory, name, claim, times);
  if (again && again->found == Found::Stale && again->text == stale.text)
    (void)sys::remove_entry(directory, name.c_str());
  (void)sys::remove_entry(directory, right.c_str());
  return {};
}

/// Whether nothing alive is called `name`; what is stale goes.
Result<bool> is_clear(const sys::Fd& directory, const std::string& name, const Claim& claim,
                      const LockTimes& times) {
  Sight sight = TRY(look_at(directory, name, claim, times));
  if (sight.found == Found::Stale) {
    TRY(remove_stale(directory, name, sight, times));
    sight = TRY(look_at(directory, name, claim, times));
  }
  return sight.found == Found::Nothing;
}

Result<bool> none_shares(const sys::Fd& directory, const std::string& name, const Claim& claim,
                         const LockTimes& times) {
  const std::string prefix = cat(name, ".shared-");
  for (const std::string& one : TRY(sys::entry_names(directory, SIZE_MAX))) {
    if (!one.starts_with(prefix) || one.find(".over-") != std::string::npos) continue;
    if (!TRY(is_clear(directory, one, claim, times))) return false;
  }
  return true;
}

/// Trying to get one lock: what was made for it goes again unless it is kept.
class Attempt {
 public:
  Attempt(const sys::Fd& directory, const std::string& name, LockMode mode, const LockTimes& times,
          Claim claim)
      : directory_(directory),
        name_(name),
        held_(cat(name, ".held")),
        ours_(mode == LockMode::Exclusive
                  ? held_
                  : cat(name, ".shared-", claim.name().substr(name.size() + 2))),
        mode_(mode),
        times_(times),
        claim_(std::move(claim)) {}
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  ~Attempt() { withdraw(); }

  /// True once the lock is ours.
  Result<bool> step() { return mode_ == LockMode::Shared ? share() : hold(); }

  /// The name and the file of the lock.
  std::pair<std::string, sys::Fd> keep() && {
    made_ = false;
    return {ours_, std::move(claim_).take_file()};
  }

 private:
  Result<bool> share() {
    made_ = TRY(claim_.become(ours_));
    if (made_ && TRY(is_clear(directory_, held_, claim_, times_))) return true;
    withdraw();  // or we and who wants all for itself would wait for each other
    return false;
  }

  Result<bool> hold() {
    if (!made_) made_ = TRY(claim_.become(held_));
    if (!made_ && TRY(is_clear(directory_, held_, claim_, times_)))
      made_ = TRY(claim_.become(held_));
    return made_ && TRY(none_shares(directory_, name_, claim_, times_));
  }

  void withdraw() {
    if (std::exchange(made_, false)) (void)sys::remove_entry(directory_, ours_.c_str());
  }

  const sys::Fd& directory_;
  const std::string& name_;
  std::string held_;
  std::string ours_;
  LockMode mode_;
  const LockTimes& times_;
  Claim claim_;
  bool made_ = false;
};

}  // namespace

Holder Holder::self() {
  const pid_t pid = ::getpid();
  const auto facts = sys::read_facts(pid);
  std::string machine = cat(sys::host_name(), "/", sys::read_boot_id(), "/", pid_namespace());
  for (char& c : machine)
    if (c == ' ' || c == '\n') c = '_';
  return {std::move(machine), pid, facts ? facts->start_time : 0};
}

std::string Holder::text() const {
  return cat(machine, " ", pid, " ", start_time, "\n");
}

std::optional<Holder> Holder::parse(std::string_view text) {
  if (!text.ends_with('\n')) return {};
  Words words(text.substr(0, text.size() - 1));
  Holder holder;
  holder.machine = words.next();
  if (!read_number(words.next(), holder.pid) || !read_number(words.next(), holder.start_time) ||
      !words.empty())
    return {};
  return holder;
}

Result<bool> remove_abandoned(const sys::Fd& directory, const std::string& name) {
  constexpr int64_t kLong = 3600;
  const auto file = sys::open_at(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file) return file.error().is(ENOENT);
  const struct stat status = TRY(sys::stat_fd(*file), name);
  // Other names are made once: a claim's and a shared lock's are random.
  const bool unique = name.starts_with('.') || name.find(".shared-") != std::string::npos;
  const auto gone = unique ? is_gone(TRY(sys::read_all(*file, kTextLimit), name)) : std::nullopt;
  if (!gone.value_or(::time(nullptr) - status.st_mtim.tv_sec > kLong)) return false;
  auto removed = sys::remove_entry(directory, name.c_str());
  return removed || removed.error().is(ENOENT);
}

Result<std::unique_ptr<LinkLock>> LinkLock::take(std::shared_ptr<const sys::Fd> directory,
                                                 const std::string& name, LockMode mode,
                                                 const LockTimes& times, const WaitStep& wait) {
  Claim claim = TRY(Claim::make(*directory, name), name);
  Attempt attempt(*directory, name, mode, times, std::move(claim));
  while (!TRY(attempt.step(), name)) {
    if (!TRY(wait(), name)) return std::unique_ptr<LinkLock>();
  }
  auto [ours, file] = std::move(attempt).keep();
  return std::unique_ptr<LinkLock>(
      new LinkLock(std::move(directory), std::move(ours), std::move(file), times.heartbeat));
}

LinkLock::LinkLock(std::shared_ptr<const sys::Fd> directory, std::string name, sys::Fd file,
                   std::chrono::milliseconds heartbeat)
    : directory_(std::move(directory)), name_(std::move(name)), file_(std::move(file)) {
  // Signals are for the other threads.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  renewal_ = std::thread([this, heartbeat] { renew_every(heartbeat); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

LinkLock::~LinkLock() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  renewal_.join();
  (void)sys::remove_entry(*directory_, name_.c_str());
}

void LinkLock::renew_every(std::chrono::milliseconds period) {
  std::unique_lock guard(mutex_);
  while (!stop_.wait_for(guard, period, [this] { return stopping_; }))
    (void)sys::touch(file_);  // where it fails, the lease runs out
}

}  // namespace wolffia::image
