#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fails when a file includes a layer it may not see. One line per layer: "layer: layers it may include".
set -eu
cd "$(dirname "$0")/../.."
rules='
base:
sys: base
json: base
oci: base json
plan: base oci
helper: base sys
launch: base sys oci plan helper
container: base sys json oci plan launch
image: base sys json oci
cli: base sys json oci plan helper launch container image
overlay: base sys
net: base sys json'
bad=0
for dir in src/* overlay net; do
  [ -d "$dir" ] || continue
  layer=${dir##*/}
  allowed=$(printf '%s\n' "$rules" | sed -n "s/^$layer: *//p")
  for used in $(grep -rhoE '^#include "[a-z]+/' "$dir" --include='*.[ch]pp' | sed 's/.*"//; s,/,,' | sort -u); do
    case " $allowed $layer " in
      *" $used "*) ;;
      *) echo "$layer may not include $used:"; grep -rn "#include \"$used/" "$dir"; bad=1 ;;
    esac
  done
done
exit $bad
