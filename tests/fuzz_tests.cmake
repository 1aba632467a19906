# SPDX-License-Identifier: Apache-2.0
# One libFuzzer program per tests/fuzz/*_fuzz.cpp, with seeds in tests/fuzz/seeds/NAME/. As a test each runs
# the same 5,000 inputs, or for $WOLFFIA_FUZZ_SECONDS, and fails on a finding; the inputs it discovers stay in the
# build directory and are where the next run begins.
add_custom_target(fuzzers)
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/*_fuzz.cpp)
foreach(source IN LISTS sources)
  get_filename_component(name ${source} NAME_WE)
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE
    wolffia_cli wolffia_image_layer wolffia_image_trust wolffia_overlay wolffia_net -fsanitize=fuzzer)
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  add_dependencies(fuzzers ${name})
  set(test ${WOLFFIA_TEST_PREFIX}fuzz.${name})
  add_test(NAME ${test} COMMAND
    ${CMAKE_CURRENT_SOURCE_DIR}/support/run-fuzzer $<TARGET_FILE:${name}>
    ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/seeds/${name})
  set_tests_properties(${test} PROPERTIES TIMEOUT 900 LABELS fuzz)
endforeach()

# No other build compiles these files, so none of the other lint sees them.
add_test(NAME ${WOLFFIA_TEST_PREFIX}lint.tidy_fuzz COMMAND
  ${CMAKE_CURRENT_SOURCE_DIR}/lint/tidy.sh ${PROJECT_BINARY_DIR} --full tests/fuzz/)
set_tests_properties(${WOLFFIA_TEST_PREFIX}lint.tidy_fuzz PROPERTIES TIMEOUT 900 LABELS "lint;full")
