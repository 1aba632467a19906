#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# packaging/deb builds a package that Debian's own checker finds no error in, and whose programs run an image.
# run: full
# timeout: 1800
. "$TOP/tests/support/lib.sh"

package=$("$TOP/packaging/deb" --to "$TMP")
expect_status 0 lintian --fail-on error "$package"
expect_match '^ Recommends:.*uidmap' dpkg-deb --info "$package"

dpkg-deb --extract "$package" "$TMP/installed"
for page in wolffia wolffia-oci wolffia-image wolffia-net wolffia-overlay; do
  [ -s "$TMP/installed/usr/share/man/man1/$page.1.gz" ] || fail "no man page of $page"
done
for file in podman.conf docker.json containerd.toml; do
  [ -s "$TMP/installed/usr/share/wolffia/clients/$file" ] || fail "no $file for other programs"
done
WOLFFIA_IMAGE=$TMP/installed/usr/bin/wolffia-image WOLFFIA=$TMP/installed/usr/bin/wolffia
make_image
expect_output hello wolffia run --rm test cat /etc/motd
