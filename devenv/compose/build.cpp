// "build" of a service, and the configs and secrets that become its files.
#include <array>

#include "devenv/compose/merge.hpp"
#include "devenv/compose/reading.hpp"
#include "devenv/core/name.hpp"

namespace photon::compose {
namespace {

Result<void> args(const Node& node, std::string_view name, const Reading& reading, Build& build) {
  PHOTON_TRY(auto all, reading.pairs(node, name));
  for (auto& [argument, value] : all) {
    if (!value) value = reading.lookup(argument);
    if (value) build.args[argument] = *value;
  }
  return {};
}
Result<void> labels(const Node& node, std::string_view name, const Reading& reading, Build& build) {
  PHOTON_TRY(auto all, reading.pairs(node, name));
  for (auto& [label, value] : all)
    build.options.push_back(fmt::format("--label={}={}", label, value.value_or("")));
  return {};
}
Result<void> no_cache(const Node& node, std::string_view name, const Reading& reading, Build& build) {
  PHOTON_TRY(bool wanted, reading.flag(node, name));
  if (wanted) build.options.emplace_back("--no-cache");
  return {};
}
Result<void> pull(const Node& node, std::string_view name, const Reading& reading, Build& build) {
  PHOTON_TRY(bool wanted, reading.flag(node, name));
  if (wanted) build.options.emplace_back("--pull");
  return {};
}
Result<void> shm_size(const Node& node, std::string_view name, const Reading& reading, Build& build) {
  PHOTON_TRY(auto bytes, reading.bytes(node, name));
  build.options.push_back(fmt::format("--shm-size={}", bytes));
  return {};
}
Result<void> extra_hosts(const Node& node, std::string_view name, const Reading& reading, Build& build) {
  Service hosts;
  PHOTON_CHECK(read_hosts(node, name, reading, hosts));
  for (const auto& [host, address] : hosts.extra_hosts)
    build.options.push_back(fmt::format("--add-host={}:{}", host, address));
  return {};
}
Result<void> network(const Node& node, std::string_view name, const Reading& reading, Build& build) {
  PHOTON_TRY(auto mode, reading.text(node, name));
  if (mode == "default") return {};
  if (mode != "none")
    return reading.unsupported(node.where, fmt::format("build.network: {}", mode),
                               "a build has a network of its own, with a way out; none is known");
  build.options.emplace_back("--network=none");
  return {};
}

constexpr std::string_view only_files = "ARG and files of the context are read";
constexpr std::array members{known<Build>("context", read_text<&Build::context>),
                             known<Build>("dockerfile", read_text<&Build::dockerfile>),
                             known<Build>("args", args),
                             known<Build>("target", read_text<&Build::target>),
                             known<Build>("labels", labels),
                             known<Build>("no_cache", no_cache),
                             known<Build>("pull", pull),
                             known<Build>("shm_size", shm_size),
                             known<Build>("extra_hosts", extra_hosts),
                             known<Build>("network", network),
                             idle<Build>("tags"),
                             idle<Build>("platforms"),
                             idle<Build>("provenance"),
                             idle<Build>("sbom"),
                             told<Build>("cache_from", "steps are taken from builds of this machine alone"),
                             told<Build>("cache_to", "steps are kept on this machine alone"),
                             refused<Build>("dockerfile_inline", "write it to a file"),
                             refused<Build>("additional_contexts", only_files),
                             refused<Build>("entitlements", only_files),
                             refused<Build>("isolation", only_files),
                             refused<Build>("privileged", only_files),
                             refused<Build>("secrets", only_files),
                             refused<Build>("ssh", only_files),
                             refused<Build>("ulimits", only_files)};

struct FileRef {
  std::string source;
  std::string target;
  std::string mode;
  std::string uid;
  std::string gid;
};
constexpr std::array ref_members{
    known<FileRef>("source", read_text<&FileRef::source>),
    known<FileRef>("target", read_text<&FileRef::target>), known<FileRef>("mode", read_text<&FileRef::mode>),
    known<FileRef>("uid", read_text<&FileRef::uid>), known<FileRef>("gid", read_text<&FileRef::gid>)};

struct FileSource {
  std::optional<std::string> content;
};
Result<void> from_file(const Node& node, std::string_view name, const Reading& reading, FileSource& to) {
  PHOTON_TRY(auto text, reading.text(node, name));
  PHOTON_TRY(to.content,
             read_named(absolute(text, reading.folder_of(node)), name, node.where, reading.inputs));
  return {};
}
Result<void> from_environment(const Node& node, std::string_view name, const Reading& reading,
                              FileSource& to) {
  PHOTON_TRY(auto variable, reading.text(node, name));
  to.content = reading.lookup(variable);
  if (to.content) return {};
  return fail_at(node.where, Kind::usage, "compose.variable",
                 fmt::format("the variable {} is not set", shown(variable)), "set it in your environment");
}
Result<void> from_content(const Node& node, std::string_view name, const Reading& reading, FileSource& to) {
  PHOTON_TRY(to.content, reading.text(node, name));
  return {};
}
constexpr std::string_view not_ours = "file and environment are known";
constexpr std::array source_members{known<FileSource>("file", from_file),
                                    known<FileSource>("environment", from_environment),
                                    known<FileSource>("content", from_content),
                                    idle<FileSource>("name"),
                                    idle<FileSource>("labels"),
                                    refused<FileSource>("external", not_ours),
                                    refused<FileSource>("driver", not_ours),
                                    refused<FileSource>("driver_opts", not_ours),
                                    refused<FileSource>("template_driver", not_ours)};

Result<void> one_file(const Node& node, const std::string& section, const Reading& reading,
                      Service& service) {
  FileRef ref;
  if (node.is_text()) {
    ref.source = node.text;
  } else {
    PHOTON_CHECK(reading.must_be_map(node, section));
    PHOTON_CHECK(read_members(node, section + ".", ref_members, reading, ref));
  }
  const auto* all = reading.tree.root.find(section);
  const auto* found = all != nullptr && all->is_map() ? all->find(ref.source) : nullptr;
  if (found == nullptr) {
    std::vector<std::string_view> names;
    if (all != nullptr) names.assign(all->keys.begin(), all->keys.end());
    auto near = nearest(ref.source, names);
    return fail_at(
        node.where, Kind::usage, "compose.reference",
        fmt::format("there is no {} \"{}\"", section.substr(0, section.size() - 1), shown(ref.source)),
        near.empty() ? fmt::format("add it to \"{}\"", section) : fmt::format("did you mean \"{}\"?", near));
  }
  const auto path = fmt::format("{}.{}", section, ref.source);
  PHOTON_CHECK(reading.must_be_map(*found, path));
  FileSource source;
  PHOTON_CHECK(read_members(*found, path + ".", source_members, reading, source));
  if (!source.content) {
    if (reading.inputs.allow_unknown && found->find("external") != nullptr) return {};  // which has been told
    return reading.wrong(*found, path, "a file, a variable of the environment or a content");
  }
  File file;
  file.secret = section == "secrets";
  file.content = std::move(*source.content);
  file.target = ref.target.empty() ? ref.source : ref.target;
  if (!file.target.starts_with('/')) file.target = (file.secret ? "/run/secrets/" : "/") + file.target;
  if (!ref.mode.empty()) {
    char* end = nullptr;
    auto mode = std::strtoul(ref.mode.c_str(), &end, 8);
    if (*end != '\0' || mode > 0777)
      return reading.wrong(node, section + ".mode", "octal rights", "mode: 0440");
    file.mode = static_cast<std::uint32_t>(mode);
  }
  for (auto [text, to] : {std::pair{&ref.uid, &file.uid}, std::pair{&ref.gid, &file.gid}}) {
    if (text->empty()) continue;
    auto number = digits(*text, UINT32_MAX - 1);
    if (!number) return reading.wrong(node, section, "owned by numbers", "uid: \"1000\"");
    *to = static_cast<std::uint32_t>(*number);
  }
  service.files.push_back(std::move(file));
  return {};
}

Result<void> files(const Node& node, const std::string& section, const Reading& reading, Service& service) {
  if (!node.is_list()) return reading.wrong(node, section, "a list of names");
  for (const auto& item : node.items) PHOTON_CHECK(one_file(item, section, reading, service));
  return {};
}

}  // namespace

Result<void> read_build(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  Build build;
  build.where = node.where;
  if (node.is_text()) {
    build.context = node.text;
  } else {
    PHOTON_CHECK(reading.must_be_map(node, name));
    PHOTON_CHECK(read_members(node, "build.", members, reading, build));
  }
  if (build.context.empty()) build.context = ".";
  if (build.context.find("://") != build.context.npos || build.context.starts_with("git@"))
    return reading.unsupported(node.where, "build.context: a URL", "a folder of the repository is");
  const auto* at = node.is_map() ? node.find("context") : nullptr;
  build.context = absolute(build.context, reading.folder_of(at != nullptr ? *at : node));
  build.dockerfile = absolute(build.dockerfile.empty() ? "Dockerfile" : build.dockerfile, build.context);
  for (const auto& [what, path] :
       {std::pair{"the Dockerfile", &build.dockerfile}, {"the build's context", &build.context}})
    if (!is_within(*path, reading.inputs.repository))
      return fail_at(node.where, Kind::usage, "compose.build",
                     fmt::format("{} {} lies outside of the repository {}", what, shown(*path, 200),
                                 shown(reading.inputs.repository, 200)),
                     "a build reads nothing else of this machine: move it into the repository");
  service.build = std::move(build);
  return {};
}

Result<void> read_configs(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  return files(node, std::string(name), reading, service);
}
Result<void> read_secrets(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  return files(node, std::string(name), reading, service);
}

}  // namespace photon::compose
