# SPDX-License-Identifier: Apache-2.0
# Completion of wolffia, rendered from its option table: see src/cli/completion.hpp.
function __wolffia_at
  set -l words (commandline -opc)
  set -e words[1]
  while set -q words[1]
    switch $words[1]
      case --store
        set -e words[1]
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
complete -c wolffia -n '__wolffia_at' -l store -x -a '(__fish_complete_directories)' -d 'images and containers lie here'
complete -c wolffia -n '__wolffia_at' -a run -d 'run a command in an image, a directory or a bundle'
complete -c wolffia -n '__wolffia_at run' -l help -s h -d 'show this and exit'
complete -c wolffia -n '__wolffia_at run' -l interactive -s i -d 'keep standard input connected'
complete -c wolffia -n '__wolffia_at run' -l tty -s t -d 'give the program a terminal'
complete -c wolffia -n '__wolffia_at run' -l entrypoint -x -d 'instead of the image\'s; empty: none'
complete -c wolffia -n '__wolffia_at run' -l env -s e -x -d 'set a variable, or pass the host\'s on'
complete -c wolffia -n '__wolffia_at run' -l env-file -r -F -d 'set the variables of FILE, one a line'
complete -c wolffia -n '__wolffia_at run' -l cleanenv -d 'pass no variable of the host, not even TERM'
complete -c wolffia -n '__wolffia_at run' -l workdir -s w -x -d 'the working directory, inside'
complete -c wolffia -n '__wolffia_at run' -l user -s u -x -d 'run as this user of the image'
complete -c wolffia -n '__wolffia_at run' -l userns -x -a 'auto root keep-id' -d 'the ids inside: all of yours, root, yourself'
complete -c wolffia -n '__wolffia_at run' -l group -x -a 'keep drop' -d 'keep: your supplementary groups\' rights stay'
complete -c wolffia -n '__wolffia_at run' -l volume -s v -x -a '(__fish_complete_directories)' -d 'show a file or directory of the host inside'
complete -c wolffia -n '__wolffia_at run' -l mount -x -d 'type=bind|tmpfs, source=, target=, readonly'
complete -c wolffia -n '__wolffia_at run' -l tmpfs -x -d 'a directory in memory'
complete -c wolffia -n '__wolffia_at run' -l device -r -F -d 'show a device of the host inside'
complete -c wolffia -n '__wolffia_at run' -l here -d 'show the current directory and start there'
complete -c wolffia -n '__wolffia_at run' -l home -d 'show your home directory inside'
complete -c wolffia -n '__wolffia_at run' -l no-home -d 'do not (default)'
complete -c wolffia -n '__wolffia_at run' -l read-only -d 'only /tmp, /run and volumes can change'
complete -c wolffia -n '__wolffia_at run' -l cap-add -x -d 'give a capability, or ALL'
complete -c wolffia -n '__wolffia_at run' -l cap-drop -x -d 'take a capability, or ALL'
complete -c wolffia -n '__wolffia_at run' -l security-opt -x -d 'seccomp=FILE, no-new-privileges=false'
complete -c wolffia -n '__wolffia_at run' -l ulimit -x -d 'a limit of each process, as nofile=1024'
complete -c wolffia -n '__wolffia_at run' -l memory -s m -x -d 'as 512m'
complete -c wolffia -n '__wolffia_at run' -l cpus -x -d 'as 1.5'
complete -c wolffia -n '__wolffia_at run' -l pids-limit -x -d 'at most so many'
complete -c wolffia -n '__wolffia_at run' -l strict -d 'a limit that cannot be kept is an error'
complete -c wolffia -n '__wolffia_at run' -l net -x -a 'none host' -d 'none: only lo (default); host: the host\'s'
complete -c wolffia -n '__wolffia_at run' -l network -x -a 'none host' -d 'the same'
complete -c wolffia -n '__wolffia_at run' -l dns -x -d 'ask this name server'
complete -c wolffia -n '__wolffia_at run' -l add-host -x -d 'a line of /etc/hosts'
complete -c wolffia -n '__wolffia_at run' -l hostname -x -d 'the host name, inside'
complete -c wolffia -n '__wolffia_at run' -l pull -x -a 'missing always never' -d 'when to fetch it (default: missing)'
complete -c wolffia -n '__wolffia_at run' -l platform -x -d 'of several images the one for this platform'
complete -c wolffia -n '__wolffia_at run' -l dry-run -d 'print what would be done, start nothing'
complete -c wolffia -n '__wolffia_at run' -a '(__fish_complete_directories)'
complete -c wolffia -n '__wolffia_at' -a doctor -d 'say what keeps containers from running, and the fix'
complete -c wolffia -n '__wolffia_at doctor' -l help -s h -d 'show this and exit'
complete -c wolffia -n '__wolffia_at doctor' -l json -d 'print JSON, as wolffia(1) describes it'
complete -c wolffia -n '__wolffia_at doctor' -l apparmor -d 'print only a profile for /etc/apparmor.d/wolffia'
