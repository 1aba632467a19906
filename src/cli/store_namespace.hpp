// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/outer_namespace.hpp"
#include "sys/fd.hpp"

namespace wolffia::cli {

/// plan_outer_namespace() for whatever works with files in the directory `store`: with one id where
/// its file system keeps files of one owner only, as those of other machines do, whose servers know
/// nothing of the caller's subordinate ids. That is found out by trying, and told, once for a
/// store: its file "owners" keeps the answer. On local file systems nothing is tried.
Result<OuterNamespace> plan_store_namespace(const sys::Fd& store, std::string_view program);

}  // namespace wolffia::cli
