#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# exec: --env extends the bundle's environment, later words win, and HOME comes from the passwd of the target.
. "$TOP/tests/support/lib.sh"

set_args /bin/sleep 1000
edit_config '.process.env = ["PATH=/bin", "FIRST=bundle", "SECOND=bundle"]'
expect_status 0 oci run --detach --bundle "$BUNDLE" "$ID"
expect_output 'bundle exec' oci exec --env SECOND=nobody --env SECOND=exec "$ID" sh -c 'echo $FIRST $SECOND'
expect_output '/root' oci exec "$ID" sh -c 'echo $HOME'
expect_output '/root' oci exec --env HOME= "$ID" sh -c 'echo $HOME'
expect_output '2' oci exec --env 'LINES_OF=a
b' "$ID" sh -c 'echo "$LINES_OF" | wc -l'
expect_status 0 oci delete --force "$ID"
