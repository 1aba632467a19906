#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Working directory, umask, environment, limits and additional groups of the program.
. "$TOP/tests/support/lib.sh"

edit_config '.process.cwd = "/tmp" | .process.user.umask = 63 | .process.env = ["PATH=/bin", "A=first", "A=last"] |
  .process.rlimits = [{type: "RLIMIT_NOFILE", hard: 77, soft: 66}]'
set_args /bin/sh -c 'pwd; umask; echo $A; ulimit -n; ulimit -H -n'
expect_output '/tmp
0077
last
66
77' run_bundle

edit_config '.process.cwd = "/made/by/the/runtime" | .root.readonly = false'
set_args /bin/pwd
expect_output /made/by/the/runtime run_bundle

# Only before the root becomes read-only is there a moment for that.
edit_config '.process.cwd = "/made/beforehand" | .root.readonly = true'
expect_output /made/beforehand run_bundle

edit_config '.process.cwd = "relative"'
expect_error 1 'process.cwd' run_bundle
