#include "devenv/cli/commands/commands.hpp"
#include "devenv/cli/sources.hpp"
#include "devenv/core/clock.hpp"
#include "devenv/core/name.hpp"

namespace photon::cli {
namespace {

constexpr Option options[] = {
    {"--config", "-c", "FILE",
     "devcontainer.json to use, below the repository, or NAME of .devcontainer/NAME", false,
     Completes::files},
    {"--allow-unknown", "", "", "go on where the configuration has unknown properties"},
    {"--trust", "", "", "let the repository act outside of its container, without asking"},
    {"--recreate", "", "", "make it anew even if nothing has changed"},
};
constexpr Positional positionals[] = {
    {"SOURCE", "URL of the repository (#branch, #commit)", true, Completes::folders}};
constexpr Example examples[] = {
    {"devenv prebuild https://git.example.org/acme/web", "the next `devenv up` of it begins from there"},
    {"devenv prebuild https://git.example.org/acme/web#next --config backend",
     "a branch, one of several files"},
    {"0 5 * * * devenv prebuild https://git.example.org/acme/web", "each morning (crontab)"},
};

constexpr Option ls_options[] = {{"--quiet", "-q", "", "ids only, one a line"}};
constexpr Example ls_examples[] = {
    {"devenv prebuild ls", "all of them, and when an environment last began from each"},
    {"devenv prebuild ls --json | jq '.[].size'", "bytes of each"}};

constexpr Positional rm_positionals[] = {
    {"PREBUILD", "its id, or a repository: then all of that one", true, Completes::prebuilds, {}, true}};
constexpr Example rm_examples[] = {
    {"devenv prebuild rm 3f1c09aa5b7e2d64", "environments that began from it go on"},
    {"devenv prebuild rm acme/web && devenv image gc",
     "all of a repository, and the space of its layers now"}};

Result<wire::Operation> make(Context& context, wire::MakePrebuild request, Interrupt& interrupt) {
  PHOTON_TRY(auto* daemon, context.daemon());
  PHOTON_TRY(auto operation, daemon->make_prebuild(request));
  auto ended = follow(context, operation, interrupt);
  bool asks = !ended && ended.error().code == "environment.trust" && !context.json();
  if (!asks) return ended;
  PHOTON_CHECK(agree(ended.error(), "no prebuild was made"));
  request.trust = true;
  PHOTON_TRY(operation, daemon->make_prebuild(request));
  return follow(context, operation, interrupt);
}

std::string commit_of(const wire::Prebuild& one) { return harmless(one.commit.substr(0, 10)); }

Result<int> run(Context& context) {
  PHOTON_TRY(auto source, source_of(context, context.arguments.positional(0)));
  Interrupt interrupt;
  PHOTON_TRY(auto paths, user_paths());
  wire::MakePrebuild request{.source = source.text,
                             .config = context.arguments.text("--config"),
                             .allow_unknown = context.arguments.flag("--allow-unknown"),
                             .trust = context.arguments.flag("--trust"),
                             .anew = context.arguments.flag("--recreate"),
                             .caller = client::this_caller(paths)};
  PHOTON_TRY(auto ended, make(context, std::move(request), interrupt));
  if (!ended.prebuild) return fail(Kind::internal, "cli.prebuild", "the daemon has made no prebuild");
  const auto& made = *ended.prebuild;
  if (context.json()) PHOTON_CHECK(context.print_json(wire::to_json(made)));
  context.tell(fmt::format("\n  {} at {} is prebuilt{}\n    devenv up {}\n", harmless(made.repository),
                           commit_of(made), made.made ? "" : " already", harmless(source.text)));
  return 0;
}

std::string since(std::int64_t then) { return then == 0 ? "–" : age_words(unix_time() - then); }

Result<int> list(Context& context) {
  PHOTON_TRY(auto* daemon, context.daemon());
  PHOTON_TRY(auto all, daemon->prebuilds());
  if (context.json()) {
    PHOTON_CHECK(context.print_list(all));
    return 0;
  }
  if (context.arguments.flag("--quiet")) {
    for (const auto& one : all) PHOTON_CHECK(context.print(one.id + "\n"));
    return 0;
  }
  if (all.empty()) {
    context.tell("no prebuilds yet\n  devenv prebuild URL makes one\n");
    return 0;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : all)
    rows.push_back({one.id, harmless(one.repository), one.branch.empty() ? "–" : harmless(one.branch),
                    commit_of(one), one.config.empty() ? "–" : harmless(one.config), size_words(one.size),
                    since(one.created), since(one.used)});
  PHOTON_CHECK(context.print(table({"ID", "REPOSITORY", "BRANCH", "COMMIT", "CONFIG", "SIZE", "AGE", "USED"},
                                   rows, look_at(1), look_at(1).drawing ? width_of(1) : 0)));
  return 0;
}

/// Ids of those that a word means.
Result<std::vector<std::string>> meant_by(const std::string& word, const std::vector<wire::Prebuild>& all) {
  std::vector<std::string> found;
  std::vector<std::string_view> names;
  for (const auto& one : all) {
    if (one.id == word || one.repository == word || one.source == word) found.push_back(one.id);
    for (const auto& name : {&one.id, &one.repository, &one.source}) names.emplace_back(*name);
  }
  if (!found.empty()) return found;
  auto near = nearest(word, names);
  return fail(
      Kind::not_found, "prebuild.unknown", fmt::format("there is no prebuild \"{}\"", shown(word)),
      near.empty() ? "devenv prebuild ls shows them all" : fmt::format("did you mean {}?", harmless(near)));
}

Result<int> remove(Context& context) {
  PHOTON_TRY(auto* daemon, context.daemon());
  PHOTON_TRY(auto all, daemon->prebuilds());
  std::vector<std::string> ids;
  for (const auto& word : context.arguments.positionals) {
    PHOTON_TRY(auto found, meant_by(word, all));
    for (auto& id : found)
      if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(std::move(id));
  }
  json::array removed;
  for (const auto& id : ids) {
    PHOTON_CHECK(daemon->remove_prebuild(id));
    removed.emplace_back(id);
    context.tell(fmt::format("{} is deleted\n", id));
  }
  if (context.json()) PHOTON_CHECK(context.print_json(json::object{{"removed", std::move(removed)}}));
  return 0;
}

}  // namespace

extern const Command prebuild_command{"prebuild", "run a repository's first hooks and keep what they leave",
                                      options,    positionals,
                                      examples,   run};
extern const Command prebuild_ls_command{"prebuild ls", "list prebuilds", ls_options, {}, ls_examples, list};
extern const Command prebuild_rm_command{"prebuild rm",  "delete prebuilds", {},
                                         rm_positionals, rm_examples,        remove};

}  // namespace photon::cli
