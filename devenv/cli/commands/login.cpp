#include <unistd.h>

#include "devenv/cli/commands/commands.hpp"

namespace photon::cli {
namespace {

constexpr Option options[] = {
    {"--user", "-u", "USER", "user name (asked for otherwise)"},
    {"--password-stdin", "", "", "read the password or token from standard input"},
};
constexpr Positional positionals[] = {{"HOST", "a registry or git server", true}};
constexpr Example login_examples[] = {
    {"devenv login git.example.org", "asks for name and password, tries them, keeps them"},
    {"pass show registry | devenv login registry.example.org -u ci --password-stdin", "for scripts"}};
constexpr Example logout_examples[] = {{"devenv logout git.example.org", "forgets them"},
                                       {"devenv logout registry.example.org --json", "for scripts"}};

Result<std::string> line_from_stdin() {
  PHOTON_TRY(auto text, read_all(0, 64 << 10));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

Result<std::string> asked_user(Context& context) {
  if (context.arguments.flag("--user")) return context.arguments.text("--user");
  if (context.arguments.flag("--password-stdin"))
    return fail(Kind::usage, "cli.usage", "--password-stdin needs --user",
                "a token's user name is often \"token\" or \"oauth2\"");
  context.tell("User: ");
  std::string line;
  char next = 0;
  while (::read(0, &next, 1) == 1 && next != '\n') line += next;
  if (line.empty()) return fail(Kind::usage, "cli.usage", "a user name is needed", "give it with --user");
  return line;
}

Result<int> login(Context& context) {
  auto host = context.arguments.positional(0);
  PHOTON_TRY(auto user, asked_user(context));
  Result<std::string> password =
      context.arguments.flag("--password-stdin") ? line_from_stdin() : ask_secret("Password: ");
  if (!password) return tl::unexpected(password.error());
  PHOTON_TRY(auto* daemon, context.daemon());
  PHOTON_CHECK(daemon->login({.registry = host, .user = user, .password = Secret(std::move(*password))}));
  if (context.json()) PHOTON_CHECK(context.print_json(json::object{{"host", host}, {"user", user}}));
  context.tell(fmt::format("logged in to {} as {}\n", host, user));
  return 0;
}

Result<int> logout(Context& context) {
  auto host = context.arguments.positional(0);
  PHOTON_TRY(auto* daemon, context.daemon());
  PHOTON_TRY(auto kept, daemon->logins());
  bool known = std::find(kept.begin(), kept.end(), host) != kept.end();
  PHOTON_CHECK(daemon->logout(host));
  if (context.json()) PHOTON_CHECK(context.print_json(json::object{{"host", host}}));
  context.tell(known ? fmt::format("logged out of {}\n", host)
                     : fmt::format("no login of {} was kept here\n", harmless(host)));
  return 0;
}

}  // namespace

extern const Command login_command{
    "login", "keep the login of a registry or git server", options, positionals, login_examples, login};
extern const Command logout_command{
    "logout", "forget the login of a registry or git server", {}, positionals, logout_examples, logout};

}  // namespace photon::cli
