#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The archive that packaging/tarball writes works from any folder: in a root that has no libraries at all, and in the
# long run in Debian 11, whose libc is older. Both are entered as a user who has nothing but a user namespace.
# run: once
# timeout: 600
. "$TOP/tests/support/lib.sh"

# enter ROOT CMD…
# shellcheck disable=SC2016 # for the inner shell
enter() {
  unshare --user --map-root-user --mount --pid --fork sh -ec '
    mount --rbind "$1" "$1"
    cd "$1"
    shift
    mount -t proc proc proc
    mount --rbind /dev dev
    mount --rbind /sys sys
    /usr/sbin/pivot_root . .
    umount -l .
    cd /
    exec env -i HOME=/home/me PATH=/bin:/usr/bin "$@"' sh "$@" </dev/null
}

# works_in ROOT: unpacks the archive there, in a folder with a blank in its name, and runs an image.
works_in() {
  folder="$1/home/me/of mine"
  mkdir -p "$folder" "$1/proc" "$1/dev" "$1/sys" "$1/tmp"
  tar -C "$folder" -xzf "$archive"
  cp -r "$TMP/layout" "$1/home/me/layout"
  programs="/home/me/of mine/$(basename "$archive" .tar.gz)/bin"
  for program in wolffia wolffia-oci wolffia-image wolffia-net wolffia-overlay; do
    expect_match "^$program version " enter "$1" "$programs/$program" --version
  done
  expect_match '^[0-9a-f]{12,}|^sha256:' enter "$1" "$programs/wolffia-image" pull --quiet --name test oci:/home/me/layout
  expect_output hello enter "$1" "$programs/wolffia" run --rm test cat /etc/motd
  # What the host's own libraries are does not matter, nor what a module system says of them.
  expect_match '^wolffia-image version ' enter "$1" env LD_LIBRARY_PATH=/nowhere:/lib "$programs/wolffia-image" --version
}

"$TOP/tests/support/make-image" "$TMP/layout" "$BUNDLE/rootfs"
archive=$("$TOP/packaging/tarball" --build "${SUPPORT%/tests}" --to "$TMP")

mkdir -p "$TMP/bare/bin"
cp /bin/busybox "$TMP/bare/bin/"
for applet in sh env dirname readlink umount cat; do
  ln -s busybox "$TMP/bare/bin/$applet"
done
works_in "$TMP/bare"

if full; then
  mkdir "$TMP/bullseye"
  tar -C "$TMP/bullseye" --no-same-owner --exclude='./dev/*' -xf "$("$TOP/tests/support/debian-root" bullseye)"
  expect_match 'GLIBC 2\.31' enter "$TMP/bullseye" ldd --version
  works_in "$TMP/bullseye"
fi
