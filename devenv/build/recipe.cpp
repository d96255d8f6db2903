#include "devenv/build/recipe.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "devenv/build/context.hpp"
#include "devenv/core/digest.hpp"
#include "devenv/core/json.hpp"
#include "devenv/core/name.hpp"
#include "devenv/image/document.hpp"

namespace photon::build {
namespace {

/// Changed when the same recipe would be built in another way: then no older image is taken.
constexpr int way_of_building = 1;
constexpr std::size_t most_bytes = 1 << 20;
constexpr std::size_t digits = 40;  ///< of a key: it is typed and shown

std::string shown_path(const spec::Build& build, const std::string& path) {
  auto below = build.repository + "/";
  return shown(path.starts_with(below) ? path.substr(below.size()) : path, 200);
}

/// Dockerfile.dockerignore beside the Dockerfile comes before the context's own .dockerignore.
Result<std::string> read_ignore(const spec::Build& build) {
  for (const auto& path : {build.dockerfile + ".dockerignore", build.context + "/.dockerignore"}) {
    PHOTON_TRY(auto text, read_below(build.repository, path, most_bytes));
    if (!text) continue;
    PHOTON_CHECK(Ignore::parse(*text, shown_path(build, path)));
    return std::move(*text);
  }
  return std::string();
}

/// A platform that is not this machine's would need an emulator for each RUN.
Result<void> check_platform(const spec::Build& build) {
  auto here = image::this_platform();
  auto name = here.os + "/" + here.architecture;
  for (const auto& option : build.options) {
    constexpr std::string_view word = "--platform=";
    if (!option.starts_with(word)) continue;
    auto wanted = option.substr(word.size());
    if (wanted == name || wanted == image::text(here)) continue;
    return fail(Kind::usage, "build.platform",
                fmt::format("the build asks for {}, and this machine is {}", shown(wanted), name),
                "take --platform out of build.options");
  }
  return {};
}

/// buildah would look for an image without a name.
Result<void> check_bases(const Recipe& recipe) {
  const auto& args = recipe.build.args;
  for (const auto& one : spec::unresolved_in(recipe.parsed, args)) {
    if (image::parse_reference(one.name)) continue;  // the rest of it names an image
    auto name = shown(one.variable);
    return fail_at(
        {shown_path(recipe.build, recipe.build.dockerfile), one.line, 1}, Kind::usage, "build.argument",
        fmt::format("FROM {}: {} has no value", shown(one.written, 200), name),
        one.declared
            ? fmt::format("ARG {0}=… above gives it one, or \"args\": {{\"{0}\": \"…\"}} of the build", name)
        : args.contains(one.variable)
            ? fmt::format("the build gives it one, but no ARG {} stands in front of the first FROM", name)
            : fmt::format("no ARG {0} stands in front of the first FROM: ARG {0}=…", name));
  }
  return {};
}

}  // namespace

bool is_built(std::string_view image) { return image.starts_with(std::string(image_name) + ":"); }

std::string Recipe::shown_file() const {
  auto below = build.repository + "/";
  return build.dockerfile.starts_with(below) ? build.dockerfile.substr(below.size()) : build.dockerfile;
}

std::string Recipe::name() const { return fmt::format("{}:{}", image_name, key); }

Result<std::string> key_of(const Recipe& recipe, const std::stop_token& stop) {
  PHOTON_TRY(auto ignore, Ignore::parse(recipe.ignore, ".dockerignore"));
  PHOTON_TRY(auto files, digest_of(recipe.context.get(), ignore, {}, stop));
  json::object args;
  for (const auto& [name, value] : recipe.build.args) args[name] = value;
  json::array options;
  for (const auto& option : recipe.build.options) options.emplace_back(option);
  json::object all{{"dockerfile", sha256_hex(recipe.dockerfile)},
                   {"files", files},
                   {"args", std::move(args)},
                   {"target", recipe.build.target},
                   {"options", std::move(options)},
                   {"platform", image::text(image::this_platform())},
                   {"way", way_of_building}};
  return sha256_hex(write_json(all)).substr(0, digits);
}

Result<Recipe> read_recipe(const spec::Build& build, const std::stop_token& stop) {
  Recipe recipe;
  recipe.build = build;
  PHOTON_CHECK(check_platform(build));
  PHOTON_TRY(auto text, read_below(build.repository, build.dockerfile, most_bytes));
  if (!text)
    return fail(Kind::not_found, "build.dockerfile",
                fmt::format("there is no {}", shown_path(build, build.dockerfile)),
                "devcontainer.json names it as build.dockerfile");
  recipe.dockerfile = std::move(*text);
  PHOTON_TRY(recipe.parsed, spec::read_dockerfile(recipe.dockerfile, shown_path(build, build.dockerfile)));
  PHOTON_CHECK(check_bases(recipe));
  auto context = open_context(build.repository, build.context);
  if (!context && context.error().kind == Kind::not_found)
    return fail(Kind::not_found, "build.context",
                fmt::format("there is no folder {}, the build's context", shown_path(build, build.context)),
                "\"context\" counts from the folder of devcontainer.json on");
  if (!context) return tl::unexpected(std::move(context.error()));
  recipe.context = std::move(*context);
  PHOTON_TRY(recipe.ignore, read_ignore(build));
  PHOTON_TRY(recipe.key, key_of(recipe, stop));
  return recipe;
}

}  // namespace photon::build
