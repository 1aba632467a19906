#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# createContainer and startContainer hooks read valid JSON, with the pid as the container sees it.
. "$TOP/tests/support/lib.sh"

mkdir -p "$BUNDLE/rootfs/hooks"
printf '#!/bin/sh\ncat >/hooks/started\n' >"$BUNDLE/rootfs/hooks/start"
printf '#!/bin/sh\ncat >%s\npwd >%s\n' "$TMP/creating" "$TMP/cwd" >"$TMP/hook"
chmod +x "$BUNDLE/rootfs/hooks/start" "$TMP/hook"
edit_config --arg tmp "$TMP" '.root.readonly = false | .annotations = {mark: "@PID@"} |
  .hooks.createContainer = [{path: "\($tmp)/hook"}] | .hooks.startContainer = [{path: "/hooks/start"}]'
expect_status 0 run_bundle
expect_equal "$(jq -r '"\(.id) \(.status) \(.pid) \(.annotations.mark)"' "$TMP/creating")" "$ID creating 1 @PID@" \
  'what createContainer reads'
expect_equal "$(jq -r '"\(.id) \(.status) \(.pid)"' "$BUNDLE/rootfs/hooks/started")" "$ID created 1" \
  'what startContainer reads'
expect_equal "$(cat "$TMP/cwd")" "$BUNDLE/rootfs" 'where createContainer runs'
