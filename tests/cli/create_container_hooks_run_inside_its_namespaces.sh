#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Their path is the host's, their namespaces are the container's.
. "$TOP/tests/support/lib.sh"

cat >"$TMP/hook" <<END
#!/bin/sh
cat >/dev/null
hostname >$TMP/name
readlink /proc/self/ns/mnt >$TMP/mnt
END
chmod +x "$TMP/hook"
edit_config --arg hook "$TMP/hook" '.hostname = "inside" | .hooks.createContainer = [{path: $hook}]'
expect_status 0 oci create --bundle "$BUNDLE" "$ID" </dev/null
expect_equal "$(cat "$TMP/name")" inside 'the host name the hook saw'
[ "$(cat "$TMP/mnt")" != "$(readlink /proc/self/ns/mnt)" ] || fail 'it ran in the mount namespace of the host'
expect_status 0 oci delete --force "$ID"
