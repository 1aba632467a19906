# SPDX-License-Identifier: Apache-2.0
# run: full
# run: once
# run: alone
# timeout: 7200
# Each patch of tests/hostile/broken takes one defence out of the runtime. A build with it still starts
# containers, and the test of the same name has to fail: otherwise the test proves nothing.
. "$TOP/tests/support/lib.sh"

source=$TMP/source
build=$TMP/build
mkdir "$source"
tar -C "$TOP" --exclude=./build --exclude=./.git -cf - . | tar -C "$source" -xf -
mkdir -p "$build/tests"
for helper in "$SUPPORT"/*; do
  # unpack_layer is built here as well, and not through a link.
  if [ -f "$helper" ] && [ -x "$helper" ] && [ "${helper##*/}" != unpack_layer ]; then ln -s "$helper" "$build/tests/"; fi
done

launcher=
if command -v ccache >/dev/null; then launcher=-DCMAKE_CXX_COMPILER_LAUNCHER=ccache; fi
export CCACHE_BASEDIR="$TMP" CCACHE_NOHASHDIR=1
cmake -S "$source" --preset release -B "$build" $launcher >"$TMP/configure" 2>&1 ||
  fail "cannot configure: $(tail -5 "$TMP/configure")"

survivors=
status=0
for patch in "$TOP"/tests/hostile/broken/${WOLFFIA_BROKEN:-*}.patch; do
  row=$(basename "$patch" .patch)
  expect_status 0 patch --directory "$source" --strip 1 --forward --input "$patch"
  expect_status 0 cmake --build "$build" --target wolffia-oci wolffia-net unpack_layer
  export WOLFFIA_OCI=$build/wolffia-oci
  expect_status 0 oci --root "$TMP/root" run --bundle "$BUNDLE" "$ID"
  run "$TOP/tests/support/run-shell-test" "$build" "$TOP/tests/hostile/${row%%-*}.py"
  echo "$row: status $status, $(grep -ahm1 -E '^[A-Za-z]*Error' "$TMP/err" "$TMP/out" | cut -c1-160)"
  # What fails for another reason than an assertion, or because the machine is slow, has noticed nothing.
  grep -ahE '^AssertionError' "$TMP/err" "$TMP/out" | grep -aqv '^AssertionError: hangs' || survivors="$survivors $row"
  expect_status 0 patch --directory "$source" --strip 1 --reverse --input "$patch"
done
expect_equal "$survivors" "" "the list of tests that a broken runtime passes"
