// The face of the reference CLI: its words, its output, its exit statuses. Called when `devenv` runs under
// the name `devcontainer`.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devenv/devcontainer/options.hpp"
#include "devenv/spec/reference/packages.hpp"

namespace photon::devcontainer {

/// The release of the reference whose behaviour this is.
inline constexpr std::string_view follows = "0.89.0";

/// Exit status where a program of ours is missing.
inline constexpr int program_missing = 69;

/// What a program has that can ask registries.
struct Network {
  std::function<Result<spec::reference::Packages>(const AuthOptions& options, Log& log)> connect;
  /// `features info` and the like: the exit status.
  std::function<int(const std::vector<std::string>& words)> command;
};

/// Without a network the program devenv-packages takes over as soon as one is needed: what it takes to ask a
/// registry is slow to load, and most calls ask none.
int run(const std::vector<std::string>& words, const Network* network = nullptr);

/// The first line of a log.
std::string log_header();
/// Shows what went wrong, and gives the exit status.
int fault(Log& log, const Error& error);
/// Of a program that has no network: whoever asks gets an error.
spec::reference::Packages no_packages();
/// Options that were given and do nothing here: a line.
void tell_without_effect(const std::vector<std::string>& options, Log& log);
/// Shows how the command is used, and then what is wrong with its words.
int wrong_words(const std::string& help_text, std::string_view message);

}  // namespace photon::devcontainer
