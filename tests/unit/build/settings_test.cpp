// What buildah is told of registries and logins.
#include "devenv/build/settings.hpp"

#include <gmock/gmock.h>

#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::build {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(BuildSettings, RegistriesOfImages) {
  EXPECT_THAT(registries_of({"debian", "127.0.0.1:5000/a/b:1", "127.0.0.1:5000/c", "No Name"}),
              ElementsAre(image::default_registry(), "127.0.0.1:5000"));
}

TEST(BuildSettings, MirrorsAndPlainHttpAreOurs) {
  image::RegistryOptions options;
  options.plain_http = {"inside.test"};
  options.mirrors["far.test"] = {"near.test/cache", "http://plain.test"};
  auto text = registries_conf({"far.test", "127.0.0.1:5000", "inside.test"}, options);
  EXPECT_THAT(text, HasSubstr("prefix = \"far.test\"\nlocation = \"far.test\"\ninsecure = false\n"
                              "[[registry.mirror]]\nlocation = \"near.test/cache\"\ninsecure = false\n"
                              "[[registry.mirror]]\nlocation = \"plain.test\"\ninsecure = true\n"));
  EXPECT_THAT(text, HasSubstr("location = \"127.0.0.1:5000\"\ninsecure = true\n"));
  EXPECT_THAT(text, HasSubstr("location = \"inside.test\"\ninsecure = true\n"));
  EXPECT_THAT(text, HasSubstr("unqualified-search-registries = [\"" + image::default_registry() + "\"]"));
}

TEST(BuildSettings, LoginsForNamedRegistriesAlone) {
  fixtures::TempFolder folder;
  image::Logins logins("", folder.path + "/own.json");
  ASSERT_TRUE(logins.store("one.test", {"ada", Secret("first")}));
  ASSERT_TRUE(logins.store("other.test", {"ada", Secret("second")}));
  ASSERT_TRUE(logins.store("token.test", {"<token>", Secret("third")}));
  auto made = auth_json({"one.test", "token.test", "none.test"}, {}, logins, {});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->reveal(),
            R"({"auths":{"one.test":{"auth":"YWRhOmZpcnN0"},"token.test":{"identitytoken":"third"}}})");
}

TEST(BuildSettings, NoDeviceCanBeMade) { EXPECT_THAT(containers_conf(), Not(HasSubstr("MKNOD"))); }

}  // namespace
}  // namespace photon::build
