// "build", and its older forms "dockerFile" and "context": an image that is built from a Dockerfile.
#include <array>
#include <filesystem>

#include "devenv/core/digest.hpp"
#include "devenv/core/name.hpp"
#include "devenv/spec/dockerfile.hpp"
#include "devenv/spec/reader.hpp"

namespace photon::spec {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 6> members{"dockerfile", "context",   "args",
                                                  "target",     "cacheFrom", "options"};
/// Of docker build: those with a value, those without, and those that change nothing here.
constexpr std::array<std::string_view, 6> valued{"--add-host", "--build-arg", "--label",
                                                 "--network",  "--platform",  "--shm-size"};
constexpr std::array<std::string_view, 2> plain{"--no-cache", "--pull"};
constexpr std::array<std::string_view, 6> idle{"--force-rm", "--load", "--progress", "--quiet", "--rm", "-q"};

template <class Names>
bool among(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Build& build_of(Plan& plan) {
  if (!plan.build) plan.build.emplace();
  return *plan.build;
}

/// A name and its value at "=": both must be there.
Result<void> add_pair(std::map<std::string, std::string>& to, std::string_view text, const Node& node,
                      const Reading& reading) {
  auto equals = text.find('=');
  if (equals == 0 || equals == text.npos)
    return reading.wrong(node, "build.options", "options of docker build", R"("--build-arg=NAME=value")");
  to[std::string(text.substr(0, equals))] = text.substr(equals + 1);
  return {};
}

Result<void> add_option(const std::string& name, std::optional<std::string> value, const Node& node,
                        const Reading& reading, Build& build) {
  if (name == "--build-arg") return add_pair(build.args, value.value_or(""), node, reading);
  if (name == "--network" && value != "none" && value != "default")
    return reading.wrong(node, "build.options", "without a --network but none and default",
                         "a build has a network of its own, with a way out");
  if (name == "--network" && value == "default") return {};
  if (name == "--shm-size" && value && value->size() > 2 &&
      (value->ends_with('b') || value->ends_with('B')) &&
      std::isalpha(static_cast<unsigned char>((*value)[value->size() - 2])) != 0)
    value->pop_back();  // "64mb", where a mount wants "64m"
  build.options.push_back(value ? fmt::format("{}={}", name, *value) : name);
  return {};
}

Result<void> read_options(const Node& node, const Reading& reading, Build& build) {
  PHOTON_TRY(auto words, reading.texts(node, "build.options"));
  for (std::size_t at = 0; at < words.size(); ++at) {
    const auto& item = node.items[at];
    auto equals = words[at].find('=');
    auto name = words[at].substr(0, equals);
    std::optional<std::string> value;
    if (equals != name.npos) value = words[at].substr(equals + 1);
    if (among(idle, name)) {
      if (name == "--progress" && !value) ++at;
      continue;
    }
    bool takes = among(valued, name);
    if (!takes && !among(plain, name)) {
      auto message = fmt::format("\"build.options\": {} is not supported", shown(name));
      auto hint = fmt::format("these are: {}, {}", fmt::join(valued, ", "), fmt::join(plain, ", "));
      if (!reading.allow_unknown)
        return fail_at(item.place(reading.file), Kind::usage, "spec.unsupported", std::move(message),
                       hint + "; --allow-unknown goes on without it");
      reading.warn(item, std::move(message), "it is left out");
      continue;
    }
    if (takes && !value && at + 1 < words.size()) value = words[++at];
    if (takes && !value)
      return reading.wrong(item, "build.options", fmt::format("complete: {} lacks its value", name));
    PHOTON_CHECK(add_option(name, value, item, reading, build));
  }
  return {};
}

Result<void> read_args(const Node& node, const Reading& reading, Build& build) {
  constexpr auto expected = "an object of texts";
  constexpr auto hint = R"({"VARIANT": "12"})";
  if (node.type != Node::Type::object) return reading.wrong(node, "build.args", expected, hint);
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const auto& item = node.items[i];
    const auto& name = node.keys[i].name;
    if (name.empty() || name.find_first_of("= \n") != name.npos)
      return fail_at({reading.file, node.keys[i].line, node.keys[i].column}, Kind::usage, "spec.type",
                     fmt::format("\"{}\" cannot name an argument of a build", shown(name)),
                     "a name has no '=' and no blank");
    bool simple = item.type == Node::Type::text || item.type == Node::Type::number;
    if (!simple && item.type != Node::Type::flag) return reading.wrong(item, "build.args", expected, hint);
    build.args[name] = simple ? item.text : item.flag ? "true" : "false";
  }
  return {};
}

Result<void> read_cache_from(const Node& node, const Reading& reading, Build& build) {
  if (node.type == Node::Type::text) {
    build.cache_from = {node.text};
  } else {
    PHOTON_TRY(build.cache_from, reading.texts(node, "build.cacheFrom"));
  }
  if (!build.cache_from.empty())
    reading.warn(node,
                 "\"build.cacheFrom\" has no effect: buildah takes no steps from an image, only from this "
                 "machine's builds",
                 "an image that devenv build has pushed saves all of them: \"image\" names it");
  return {};
}

Result<void> read_member(const Key& key, const Node& node, const Reading& reading, Build& build) {
  auto text = [&](std::string& to) -> Result<void> {
    PHOTON_TRY(to, reading.text(node, "build." + key.name));
    return {};
  };
  if (key.name == "dockerfile") return text(build.dockerfile);
  if (key.name == "context") return text(build.context);
  if (key.name == "target") return text(build.target);
  if (key.name == "args") return read_args(node, reading, build);
  if (key.name == "cacheFrom") return read_cache_from(node, reading, build);
  if (key.name == "options") return read_options(node, reading, build);
  auto near = nearest(key.name, members);
  auto message = fmt::format("unknown property \"build.{}\"", shown(key.name));
  auto hint = near.empty() ? "" : fmt::format("did you mean \"{}\"?", near);
  if (!reading.allow_unknown)
    return fail_at({reading.file, key.line, key.column}, Kind::usage, "spec.unknown", std::move(message),
                   hint);
  reading.warnings->push_back({{reading.file, key.line, key.column}, std::move(message), hint});
  return {};
}

/// Where the file says something: "build" or, in it, one of its members; or an old form of that.
const Node& said(const Node& root, std::string_view member, std::string_view old) {
  if (const auto* legacy = root.find(old)) return *legacy;
  const auto* build = root.find("build");
  if (build == nullptr) build = root.find("dockerFile");
  if (build == nullptr) build = root.find("context");
  if (build == nullptr) return root;
  const auto* found = build->find(member);
  return found != nullptr ? *found : *build;
}

std::string absolute(const std::string& path, const std::string& folder) {
  auto made = (fs::path(folder) / path).lexically_normal().string();
  while (made.size() > 1 && made.ends_with('/')) made.pop_back();
  return made;
}

Result<void> must_lie_within(const std::string& path, const std::string& repository, const Node& node,
                             std::string_view what, const Reading& reading) {
  if ((path + "/").starts_with(repository == "/" ? repository : repository + "/")) return {};
  return fail_at(
      node.place(reading.file), Kind::usage, "spec.build",
      fmt::format("{} {} lies outside of the repository {}", what, shown(path, 200), shown(repository, 200)),
      "a build reads nothing else of this machine: move it into the repository");
}

/// The Dockerfile itself: that it is there, what its digest is and that it has the stage.
Result<void> look_into(const Node& root, const Inputs& inputs, const Reading& reading, Build& build) {
  const auto& at = said(root, "dockerfile", "dockerFile");
  auto below = inputs.local_folder + "/";
  auto shown_name =
      build.dockerfile.starts_with(below) ? build.dockerfile.substr(below.size()) : build.dockerfile;
  PHOTON_TRY(auto text, inputs.read(build.dockerfile));
  if (!text)
    return fail_at(at.place(reading.file), Kind::not_found, "spec.dockerfile",
                   fmt::format("there is no {}", shown(shown_name, 200)),
                   fmt::format("\"dockerfile\" is looked for from the folder of {} on", reading.file));
  build.digest = sha256_hex(*text);
  PHOTON_TRY(auto file, read_dockerfile(*text, shown_name));
  if (build.target.empty() || find_stage(file, build.target) != nullptr) return {};
  std::vector<std::string_view> names;
  for (const auto& stage : file.stages)
    if (!stage.name.empty()) names.push_back(stage.name);
  auto near = nearest(build.target, names);
  auto hint = names.empty()  ? std::string("none of its stages has a name: FROM … AS NAME")
              : near.empty() ? fmt::format("its stages are {}", fmt::join(names, ", "))
                             : fmt::format("did you mean \"{}\"?", near);
  return fail_at(said(root, "target", "target").place(reading.file), Kind::usage, "spec.build",
                 fmt::format("no stage of {} is called \"{}\"", shown(shown_name, 200), shown(build.target)),
                 std::move(hint));
}

}  // namespace

Result<void> read_build(const Node& node, const Reading& reading, Plan& plan) {
  if (node.type != Node::Type::object)
    return reading.wrong(node, "build", "an object", R"({"dockerfile": "Dockerfile"})");
  auto& build = build_of(plan);
  for (std::size_t i = 0; i < node.keys.size(); ++i)
    PHOTON_CHECK(read_member(node.keys[i], node.items[i], reading, build));
  return {};
}

Result<void> read_docker_file(const Node& node, const Reading& reading, Plan& plan) {
  PHOTON_TRY(build_of(plan).dockerfile, reading.text(node, "dockerFile"));
  return {};
}

Result<void> read_context(const Node& node, const Reading& reading, Plan& plan) {
  PHOTON_TRY(build_of(plan).context, reading.text(node, "context"));
  return {};
}

Result<void> settle_build(const Node& root, const std::string& config, const std::string& repository,
                          const Inputs& inputs, const Reading& reading, Plan& plan) {
  if (!plan.build) return {};
  auto& build = *plan.build;
  const auto& at = said(root, "dockerfile", "dockerFile");
  const auto* in_build = root.find("build") != nullptr ? root.find("build")->find("dockerfile") : nullptr;
  if (in_build != nullptr && root.find("dockerFile") != nullptr)
    return fail_at(in_build->place(reading.file), Kind::usage, "spec.build",
                   "\"dockerFile\" and \"build.dockerfile\" both name a Dockerfile", "keep one of them");
  if (const auto* image = root.find("image"); image != nullptr && !plan.image.empty())
    return fail_at(image->place(reading.file), Kind::usage, "spec.build",
                   "\"image\" and a Dockerfile exclude each other",
                   "the Dockerfile's FROM names the image that it builds on; keep one of them");
  if (build.dockerfile.empty())
    return fail_at(at.place(reading.file), Kind::usage, "spec.build", "\"build\" does not name a Dockerfile",
                   R"(for example {"build": {"dockerfile": "Dockerfile"}})");
  auto folder = fs::path(config).parent_path().string();
  build.dockerfile = absolute(build.dockerfile, folder);
  build.context = build.context.empty() ? fs::path(build.dockerfile).parent_path().string()
                                        : absolute(build.context, folder);
  PHOTON_CHECK(must_lie_within(build.dockerfile, repository, at, "the Dockerfile", reading));
  PHOTON_CHECK(must_lie_within(build.context, repository, said(root, "context", "context"),
                               "the build's context", reading));
  build.repository = repository;
  return look_into(root, inputs, reading, build);
}

}  // namespace photon::spec
