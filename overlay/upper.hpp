// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.hpp"
#include "overlay/stack.hpp"
#include "sys/file_at.hpp"

namespace wolffia::overlay {

/// What a new file, or a changed one, is to be.
struct Wanted {
  uint32_t uid = 0;  // as they are stored
  uint32_t gid = 0;
  mode_t mode = 0;  // with S_IFMT
  dev_t device = 0;
};

/// The upper layer and its working directory: how things are made, marked and removed there, so
/// that a crash at any point leaves the tree as it was before or after.
class Upper {
 public:
  /// Empties the working directory. Errors: EINVAL where a volatile mount was not ended well.
  static Result<std::unique_ptr<Upper>> open(Stack& stack);

  /// A name in the working directory: whatever has it goes with the object.
  class Staged {
   public:
    Staged(const Upper& upper, std::string name) : upper_(&upper), name_(std::move(name)) {}
    Staged(Staged&& other) noexcept
        : upper_(std::exchange(other.upper_, nullptr)), name_(std::move(other.name_)) {}
    Staged& operator=(Staged&&) = delete;
    ~Staged();
    sys::FileAt file() const { return {upper_->work_, name_.c_str()}; }

   private:
    const Upper* upper_;
    std::string name_;
  };
  /// A name in the working directory that nothing has yet.
  Staged stage() const;

  /// Makes the file `wanted` (no directory; `target`: of a symbolic link), whose umask was applied.
  Result<void> make(sys::FileAt at, const Wanted& wanted, const char* target) const;
  /// Gives it the owner and mode that it is to show, or notes them where that is refused; `now` is
  /// what it is. False where nothing had to be done.
  Result<bool> dress(sys::FileAt at, const Wanted& wanted, const struct stat& now) const;
  /// As rename_with(), link_to() and remove_entry(), with what lists note of the files.
  Result<void> move(sys::FileAt from, sys::FileAt to, unsigned flags) const;
  Result<void> link(sys::FileAt from, sys::FileAt to) const;
  Result<void> remove(sys::FileAt at) const;
  /// A new file is to have the name: nothing is noted of it.
  void forget(sys::FileAt at) const;
  /// Puts what was staged where nothing is, a whiteout or a file.
  Result<void> put(sys::FileAt from, sys::FileAt at) const;
  /// The same for a directory. What had the name has the other one afterwards.
  Result<void> put_directory(sys::FileAt from, sys::FileAt at) const;
  /// Empties a directory that shows nothing: it can be replaced by rename(2) then.
  Result<void> clear(sys::FileAt directory) const;

  /// Hides `at.name` of the layers below, in place of the file or empty directory that is there.
  Result<void> hide(sys::FileAt at) const;
  /// A ".wh." file beside the new `at` says nothing any more.
  void unhide(sys::FileAt at) const;
  Result<void> make_opaque(sys::FileAt directory) const;
  /// The same for one that holds whiteouts, which have nothing to hide any more: the kernel's
  /// overlayfs lists those of a directory that it does not merge.
  Result<void> seal(const LayerDir& directory) const;
  /// Removes a directory that shows nothing, with the whiteouts in it.
  Result<void> remove_directory(sys::FileAt at) const;
  /// As renameat2(2) with RENAME_WHITEOUT: `from` is hidden.
  Result<void> rename_and_hide(sys::FileAt from, sys::FileAt to) const;

  /// From now on names of lower files with several may be hidden; the root says so, if it can.
  void expect_hidden_links() const;
  bool hides_links() const { return hides_links_; }
  /// From now on owners, modes and attributes are looked for in notes; the root says so.
  Result<void> expect_notes() const;

  const sys::Fd& root() const { return *stack_.root(kUpper)->fd(); }
  const sys::Fd& work() const { return work_; }
  bool has_attributes() const { return has_attributes_; }

 private:
  enum class Format { Device, Attribute, Prefix };

  Upper(Stack& stack, sys::Fd work) : stack_(stack), work_(std::move(work)) {}
  Result<void> probe();
  Result<void> make_whiteout(sys::FileAt at) const;
  Result<void> link_whiteout(sys::FileAt at) const;
  Result<void> note(sys::FileAt at, const Wanted& wanted, const struct stat& now) const;
  void remove_note(sys::FileAt at, const struct stat& now) const;
  OwnerLists* lists() const;
  const char* note_attribute() const;

  Stack& stack_;
  sys::Fd work_;  // WORKDIR/work
  Format format_ = Format::Prefix;
  bool has_attributes_ = false;
  mutable std::atomic<bool> hides_links_{false};
  mutable std::atomic<uint64_t> next_{0};
  mutable std::mutex
      whiteout_mutex_;  // held while the one that all others are links of is replaced
};

}  // namespace wolffia::overlay
