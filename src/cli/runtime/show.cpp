// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "base/quote.hpp"
#include "cli/output.hpp"
#include "cli/runtime/commands.hpp"
#include "cli/runtime/options.hpp"
#include "json/writer.hpp"

namespace wolffia::cli::runtime {
namespace {

using Row = std::array<std::string, 6>;

/// Columns as wide as their widest cell, three spaces apart, as runc prints them.
std::string table(const std::vector<Row>& rows) {
  std::array<size_t, 6> width{};
  for (const Row& row : rows)
    for (size_t i = 0; i < row.size(); ++i)
      width[i] = std::max(width[i], row[i].size());
  std::string out;
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out.append(width[i] + 3 - row[i].size(), ' ');
    }
    out += '\n';
  }
  return out;
}

std::string list_table(const std::vector<container::Listing>& listings) {
  std::vector<Row> rows{{"ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"}};
  for (const auto& [state, status] : listings) {
    const bool stopped = status == container::Status::Stopped;
    rows.push_back({state.id, stopped ? "0" : cat(state.init.pid), container::status_name(status),
                    printable(state.bundle), state.created,
                    printable(container::owner_name(state.owner))});
  }
  return table(rows);
}

std::string list_json(const std::vector<container::Listing>& listings) {
  json::Writer out;
  out.begin_array();
  for (const auto& [state, status] : listings)
    out.raw(container::state_json(state, status, container::owner_name(state.owner), ""));
  out.end_array();
  return std::move(out).take() + "\n";
}

std::string list_ids(const std::vector<container::Listing>& listings) {
  std::string out;
  for (const container::Listing& listing : listings)
    out += cat(listing.state.id, "\n");
  return out;
}

}  // namespace

Result<int> run_state(const Invocation& call, int&) {
  const container::Store store = TRY(call.open_store());
  const auto [state, status] = TRY(container::inspect(store, call.id()));
  const std::string owner = container::owner_name(state.owner);
  TRY(print(container::state_json(state, status, owner) + "\n"));
  return 0;
}

Result<int> run_list(const Invocation& call, int&) {
  const container::Store store = TRY(call.open_store());
  const std::vector<container::Listing> listings = TRY(container::list(store));
  if (call.arguments.has(kQuiet)) {
    TRY(print(list_ids(listings)));
  } else {
    const bool json = call.arguments.value(kFormat, "table") == "json";
    TRY(print(json ? list_json(listings) : list_table(listings)));
  }
  return 0;
}

}  // namespace wolffia::cli::runtime
