#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Usage: install.sh BUILD
# `cmake --install` puts programs, man pages and completions in place, and nothing else.
set -eu
build=$1
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

expected='bin/wolffia
bin/wolffia-image
bin/wolffia-net
bin/wolffia-oci
bin/wolffia-overlay
libexec/wolffia/wolffia-init
libexec/wolffia/wolffia-scope
share/bash-completion/completions/wolffia
share/bash-completion/completions/wolffia-image
share/bash-completion/completions/wolffia-net
share/bash-completion/completions/wolffia-oci
share/bash-completion/completions/wolffia-overlay
share/doc/wolffia/CLIENTS.md
share/doc/wolffia/COMPATIBILITY.md
share/doc/wolffia/DOCTOR.md
share/doc/wolffia/FIRST-STEPS.md
share/doc/wolffia/seccomp.md
share/fish/vendor_completions.d/wolffia-image.fish
share/fish/vendor_completions.d/wolffia-net.fish
share/fish/vendor_completions.d/wolffia-oci.fish
share/fish/vendor_completions.d/wolffia-overlay.fish
share/fish/vendor_completions.d/wolffia.fish
share/man/man1/wolffia-image.1
share/man/man1/wolffia-net.1
share/man/man1/wolffia-oci.1
share/man/man1/wolffia-overlay.1
share/man/man1/wolffia.1
share/wolffia/clients/containerd.toml
share/wolffia/clients/docker.json
share/wolffia/clients/podman.conf
share/zsh/site-functions/_wolffia
share/zsh/site-functions/_wolffia-image
share/zsh/site-functions/_wolffia-net
share/zsh/site-functions/_wolffia-oci
share/zsh/site-functions/_wolffia-overlay'

DESTDIR=$root cmake --install "$build" --prefix /usr >/dev/null
cd "$root/usr"
installed=$(find . -type f | sed 's,^\./,,' | LC_ALL=C sort)
if [ "$installed" != "$expected" ]; then
  printf 'installed:\n%s\nexpected:\n%s\n' "$installed" "$expected"
  exit 1
fi
for program in bin/*; do
  [ "$(stat -c %a "$program")" = 755 ] || { echo "$program: mode $(stat -c %a "$program")"; exit 1; }
  "$program" --version >/dev/null
done
