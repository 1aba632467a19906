#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Usage: completions.sh BUILD
# What bash, zsh and fish offer at the end of a line, asked of these shells; in a directory that holds "file" and
# "folder", while the containers "box" and "bucket" and the images below exist.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/expected" <<'END'
wolffia-oci st => start state
wolffia-oci --root /x st => start state
wolffia-oci --root=/x st => start state
wolffia-oci --rootless st => start state
wolffia-oci --rootless=true st => start state
wolffia-oci --debug ki => kill
wolffia-oci --log-format  => json text
wolffia-oci --log-format=j => json
wolffia-oci --log f => file folder
wolffia-oci --cg => --cgroup-manager
wolffia-oci create --bu => --bundle
wolffia-oci run --bundle f => folder
wolffia-oci run --pid-file f => file folder
wolffia-oci start  => box bucket
wolffia-oci --root /x kill bu => bucket
wolffia-oci exec --ap => --apparmor
wolffia-oci exec run --ap => --apparmor
wolffia-oci list --format t => table
wolffia-oci update => update
wolffia-oci restore =>
wolffia-image pu => pull push
wolffia-image copy --progress j => json
wolffia-image inspect --co => --config
wolffia-image load -i f => file folder
wolffia-image export --upper f => folder
wolffia-image commit --au => --author
wolffia ru => run
wolffia load f => file folder
wolffia import f => file folder
wolffia export --output f => file folder
wolffia commit bo => box
wolffia run f => folder
wolffia rmi deb => debian:11 debian:12
wolffia rmi debian:1 => debian:11 debian:12
wolffia run reg => registry.example.com:5000/app:1
wolffia push --cr => --creds
wolffia pull --platform=x --keep => --keep-blobs
wolffia save --format oci-d => oci-dir
wolffia save -o f => file folder
wolffia run --net n => none
wolffia run --net=h => host
wolffia run --read => --read-only
wolffia-overlay --exit => --exit-fd
wolffia-overlay -o vol => volatile
wolffia-overlay f => folder
wolffia-net --disable-h => --disable-host-loopback
wolffia-net --netns-type=p => path pid
wolffia-net --api-socket f => file folder
END
sed 's/ =>.*//' "$work/expected" >"$work/lines"

mkdir -p "$work/bin" "$work/here/folder"
touch "$work/here/file"
for program in wolffia-oci wolffia; do
  cat >"$work/bin/$program" <<'END'
#!/bin/sh
case $1 in
  images) printf '%s\n' debian:11 debian:12 registry.example.com:5000/app:1 ;;
  *) printf '%s\n' box bucket ;;
esac
END
  chmod +x "$work/bin/$program"
done
export PATH="$work/bin:$PATH" HOME="$work" XDG_CONFIG_HOME="$work" XDG_DATA_HOME="$work" TERM=dumb
cd "$work/here"

# asks SHELL…: its answers have to be those expected.
asks() {
  script=$top/tests/support/complete.$1
  "$@" "$script" "$top/packaging/completions" <"$work/lines" >"$work/answers"
  sed 's/ *$//' "$work/answers" | diff "$work/expected" - || { echo "FAIL: $*" >&2; exit 1; }
}
asks bash
asks fish --no-config
asks zsh -f
