#include "devenv/core/json.hpp"
#include "packages/forge/publish/documents.hpp"

namespace photon::forge {
namespace {

constexpr std::string_view names = "urn:photon-workstation:forge:";

json::array resolved(const Built& built) {
  json::array result;
  auto add = [&](std::string_view role, const std::vector<Input>& inputs) {
    for (const auto& input : inputs)
      result.push_back(json::object{{"name", input.name},
                                    {"digest", json::object{{"sha256", input.sha256}}},
                                    {"annotations", json::object{{"role", role}}}});
  };
  add("source", built.sources);
  add("build-dependency", built.dependencies);
  return result;
}

json::object subject(const std::string& name, const std::string& sha256) {
  return {{"name", name}, {"digest", json::object{{"sha256", sha256}}}};
}

}  // namespace

std::string make_provenance(const Chosen& chosen, const Signed& published) {
  const auto& built = *chosen.built;
  auto kind = built.origin == Origin::source ? "rpm-from-source" : "rpm-from-binary";
  json::object definition{
      {"buildType", std::string(names) + kind + ":v1"},
      {"externalParameters", json::object{{"recipe", built.recipe}, {"architecture", built.arch}}},
      {"internalParameters", json::object{{"key", built.key}}},
      {"resolvedDependencies", resolved(built)}};
  json::object run{
      {"builder", json::object{{"id", std::string(names) + "local:v1"}}},
      {"metadata",
       json::object{{"invocationId", built.key},
                    {"startedOn", utc(built.started)},
                    {"finishedOn", utc(built.started + static_cast<std::int64_t>(built.seconds))}}}};
  json::object statement{
      {"_type", "https://in-toto.io/Statement/v1"},
      {"subject", json::array{subject(chosen.file.name, published.sha256),
                              subject("unsigned/" + chosen.file.name, chosen.file.sha256)}},
      {"predicateType", "https://slsa.dev/provenance/v1"},
      {"predicate",
       json::object{{"buildDefinition", std::move(definition)}, {"runDetails", std::move(run)}}}};
  return write_json(statement) + "\n";
}

}  // namespace photon::forge
