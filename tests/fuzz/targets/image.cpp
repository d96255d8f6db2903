// What registries, archives and Docker's configuration say.
#include "devenv/image/image.hpp"

#include "devenv/image/document.hpp"
#include "devenv/image/registry.hpp"
#include "devenv/image/source.hpp"
#include "tests/fixtures/temp_folder.hpp"
#include "tests/fuzz/input_file.hpp"

namespace photon::fuzz {

void documents(std::string_view input) {
  for (auto type : {image::media::oci_index, image::media::oci_manifest, image::media::docker_manifest}) {
    auto document = image::parse_document(input, type, "it");
    if (!document) continue;
    (void)image::choose(document->index, image::this_platform(), "it");
    if (!document->manifest) continue;
    auto text = image::write_manifest(*document->manifest);
    auto again = image::parse_document(text, image::media::oci_manifest, "ours");
    expect(again && again->manifest && write_manifest(*again->manifest) == text,
           "a manifest is read as it was written");
  }
  if (auto config = image::parse_config(input, "it"))
    expect(image::chains(config->diff_ids).size() == config->diff_ids.size(), "a chain for each layer");
}

void challenge(std::string_view input) {
  auto said = image::parse_challenge(input);
  for (char c : said.scheme) expect(c < 'A' || c > 'Z', "the scheme is in lower case");
}

void reference(std::string_view input) {
  auto parsed = image::parse_reference(input);
  if (!parsed) return;
  auto again = image::parse_reference(parsed->text());
  expect(again && *again == *parsed, "a reference is read as it was written");
  expect(parsed->text().find_first_of("\n\r ?#") == std::string::npos, "a reference is safe in an address");
}

void archive(std::string_view input) {
  InputFile file(input);
  auto source = image::open_source(file.path(), {});
  if (!source) return;
  (void)(*source)->visit([](const image::Source::Entry& entry, const image::Source::Read& read) {
    expect(image::clean_name(entry.name) == entry.name, "names are clean");
    std::size_t left = 1 << 20;
    return read([&](std::string_view bytes) -> Result<void> {
      if (bytes.size() > left) return fail(Kind::usage, "fuzz.large", "enough");
      left -= bytes.size();
      return {};
    });
  });
}

/// Docker's file; no helper is found in an empty PATH.
void logins(std::string_view input) {
  static const fixtures::TempFolder folder;
  static const std::string home = [] {
    ::setenv("PATH", "/nonexistent", 1);
    expect(make_directories(folder.path + "/.docker").has_value(), "the test's own folder");
    return folder.path;
  }();
  InputFile file(input);
  for (const char* registry : {"registry.example.org", "127.0.0.1:5000"}) {
    (void)image::Logins("", file.path()).find(registry, {});
    (void)write_file(home + "/.docker/config.json", input);
    (void)image::Logins(home, "").find(registry, {});
  }
}

}  // namespace photon::fuzz
