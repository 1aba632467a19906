#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Without linux.uidMappings the caller is root inside.
. "$TOP/tests/support/lib.sh"

edit_config 'del(.linux.uidMappings, .linux.gidMappings)'
set_args /bin/id -u
expect_output 0 run_bundle
set_args /bin/cat /proc/self/uid_map
expect_match "^ +0 +$(id -u) +1$" run_bundle
