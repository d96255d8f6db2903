#include "devenv/cli/context.hpp"

#include <unistd.h>

#include <cerrno>

#include "devenv/core/name.hpp"
#include "devenv/core/process.hpp"

namespace photon::cli {

Result<client::Client*> Context::daemon(bool start) {
  if (!client_) {
    PHOTON_TRY(auto opened, client::Client::open(start));
    client_.emplace(std::move(opened));
    trace("daemon at " + client_->paths().api_socket());
  }
  return &*client_;
}

void Context::trace(std::string_view what) const {
  if (!verbose()) return;
  auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
  tell(toned(fmt::format("  {:7.1f} ms  {}", seconds * 1000, what), Tone::dim, look_at(2)) + "\n");
}

namespace {

tl::unexpected<Error> several(const std::vector<wire::Environment>& all, std::string_view command) {
  std::string names;
  for (const auto& one : all) names += fmt::format("devenv {} {}\n", command, one.name);
  return fail(Kind::not_found, "cli.which", "this folder has no environment, and there are several elsewhere",
              names);
}

}  // namespace

Result<wire::Environment> environment(Context& context, const std::string& typed) {
  PHOTON_TRY(auto* daemon, context.daemon());
  if (!typed.empty()) {
    PHOTON_CHECK(check_name(typed));
    context.trace("environment " + typed);
    return daemon->environment(typed);
  }
  std::error_code error;
  auto here = std::filesystem::current_path(error).string();
  if (!here.empty()) {
    context.trace("environment of " + here);
    PHOTON_TRY(auto found, daemon->environment_of(here));
    if (found) return *found;
  }
  PHOTON_TRY(auto all, daemon->environments());
  if (all.size() == 1) return all.front();
  if (all.empty())
    return fail(Kind::not_found, "cli.none", "there is no environment yet",
                "devenv up URL or devenv up in a project's folder makes one");
  return several(all, context.command().name);
}

void name_nearest(Context& context, Error& error) {
  auto daemon = context.daemon(false);
  if (!daemon) return;
  auto all = (*daemon)->environments();
  if (!all) return;
  std::vector<std::string_view> names;
  for (const auto& one : *all) names.push_back(one.name);
  auto typed = context.arguments.positional(0);
  if (auto meant = nearest(typed, names); !meant.empty()) error.hint = fmt::format("did you mean {}?", meant);
}

Result<std::string> environment_name(Context& context, const std::string& typed) {
  if (!typed.empty()) {
    PHOTON_CHECK(check_name(typed));
    return typed;
  }
  PHOTON_TRY(auto found, environment(context, typed));
  return found.name;
}

namespace {

/// An operation that was ended early may not have said which environment it was making.
Result<wire::Environment> environment_of(const wire::Operation& operation, const std::string& source,
                                         client::Client& daemon) {
  if (!operation.environment.empty()) return daemon.environment(operation.environment);
  PHOTON_TRY(auto all, daemon.environments());
  for (auto& one : all)
    if (!source.empty() && one.source == source) return std::move(one);
  return fail(Kind::not_found, "cli.nothing", "nothing was made");
}

std::string what_was_kept(const wire::Operation& operation, const std::string& source,
                          client::Client& daemon) {
  auto kept = environment_of(operation, source, daemon);
  if (!kept) return "no environment was made; what was fetched is kept\nto go on: the same command again";
  return fmt::format(
      "{} is kept ({})\nto go on: devenv {}\nto be rid of it: devenv rm {}", kept->name, kept->state,
      fmt::format("{} {}", operation.kind == "delete" ? "rm" : operation.kind, kept->name), kept->name);
}

/// Ends the operation in the daemon and says how it stands then. A second Ctrl-C leaves by itself.
Result<wire::Operation> cancel(client::Client& daemon, const wire::Operation& operation,
                               const std::string& source) {
  if (auto asked = daemon.cancel(operation.id); !asked && asked.error().kind != Kind::not_found)
    return tl::unexpected(asked.error());
  auto ended = daemon.follow(operation.id, [](const Progress&) {}, [](const std::string&) {}, {});
  if (ended && ended->state == "done") return ended;
  return fail(Kind::cancelled, "cancelled", "interrupted",
              what_was_kept(ended ? *ended : operation, source, daemon));
}

}  // namespace

Result<wire::Operation> follow(Context& context, const wire::Operation& operation, Interrupt& interrupt,
                               const std::string& source) {
  PHOTON_TRY(auto* daemon, context.daemon());
  context.trace("operation " + operation.id);
  Steps steps(2);
  auto ended = daemon->follow(
      operation.id, [&](const Progress& progress) { steps.report(progress); },
      [&](const std::string& warning) { steps.say("  warning  " + warning); }, interrupt.token());
  if (!ended && interrupt.happened()) {
    steps.say("  stopping (Ctrl-C again leaves at once)");
    auto rest = cancel(*daemon, operation, source);
    steps.close(false);
    return rest;
  }
  bool failed = !ended || ended->state != "done";
  steps.close(failed);
  if (ended && ended->error) {
    // What the hook said stands above already, whole.
    auto error = *ended->error;
    if (error.code == "environment.hook" && !context.json()) error.hint.erase(0, error.hint.rfind('\n') + 1);
    return tl::unexpected(std::move(error));
  }
  if (ended && ended->state == "cancelled") return cancelled();
  if (ended && failed)
    return fail(Kind::failed, "operation.failed", fmt::format("{} did not succeed", ended->kind));
  return ended;
}

Result<Paths> user_paths() { return find_paths(::geteuid() == 0); }

std::string own_program() {
  std::error_code error;
  auto path = std::filesystem::read_symlink("/proc/self/exe", error).string();
  return path.empty() ? "devenv" : path;
}

std::string shell_word(std::string_view text) {
  constexpr std::string_view safe =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
  if (!text.empty() && text.find_first_not_of(safe) == std::string_view::npos) return std::string(text);
  std::string out = "'";
  for (char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string shell_line(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : " ") + shell_word(word);
  return out;
}

Result<int> become(const std::vector<std::string>& argv) {
  auto program = argv[0].find('/') == std::string::npos ? find_program(argv[0]) : argv[0];
  if (!program) return fail(Kind::not_found, "cli.program", fmt::format("{} is not installed", argv[0]));
  std::vector<char*> words;
  for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execv(program->c_str(), words.data());
  return fail_errno("run " + argv[0], errno);
}

}  // namespace photon::cli
