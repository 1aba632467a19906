#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Explicit mappings, no network namespace and /sys bound: and it runs as it is.
. "$TOP/tests/support/lib.sh"

mv "$BUNDLE/config.json" "$TMP/old"
expect_status 0 oci spec --rootless --bundle "$BUNDLE"
expect_equal "$(jq -c '.linux.uidMappings' "$BUNDLE/config.json")" \
  "[{\"containerID\":0,\"hostID\":$(id -u),\"size\":1}]" 'uidMappings'
jq -e '[.linux.namespaces[].type] | index("user") and (index("network") | not)' \
  "$BUNDLE/config.json" || fail 'namespaces'
jq -e '.mounts[] | select(.destination == "/sys") | .options | index("rbind")' \
  "$BUNDLE/config.json" || fail '/sys'
edit_config '.process.terminal = false'
set_args /bin/sh -c 'id -u; ls /sys/class >/dev/null && echo sys'
expect_output "0
sys" run_bundle
