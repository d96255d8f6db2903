#include "devenv/cli/sources.hpp"

#include "devenv/core/name.hpp"

namespace photon::cli {

Result<Source> source_of(Context& context, const std::string& typed) {
  bool remote = typed.find("://") != std::string::npos;
  // scp's form HOST:PATH, unless a file of that name lies here.
  if (auto colon = typed.find(':'); colon != std::string::npos && typed.find('/') > colon) remote = true;
  std::error_code error;
  if (remote && !std::filesystem::exists(typed, error)) return Source{typed, ""};
  auto path = std::filesystem::canonical(typed.empty() ? "." : typed, error);
  if (!error) return Source{path.string(), ""};
  if (check_name(typed)) {
    PHOTON_TRY(auto* daemon, context.daemon());
    if (auto known = daemon->environment(typed)) return Source{known->source, known->name};
  }
  return fail(
      Kind::not_found, "cli.source",
      fmt::format("there is no folder{} {}", check_name(typed) ? " and no environment" : "", shown(typed)),
      "give a URL (https://…, ssh://…, git@host:path) or a folder that exists");
}

Result<void> agree(const Error& asked, std::string kept) {
  auto lines = std::string_view(asked.hint).substr(0, asked.hint.rfind('\n'));
  std::string question = harmless(asked.message) + ":\n";
  while (!lines.empty()) {
    auto line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    question += "  " + harmless(line) + "\n";
  }
  auto answer = ask(question + "Allow it?");
  if (!answer) return tl::unexpected(asked);
  if (!*answer) return fail(Kind::cancelled, "cli.refused", "nothing of that was done", std::move(kept));
  return {};
}

}  // namespace photon::cli
