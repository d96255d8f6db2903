// `templates apply` and `templates metadata`: a template of a registry into a folder, and what it says of
// itself.
#include <algorithm>
#include <filesystem>

#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/utf8.hpp"
#include "devenv/devcontainer/packages/command.hpp"
#include "devenv/spec/reference/features.hpp"
#include "devenv/spec/reference/json_edit.hpp"
#include "devenv/spec/reference/paths.hpp"
#include "devenv/spec/reference/template_options.hpp"
#include "devenv/spec/reference/text.hpp"
#include "devenv/spec/reference/tolerant.hpp"
#include "devenv/unpack/tree.hpp"
#include "devenv/unpack/unpack.hpp"

namespace photon::devcontainer {

using namespace spec::reference;

namespace {

constexpr std::string_view document_name = "devcontainer-template.json";

/// What stays in the package: what the user leaves out, and what is about the template itself.
class Omitted {
 public:
  explicit Omitted(const List& paths) {
    for (const auto& path : paths) add(path.to_text());
    for (auto name : {document_name, std::string_view("README.md"), std::string_view("NOTES.md")})
      add(std::string(name));
  }

  [[nodiscard]] bool has(const unpack::Entry& entry) const {
    auto name = entry.name + (entry.kind == unpack::Entry::Kind::folder ? "/" : "");
    return std::find(files_.begin(), files_.end(), name) != files_.end() ||
           std::any_of(folders_.begin(), folders_.end(),
                       [&](const auto& folder) { return name.starts_with(folder); });
  }

 private:
  void add(std::string path) {
    if (path.ends_with("/*"))
      folders_.push_back(path.substr(0, path.size() - 1));
    else
      files_.push_back(std::move(path));
  }
  std::vector<std::string> files_;
  std::vector<std::string> folders_;
};

struct Member {
  unpack::Entry entry;
  std::string bytes;  ///< of a file
};

struct Package {
  std::vector<Member> members;
  Value document;  ///< undefined: it has none
};

/// All of it is read before a file is written: a package that is refused leaves nothing.
Result<Package> opened(const PackageName& name, const std::string& digest, const Omitted& omitted,
                       const Call& call) {
  PHOTON_TRY(auto bytes, call.fetch.layer_bytes(name, digest));
  Package package;
  auto visit = [&](const unpack::Entry& entry, const unpack::Read& read) -> Result<void> {
    Member member{entry, {}};
    PHOTON_CHECK(read([&](std::string_view piece) {
      member.bytes.append(piece);
      return Result<void>();
    }));
    if (entry.written == fmt::format("./{}", document_name)) {
      PHOTON_TRY(auto parsed, parse_tolerant(decoded(member.bytes)));
      package.document = std::move(parsed.value);
    }
    if (!omitted.has(entry)) package.members.push_back(std::move(member));
    return {};
  };
  PHOTON_CHECK(unpack::each_entry({"the archive " + name.resource, "", bytes}, visit,
                                  {.bytes = most_unpacked_bytes}, {}));
  return package;
}

/// A link that is there is replaced, and never followed.
Result<void> put(unpack::Tree& root, const Member& member, const std::vector<Member>& all) {
  using Kind = unpack::Entry::Kind;
  const auto& [entry, own] = member;
  if (entry.kind == Kind::folder) return entry.name.empty() ? Result<void>() : root.folder(entry.name);
  if (entry.kind == Kind::link) return root.link(entry.name, entry.target);
  const auto* bytes = &own;
  if (entry.kind == Kind::same_file) {
    auto same =
        std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.entry.name == entry.target; });
    if (same == all.end()) return {};
    bytes = &same->bytes;
  }
  PHOTON_TRY(Fd file, root.file(entry.name, entry.executable));
  return write_all(file.get(), *bytes);
}

Result<void> put_all(const std::string& folder, const std::vector<Member>& members) {
  // The folder itself may be a link of the user's.
  PHOTON_TRY(auto root, unpack::Tree::open(std::filesystem::weakly_canonical(folder).string()));
  for (const auto& member : members) {
    auto done = put(root, member, members);
    if (!done && done.error().code == unpack::behind)
      return fail(Kind::conflict, "template.folder", done.error().message,
                  "remove it, or choose another --workspace-folder");
    if (!done) return done;
  }
  return {};
}

bool is_text(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    auto length = utf8_length(bytes.substr(at));
    if (length == 0) return false;
    at += length;
  }
  return true;
}

/// Features of --features go into the first devcontainer.json.
Result<void> add_features(std::vector<Member>& members, const List& features, const Call& call) {
  if (features.empty()) return {};
  auto config = std::find_if(members.begin(), members.end(), [](const auto& member) {
    return member.entry.kind == unpack::Entry::Kind::file &&
           member.entry.written.ends_with("devcontainer.json");
  });
  if (config == members.end()) {
    call.log.write(LogLevel::error, "the template has no devcontainer.json for the features");
    return {};
  }
  auto text = decoded(config->bytes);
  PHOTON_TRY(auto parsed, parse_tolerant(text));
  if (!parsed.diagnostics.empty())
    return fail_at({config->entry.name, parsed.diagnostics[0].line, parsed.diagnostics[0].column},
                   Kind::failed, "template.broken", parsed.diagnostics[0].message,
                   "features cannot be put into a file that is broken; tell who published the template");
  if (!parsed.value.at("features").truthy()) {
    PHOTON_TRY(text, with_member(text, "", "features", Object()));
  }
  for (const auto& feature : features) {
    const Value& options = feature.at("options");
    PHOTON_TRY(text, with_member(text, "features", feature.at("id").to_text(),
                                 options.nothing() ? Value(Object()) : options));
  }
  config->bytes = std::move(text);
  return {};
}

struct Selected {
  Value options;
  List features;
  List omitted;
};

Result<Value> json_of(const Call& call, std::string_view option, std::string_view otherwise, bool strictly) {
  PHOTON_TRY(auto text, call.text(option, otherwise));
  PHOTON_TRY(auto parsed, parse_tolerant(text));
  if (strictly && !parsed.diagnostics.empty())
    return fail_at({fmt::format("--{}", option), parsed.diagnostics[0].line, parsed.diagnostics[0].column},
                   Kind::usage, "template.words", parsed.diagnostics[0].message);
  return std::move(parsed.value);
}

tl::unexpected<Error> wrong(std::string_view option, std::string_view what) {
  return fail(Kind::usage, "template.words", fmt::format("--{} is {}", option, what));
}

Result<Selected> selected(const Call& call) {
  Selected made;
  PHOTON_TRY(made.options, json_of(call, "template-args", "{}", true));
  if (!made.options.object()) return wrong("template-args", "no JSON object");
  for (const auto& name : made.options.object()->names())
    if (!made.options.at(name).text())
      return wrong("template-args", fmt::format("an object of texts, and {} is none", shown(name)));
  PHOTON_TRY(auto features, json_of(call, "features", "[]", false));
  if (!features.list()) return wrong("features", "no JSON list");
  made.features = *features.list();
  for (const auto& feature : made.features)
    if (!feature.at("id").truthy()) return wrong("features", "a list of objects with an id each");
  PHOTON_TRY(auto given, call.text("omit-paths", "[]"));
  if (given.empty()) return made;
  PHOTON_TRY(auto omitted, json_of(call, "omit-paths", "[]", false));
  if (!omitted.list()) return wrong("omit-paths", R"(no JSON list of paths, as [".github/*", "file.ts"])");
  made.omitted = *omitted.list();
  return made;
}

/// The manifest of a template. An error: there is none.
Result<FeatureSource> found(const std::string& id, const Call& call) {
  auto name = parse_package_name(id, call.world.tell);
  if (!name) return fail(Kind::failed, "template.id", fmt::format("'{}' names no template", shown(id, 300)));
  FeatureSource source;
  source.kind = FeatureKind::registry;
  source.user_id = id;
  source.package = std::move(*name);
  PHOTON_CHECK(look_up_package(source, feature_inputs({}, {}, call.world)));
  if (source.manifest.bytes.empty())
    return fail(Kind::failed, "template.id", fmt::format("no registry has the template '{}'", shown(id, 300)),
                "check the name; docker login " + source.package.registry);
  return source;
}

}  // namespace

Result<int> templates_apply(const Call& call) {
  PHOTON_TRY(auto id, call.text("template-id"));
  PHOTON_TRY(auto root, call.workspace());
  PHOTON_TRY(auto chosen, selected(call));
  PHOTON_TRY(auto source, found(id, call));
  PHOTON_TRY(const auto* layers, source.manifest_value.member("layers"));
  const Value& digest = layers->at("0").at("digest");
  if (!digest.text())
    return fail(Kind::failed, "template.id",
                fmt::format("the manifest of '{}' names no layer", shown(id, 300)));
  PHOTON_TRY(auto package, opened(source.package, *digest.text(), Omitted(chosen.omitted), call));
  auto options = with_defaults(chosen.options, package.document);
  List files;
  for (auto& [entry, bytes] : package.members) {
    if (entry.kind != unpack::Entry::Kind::file) continue;
    files.emplace_back(entry.written);
    if (is_text(bytes)) bytes = with_options(bytes, options);
  }
  PHOTON_CHECK(add_features(package.members, chosen.features, call));
  PHOTON_CHECK(put_all(root, package.members));
  Object answer;
  answer.set("files", std::move(files));
  PHOTON_CHECK(print(write(answer) + "\n"));
  return 0;
}

Result<int> templates_metadata(const Call& call) {
  auto source = found(call.words.positionals[0], call);
  // Without an answer the reference fails as everywhere; a name or a package that is none is an empty object.
  if (!source && source.error().code != "template.id") return tl::unexpected(std::move(source.error()));
  const Value said =
      source ? source->manifest_value.at("annotations").at("dev.containers.metadata") : Value();
  if (!said.truthy()) {
    call.log.write(LogLevel::warning,
                   source ? "the template says nothing of itself; who published it has to do so again"
                          : sentence(source.error()));
    PHOTON_CHECK(print("{}\n"));
    return 1;
  }
  PHOTON_TRY(auto parsed, parse_strict(said.to_text()));
  PHOTON_CHECK(print(write(parsed) + "\n"));
  return 0;
}

}  // namespace photon::devcontainer
