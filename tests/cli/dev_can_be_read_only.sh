#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# It is furnished first.
. "$TOP/tests/support/lib.sh"

edit_config '(.mounts[] | select(.destination == "/dev")).options += ["ro"]'
set_args /bin/sh -c 'echo x >/dev/null && readlink /dev/fd && ! touch /dev/new 2>/dev/null && echo >/dev/shm/x'
expect_output /proc/self/fd run_bundle
