// RPM files, repository metadata, armoured keys.
#include "packages/rpm/metadata.hpp"
#include "packages/rpm/package.hpp"
#include "packages/rpm/signature.hpp"
#include "tests/fuzz/input_file.hpp"
#include "tests/fuzz/target.hpp"

namespace photon::fuzz {

void rpm_files(std::string_view input) {
  InputFile file(input);
  auto package = rpm::read_package(file.path());
  if (!package) {
    expect(!package.error().code.empty() && package.error().message.find('\n') == std::string::npos,
           "a refusal is one line with a code");
    return;
  }
  expect(!package->nevra.name.empty() && package->header_digest.size() == 64,
         "a package that is read has a name");
}

void repomd(std::string_view input) {
  auto repomd = rpm::parse_repomd(std::string(input), "a repository");
  if (!repomd) return;
  for (const auto& [type, part] : repomd->parts) {
    expect(rpm::is_inside(part.location), "a part lies below the repository");
    expect(part.digest.find(':') != std::string::npos, "a part has a digest");
  }
}

void armour(std::string_view input) {
  auto bytes = rpm::dearmour(input);
  if (bytes) expect(!bytes->empty() && bytes->size() < input.size(), "armour is longer than what it holds");
}

}  // namespace photon::fuzz
