# SPDX-License-Identifier: Apache-2.0
# Completion of wolffia, rendered from its option table: see src/cli/completion.hpp.
function __wolffia_at
  set -l words (commandline -opc)
  set -e words[1]
  while set -q words[1]
    switch $words[1]
      case '-*'
      case '*'
        break
    end
    set -e words[1]
  end
  test "$words[1]" = "$argv"
end
complete -c wolffia -f
complete -c wolffia -n '__wolffia_at' -l help -s h -d 'show this and exit'
complete -c wolffia -n '__wolffia_at' -l version -d 'show the version and exit'
complete -c wolffia -n '__wolffia_at' -a run -d 'run a command in a root directory or a bundle'
complete -c wolffia -n '__wolffia_at run' -l help -s h -d 'show this and exit'
complete -c wolffia -n '__wolffia_at run' -l interactive -s i -d 'keep standard input connected'
complete -c wolffia -n '__wolffia_at run' -l tty -s t -d 'give the program a terminal'
complete -c wolffia -n '__wolffia_at run' -l volume -s v -x -a '(__fish_complete_directories)' -d 'show a file or directory of the host inside'
complete -c wolffia -n '__wolffia_at run' -l env -s e -x -d 'set a variable, or pass the host\'s on'
complete -c wolffia -n '__wolffia_at run' -l workdir -s w -x -d 'the working directory, inside'
complete -c wolffia -n '__wolffia_at run' -l here -d 'show the current directory and start there'
complete -c wolffia -n '__wolffia_at run' -l net -x -a 'none host' -d 'none: only lo (default); host: the host\'s'
complete -c wolffia -n '__wolffia_at run' -l hostname -x -d 'the host name, inside'
complete -c wolffia -n '__wolffia_at run' -l read-only -d 'DIR stays as it is; /tmp and /run can change'
complete -c wolffia -n '__wolffia_at run' -l dry-run -d 'print what would be done, start nothing'
complete -c wolffia -n '__wolffia_at run' -a '(__fish_complete_directories)'
