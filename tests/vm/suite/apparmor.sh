#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# session: root
# A profile that root has loaded is that of an ordinary user's container and of what is executed in it, and it holds.
. "$VM_SHARE/lib.bash"
user=tester
bundle=/home/$user/confined
mkdir -p "$bundle"
cp -r "$VM_SHARE/rootfs" "$bundle/rootfs"
chown -R "$user:" "$bundle"
cd "$bundle" || exit 1

as_user() {
  setpriv --reuid="$user" --regid="$user" --init-groups \
    env "HOME=/home/$user" "XDG_RUNTIME_DIR=/run/user/$(id -u "$user")" "$@"
}
as_user wolffia-oci spec --rootless
# edit JQ-PROGRAM: changes config.json
edit() { jq "$1" config.json >new.json && mv new.json config.json; }
# What goes on in the background has its own output: a pipe of ours would stay open.
in_background() { as_user "$@" </dev/null >background.log 2>&1 || { cat background.log; return 1; }; }

for name in box other; do
  cat >"$name.profile" <<END
profile wolffia-$name flags=(attach_disconnected,mediate_deleted) {
  file, capability, network, signal, ptrace, unix, mount, umount, pivot_root,
  deny /dev/shm/forbidden w,
}
END
  check "profile $name is loaded" apparmor_parser -r "$name.profile"
done

edit '.process.terminal = false | .process.apparmorProfile = "wolffia-box" | .process.args = ["cat", "/proc/self/attr/current"]'
check 'the program has it' equal "$(as_user wolffia-oci run one </dev/null 2>&1)" 'wolffia-box (enforce)'
edit '.process.noNewPrivileges = false'
check 'where privileges may be gained too' equal "$(as_user wolffia-oci run one </dev/null 2>&1)" 'wolffia-box (enforce)'
edit '.process.args = ["sh", "-c", "touch /dev/shm/allowed && ! touch /dev/shm/forbidden"]'
check 'it holds' in_background wolffia-oci run one

edit '.process.args = ["sleep", "1000"]'
check 'in the background' in_background wolffia-oci run -d one
check 'exec has it' equal "$(as_user wolffia-oci exec one cat /proc/self/attr/current 2>&1)" 'wolffia-box (enforce)'
check 'or another' equal "$(as_user wolffia-oci exec --apparmor wolffia-other one cat /proc/self/attr/current 2>&1)" \
  'wolffia-other (enforce)'
refused=$(as_user wolffia-oci exec --apparmor wolffia-none one true 2>&1)
check 'of exec one that is not loaded is refused' grep -q 'process.apparmorProfile wolffia-none: ' <<<"$refused"
check delete as_user wolffia-oci delete --force one

edit '.process.apparmorProfile = "wolffia-none" | .process.args = ["true"]'
refused=$(as_user wolffia-oci run two </dev/null 2>&1)
check 'one that is not loaded is refused' grep -q 'process.apparmorProfile wolffia-none: ' <<<"$refused"
check 'and nothing is left' equal "$(as_user wolffia-oci list -q)" ''
finish
