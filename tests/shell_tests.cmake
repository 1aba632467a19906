# SPDX-License-Identifier: Apache-2.0
# Registers the scripts of a folder. A script says in its first lines what ctest has to know:
#   # needs: ids         runs only as a user with subordinate ids (label with-ids)
#   # needs: no ids      runs only as a user without (label without-ids)
#   # run: full          only in `packaging/check --full` (label full)
#   # run: alone         not beside other tests
#   # run: once          not again as the user without subordinate ids (label once)
#   # run: plain         with sanitizers only in `packaging/check --full`: no stranger's bytes are read in it,
#                        and what it runs is watched in unit tests and cheaper scripts as well
#   # run: sanitized     without sanitizers only in `packaging/check --full`: what is watched is what strangers send;
#                        for tests/cli, which is all that a sanitized build runs
#   # timeout: SECONDS   instead of 60, on an idle machine

# The value of "# KEY: VALUE" lines of a script, as a list.
function(wolffia_script_header script key result)
  file(STRINGS ${script} lines REGEX "^# ${key}: " LIMIT_COUNT 5)
  set(values)
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^# ${key}: *(.*[^ ]) *$" "\\1" value "${line}")
    list(APPEND values "${value}")
  endforeach()
  set(${result} "${values}" PARENT_SCOPE)
endfunction()

function(wolffia_configure_script name script labels)
  wolffia_script_header(${script} needs needs)
  wolffia_script_header(${script} run run)
  wolffia_script_header(${script} timeout timeout)
  if("ids" IN_LIST needs)
    list(APPEND labels with-ids)
  elseif("no ids" IN_LIST needs)
    list(APPEND labels without-ids)
  endif()
  if("full" IN_LIST run OR ("plain" IN_LIST run AND WOLFFIA_SANITIZE) OR
     ("sanitized" IN_LIST run AND NOT WOLFFIA_SANITIZE))
    list(APPEND labels full)
  endif()
  if("once" IN_LIST run)
    list(APPEND labels once)
  endif()
  if("alone" IN_LIST run)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
  endif()
  if(NOT timeout)
    set(timeout 60)
  endif()
  math(EXPR timeout "${timeout} * 3")  # a machine may be busy; what hangs still ends
  set_tests_properties(${name} PROPERTIES
    TIMEOUT ${timeout} SKIP_RETURN_CODE 77 LABELS "${labels}")
endfunction()

# tests/FOLDER/*.sh and *.py: what a user sees, through tests/support/run-shell-test.
function(wolffia_shell_tests folder)
  file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.sh
    ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.py)
  foreach(script IN LISTS scripts)
    get_filename_component(name ${script} NAME_WE)
    set(name ${WOLFFIA_TEST_PREFIX}${folder}.${name})
    add_test(NAME ${name} COMMAND
      ${CMAKE_CURRENT_SOURCE_DIR}/support/run-shell-test ${PROJECT_BINARY_DIR} ${script})
    wolffia_configure_script(${name} ${script} "shell;${folder}")
    wolffia_script_header(${script} run run)
    if("sanitized" IN_LIST run AND NOT folder STREQUAL "cli")
      message(FATAL_ERROR "${script}: `run: sanitized` would leave it to no normal run; only tests/cli is sanitized")
    endif()
  endforeach()
endfunction()

# tests/FOLDER/*.sh: what is checked about the tree and the build as such; they get the build directory as their only argument.
function(wolffia_tree_tests folder)
  file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.sh)
  foreach(script IN LISTS scripts)
    get_filename_component(name ${script} NAME_WE)
    set(name ${WOLFFIA_TEST_PREFIX}${folder}.${name})
    add_test(NAME ${name} COMMAND ${script} ${PROJECT_BINARY_DIR})
    wolffia_configure_script(${name} ${script} ${folder})
  endforeach()
endfunction()
