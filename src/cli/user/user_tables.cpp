// SPDX-License-Identifier: Apache-2.0
#include "cli/user/user_tables.hpp"

#include "base/words.hpp"
#include "plan/subid.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user {
namespace {

constexpr size_t kTableLimit = 4 << 20;

/// What the lines of a table begin with: a name, a password and a number.
struct Row {
  std::string_view name;
  uint32_t id = 0;
};

template <class Matches>
bool has_row(std::string_view table, Matches matches) {
  for (Words lines(table, '\n'); !lines.empty();) {
    Words fields(lines.next(), ':');
    Row row{.name = fields.next()};
    (void)fields.next();
    if (read_number(fields.next(), row.id) && matches(row)) return true;
  }
  return false;
}

std::string with_row(std::string_view table, uint32_t id, std::string_view name,
                     std::string_view rest) {
  if (table.empty() || has_row(table, [&](const Row& row) { return row.id == id; })) return {};
  const bool is_free =
      !name.empty() && !has_row(table, [&](const Row& row) { return row.name == name; });
  return cat(table, table.ends_with('\n') ? "" : "\n", is_free ? std::string(name) : cat(id),
             ":x:", id, ":", rest, "\n");
}

Result<std::string> write_table(const ContainerDir& container, const char* name,
                                const std::string& text) {
  if (text.empty()) return std::string();
  TRY(sys::replace_file(container.fd, name, text, sys::Durable::No));
  TRY(sys::change_mode(container.fd, name, 0644));
  return cat(container.path, "/", name);
}

}  // namespace

std::string passwd_with(std::string_view passwd, const oci::User& user, std::string_view name,
                        std::string_view home) {
  return with_row(passwd, user.uid, name, cat(user.gid, "::", home, ":/bin/sh"));
}

std::string group_with(std::string_view group, const oci::User& user, std::string_view name) {
  return with_row(group, user.gid, name, {});
}

Result<void> write_user_tables(const RunRequest& request, Caller caller,
                               const ContainerDir& container, Ground& ground) {
  if (ground.user.uid == 0) return {};
  const oci::UserTables tables = TRY(read_user_tables(ground.root));
  std::string name;
  if (request.ids == Ids::Own) {
    const auto hosts = sys::read_file(sys::cwd(), "/etc/passwd", kTableLimit);
    if (hosts) name = plan::find_user_name(*hosts, caller.uid);
  }
  const std::string_view home = request.home.empty() ? "/" : std::string_view(request.home);
  const std::string passwd = passwd_with(tables.passwd, ground.user, name, home);
  ground.passwd = TRY(write_table(container, "passwd", passwd));
  ground.group = TRY(write_table(container, "group", group_with(tables.group, ground.user, name)));
  return {};
}

}  // namespace wolffia::cli::user
