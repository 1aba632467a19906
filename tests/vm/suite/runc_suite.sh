#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# session: login
# suite: runc
# run: full
# timeout: 5400
# runc's own tests of what wants cgroups of the second version; see tests/conformance.
. "$VM_SHARE/lib.bash"
run_suite runc
