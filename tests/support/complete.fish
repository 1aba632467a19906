#!/usr/bin/fish
# SPDX-License-Identifier: Apache-2.0
# Usage: fish --no-config complete.fish COMPLETIONS <LINES
# For each line what fish would offer at its end, sorted, in one line.
source $argv[1]/fish/wolffia.fish
source $argv[1]/fish/wolffia-image.fish
source $argv[1]/fish/wolffia-net.fish
source $argv[1]/fish/wolffia-oci.fish
source $argv[1]/fish/wolffia-overlay.fish

while read --local line
    # A description follows each behind a tab; a directory ends in "/", a value repeats its option.
    set -l offered (complete --do-complete $line | string replace --regex '\t.*' '' |
        string trim --right --chars / | string replace --regex '^--[a-z-]*=' '' | LC_ALL=C sort -u)
    printf '%s => %s\n' $line "$offered"
end
