# SPDX-License-Identifier: Apache-2.0
# What complete.zsh loads into the shell it asks: Tab prints "match:WORD" for each match, and a last line.
autoload -Uz compinit
compinit -u -D

compadd() {
  local -a words
  # Where matches are only collected for later (-O, -A, -D) none is offered yet.
  if (( ! ${@[(I)-[OAD]*]} )); then
    builtin compadd -A words "$@"
    print -rl -- '' match:$^words
  fi
  builtin compadd "$@"
}
print_matches() {
  _main_complete
  print -rl -- '' done-completing
  compstate[insert]= compstate[list]=
}
zle -C print-matches complete-word print_matches
bindkey '^I' print-matches
