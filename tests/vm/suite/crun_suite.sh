#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# session: login
# suite: crun
# run: full
# timeout: 3600
# crun's own tests; see tests/conformance.
. "$VM_SHARE/lib.bash"
run_suite crun
