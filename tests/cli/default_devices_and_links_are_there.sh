#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Bound from the host; a device that is missing there is an error.
. "$TOP/tests/support/lib.sh"

set_args /bin/sh -c 'for d in null zero full random urandom tty; do test -c /dev/$d || echo no $d; done
  for l in fd stdin stdout stderr ptmx; do test -L /dev/$l || echo no $l; done
  echo x >/dev/null && head -c 1 /dev/zero | wc -c'
expect_output 1 run_bundle
edit_config '.linux.devices = [{path: "/dev/strange", type: "c", major: 240, minor: 77}]'
expect_error 1 '/dev/strange|240' run_bundle
