#include "packages/forge/publish/licence.hpp"

#include <gtest/gtest.h>

namespace photon::forge {
namespace {

TEST(Licence, KeepsExpressionsOfKnownIdentifiers) {
  EXPECT_EQ(licence_of("MIT").expression, "MIT");
  EXPECT_EQ(licence_of("GPL-2.0-or-later AND (MIT OR BSD-3-Clause)").expression,
            "GPL-2.0-or-later AND (MIT OR BSD-3-Clause)");
  EXPECT_EQ(licence_of("GPL-3.0-or-later with GCC-exception-3.1").expression,
            "GPL-3.0-or-later WITH GCC-exception-3.1");
  EXPECT_TRUE(licence_of("MIT and ISC").extracted.empty());
}

TEST(Licence, RefersToTheWordsOfWhatIsUnknown) {
  auto licence = licence_of("GPLv2+ and MIT");
  EXPECT_EQ(licence.expression, "LicenseRef-GPLv2 AND MIT");
  EXPECT_EQ(licence.extracted.at("LicenseRef-GPLv2"), "GPLv2+");
  auto both = licence_of("GPLv2+ or GPLv2");
  EXPECT_EQ(both.expression, "LicenseRef-GPLv2 OR LicenseRef-GPLv2-2");
  EXPECT_EQ(both.extracted.size(), 2U);
}

TEST(Licence, TakesWhatIsNoExpressionAsAWhole) {
  for (const char* tag : {"Public Domain", "MIT OR", "(MIT", "MIT) AND ISC", "AND", "MIT WITH (ISC)",
                          "(MIT OR ISC) WITH GCC-exception-3.1", "MIT WITH my-exception"}) {
    auto licence = licence_of(tag);
    EXPECT_EQ(licence.expression.rfind("LicenseRef-", 0), 0U) << tag;
    ASSERT_EQ(licence.extracted.size(), 1U) << tag;
    EXPECT_EQ(licence.extracted.begin()->second, tag);
  }
  EXPECT_EQ(licence_of("").expression, "NOASSERTION");
  EXPECT_EQ(licence_of("???").expression, "LicenseRef-Other");
}

}  // namespace
}  // namespace photon::forge
