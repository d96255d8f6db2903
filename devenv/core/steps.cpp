// Steps: the moving lines of `up` and its kin.
#include <cmath>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "devenv/core/fd.hpp"
#include "devenv/core/terminal.hpp"

namespace photon {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::string_view wheel[] = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
constexpr std::size_t most_said = 2000;
constexpr std::size_t subject_columns = 32;
constexpr std::size_t detail_columns = 20;
constexpr std::size_t least_subject = 8;

struct Step {
  Progress last;
  Clock::time_point begun = Clock::now();
  std::deque<std::string> said{};  ///< output of a hook or build: shown whole if it fails
  bool announced = false;          ///< its plain line stands above its output: not again below it
};

/// Steps whose details are lines of somebody's output, not a measure of how far it is.
bool speaks(const Progress& progress) {
  return progress.step == "hook" || progress.step == "build" || progress.step == "feature";
}

double seconds_since(Clock::time_point begun) {
  return std::chrono::duration<double>(Clock::now() - begun).count();
}

std::string amount(const Progress& progress) {
  if (progress.total == 0 || speaks(progress)) return {};
  return fmt::format("{} %", std::min<std::uint64_t>(100, progress.done * 100 / progress.total));
}

std::string join(std::string line, std::string_view more) {
  if (!more.empty()) line += "  " + std::string(more);
  return line;
}

}  // namespace

struct Steps::State {
  explicit State(int to) : fd(to), look(look_at(to)) {}

  const int fd;
  const Look look;
  std::mutex mutex;
  std::condition_variable_any wake;
  std::vector<Step> running;
  std::vector<std::string> drawn;  ///< the lines on the screen below which the cursor stands
  std::string shown;               ///< what was written last: nothing is written twice
  std::size_t turn = 0;
  bool closed = false;
  std::jthread ticker;

  [[nodiscard]] std::size_t width() const {
    auto columns = width_of(fd);
    return columns > 1 ? columns - 1 : 1000;  // the last column is left free: some terminals wrap there
  }

  static std::string head(const Progress& progress, std::size_t room) {
    return "  " + padded(harmless(progress.step), 8) + " " + padded(harmless(progress.subject), room);
  }

  /// Step, subject and `tail`; where they do not fit, the subject is cut, for the tail says how far it is.
  static std::string fitted(const Progress& progress, const std::string& tail, std::size_t columns,
                            std::size_t wanted = subject_columns) {
    auto taken = columns_of(head({progress.step, "", ""}, 0)) + (tail.empty() ? 0 : 2 + columns_of(tail));
    auto room = std::max<std::size_t>(least_subject, columns > taken ? columns - taken : 0);
    Progress fits = progress;
    fits.subject = cut(harmless(progress.subject), room);
    return trimmed(cut(join(head(fits, std::min(wanted, room)), tail), columns));
  }

  static std::string finished_line(const Step& step, std::size_t columns) {
    auto detail = harmless(step.last.detail);
    auto seconds = seconds_since(step.begun);
    if (seconds < 0.05) return fitted(step.last, detail, columns);
    auto time = duration_words(seconds);
    // Without a detail its column belongs to the subject.
    if (detail.empty()) return fitted(step.last, time, columns, subject_columns + 2 + detail_columns);
    bool aligned = columns >= 11 + subject_columns + 2 + detail_columns + 2 + 6;
    return fitted(step.last, join(aligned ? padded(detail, detail_columns) : detail, time), columns);
  }

  std::vector<std::string> lines() {
    std::vector<std::string> out;
    for (const auto& step : running) {
      auto seconds = seconds_since(step.begun);
      std::string tail(wheel[turn % std::size(wheel)]);
      if (seconds >= 1)
        tail += " " + duration_words(std::floor(seconds) >= 10 ? std::floor(seconds) : seconds);
      out.push_back(fitted(step.last, join(tail, amount(step.last)), width()));
      if (!step.last.detail.empty())
        out.push_back(
            toned(cut(std::string(11, ' ') + harmless(step.last.detail), width()), Tone::dim, look));
    }
    return out;
  }

  /// Rows that the drawn lines take now: a terminal made narrower has wrapped them.
  [[nodiscard]] std::size_t rows_drawn() const {
    auto columns = std::max<std::size_t>(1, width_of(fd));
    std::size_t rows = 0;
    for (const auto& line : drawn)
      rows += std::max<std::size_t>(1, (columns_of(line) + columns - 1) / columns);
    return rows;
  }

  /// Everything in one write, lines overwritten in place: nothing flickers.
  void draw(std::string_view above = {}) {
    if (!look.drawing) {
      if (!above.empty()) (void)write_all(fd, above);
      return;
    }
    auto next = closed ? std::vector<std::string>{} : lines();
    std::string picture;
    for (const auto& line : next) picture += line + "\x1b[K\n";
    if (above.empty() && picture == shown && next == drawn) return;
    std::string out = "\r";
    if (auto rows = rows_drawn()) out += fmt::format("\x1b[{}A", rows);
    while (!above.empty()) {
      auto end = std::min(above.find('\n'), above.size());
      out += std::string(above.substr(0, end)) + "\x1b[K\n";
      above.remove_prefix(std::min(end + 1, above.size()));
    }
    out += picture + "\x1b[J";
    (void)write_all(fd, out);
    shown = std::move(picture);
    drawn = std::move(next);
  }

  void tick(const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
      wake.wait_for(lock, stop, std::chrono::milliseconds(100), [] { return false; });
      if (running.empty() || closed) continue;
      ++turn;
      draw();
    }
  }

  Step& of(const Progress& progress) {
    // A hook or a build is another step when its subject is another one; a clone's subject may change.
    for (auto& step : running)
      if (step.last.step == progress.step && (!speaks(progress) || step.last.subject == progress.subject))
        return step;
    running.push_back({progress});
    if (!look.drawing && speaks(progress) && !progress.finished) {
      draw(trimmed(head(progress, 0)) + "\n");
      running.back().announced = true;
    }
    return running.back();
  }

  static std::string trimmed(std::string line) {
    while (line.ends_with(' ')) line.pop_back();
    return line;
  }

  void keep(Step& step, const Progress& progress) {
    if (!speaks(progress) || progress.detail.empty() || progress.finished) return;
    step.said.push_back(harmless(progress.detail));
    if (step.said.size() > most_said) step.said.pop_front();
    if (!look.drawing) draw(std::string(11, ' ') + step.said.back() + "\n");
  }
};

Steps::Steps(int fd) : state_(std::make_unique<State>(fd)) {
  if (state_->look.drawing)
    state_->ticker = std::jthread([state = state_.get()](std::stop_token stop) { state->tick(stop); });
}

Steps::~Steps() { close(false); }

void Steps::report(const Progress& progress) {
  std::lock_guard lock(state_->mutex);
  if (state_->closed) return;
  auto& step = state_->of(progress);
  step.last = progress;
  state_->keep(step, progress);
  if (!progress.finished) return state_->draw();
  auto line = State::finished_line(step, state_->look.drawing ? state_->width() : 1000);
  bool known = step.announced;
  std::erase_if(state_->running, [&](const Step& other) { return &other == &step; });
  if (!known) state_->draw(line + "\n");
}

void Steps::say(std::string_view line) {
  std::lock_guard lock(state_->mutex);
  state_->draw(harmless(line) + "\n");
}

void Steps::close(bool failed) {
  {
    std::lock_guard lock(state_->mutex);
    if (state_->closed) return;
    state_->closed = true;
    std::string left;
    for (const auto& step : state_->running) {
      if (!failed) continue;
      left += State::trimmed("  " + toned("failed", Tone::bad, state_->look) + "   " +
                             harmless(step.last.step) + " " + harmless(step.last.subject)) +
              "\n";
      if (state_->look.drawing)
        for (const auto& line : step.said) left += std::string(11, ' ') + line + "\n";
    }
    state_->running.clear();
    state_->draw(left);
  }
  if (state_->ticker.joinable()) {
    state_->ticker.request_stop();
    state_->ticker.join();
  }
}

}  // namespace photon
