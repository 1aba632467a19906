# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the scripts of the suite have in common; they run in the machine.
set -u
export PATH="$VM_SHARE/wolffia/bin:$PATH"
failures=0

# check NAME COMMAND…: one line of the result; what the command said only where it failed
check() {
  local name=$1 said
  shift
  if said=$("$@" 2>&1); then
    echo "ok $name"
  else
    echo "not ok $name: $*"
    sed 's/^/    /' <<<"$said"
    failures=$((failures + 1))
  fi
}

# equal VALUE WANTED
equal() { [ "$1" = "$2" ] || { echo "'$1' is not '$2'"; return 1; }; }

# eventually COMMAND…: tries again until it succeeds, for a minute
eventually() {
  local _
  for _ in $(seq 300); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.2
  done
  "$@"
}

# of CGROUP-PATH FILE
of() { cat "/sys/fs/cgroup$1/$2"; }
cgroup_of() { sed -n 's/^0:://p' "/proc/$1/cgroup"; }

# client NAME VERSION…, then row WHAT COMMAND before the checks of each line of tests/clients/CLIENTS.md
client() {
  local name=$1
  shift
  printf 'client\t%s\t%s\n' "$name" "$(printf '; %s' "$@" | cut -c3-)"
}
row() {
  end_row
  row=$1$'\t'$2 before=$failures
}
end_row() {
  [ -z "${row:-}" ] || printf 'row\t%s\t%s\n' "$row" "$([ "$before" = "$failures" ] && echo works || echo fails)"
  row=
}

finish() { end_row; exit $((failures > 0)); }

# run_suite NAME: the tests of others that tests/conformance/NAME.py prepared outside
run_suite() {
  export TOP=$VM_SHARE WOLFFIA_OCI=$VM_SHARE/wolffia/bin/wolffia-oci TMP=$HOME/suite SUPPORT=/nonexistent WOLFFIA_TEST_PATIENCE=600
  mkdir "$TMP"
  exec python3 -B "$TOP/tests/conformance/$1.py"
}
