#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The first line of --version is "NAME version X"; commit and spec follow. features is JSON.
. "$TOP/tests/support/lib.sh"

expect_match '^wolffia-oci version [0-9]+\.[0-9]+\.[0-9]+$' oci --version
expect_match '^commit: ' oci --version
expect_match '^spec: 1\.' oci --version
expect_match '^wolffia version [0-9]' "$WOLFFIA" --version
expect_status 0 oci features
jq -e '.ociVersionMax and (.hooks | length == 6) and (.mountOptions | index("rro")) and
       (.linux.namespaces | index("time")) and .linux.seccomp.enabled' "$TMP/out" >/dev/null ||
  fail 'features is incomplete'
