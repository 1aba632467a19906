#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# All six hooks run in the order of runtime-spec runtime.md, "Lifecycle", with the state on stdin.
. "$TOP/tests/support/lib.sh"

cat >hook <<'END'
#!/bin/sh
echo "$1 $(jq -r '"\(.id) \(.status)"')" >>"$2"
END
chmod +x hook
# What runs in the container's namespaces may have no jq, but the path is resolved before pivot_root: the
# two container hooks are a busybox of the host.
edit_config --arg hook "$TMP/hook" --arg log "$TMP/log" '
  def hook(name): [{path: $hook, args: ["hook", name, $log], env: ["PATH=/usr/bin:/bin"]}];
  .hooks = {prestart: hook("prestart"), createRuntime: hook("createRuntime"), poststart: hook("poststart"),
            poststop: hook("poststop"),
            createContainer: [{path: "/bin/sh", args: ["sh", "-c", "echo createContainer >>\($log)"]}],
            startContainer: [{path: "/bin/sh", args: ["sh", "-c", "echo startContainer >>/log"]}]} |
  .root.readonly = false'
expect_status 0 oci create --bundle "$BUNDLE" "$ID"
expect_equal "$(cat log)" "prestart $ID creating
createRuntime $ID creating
createContainer" 'the hooks of create'
[ ! -e "$BUNDLE/rootfs/log" ] || fail 'startContainer ran before start'
expect_status 0 oci start "$ID"
[ -e "$BUNDLE/rootfs/log" ] || fail 'startContainer did not run'
stopped() { [ "$(oci state "$ID" | jq -r .status)" = stopped ]; }
wait_for 10 stopped
expect_status 0 oci delete "$ID"
expect_equal "$(sed -n '4,$p' log | cut -d' ' -f 1 | paste -sd ' ')" 'poststart poststop' 'the hooks after start'
