#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The profile of AppArmor is written where the kernel takes it, for the container's program and for those of exec; a
# kernel without AppArmor, made to look like one with, refuses that, and nothing is left.
. "$TOP/tests/support/lib.sh"

# looks_like_apparmor CMD…
looks_like_apparmor() {
  # shellcheck disable=SC2016
  unshare --user --map-root-user --mount sh -c 'mount -t tmpfs none /sys/module &&
    mkdir -p /sys/module/apparmor/parameters && echo Y >/sys/module/apparmor/parameters/enabled && exec "$@"' sh "$@"
}

if [ -e /sys/module/apparmor ]; then
  echo "the kernel of this machine has AppArmor" >&2
  exit 77
fi
edit_config '.process.apparmorProfile = "web"'
expect_error 1 'process.apparmorProfile is given, but AppArmor is not enabled on this machine' \
  oci run --bundle "$BUNDLE" "$ID"
expect_error 1 'set the label: process.apparmorProfile web: ' \
  looks_like_apparmor "$WOLFFIA_OCI" run --bundle "$BUNDLE" "$ID"
expect_error 1 'does not exist' oci state "$ID"

edit_config 'del(.process.apparmorProfile) | .process.args = ["sleep", "1000"]'
expect_status 0 oci run -d --bundle "$BUNDLE" "$ID"
expect_error 255 'process.apparmorProfile is given, but AppArmor' oci exec --apparmor web "$ID" true
expect_error 255 'process.selinuxLabel is given, but SELinux' oci exec --process-label a:b:c "$ID" true
expect_status 0 oci exec --apparmor unconfined "$ID" true
expect_status 0 oci delete --force "$ID"

# Whoever execs must be in the same user namespace as whoever started it, or above.
# shellcheck disable=SC2016
expect_error 255 'set the label: process.apparmorProfile web: ' looks_like_apparmor sh -c '
  "$WOLFFIA_OCI" run -d --bundle "$BUNDLE" "$ID" || exit
  "$WOLFFIA_OCI" exec --apparmor web "$ID" true
  status=$?
  "$WOLFFIA_OCI" delete --force "$ID"
  exit $status'
