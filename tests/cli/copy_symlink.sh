#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# copy-symlink: a source that is a symbolic link is made anew where it would be mounted; anything else is mounted.
# run: once
. "$TOP/tests/support/lib.sh"

ln -s ../etc/motd link
echo content >file
mounted() {
  edit_config --arg source "$TMP/$1" --arg target "$2" \
    '.mounts |= map(select(.options != ["bind", "copy-symlink"])) +
      [{destination: $target, source: $source, options: ["bind", "copy-symlink"]}]'
}
set_args /bin/readlink /made/link
for readonly in true false; do
  rm -rf "$BUNDLE/rootfs/made"
  edit_config --argjson readonly "$readonly" '.root.readonly = $readonly'
  mounted link /made/link
  expect_output ../etc/motd run_bundle
done
expect_equal "$(readlink "$BUNDLE/rootfs/made/link")" ../etc/motd 'the link in a root that can be written to'
expect_output ../etc/motd run_bundle

ln -sfn elsewhere "$BUNDLE/rootfs/made/link"
expect_error 1 'the symbolic link that is there leads elsewhere' run_bundle
rm "$BUNDLE/rootfs/made/link"
echo >"$BUNDLE/rootfs/made/link"
expect_error 1 'is no symbolic link' run_bundle

set_args /bin/cat /made/file
mounted file /made/file
expect_output content run_bundle
