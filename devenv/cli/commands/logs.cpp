#include <unistd.h>

#include "devenv/cli/commands/commands.hpp"

namespace photon::cli {
namespace {

constexpr Option options[] = {
    {"--follow", "-f", "", "go on with what is written from now on"},
    {"--service", "-s", "SERVICE", "what that service of its compose project wrote"}};
constexpr Example examples[] = {{"devenv logs api", "why did its hook fail?"},
                                {"devenv logs -f", "the environment of this folder, until Ctrl-C"},
                                {"devenv logs --service db", "why does its database not come up?"}};

/// Whole lines as {"line": "…"}.
class JsonLines {
 public:
  explicit JsonLines(Context& context) : context_(context) {}
  Result<void> take(std::string_view bytes) {
    held_ += bytes;
    for (std::size_t end = 0; (end = held_.find('\n')) != std::string::npos; held_.erase(0, end + 1))
      PHOTON_CHECK(context_.print_json_line(json::object{{"line", held_.substr(0, end)}}));
    return {};
  }
  Result<void> end() { return held_.empty() ? Result<void>{} : take("\n"); }

 private:
  Context& context_;
  std::string held_;
};

Result<int> run(Context& context) {
  const bool follows = context.arguments.flag("--follow");
  std::optional<Interrupt> interrupt;
  if (follows) interrupt.emplace();
  PHOTON_TRY(auto name, environment_name(context, context.arguments.positional(0)));
  PHOTON_TRY(auto* daemon, context.daemon());
  JsonLines lines(context);
  auto sink = [&](std::string_view bytes) {
    return context.json() ? lines.take(bytes) : context.print(bytes);
  };
  auto ended = daemon->logs(name, context.arguments.text("--service"), follows, sink,
                            interrupt ? interrupt->token() : std::stop_token{});
  if (interrupt && interrupt->happened()) return exit_status(Kind::cancelled);
  if (!ended) return tl::unexpected(ended.error());
  PHOTON_CHECK(lines.end());
  return 0;
}

}  // namespace

extern const Command logs_command{
    "logs", "show what an environment's start and hooks wrote", options, name_positional, examples, run};

}  // namespace photon::cli
