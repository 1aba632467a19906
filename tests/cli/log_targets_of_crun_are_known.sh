#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# "--log file:PATH" is PATH; journald:NAME and syslog:NAME go to whoever listens there, and no file is made in that name.
. "$TOP/tests/support/lib.sh"

expect_status 1 oci --log "file:$TMP/log" state "$ID"
grep -q 'does not exist' "$TMP/log" || fail "$(cat "$TMP/log")"

cat >hear.py <<'END'
"""hear.py SOCKET COMMAND…: prints what one run of COMMAND says to SOCKET."""
import os
import socket
import subprocess
import sys

os.makedirs(os.path.dirname(sys.argv[1]), exist_ok=True)
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as daemon:
    daemon.bind(sys.argv[1])
    subprocess.run(sys.argv[2:], check=False, stdout=sys.stderr)
    daemon.setblocking(False)
    try:
        while True:
            print(repr(daemon.recv(1 << 17)))
    except BlockingIOError:
        pass
END
# with_socket SOCKET ARGUMENTS…: the runtime beside a daemon at SOCKET, in a directory that is empty otherwise.
with_socket() {
  place=$1
  shift
  # shellcheck disable=SC2016
  unshare --user --map-root-user --mount sh -c 'mount -t tmpfs none "/$(echo "$1" | cut -d/ -f2)" &&
    exec python3 "$0" "$@"' "$TMP/hear.py" "$place" "$WOLFFIA_OCI" "$@"
}

journal=/run/systemd/journal/socket
expect_status 0 with_socket $journal --log journald:box state "$ID"
said="PRIORITY=3\\\\nSYSLOG_IDENTIFIER=box\\\\nMESSAGE\\\\n.*container $ID does not exist\\\\n'\$"
grep -q "$said" "$TMP/out" || fail 'the journal heard something else'
grep -q 'does not exist$' "$TMP/err" || fail 'an error is not on standard error'
expect_status 0 with_socket /dev/log --log syslog:box state "$ID"
grep -Eq "^b'<11>box\\[[0-9]+\\]: .*container $ID does not exist'\$" "$TMP/out" || fail 'syslog heard something else'

# Of what is less than asked for nothing is heard.
set_args /bin/true
edit_config '.process.capabilities.bounding += ["CAP_OF_THE_FUTURE"]'
expect_output '' with_socket $journal --log journald:box run --bundle "$BUNDLE" "$ID"
expect_match 'PRIORITY=4.*CAP_OF_THE_FUTURE' with_socket $journal --log journald:box --log-level warning run --bundle "$BUNDLE" "$ID"

cd "$TMP"
for bad in journald: 'syslog:a b' 'journald:a
PRIORITY=0'; do
  expect_error 1 'NAME needs a name' oci --log "$bad" state "$ID"
done
# shellcheck disable=SC2016
alone() { unshare --user --map-root-user --mount sh -c 'mount -t tmpfs none /run && exec "$@"' sh "$WOLFFIA_OCI" "$@"; }
expect_error 1 '^wolffia-oci: --log journald:box: nobody listens at /run/systemd/journal/socket: give it the path of a file$' \
  alone --log journald:box state "$ID"
[ ! -e journald:box ] || fail 'a file was made in the name of a daemon'
expect_status 1 oci --log file:journald:box state "$ID"
[ -s journald:box ] || fail 'nothing in the file'
