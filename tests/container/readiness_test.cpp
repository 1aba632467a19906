// SPDX-License-Identifier: Apache-2.0
#include "container/readiness.hpp"

#include <gtest/gtest.h>

using namespace wolffia;
using namespace wolffia::container;

TEST(readiness, passes_on_what_is_about_the_state) {
  EXPECT_EQ(lines_for_manager("READY=1"), "READY=1\n");
  EXPECT_EQ(lines_for_manager("STATUS=half of it\nWATCHDOG=1\n"),
            "STATUS=half of it\nWATCHDOG=1\n");
}

TEST(readiness, names_no_process_and_keeps_no_descriptor) {
  EXPECT_EQ(lines_for_manager("MAINPID=1\nREADY=1\nFDSTORE=1\nFDNAME=x\nBARRIER=1"), "READY=1\n");
  EXPECT_EQ(lines_for_manager("NOTIFYACCESS=all"), "");
  EXPECT_EQ(lines_for_manager("READY=12"), "");
  EXPECT_EQ(lines_for_manager(" READY=1"), "");
}

TEST(readiness, gives_the_program_a_socket_behind_all_mounts) {
  oci::Spec spec;
  add_readiness(spec, "/state/one");
  EXPECT_TRUE(spec.mounts.empty());
  spec.process.emplace();
  spec.process->env = {"NOTIFY_SOCKET=/of/the/bundle"};
  add_readiness(spec, "/state/one");
  ASSERT_EQ(spec.mounts.size(), 1U);
  EXPECT_EQ(spec.mounts[0].source, "/state/one/notify");
  EXPECT_EQ(spec.process->env.back(), "NOTIFY_SOCKET=/run/notify/notify.sock");
}
