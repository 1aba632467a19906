// SPDX-License-Identifier: Apache-2.0
// What layers say of themselves, which strangers may have written: owners and modes in attributes
// and in lists, access control lists, whiteouts and opaque directories. The first line is a name,
// those that follow are entries
// ("NAME") and attributes ("KEY=VALUE") of the directory that has it; the whole is a note and both
// kinds of list too.
#include <limits.h>

#include <map>
#include <set>

#include "base/owner_list.hpp"
#include "base/words.hpp"
#include "fuzz/require.hpp"
#include "overlay/acl.hpp"
#include "overlay/ids.hpp"
#include "overlay/marks.hpp"

namespace {

using namespace wolffia;
using fuzz::require;

/// A directory of a layer, as the input describes it: every file is empty.
class Described : public overlay::LayerDir {
 public:
  explicit Described(Words lines) {
    while (!lines.empty()) {
      const std::string_view line = lines.next();
      const size_t middle = line.find('=');
      if (middle == std::string_view::npos)
        names_.insert(std::string(line));
      else
        attributes_[std::string(line.substr(0, middle))] = line.substr(middle + 1);
    }
  }
  Result<struct stat> status(const char* name) const override {
    require(std::string_view(name).size() <= NAME_MAX);
    if (names_.count(name) == 0) return Error::because(ENOENT, "status");
    struct stat status {};
    status.st_mode = S_IFREG;
    return status;
  }
  Result<overlay::LayerDirPtr> directory(const char*) const override { return none(); }
  Result<void> list(const std::function<bool(const overlay::Entry&)>&) const override {
    return none();
  }
  Result<std::string> link_text(const char*) const override { return none(); }
  Result<std::string> attribute(const char*, const char* key) const override {
    const auto found = attributes_.find(key);
    if (found == attributes_.end()) return Error::because(ENODATA, "attribute");
    return found->second;
  }
  Result<std::vector<std::string>> attribute_names(const char*) const override {
    std::vector<std::string> names;
    for (const auto& it : attributes_)
      names.push_back(it.first);
    return names;
  }
  Result<std::unique_ptr<overlay::Content>> open(const char*) const override { return none(); }
  Result<struct statvfs> filesystem() const override { return none(); }

 private:
  static Error none() { return Error::because(ENOTSUP, "not described"); }

  std::set<std::string> names_;
  std::map<std::string, std::string> attributes_;
};

void check_note(std::string_view text) {
  const auto noted = Noted::parse(text);
  if (!noted) return;
  const auto again = Noted::parse(noted->text());
  require(again && again->uid == noted->uid && again->gid == noted->gid);
  require(again->mode == noted->mode && again->device == noted->device);
  struct stat status {};
  status.st_mode = S_IFREG | 0600;
  noted->apply(status);
  require(!S_ISDIR(status.st_mode) && status.st_uid == noted->uid);
}

/// What was read is written and read again as the same, and more can be appended.
void check_owners(std::string_view text) {
  OwnerList list = OwnerList::parse(text);
  std::string again = list.rewritten();
  require(list.whole() && list.lines() == list.size());
  const Noted mine{.uid = 7, .gid = 8, .mode = 0644, .device = 0};
  again += list.set("mine", 1, mine);
  OwnerList read = OwnerList::parse(again);
  require(read.whole() && read.size() == list.size());
  require(read.find("mine", 1) && read.find("mine", 1)->uid == mine.uid);
  require(read.rewritten() == list.rewritten());
}

void check_list(std::string_view value) {
  const auto flip = [](uint32_t id) { return std::optional(id ^ 1U); };
  const auto flipped = overlay::translate_acl(value, flip, flip);
  if (!flipped) return;
  require(flipped->size() == value.size());
  require(overlay::translate_acl(*flipped, flip, flip) == std::string(value));
}

void check_marks(std::string_view text) {
  Words lines(text, '\n');
  const std::string name(lines.next().substr(0, NAME_MAX));
  if (name.empty() || name.find('\0') != std::string::npos) return;
  const Described directory(lines);
  const bool opaque = overlay::is_opaque(directory);
  const bool marked = overlay::may_have_marked_files(directory);
  if (const auto status = directory.status(name.c_str()))
    require(!overlay::is_whiteout(directory, name.c_str(), *status) || marked);
  if (overlay::has_whiteout_beside(directory, name.c_str()))
    require(static_cast<bool>(directory.status((".wh." + name).c_str())));
  if (const auto value = directory.attribute("", "user.overlay.opaque"))
    require((*value == "y" ? opaque : true) && overlay::is_private("user.overlay.opaque"));
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_note(text);
  check_owners(text);
  check_list(text);
  check_marks(text);
  return 0;
}
