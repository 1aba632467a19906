#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What keeps a container from its namespaces and mounts is named, one by one.
. "$TOP/tests/support/lib.sh"
. "$TOP/tests/support/doctor.sh"

newuser=0x10000000
newpid=0x20000000
enosys=38 einval=22 eperm=1 eacces=13

# The limits of a namespace of our own are real ones.
limit() { behind "echo 0 >/proc/sys/user/max_$1_namespaces"; }
injects user-namespace-limit-zero blocked limit user
injects namespace-limit-zero blocked limit pid
injects namespace-limit-zero blocked limit uts
injects no-network-namespace degraded limit net
BEHIND='unshare --user --map-current-user'
injects user-namespaces-used-up blocked behind 'echo 1 >/proc/sys/user/max_user_namespaces'

# A shell may start itself, and nothing more.
BEHIND='prlimit --nproc=1'
injects too-many-processes blocked behind true
BEHIND=

# A directory that is no mount, with all that a program needs.
chrooted() {
  behind 'mkdir -p jail/usr jail/etc jail/dev jail/proc jail/sys jail/tmp jail/programs
    cp "$WOLFFIA" "${WOLFFIA%/*}/wolffia-oci" jail/programs
    for dir in usr etc dev proc sys; do mount --rbind /$dir jail/$dir; done
    for link in bin lib lib64; do ln -sfn usr/$link jail/$link; done
    exec /usr/sbin/chroot jail setpriv --inh-caps=-all --ambient-caps=-all /programs/wolffia doctor --json'
}
injects in-chroot blocked chrooted

# Filters as those of container engines: clone3 is not there, clone makes no namespaces.
filtered() {
  "$SUPPORT/refuse" "clone3:$enosys,clone&0x7e020000:$1,unshare:$1" "$WOLFFIA" doctor --json
}
injects seccomp-filter blocked filtered $eperm
injects no-new-privs degraded filtered $eperm
imitates no-user-namespaces blocked filtered $einval
injects mounts-refused blocked "$SUPPORT/refuse" mount:$eacces "$WOLFFIA" doctor --json
injects hostname-refused works "$SUPPORT/refuse" sethostname:$eperm "$WOLFFIA" doctor --json
injects namespace-refused blocked "$SUPPORT/refuse" "clone3:$enosys,clone&$newpid:$eperm" "$WOLFFIA" doctor --json

# A refusal without any reason to be seen.
imitates user-namespaces-refused blocked strace -f -qq -o "$TMP/trace" -e trace=clone3 -e inject=clone3:error=EPERM \
  "$WOLFFIA" doctor --json

# What hangs is not waited for.
imitates trial-unanswered degraded "$SUPPORT/refuse" mount:stall "$WOLFFIA" doctor --json

# The container around us says what it is: then the fix is its option.
export KUBERNETES_SERVICE_HOST=10.0.0.1
injects seccomp-filter blocked filtered $eperm
grep -q seccompProfile "$TMP/out" || fail 'the fix is not that of Kubernetes'
unset KUBERNETES_SERVICE_HOST

# What is mounted on a part of /proc makes an own one impossible.
injects masked-proc degraded behind 'mount --bind /dev/null /proc/version'
injects masked-sys works behind 'mount -t tmpfs none /sys'
injects no-proc blocked behind 'mount -t tmpfs none /proc'
injects device-missing blocked behind 'mount -t tmpfs none /dev; touch /dev/null'

# Switches that this kernel may not have: their files are put where they would be.
sysctls() {
  behind "rm -rf kernel; mkdir kernel; echo $2 >kernel/$1; mount --bind kernel /proc/sys/kernel"
}
BEHIND="\"\$SUPPORT/refuse\" 'clone3:$enosys,clone&$newuser:$eperm'"
imitates user-namespaces-off blocked sysctls unprivileged_userns_clone 0
BEHIND="\"\$SUPPORT/refuse\" mount:$eacces"
imitates apparmor-restriction blocked sysctls apparmor_restrict_unprivileged_userns 1
jq -r '.findings[] | select(.file) | .file.text' <"$TMP/out" >"$TMP/profile"
expect_output "$(cat "$TMP/profile")" "$WOLFFIA" doctor --apparmor
grep -qF "\"$WOLFFIA{,-oci,-image}\"" "$TMP/profile" || fail 'the profile is not for this program'
BEHIND="\"\$SUPPORT/refuse\" 'clone3:$enosys,clone&$newuser:$eacces'"
imitates selinux-restriction blocked behind 'mount -t tmpfs none /sys/fs; mkdir /sys/fs/selinux; echo 1 >/sys/fs/selinux/enforce'
BEHIND=

# One cause each: where the limit is the cause, nothing else is.
injects user-namespace-limit-zero blocked limit user
expect_equal "$(jq -r '[.findings[] | select(.severity == "blocked").id] | join(" ")' <"$TMP/out")" \
  user-namespace-limit-zero 'what blocks'
