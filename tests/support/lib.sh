# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the shell tests share; a script begins with `. "$TOP/tests/support/lib.sh"` and ends by falling off its end.
# run-shell-test says which variables are set.
set -eu

# fail WORDS…: ends the test, showing what the last `run` printed.
fail() {
  printf 'FAIL: %s\n' "$*" >&2
  for stream in out err; do
    if [ -s "$TMP/$stream" ]; then
      printf -- '--- std%s of: %s\n' "$stream" "${ran:-?}"
      head -c 8192 "$TMP/$stream"
    fi >&2
  done
  exit 1
}

# skip REASON: ends the test as skipped; packaging/check accepts only what tests/skips.txt lists.
skip() {
  printf 'SKIP: %s\n' "$*"
  exit 77
}

# run CMD…: its exit status in $status, its output in $TMP/out and $TMP/err.
run() {
  ran=$*
  status=0
  "$@" >"$TMP/out" 2>"$TMP/err" || status=$?
}

# expect_status N CMD…
expect_status() {
  expected=$1
  shift
  run "$@"
  [ "$status" = "$expected" ] || fail "exit status $status, expected $expected: $*"
}

# expect_output TEXT CMD…: succeeds and prints exactly TEXT (trailing newlines do not count).
expect_output() {
  expected_output=$1
  shift
  expect_status 0 "$@"
  [ "$(cat "$TMP/out")" = "$expected_output" ] || fail "expected the output \"$expected_output\": $*"
}

# expect_match REGEX CMD…: succeeds, and a line of stdout matches the extended regular expression.
expect_match() {
  pattern=$1
  shift
  expect_status 0 "$@"
  grep -Eq -- "$pattern" "$TMP/out" || fail "no line of stdout matches \"$pattern\": $*"
}

# expect_error STATUS REGEX CMD…: fails with that status, and stderr matches.
expect_error() {
  expected_error=$1 pattern=$2
  shift 2
  expect_status "$expected_error" "$@"
  grep -Eq -- "$pattern" "$TMP/err" || fail "stderr does not match \"$pattern\": $*"
}

# expect_equal ACTUAL EXPECTED WHAT
expect_equal() {
  [ "$1" = "$2" ] || fail "$3 is \"$1\", expected \"$2\""
}

# wait_for SECONDS CMD…: polls until CMD succeeds; fails at the deadline. Wait for the condition itself,
# never for an amount of time.
wait_for() {
  deadline=$(($(date +%s) + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$(date +%s)" -lt "$deadline" ] || fail "timed out waiting for: $*"
    sleep 0.02
  done
}

# edit_config JQ-PROGRAM [JQ-ARGUMENTS…]: changes the config.json of $BUNDLE.
edit_config() {
  jq "$@" <"$BUNDLE/config.json" >"$BUNDLE/config.json.new" || fail "edit_config $*"
  mv "$BUNDLE/config.json.new" "$BUNDLE/config.json"
}

# set_args PROGRAM ARGUMENTS…: what the container of $BUNDLE runs.
set_args() {
  edit_config '.process.args = $ARGS.positional' --args -- "$@"
}

# oci ARGUMENTS…: the runtime under test.
oci() {
  "$WOLFFIA_OCI" "$@"
}

# run_bundle [OPTIONS…]: runs $BUNDLE in the foreground.
run_bundle() {
  oci run --bundle "$BUNDLE" "$@" "$ID" </dev/null
}

# full: whether this is `packaging/check --full`, where a test may take its time.
full() {
  [ "${WOLFFIA_FULL:-}" = 1 ]
}

# container_status [ID]: as `state` tells it.
container_status() {
  oci state "${1:-$ID}" | jq -r .status
}

# has_status STATUS [ID]: for wait_for.
has_status() {
  [ "$(container_status "${2:-$ID}")" = "$1" ]
}

# has_ids: whether this user has subordinate ids.
has_ids() {
  grep -qsE "^($(id -un)|$(id -u)):" /etc/subuid && grep -qsE "^($(id -un)|$(id -u)):" /etc/subgid
}

# make_image [CONFIG]: puts the image localhost/test:latest into a store of the test's own, made of the root of $BUNDLE
# with busybox, the users root and node, and CONFIG as the section "config" of its config.
make_image() {
  export WOLFFIA_STORE="$TMP/store"
  rm -rf "$TMP/layout"
  "$TOP/tests/support/make-image" "$TMP/layout" "$BUNDLE/rootfs" "${1:-{\}}"
  "$WOLFFIA_IMAGE" pull --quiet --name localhost/test:latest "oci:$TMP/layout" >"$TMP/image-id" 2>"$TMP/err" ||
    fail "the image could not be put into the store"
}

# wolffia ARGUMENTS…: the runner under test.
wolffia() {
  "$WOLFFIA" "$@"
}
