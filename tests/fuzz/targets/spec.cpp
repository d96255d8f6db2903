// devcontainer.json as repositories bring it, and the variables in it.
#include "devenv/spec/spec.hpp"
#include "devenv/spec/variables.hpp"
#include "tests/fuzz/target.hpp"

namespace photon::fuzz {

void devcontainer(std::string_view input) {
  spec::Inputs inputs;
  inputs.local_folder = "/home/ada/web";
  inputs.allow_unknown = true;
  inputs.read = [&](const std::string&) -> Result<std::optional<std::string>> { return std::string(input); };
  inputs.local_env = [](const std::string&) { return std::optional<std::string>("x"); };
  auto resolved = spec::resolve(inputs);
  if (resolved) {
    auto again = spec::plan_from_json(spec::to_json(resolved->plan));
    expect(again && *again == resolved->plan, "a plan is read as it was written");
  } else {
    expect(!resolved.error().message.empty(), "a fault has a sentence");
  }
  std::vector<spec::Warning> warnings;
  spec::Plan plan;
  plan.hash = spec::plan_hash(plan);
  auto merged = spec::merge_image_metadata(std::move(plan), std::string(input), warnings);
  if (merged) expect(spec::plan_hash(*merged) == merged->hash, "the hash is of the whole plan");
}

void variables(std::string_view input) {
  std::string text(input);
  spec::Variables known{[](const std::string& name) { return std::optional<std::string>("<" + name + ">"); },
                        "/home/ada/web", "/workspaces/web", "0abc"};
  auto done = spec::substitute(text, known);
  if (text.find("${") == text.npos) expect(done && *done == text, "plain text stays as it is");
  auto inside = spec::substitute_container(text, {{"PATH", "/bin"}});
  if (text.find("${containerEnv") == text.npos) expect(inside == text, "what is not of the container stays");
}

}  // namespace photon::fuzz
