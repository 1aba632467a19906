// SPDX-License-Identifier: Apache-2.0
#include "cli/user/filters.hpp"

#include <gtest/gtest.h>

namespace wolffia::cli::user {
namespace {

using Filters = std::vector<std::string>;

Known exited() {
  Known known;
  known.record.id = "0123456789ab";
  known.record.name = "web-1";
  known.record.image = "debian:12";
  known.record.image_id = "sha256:" + std::string(64, 'c');
  known.record.labels = {{"tier", "front"}, {"team", "a"}};
  known.phase = Phase::Exited;
  known.exit = Exit{.status = 3, .finished = {}};
  return known;
}

bool meets(const Filters& filters) {
  const auto passed = passes(exited(), filters);
  EXPECT_TRUE(passed) << passed.error().message();
  return passed && *passed;
}

TEST(filters, know_what_podman_filters_by) {
  for (const char* filter :
       {"label=tier", "label=tier=front", "name=web", "id=0123", "status=exited", "exited=3",
        "ancestor=debian:12", "ancestor=docker.io/library/debian:12",
        "ancestor=sha256:cccccccccccc", "ancestor=cccccccccccc"})
    EXPECT_TRUE(meets({filter})) << filter;
  for (const char* filter : {"label=front", "label=tier=back", "name=db", "id=123",
                             "status=running", "exited=0", "ancestor=debian:13", "ancestor=ccc"})
    EXPECT_FALSE(meets({filter})) << filter;
}

TEST(filters, want_one_value_of_each_name_but_every_label) {
  EXPECT_TRUE(meets({"name=db", "name=web"}));
  EXPECT_TRUE(meets({"name=web", "status=running", "status=exited"}));
  EXPECT_FALSE(meets({"name=web", "status=running"}));
  EXPECT_TRUE(meets({"label=tier", "label=team=a"}));
  EXPECT_FALSE(meets({"label=tier", "label=team=b"}));
}

TEST(filters, are_refused_where_they_are_unknown) {
  for (const char* filter : {"colour=red", "name", "="}) {
    const auto passed = passes(exited(), Filters{filter});
    ASSERT_FALSE(passed) << filter;
    EXPECT_NE(passed.error().message().find("label, name, id, status, ancestor, exited"),
              std::string::npos);
  }
}

image::Tagged tagged(std::string reference) {
  auto digest = oci::Digest::parse("sha256:" + std::string(64, 'c'));
  EXPECT_TRUE(digest);
  return {.reference = std::move(reference), .manifest = *digest};
}

TEST(filters, choose_images) {
  const image::Tagged named = tagged("docker.io/library/debian:12");
  const image::Tagged local = tagged("localhost/app:latest");
  const image::Tagged dangling = tagged("");
  EXPECT_TRUE(*passes(dangling, Filters{"dangling=true"}));
  EXPECT_FALSE(*passes(named, Filters{"dangling=true"}));
  EXPECT_TRUE(*passes(named, Filters{"dangling=false", "reference=debian:12"}));
  EXPECT_TRUE(*passes(local, Filters{"reference=app"}));
  EXPECT_FALSE(*passes(named, Filters{"reference=debian:13"}));
  EXPECT_FALSE(passes(named, Filters{"label=x"}));
}

TEST(filters, take_a_name_without_a_tag_for_all_its_tags_and_patterns) {
  const image::Tagged old = tagged("docker.io/library/debian:11");
  const image::Tagged local = tagged("localhost/team/app:2");
  for (const char* name : {"debian", "library/debian", "docker.io/library/debian", "deb*",
                           "*ian:11", "docker.io/*", "debian:1?"})
    EXPECT_TRUE(*passes(old, Filters{cat("reference=", name)})) << name;
  for (const char* name : {"team/app", "localhost/team/app", "*app*", "app:[0-9]"})
    EXPECT_TRUE(*passes(local, Filters{cat("reference=", name)})) << name;
  for (const char* name : {"app", "deb", "quay.io/library/debian", "x*"}) {
    EXPECT_FALSE(*passes(old, Filters{cat("reference=", name)})) << name;
    EXPECT_FALSE(*passes(local, Filters{cat("reference=", name)})) << name;
  }
}

TEST(filters, are_refused_with_values_that_nothing_has) {
  for (const char* filter : {"status=dozing", "status=or", "status="})
    EXPECT_FALSE(check_container_filters({filter})) << filter;
  for (const char* filter : {"dangling=maybe", "dangling=", "dangling"})
    EXPECT_FALSE(check_image_filters({filter})) << filter;
  for (const char* filter :
       {"status=starting", "status=dead", "status=paused", "exited=1", "name="})
    EXPECT_TRUE(check_container_filters({filter})) << filter;
  for (const char* filter : {"dangling=true", "dangling=0"})
    EXPECT_TRUE(check_image_filters({filter})) << filter;
}

TEST(filters, that_ask_how_something_ended_ask_for_what_has) {
  EXPECT_TRUE(ask_for_ended({"name=x", "status=exited"}));
  EXPECT_TRUE(ask_for_ended({"exited=0"}));
  EXPECT_FALSE(ask_for_ended({"name=x", "label=status"}));
}

}  // namespace
}  // namespace wolffia::cli::user
