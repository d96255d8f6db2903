// What features say of themselves, and what they are called.
#include "devenv/feature/feature.hpp"

#include "devenv/feature/local.hpp"
#include "tests/fuzz/target.hpp"

namespace photon::fuzz {
namespace {

void check_names(std::string_view input) {
  std::string text(input);
  for (const char* folder : {"", ".devcontainer", ".devcontainer/x"}) {
    auto id = feature::parse_id(text, folder, {});
    if (!id) continue;
    if (id->sort == feature::Sort::local)
      expect(id->resource.starts_with(".devcontainer/") && unpack::normal_path(id->resource) == id->resource,
             "a local feature lies below .devcontainer");
    else
      expect(id->resource.find_first_of("\n\r \t") == std::string::npos,
             "a feature's name is safe in an address");
  }
  for (char c : feature::option_variable(text))
    expect((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_', "a variable has a plain name");
}

void check_documents(std::string_view input) {
  if (auto lock = feature::parse_lock(input, "it")) {
    auto again = feature::parse_lock(feature::write_lock(*lock), "ours");
    expect(again && *again == *lock, "a lock is read as it was written");
  }
  auto metadata = feature::parse_metadata(input, "it");
  if (!metadata) return;
  expect(!metadata->id.empty() && metadata->id.find('/') == std::string::npos, "an id is a name");
  std::vector<std::string> env{"PATH=/bin"};
  feature::add_container_env(env, *metadata);
  for (const auto& item : env) expect(item.find('=') > 0 && item.find('=') != item.npos, "NAME=VALUE");
  std::vector<spec::Warning> warnings;
  (void)feature::chosen_options(*metadata, {"it", "1", {{"x", "y"}}, {}}, warnings);
  (void)spec::merge_metadata({}, {{"it", metadata->entry}}, {}, warnings);
}

}  // namespace

void feature(std::string_view input) {
  check_names(input);
  check_documents(input);
}

}  // namespace photon::fuzz
