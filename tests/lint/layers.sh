#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fails when a file includes a layer it may not see, or a library that belongs to one file.
set -eu
cd "$(dirname "$0")/../.."

# layer: layers it may include
layers='
base:
sys: base
json: base
oci: base json
plan: base oci
helper: base sys
launch: base sys oci plan helper
cgroup: base sys plan
container: base sys json oci plan launch cgroup
image: base sys json oci
init:
cli: base sys json oci plan helper launch cgroup container image
overlay: base sys
scope: base
net: base sys json'

# library header, or folder of such: the only files that may include it (beginnings of their path)
owners='
simdjson.h: src/json/
seccomp.h: src/launch/seccomp
sys/capability.h: src/sys/caps
filesystem: none
curl/curl.h: src/image/remote/
toml++/toml.h: src/image/remote/
fuse3/fuse_lowlevel.h: overlay/
slirp/: net/stack.cpp
systemd/: src/scope/
isa-l.h: src/image/layer/
zlib.h: src/image/layer/
zstd.h: src/image/layer/
openssl/evp.h: src/image/
openssl/pem.h: src/image/trust/
sqfs/: overlay/squashfs_ src/image/squashfs/
thread: src/image/ overlay/squashfs_ahead
iostream: none'

bad=$(grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]' src overlay net --include='*.[ch]pp' 2>/dev/null |
  awk -v layers="$layers" -v owners="$owners" '
    function rows(text, into,   lines, n, i, cut) {
      n = split(text, lines, "\n")
      for (i = 1; i <= n; i++)
        if ((cut = index(lines[i], ":")) > 0)
          into[substr(lines[i], 1, cut - 1)] = substr(lines[i], cut + 1) " "
    }
    BEGIN { rows(layers, sees); rows(owners, owner) }
    {
      split($0, part, ":")
      file = part[1]
      where = file ":" part[2] ": "
      split(file, folder, "/")
      layer = folder[1] == "src" ? folder[2] : folder[1]
      if (!(layer in sees)) { print where "layer " layer " has no rule"; next }
      if (match($0, /"[^"]+"/)) {
        name = substr($0, RSTART + 1, RLENGTH - 2)
        split(name, used, "/")
        if (name !~ /\// || name ~ /\.\./) print where "include \"" name "\" from src/ by its folder"
        else if (used[1] != layer && index(sees[layer], " " used[1] " ") == 0)
          print where layer " may not include " used[1]
        else if (name ~ /^cli\/(runtime|user|image)\// && file !~ "^src/cli/" used[2] "/")
          print where "the command lines do not see each other"
      } else if (match($0, /<[^>]+>/)) {
        name = substr($0, RSTART + 1, RLENGTH - 2)
        whole = name
        if (!(name in owner)) sub(/\/.*/, "/", name)
        if (name in owner) {
          count = split(owner[name], only, " ")
          found = 0
          for (i = 1; i <= count; i++)
            if (index(file, only[i]) == 1) found = 1
          if (!found) print where "<" whole "> belongs to" owner[name]
        }
      }
    }')
[ -z "$bad" ] || { printf '%s\n' "$bad"; exit 1; }
