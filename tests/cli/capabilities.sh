#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The five capability sets are exactly those of the bundle; no_new_privs is what it says.
. "$TOP/tests/support/lib.sh"

set_args /bin/grep -E '^(Cap|NoNewPrivs)' /proc/self/status
edit_config '.process.noNewPrivileges = true | .process.capabilities =
  {bounding: ["CAP_KILL", "CAP_CHOWN"], permitted: ["CAP_KILL"], effective: ["CAP_KILL"]}'
expect_output 'CapInh:	0000000000000000
CapPrm:	0000000000000020
CapEff:	0000000000000020
CapBnd:	0000000000000021
CapAmb:	0000000000000000
NoNewPrivs:	1' sh -c '. "$TOP/tests/support/lib.sh"; run_bundle'
