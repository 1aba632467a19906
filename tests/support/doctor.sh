# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the tests of `wolffia doctor` share, behind lib.sh. A fault is brought about by the kernel itself ("injects"), or the
# kernel's answer is forged ("imitates"); packaging/doc/DOCTOR.md says which, and is checked against these words.

# doctor: the JSON of a run, in $TMP/out.
doctor() {
  "$WOLFFIA" doctor --json
}

# finds ID SEVERITY CMD…: the run says so, with cause, fix and mode in a line each, within a second, and its exit status
# says whether a container can run.
finds() {
  id=$1 severity=$2
  shift 2
  began=$(date +%s%N)
  run "$@"
  took=$((($(date +%s%N) - began) / 1000000))
  jq -e --arg id "$id" --arg severity "$severity" '
    .findings[] | select(.id == $id and .severity == $severity)
    | [.cause, .fix, .now] | all(length > 0 and (contains("\n") | not))' <"$TMP/out" >"$TMP/found" &&
    [ -s "$TMP/found" ] || fail "no finding $id of severity $severity"
  # shellcheck disable=SC2154  # run, of lib.sh, sets it
  expect_equal "$status" "$(jq 'if .canRun then 0 else 1 end' <"$TMP/out")" "the exit status with $id"
  [ "$severity" != blocked ] || expect_equal "$status" 1 "the exit status with $id"
  [ "$took" -lt 1500 ] || fail "$id took $took ms"
}

injects() { finds "$@"; }
imitates() { finds "$@"; }

# finds_not ID CMD…
finds_not() {
  id=$1
  shift
  run "$@"
  ! jq -e --arg id "$id" '.findings[] | select(.id == $id)' <"$TMP/out" >"$TMP/found" || fail "$id was found"
}

# behind SETUP: a run as the same user in a new user and mount namespace that the shell commands SETUP have changed, with
# all rights there; the doctor itself has none. $BEHIND, if set, is put in front of the program.
behind() {
  unshare --user --mount --map-user="$(id -u)" --map-group="$(id -g)" --keep-caps --propagation private \
    sh -euc "$1
      exec setpriv --inh-caps=-all --ambient-caps=-all ${BEHIND:-} \"\$WOLFFIA\" doctor --json"
}

# little_endian NUMBER BYTES: as strace takes what it writes to memory.
little_endian() {
  printf "%0$(($2 * 2))x" "$1" | fold -w2 | tac | tr -d '\n'
}
