// What a transaction is about to do, written below its root before it begins and removed at its end: what is
// found there later was killed.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "packages/rpm/pool.hpp"

namespace photon::rpm {

struct Journal {
  std::vector<Step> steps{};
  std::vector<std::string> started{};  ///< packages, in the order in which they were begun
};

std::string journal_path(const std::string& root);
Result<void> write_journal(const std::string& root, const std::vector<Step>& steps);
/// Appended without waiting for the disk: what is lost in a power cut is done again.
void note_started(int journal, std::string_view package);
/// None: no transaction was killed. One that cannot be read is an error.
Result<std::optional<Journal>> read_journal(const std::string& root);
void remove_journal(const std::string& root);

/// What is left to do: `installed` are the packages in the database ("name-evr.arch").
std::vector<Step> remaining_steps(const Journal& journal, const std::set<std::string>& installed);
/// Without what is already so.
std::vector<Step> without_done(std::vector<Step> steps, const std::set<std::string>& installed);

}  // namespace photon::rpm
