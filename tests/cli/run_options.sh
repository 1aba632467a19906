#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every option of `wolffia run` does what it says.
# run: plain
# run: once
# timeout: 180
. "$TOP/tests/support/lib.sh"

make_image
in_image() { wolffia run --rm "$@"; }

mkdir "$TMP/shown"
echo shown >"$TMP/shown/file"
expect_output shown in_image -v "$TMP/shown:/s:ro" test cat /s/file
expect_status 1 in_image -v "$TMP/shown:/s:ro" test touch /s/new
expect_output shown in_image --mount "type=bind,src=$TMP/shown,dst=/s" test cat /s/file
expect_match 'tmpfs /m tmpfs .*size=1024k' in_image --tmpfs /m:size=1m test cat /proc/mounts
expect_match 'tmpfs /n tmpfs ' in_image --mount type=tmpfs,target=/n test cat /proc/mounts
expect_output "crw" in_image --device /dev/null:/dev/nothing test sh -c 'stat -c %A /dev/nothing | cut -c1-3'
printf '# no\nA=1\nB=2 3\n' >"$TMP/env"
expect_output "1 2 3" in_image --env-file "$TMP/env" test sh -c 'echo $A $B'
expect_output "" in_image --cleanenv test sh -c 'echo $TERM'
expect_output "name" in_image --hostname name test hostname
expect_match '^10\.1\.2\.3[[:blank:]]+db$' in_image --add-host db:10.1.2.3 test cat /etc/hosts
expect_output "nameserver 10.1.2.3" in_image --net none --dns 10.1.2.3 --dns-search . test cat /etc/resolv.conf
expect_output "nameserver 10.1.2.3
search a.example b.example" in_image --net none --dns 10.1.2.3 --dns-search a.example --dns-search b.example test cat /etc/resolv.conf
expect_equal "$(in_image --net none --dns-search a.example test cat /etc/resolv.conf | sort)" \
  "$({ grep -E '^(nameserver|options)' /etc/resolv.conf; echo search a.example; } | sort)" "the host's name servers"
expect_error 125 '--dns-search "a b" must be a domain' in_image --dns-search 'a b' test true
expect_match 'shm /dev/shm tmpfs .*size=3072k' in_image --shm-size 3m test cat /proc/mounts
expect_output "77" in_image --ulimit nofile=77 test sh -c 'ulimit -n'
expect_match '^CapEff:[[:blank:]]0*80000$' in_image --cap-drop ALL --cap-add sys_ptrace test cat /proc/self/status
expect_match '^Seccomp:[[:blank:]]0$' in_image --security-opt seccomp=unconfined test cat /proc/self/status
expect_match '^NoNewPrivs:[[:blank:]]0$' in_image --security-opt no-new-privileges=false test cat /proc/self/status
echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO",
  "errnoRet": 13}]}' >"$TMP/seccomp.json"
expect_status 1 in_image --security-opt seccomp="$TMP/seccomp.json" test mkdir /x
expect_status 1 in_image --read-only test touch /x
expect_status 0 in_image --read-only test touch /tmp/x
expect_output "$TMP/shown
shown" sh -c 'cd "$1" && "$2" run --rm --here test sh -c "pwd; cat file"' sh "$TMP/shown" "$WOLFFIA"
touch "$HOME/of-mine"
expect_output "$HOME" in_image --home test sh -c 'ls "$HOME/of-mine" >/dev/null; echo $HOME'
expect_status 1 in_image test ls "$HOME"
expect_output "only lo" in_image --net none test sh -c '[ "$(ls /sys/class/net)" = lo ] && echo only lo'
expect_equal "$(in_image --net host test ls /sys/class/net)" "$(ls /sys/class/net)" "the host's network"
expect_error 125 '--cpus cannot be applied' in_image --cpus 1 --strict test true
run in_image --memory 1g --cpus 1.5 --pids-limit 100 test cat /proc/self/limits
expect_equal "$status" 0 "the status with limits"
grep -q -- '--memory: rlimit' "$TMP/err" || fail "--memory is not told"
grep -q -- '--cpus: not applied' "$TMP/err" || fail "--cpus is not told"
grep -Eq '^Max data size +1073741824 ' "$TMP/out" || fail "memory is not limited"
grep -Eq '^Max processes +100 ' "$TMP/out" || fail "processes are not limited"
expect_output "" in_image --pids-limit -1 test true # as podman says it: no limit, and nothing to tell
expect_status 124 in_image --timeout 1 test sh -c "trap 'exit 0' TERM; sleep 60 & wait"
expect_status 124 in_image --timeout 1 --stop-timeout 0 test sleep 60
# newer: what cannot be fetched is run as it is in the store, which is told.
expect_output newer env https_proxy=http://127.0.0.1:9 "$WOLFFIA" run --rm --pull newer test echo newer
grep -q -- '--pull newer: the test of the store is run' "$TMP/err" || fail "it is not told"
expect_error 125 'could not be fetched' env https_proxy=http://127.0.0.1:9 "$WOLFFIA" run --rm --pull newer none true
expect_match 'root' in_image --dry-run test true

# What keeps us from starting is told from what the program says: 125, as with podman and docker.
expect_error 125 "Bad value for 'size'" in_image --tmpfs /x:size=1z test true
expect_error 125 '--tmpfs "/w:bogus" has an unknown "bogus"' in_image --tmpfs /w:bogus test true
expect_error 125 'shows "/nowhere", which does not exist: make it first' in_image -v /nowhere:/x test true
expect_error 125 '"NOPE" must be a capability' in_image --cap-add NOPE test true
expect_status 127 in_image test nowhere
expect_status 126 in_image test /etc/motd
mkdir rootless
expect_error 125 'the directory of that name is ./rootless' env https_proxy=http://127.0.0.1:9 "$WOLFFIA" run rootless true
expect_output 'a b' in_image --entrypoint '["echo", "a"]' test b
expect_output '1 2' env OF_A=1 OF_B=2 "$WOLFFIA" run --rm -e 'OF_*' test sh -c 'echo $OF_A $OF_B'
echo '#!/bin/sh' >"$TMP/shown/program"
chmod +x "$TMP/shown/program"
expect_status 0 in_image -v "$TMP/shown:/s:z" test /s/program
expect_status 126 in_image -v "$TMP/shown:/s:noexec" test /s/program
expect_output piped sh -c 'echo piped | "$1" run --rm -i test cat' sh "$WOLFFIA"
expect_output "" sh -c 'echo piped | "$1" run --rm test cat' sh "$WOLFFIA"
expect_status 0 in_image --group keep test true
[ -z "$(ls "$WOLFFIA_STORE/containers")" ] || fail "something is left: $(ls "$WOLFFIA_STORE/containers")"
