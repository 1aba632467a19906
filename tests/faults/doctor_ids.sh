#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# needs: ids
# What keeps newuidmap from mapping subordinate ids is named, one by one: in a namespace with ids enough to have a root, a
# user and subordinate ids of its own.
. "$TOP/tests/support/lib.sh"
. "$TOP/tests/support/doctor.sh"

# with SETUP [OPTIONS OF SETPRIV…]: a run as uid 1000 of that namespace, whose helpers and tables SETUP may have changed.
with() {
  setup=$1
  shift
  unshare --user --mount --map-root-user --map-auto --propagation private sh -euc "
    umask 022
    mkdir $TMP/ids; mount -t tmpfs none $TMP/ids; chmod 755 $TMP; cd $TMP/ids
    cp /usr/bin/newuidmap /usr/bin/newgidmap .; chmod 4755 newuidmap newgidmap
    echo tester:x:1000:1000::/tmp:/bin/sh >passwd
    echo tester:2000:60000 >subids
    $setup
    for name in newuidmap newgidmap; do
      if [ -e \$name ]; then mount --bind \$name /usr/bin/\$name; fi
    done
    mount --bind passwd /etc/passwd; mount --bind subids /etc/subuid; mount --bind subids /etc/subgid
    mkdir home; chown 1000 home
    export HOME=$TMP/ids/home XDG_RUNTIME_DIR=
    exec setpriv --reuid=1000 --regid=1000 --clear-groups --inh-caps=-all $* \"\$WOLFFIA\" doctor --json"
  result=$?
  rmdir "$TMP/ids" 2>/dev/null || true
  return $result
}

expect_status 0 with true
expect_equal "$(jq .works.ids <"$TMP/out")" 60001 'the number of ids'
injects few-subordinate-ids degraded with true
finds_not newuidmap-refused with true

injects newuidmap-not-setuid degraded with 'chmod u-s newgidmap'
injects newuidmap-nosuid degraded with 'mount --bind . .; mount -o remount,bind,nosuid .; cd .'
injects no-new-privs degraded with true --no-new-privs
injects newuidmap-refused degraded with 'cp /bin/false newuidmap; chmod 4755 newuidmap'
injects no-subordinate-ids degraded with ': >subids'
grep -q 'usermod --add-subuids 100000-165535 --add-subgids 100000-165535 tester' "$TMP/out" || fail 'no line to paste'
injects subordinate-ids-not-here degraded with 'echo tester:2000000000:65536 >subids'
expect_equal "$(jq .works.ids <"$TMP/out")" 1 'the number of ids'

# A directory of links to all programs but one.
injects newuidmap-missing degraded with 'rm newuidmap newgidmap
  mkdir all some; mount --bind /usr/bin all; ln -s "$PWD"/all/* some; rm some/newuidmap; mount --bind some /usr/bin'

# In a namespace of one id there is no root whose setuid programs could help, and nothing to mend in them.
injects subordinate-ids-not-here degraded behind true
finds_not newuidmap-not-setuid behind true
