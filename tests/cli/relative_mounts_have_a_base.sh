#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Destinations begin at /, sources of binds in the bundle; the order of the list is kept.
. "$TOP/tests/support/lib.sh"

mkdir "$BUNDLE/data"
echo data >"$BUNDLE/data/file"
edit_config '.root.readonly = false | .mounts += [
  {destination: "one", type: "tmpfs", source: "tmpfs"},
  {destination: "one/two", type: "none", source: "data", options: ["bind", "ro"]}]'
set_args /bin/sh -c 'cat /one/two/file; touch /one/two/new 2>/dev/null || echo read-only'
expect_output "data
read-only" run_bundle
