#include "packages/rpm/transaction.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <filesystem>

#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"
#include "packages/rpm/librpm.hpp"
#include "packages/rpm/transaction_child.hpp"
#include "packages/rpm/transaction_journal.hpp"
#include "packages/rpm/user_namespace.hpp"

namespace photon::rpm {
namespace {

namespace fs = std::filesystem;

void send(int fd, const json::value& value) {
  auto line = write_json(value) + "\n";
  static_cast<void>(write_all(fd, line));
}

/// A killed transaction first, then what was asked for.
Result<void> work_in_child(const Solution& solution, const TransactionOptions& options,
                           const Reporter& reporter) {
  PHOTON_CHECK(make_directories(options.root + std::string(database_folder), 0755));
  if (options.scripts && options.root != "/") mount_for_scripts(options.root);
  auto steps = solution.steps;
  PHOTON_TRY(auto journal, read_journal(options.root));
  if (journal && !options.test) {
    PHOTON_TRY(auto installed, installed_names(options.root));
    auto left = remaining_steps(*journal, installed);
    std::vector<std::string> missing;
    for (const auto& step : left)
      if (step.action != Action::erase && ::access(step.item.location.c_str(), R_OK) != 0)
        missing.push_back(step.item.location);
    if (!missing.empty())
      return fail(Kind::conflict, "rpm.interrupted",
                  fmt::format("a transaction below {} was killed and cannot be completed: {} of its packages "
                              "are gone, first {}",
                              options.root, missing.size(), missing.front()),
                  fmt::format("put them back and run it again; or: rpm --root {} --dbpath {} -Va, mend what "
                              "it names, and remove {}",
                              options.root, database_folder, journal_path(options.root)));
    reporter.progress({.step = "complete",
                       .subject = "the transaction that was killed",
                       .detail = fmt::format("{} steps left", left.size())});
    PHOTON_CHECK(run_steps(left, options, reporter));
    remove_journal(options.root);
    PHOTON_TRY(installed, installed_names(options.root));
    steps = without_done(std::move(steps), installed);
  }
  if (steps.empty()) return {};
  return run_steps(steps, options, reporter);
}

[[noreturn]] void child(const Solution& solution, const TransactionOptions& options, int report, int go) {
  ::signal(SIGPIPE, SIG_IGN);  // our parent may be gone: what has begun is completed
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // A terminal's Ctrl-C is for our parent, and what it ends are scriptlets, too.
  if (options.disposable) ::setpgid(0, 0);
  Reporter reporter(report, options.disposable);
  if (options.date > 0) ::setenv("SOURCE_DATE_EPOCH", std::to_string(options.date).c_str(), 1);
  Result<void> result = enter_namespaces(options, report, go);
  if (result) result = work_in_child(solution, options, reporter);
  if (!result) reporter.error(result.error());
  ::_exit(result ? 0 : 1);
}

/// Reads what the child says until it has ended.
class Watcher {
 public:
  Watcher(pid_t pid, Fd in, bool disposable, const Work& work)
      : pid_(pid), in_(std::move(in)), disposable_(disposable), work_(work) {}

  Result<void> watch(const std::string& root) {
    std::string text;
    bool killed = false;
    while (true) {
      if (work_.stopped() && (disposable_ || !changing_) && !killed) killed = end();
      struct pollfd waiting{in_.get(), POLLIN, 0};
      if (::poll(&waiting, 1, 100) <= 0) continue;
      char bytes[4096];
      auto got = ::read(in_.get(), bytes, sizeof bytes);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      text.append(bytes, static_cast<std::size_t>(got));
      for (std::size_t end; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1))
        take(text.substr(0, end));
    }
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    if (error_) return tl::unexpected(std::move(*error_));
    if (killed) return cancelled();
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    return fail(Kind::failed, "rpm.killed",
                fmt::format("the transaction below {} was killed{}", root,
                            changing_ ? " in its middle" : " before it changed anything"),
                "run it again: it is completed then");
  }

 private:
  bool end() const {
    if (disposable_) ::kill(-pid_, SIGKILL);  // a scriptlet that runs has the pipe, too
    return ::kill(pid_, SIGKILL) == 0;
  }
  void take(const std::string& line) {
    auto value = parse_json(line, "a report");
    if (!value) return;
    if (flag_or(*value, "changing")) changing_ = true;
    if (const auto* error = member(*value, "error")) error_ = error_from_json(*error);
    if (const auto* step = member(*value, "step"); step && step->is_string())
      work_.report({.step = text_or(*value, "step"),
                    .subject = text_or(*value, "subject"),
                    .detail = text_or(*value, "detail"),
                    .done = static_cast<std::uint64_t>(number_or(*value, "done")),
                    .total = static_cast<std::uint64_t>(number_or(*value, "total")),
                    .finished = flag_or(*value, "finished")});
  }

  pid_t pid_;
  Fd in_;
  bool disposable_;
  Work work_;
  bool changing_ = false;
  std::optional<Error> error_;
};

}  // namespace

void Reporter::progress(const Progress& progress) const {
  send(fd_, json::object{{"step", progress.step},
                         {"subject", progress.subject},
                         {"detail", progress.detail},
                         {"done", progress.done},
                         {"total", progress.total},
                         {"finished", progress.finished}});
}
void Reporter::changing() const {
  if (!disposable_) ::prctl(PR_SET_PDEATHSIG, 0);  // from here on it is better to come to the end
  send(fd_, json::object{{"changing", true}});
}
void Reporter::error(const Error& error) const { send(fd_, json::object{{"error", to_json(error)}}); }

Result<void> run(const Solution& solution, const TransactionOptions& options, const Work& work) {
  PHOTON_CHECK(start_librpm());
  if (!options.root.starts_with('/'))
    return fail(Kind::usage, "rpm.root", fmt::format("{} cannot be a root", options.root),
                "give an absolute path");
  if (options.verify_signatures && options.keys.empty())
    return fail(Kind::usage, "rpm.keys", "no key is given to verify packages with",
                "give the repository's public key, or say that signatures are not wanted");
  auto own = options;
  while (own.root.size() > 1 && own.root.ends_with('/')) own.root.pop_back();
  PHOTON_TRY(auto report, make_pipe());
  PHOTON_TRY(auto go, make_pipe());
  pid_t pid = -1;
  {
    auto alone = before_fork();
    pid = ::fork();
    if (pid == 0) child(solution, own, report.second.get(), go.first.get());
  }
  if (pid < 0) return fail_errno("fork", errno);
  report.second.reset();
  go.first.reset();
  if (auto mapped = map_child(pid, own, report.first.get(), go.second.get()); !mapped) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return mapped;
  }
  return Watcher(pid, std::move(report.first), own.disposable, work).watch(own.root);
}

bool is_interrupted(const std::string& root) { return ::access(journal_path(root).c_str(), F_OK) == 0; }

}  // namespace photon::rpm
