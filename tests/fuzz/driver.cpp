// fuzzer NAME [--rounds N | --seconds N] [FILE…]: runs the files, or the corpus and what mutation makes of
// it.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/fuzz/coverage.hpp"
#include "tests/fuzz/mutate.hpp"
#include "tests/fuzz/target.hpp"

extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*)());

namespace photon::fuzz {
namespace {

struct Current {
  std::string name;
  std::string input;
  bool named = false;  ///< it is a file already
} current;

/// From a signal or a sanitizer's last word: only what is safe there.
void show_input() {
  static char message[512];
  static bool shown = false;
  if (shown || current.named) return;
  shown = true;
  static char file[128];
  std::snprintf(file, sizeof file, "fuzz-%s.input", current.name.c_str());
  int fd = ::open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd >= 0 && ::write(fd, current.input.data(), current.input.size()) >= 0) ::close(fd);
  int size = std::snprintf(message, sizeof message, "%s: the input is in %s; again: fuzzer %s %s\n",
                           current.name.c_str(), file, current.name.c_str(), file);
  if (::write(2, message, static_cast<std::size_t>(size)) < 0) return;
}

void on_signal(int number) {
  show_input();
  ::signal(number, SIG_DFL);
  ::raise(number);
}

void watch() {
  for (int number : {SIGABRT, SIGALRM, SIGTERM}) ::signal(number, on_signal);
  if (__sanitizer_set_death_callback != nullptr)
    __sanitizer_set_death_callback(show_input);
  else
    for (int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) ::signal(number, on_signal);
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> corpus(std::string_view name) {
  std::vector<std::filesystem::path> paths;
  auto folder = std::filesystem::path(PHOTON_SOURCE_DIR "/tests/fuzz/corpus") / name;
  if (std::filesystem::is_directory(folder))
    for (const auto& entry : std::filesystem::directory_iterator(folder)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> inputs;
  for (const auto& path : paths) inputs.push_back(content(path));
  return inputs;
}

void run(const Target& target, std::string input) {
  current.input = std::move(input);
  ::alarm(60);  // an input that takes so long is a fault; the file names it
  target.run(current.input);
}

int usage() {
  std::fprintf(stderr, "fuzzer NAME [--rounds N | --seconds N] [FILE…]; NAME:");
  for (const auto& target : targets())
    std::fprintf(stderr, " %.*s", static_cast<int>(target.name.size()), target.name.data());
  std::fprintf(stderr, "\n");
  return 2;
}

int fuzz(const Target& target, unsigned long rounds, std::chrono::seconds time) {
  auto inputs = corpus(target.name);
  if (inputs.empty()) return std::fprintf(stderr, "fuzzer: no seeds in corpus/%s\n", current.name.c_str()), 1;
  for (const auto& seed : inputs) run(target, seed);
  reached_something_new();
  Mutator mutator(7);
  auto end = std::chrono::steady_clock::now() + time;
  unsigned long done = 0;
  for (; time.count() > 0 ? std::chrono::steady_clock::now() < end : done < rounds; ++done) {
    run(target, mutator.next(inputs));
    if (reached_something_new()) inputs.push_back(current.input);
  }
  std::printf("%s: %lu inputs, %zu of them kept\n", current.name.c_str(), done, inputs.size());
  return 0;
}

int main_with(const std::vector<std::string>& words) {
  const Target* target = nullptr;
  for (const auto& known : targets())
    if (!words.empty() && known.name == words[0]) target = &known;
  if (target == nullptr) return usage();
  current.name = target->name;
  watch();
  unsigned long rounds = target->rounds;
  std::chrono::seconds time{0};
  std::vector<std::string> files;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "--rounds" && i + 1 < words.size())
      rounds = std::strtoul(words[++i].c_str(), nullptr, 10);
    else if (words[i] == "--seconds" && i + 1 < words.size())
      time = std::chrono::seconds(std::strtoul(words[++i].c_str(), nullptr, 10));
    else
      files.push_back(words[i]);
  }
  if (files.empty()) return fuzz(*target, rounds, time);
  current.named = true;
  for (const auto& file : files) run(*target, content(file));
  return 0;
}

}  // namespace
}  // namespace photon::fuzz

int main(int argc, char** argv) { return photon::fuzz::main_with({argv + 1, argv + argc}); }
