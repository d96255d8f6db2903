// `features generate-docs` and `templates generate-docs`: a README.md for each item of a collection.
#include <sys/stat.h>
#include <unistd.h>

#include "devenv/core/fd.hpp"
#include "devenv/devcontainer/packages/collection.hpp"
#include "devenv/devcontainer/packages/tree.hpp"
#include "devenv/spec/reference/collection_docs.hpp"
#include "devenv/spec/reference/paths.hpp"
#include "devenv/spec/reference/text.hpp"
#include "devenv/spec/reference/tolerant.hpp"

namespace photon::devcontainer {

using namespace spec::reference;

namespace {

Result<void> document_one(Sort sort, const std::string& base, const std::string& name, DocsSource source,
                          const Call& call) {
  auto file = fmt::format("devcontainer-{}.json", word_of(sort));
  auto path = joined({base, name, file});
  PHOTON_TRY(auto bytes, call.world.is_file(path) ? call.world.read(path) : std::optional<std::string>());
  if (!bytes) {
    call.log.write(LogLevel::warning, path + " is not there: left out");
    return {};
  }
  PHOTON_TRY(auto parsed, parse_tolerant(decoded(*bytes)));
  for (const auto& fault : parsed.diagnostics) call.world.diagnose(path, fault);
  if (!parsed.value.at("id").truthy()) {
    call.log.write(LogLevel::error, path + " has no id: left out");
    return {};
  }
  PHOTON_TRY(auto notes, call.world.read(joined({base, name, "NOTES.md"})));
  source.folder = name;
  source.file = file;
  source.notes = notes ? decoded(*notes) : "";
  PHOTON_TRY(auto text, sort == Sort::feature ? feature_docs(parsed.value, source)
                                              : template_docs(parsed.value, source));
  call.log.write(LogLevel::info, fmt::format("Generating {}", joined({base, name, "README.md"})));
  return write_file(joined({base, name, "README.md"}), text, 0644);
}

Result<int> generate(Sort sort, const Call& call) {
  DocsSource source;
  PHOTON_TRY(source.base, call.text("project-folder", "."));
  PHOTON_TRY(source.owner, call.text("github-owner"));
  PHOTON_TRY(source.repository, call.text("github-repo"));
  if (sort == Sort::feature) {
    auto official = official_features();
    PHOTON_TRY(source.registry, call.text("registry", official.substr(0, official.find('/'))));
    PHOTON_TRY(source.collection, call.text("namespace"));
  }
  auto base = resolved({call.world.working_folder, source.base});
  PHOTON_TRY(auto names, names_in(base));
  for (const auto& name : names)
    if (!name.starts_with('.')) PHOTON_CHECK(document_one(sort, base, name, source, call));
  return 0;
}

}  // namespace

Result<int> features_generate_docs(const Call& call) { return generate(Sort::feature, call); }
Result<int> templates_generate_docs(const Call& call) { return generate(Sort::a_template, call); }

}  // namespace photon::devcontainer
