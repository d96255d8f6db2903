#include "packages/forge/recipe/workers.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>

#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "packages/forge/recipe/jail.hpp"
#include "packages/forge/recipe/json.hpp"
#include "packages/forge/recipe/spec.hpp"

namespace photon::forge {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t most_bytes = 8 << 20;  // of one answer; the longest that we have seen has 300 KiB

/// Before each answer in a worker's pipe.
struct Frame {
  std::uint32_t index = 0;
  std::uint32_t length = 0;
};

json::value answer_of(const Result<Recipe>& result) {
  if (result) return {{"recipe", to_json(*result)}};
  return {{"error", to_json(result.error())}};
}

tl::unexpected<Error> broken(const std::string& spec, std::string what) {
  return fail_at({spec, 0, 0}, Kind::usage, "forge.spec", std::move(what),
                 "a macro of it may run without end or too large; rpmspec --parse shows what it does");
}

/// What a child has written, until it closes the pipe, ends, says too much or is too slow. nullopt: one of
/// those.
std::optional<std::string> hear(int pipe, std::chrono::milliseconds limit) {
  std::string text;
  auto end = Clock::now() + limit;
  while (text.size() <= most_bytes) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    pollfd wait{pipe, POLLIN, 0};
    auto ready = ::poll(&wait, 1, static_cast<int>(std::max<long>(left, 0)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return std::nullopt;
    std::array<char, 65536> part{};
    auto got = ::read(pipe, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  return std::nullopt;
}

struct Shared {
  std::atomic<std::uint32_t> next{0};
};

struct Job {
  const std::vector<std::string>& specs;
  const ReadOptions& options;
  Shared& shared;
  int pipe;  ///< the answers go here
};

/// One spec with what earlier attempts have taught.
struct Attempt {
  const std::string& spec;
  std::string arch{};                  ///< another than asked for: the only one that the spec allows
  std::vector<std::string> assumed{};  ///< "NAME 0"
};

[[noreturn]] void read_one(const Job& job, const Attempt& attempt, int out) {
  ::setpgid(0, 0);
  limit_reading(static_cast<unsigned>(job.options.limit.count() / 1000 + 1));
  auto text = write_json(answer_of(parse_spec(attempt.spec, job.options, attempt.assumed, attempt.arch)));
  std::ignore = write_all(out, text);
  ::_exit(0);
}

json::value in_child(const Job& job, const Attempt& attempt, bool jailed) {
  auto pipe = make_pipe();
  if (!pipe) return {{"error", to_json(pipe.error())}};
  auto child = ::fork();
  if (child < 0) return {{"error", to_json(fail_errno("start a process", errno).value())}};
  if (child == 0) read_one(job, attempt, pipe->second.get());
  pipe->second.reset();
  auto text = hear(pipe->first.get(), job.options.limit);
  // Whatever its shell macros have left behind goes with it.
  ::kill(jailed ? -1 : -child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
  auto said = [&](std::string what) -> json::value {
    return {{"error", to_json(broken(attempt.spec, std::move(what)).value())}};
  };
  if (!text)
    return said(fmt::format("reading it takes more than {:.3g} s or 8 MiB",
                            static_cast<double>(job.options.limit.count()) / 1000));
  auto answer = parse_json(*text, "the answer", most_bytes);
  if (!answer || (!member(*answer, "recipe") && !member(*answer, "error")))
    return said("the process that reads it has died");
  return *answer;
}

/// The macro that an %if has in it unexpanded: "parse error in expression: %{with_check}".
std::string undefined_macro(std::string_view message) {
  auto at = message.find('%');
  if (message.find("expression") == message.npos || at == message.npos) return {};
  auto name = message.substr(at + 1);
  if (name.starts_with('{')) name.remove_prefix(1);
  constexpr auto letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  name = name.substr(0, name.find_first_not_of(letters));
  return name.size() < 3 ? std::string() : std::string(name);
}

/// Reads a spec, again where its fault can be got around: a spec for one other processor is read for that
/// one, and (where strangers' specs are read) macros that their builder would define count as 0.
json::value read_with_patience(const Job& job, const std::string& spec, bool jailed) {
  constexpr std::size_t most_assumed = 8;
  Attempt attempt{.spec = spec};
  for (;;) {
    auto answer = in_child(job, attempt, jailed);
    const auto* error = member(answer, "error");
    if (!error) return answer;
    auto message = text_or(*error, "message");
    if (message.starts_with("No compatible architectures") && attempt.arch.empty()) {
      attempt.arch = job.options.arch == "aarch64" ? "x86_64" : "aarch64";
      continue;
    }
    auto macro = undefined_macro(message);
    auto define = macro + " 0";
    bool known = std::find(attempt.assumed.begin(), attempt.assumed.end(), define) != attempt.assumed.end();
    if (!job.options.lenient || macro.empty() || known || attempt.assumed.size() == most_assumed)
      return answer;
    attempt.assumed.push_back(std::move(define));
  }
}

/// The process that forks one for each spec, so that rpm's own macros are read once.
[[noreturn]] void serve(const Job& job, bool jailed) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  auto nowhere = open_fd("/dev/null", O_RDWR);
  if (nowhere)
    for (int fd : {0, 1, 2}) ::dup2(nowhere->get(), fd);
  ::signal(SIGPIPE, SIG_IGN);
  auto ready = close_doors()
                   ? start_rpm(job.options)
                   : Result<void>(fail(Kind::failed, "forge.jail", "the kernel knows no seccomp filters",
                                       "specs run programs; they are read behind such a filter only"));
  for (;;) {
    auto index = job.shared.next.fetch_add(1);
    if (index >= job.specs.size()) ::_exit(0);
    auto answer = ready ? read_with_patience(job, job.specs[index], jailed)
                        : json::value{{"error", to_json(ready.error())}};
    auto text = write_json(answer);
    Frame frame{index, static_cast<std::uint32_t>(text.size())};
    std::string bytes(reinterpret_cast<const char*>(&frame), sizeof frame);
    if (!write_all(job.pipe, bytes + text)) ::_exit(1);
  }
}

[[noreturn]] void begin(const Job& job) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  bool jailed = enter_jail();
  if (!jailed) serve(job, false);
  auto first = ::fork();  // process 1 of the new pid namespace
  if (first == 0) serve(job, true);
  int status = 0;
  while (first > 0 && ::waitpid(first, &status, 0) < 0 && errno == EINTR) {
  }
  ::_exit(first > 0 ? 0 : 1);
}

/// A worker as this process sees it; ends and is reaped with the value.
class Worker {
 public:
  Worker(pid_t pid, Fd pipe) : pid_(pid), pipe_(std::move(pipe)) {}
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() {
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  [[nodiscard]] int pipe() const { return pipe_.get(); }

  /// What has come; false: that was the end.
  bool take(std::vector<std::optional<Result<Recipe>>>& answers) {
    std::array<char, 65536> part{};
    auto got = ::read(pipe_.get(), part.data(), part.size());
    if (got < 0) return errno == EINTR;
    text_.append(part.data(), static_cast<std::size_t>(got));
    Frame frame;
    while (text_.size() >= sizeof frame) {
      std::memcpy(&frame, text_.data(), sizeof frame);
      if (text_.size() < sizeof frame + frame.length) break;
      auto answer =
          parse_json(std::string_view(text_).substr(sizeof frame, frame.length), "the answer", most_bytes);
      if (frame.index < answers.size() && answer) {
        if (const auto* recipe = member(*answer, "recipe"))
          answers[frame.index] = recipe_from_json(*recipe);
        else if (const auto* error = member(*answer, "error"))
          answers[frame.index] = tl::unexpected(error_from_json(*error));
      }
      text_.erase(0, sizeof frame + frame.length);
    }
    return got > 0;
  }

 private:
  pid_t pid_;
  Fd pipe_;
  std::string text_;
};

unsigned workers_for(const ReadOptions& options, std::size_t specs) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  unsigned wanted = options.jobs;
  if (wanted == 0 && ::sched_getaffinity(0, sizeof allowed, &allowed) == 0)
    wanted = static_cast<unsigned>(CPU_COUNT(&allowed));
  return static_cast<unsigned>(std::clamp<std::size_t>(wanted, 1, std::min<std::size_t>(specs, 64)));
}

}  // namespace

Result<std::vector<Result<Recipe>>> read_in_processes(const std::vector<std::string>& specs,
                                                      const ReadOptions& options, const Work& work) {
  std::vector<Result<Recipe>> out;
  if (specs.empty()) return out;
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return fail_errno("get memory", errno);
  auto unmap = [](void* at) { ::munmap(at, sizeof(Shared)); };
  std::unique_ptr<void, decltype(unmap)> owner(memory, unmap);
  auto* shared = new (memory) Shared;

  std::vector<std::optional<Result<Recipe>>> answers(specs.size());
  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned i = workers_for(options, specs.size()); i > 0; --i) {
    PHOTON_TRY(auto pipe, make_pipe());
    auto pid = ::fork();
    if (pid < 0) return fail_errno("start a process", errno);
    if (pid == 0) begin({specs, options, *shared, pipe.second.get()});
    workers.push_back(std::make_unique<Worker>(pid, std::move(pipe.first)));
  }
  std::size_t done = 0;
  while (!workers.empty()) {
    if (work.stopped()) return cancelled();
    std::vector<pollfd> wait;
    for (const auto& worker : workers) wait.push_back({worker->pipe(), POLLIN, 0});
    if (::poll(wait.data(), wait.size(), 100) < 0 && errno != EINTR)
      return fail_errno("wait for a process", errno);
    for (std::size_t i = workers.size(); i-- > 0;)
      if (wait[i].revents != 0 && !workers[i]->take(answers))
        workers.erase(workers.begin() + static_cast<std::ptrdiff_t>(i));
    auto now = static_cast<std::size_t>(
        std::count_if(answers.begin(), answers.end(), [](const auto& one) { return one.has_value(); }));
    if (now != std::exchange(done, now))
      work.report({.step = "read",
                   .subject = "specs",
                   .detail = fmt::format("{} of {}", now, specs.size()),
                   .done = now,
                   .total = specs.size(),
                   .finished = now == specs.size()});
  }
  for (std::size_t i = 0; i < specs.size(); ++i)
    out.push_back(answers[i] ? std::move(*answers[i])
                             : Result<Recipe>(broken(specs[i], "the process that reads it has died")));
  return out;
}

}  // namespace photon::forge
