#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --failure-status: our own failures have a status that the caller chose; the program's keep theirs.
. "$TOP/tests/support/lib.sh"

oci_125() { oci --failure-status 125 run --bundle "$BUNDLE" "$ID" </dev/null; }
set_args /bin/sh -c 'exit 1'
expect_status 1 oci_125
set_args /missing
expect_status 127 oci_125
set_args /etc/passwd
touch "$BUNDLE/rootfs/etc/passwd" 2>/dev/null || { mkdir -p "$BUNDLE/rootfs/etc" && touch "$BUNDLE/rootfs/etc/passwd"; }
expect_status 126 oci_125
set_args /bin/true
edit_config '.mounts += [{"destination": "/x", "type": "bind", "source": "/nowhere", "options": ["bind"]}]'
expect_error 125 'No such file' oci_125
expect_error 1 'No such file' run_bundle
expect_status 125 oci --failure-status 125 exec none true
expect_status 255 oci exec none true
expect_error 1 '--failure-status takes a number from 0 to 255, not "x"' oci --failure-status x list
