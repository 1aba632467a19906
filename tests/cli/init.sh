#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run --init: a first process of ours passes signals on, reaps orphans, and ends as the program did.
# run: plain
# run: once
# timeout: 120
. "$TOP/tests/support/lib.sh"

make_image
expect_output "/dev/init -- busybox" wolffia run --init test busybox sh -c \
  'tr "\0" " " </proc/1/cmdline | cut -d" " -f1-3'
expect_status 7 wolffia run --init test sh -c 'exit 7'
expect_status 137 wolffia run --init test sh -c 'kill -KILL $$'
expect_error 127 'wolffia-init: nothing-there: executable file not found' wolffia run --init test nothing-there
expect_error 126 'wolffia-init: /etc: permission denied' wolffia run --init test /etc

# No process there may write to it, nor put another in its place.
expect_output "refused" wolffia run --init test sh -c \
  'if echo >>/dev/init; then echo written; else echo refused; fi 2>/dev/null'
expect_status 1 wolffia run --init test busybox rm /dev/init
expect_status 1 wolffia run --init test busybox chmod 777 /dev/init

# Not even whoever may mount: the program that all containers share is not the file inside.
shared=$(dirname "$WOLFFIA")/wolffia-init
facts() { stat -c '%a %s %Y %Z' "$shared" && sha256sum "$shared"; }
before=$(facts)
expect_output "done" wolffia run --init --cap-add SYS_ADMIN test sh -c \
  'busybox mount -o remount,rw,bind /dev/init && busybox chmod 777 /dev/init && echo done'
expect_equal "$(facts)" "$before" 'our first process'
mkdir -p rootfs/bin && cp /bin/busybox rootfs/bin/busybox && ln -sf busybox rootfs/bin/sh
expect_output "/dev/init" wolffia run --rm --init ./rootfs busybox sh -c \
  'busybox tr "\0" "\n" </proc/1/cmdline | busybox head -n 1'

# An orphan becomes a child of pid 1, ends, and is no zombie.
orphan='(sleep 0.05 & echo $! >/tmp/orphan); read -r pid </tmp/orphan; while [ -e "/proc/$pid" ]; do sleep 0.02; done; echo reaped'
expect_output reaped wolffia run --init test sh -c "$orphan"

# Signals of every kind reach the program, which is not pid 1.
program='for name in HUP INT QUIT USR1 USR2 TERM WINCH CONT; do trap "echo got $name" $name; done; trap "exit 9" ALRM
echo ready $$; while :; do sleep 0.02; done'
id=$(wolffia run -d --init test sh -c "$program")
says() { wolffia logs "$id" | grep -qx "$1"; }
wait_for 20 says 'ready 2'
for name in HUP INT QUIT USR1 USR2 TERM WINCH CONT; do
  expect_status 0 wolffia kill -s "$name" "$id"
  wait_for 20 says "got $name"
done
expect_status 0 wolffia kill -s ALRM "$id"
expect_output 9 wolffia wait "$id"
expect_status 0 wolffia rm "$id"

expect_error 125 'for a bundle' wolffia run --init "$BUNDLE" true
