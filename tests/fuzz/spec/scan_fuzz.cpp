// Any bytes as a devcontainer.json: scanned, resolved, written and read again.
#include <cstdlib>

#include "devenv/spec/spec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  using namespace photon;
  std::string text(reinterpret_cast<const char*>(bytes), size);
  spec::Inputs inputs;
  inputs.local_folder = "/home/ada/web";
  inputs.allow_unknown = true;
  inputs.read = [&](const std::string&) -> Result<std::optional<std::string>> { return text; };
  inputs.local_env = [](const std::string&) { return std::optional<std::string>("x"); };
  auto resolved = spec::resolve(inputs);
  if (resolved && !(spec::plan_from_json(spec::to_json(resolved->plan)).value() == resolved->plan))
    std::abort();
  std::vector<spec::Warning> warnings;
  (void)spec::merge_image_metadata({}, text, warnings);
  return 0;
}
