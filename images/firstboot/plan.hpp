// What a seed asks for, as data: made by readers, done by apply.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "images/firstboot/accounts.hpp"

namespace photon::first_boot {

struct WantedUser {
  User user;
  std::vector<std::string> keys{};
  std::vector<std::string> sudo{};  ///< "ALL=(ALL) NOPASSWD: ALL"
  bool is_default = false;
  Place where{};
};

struct WantedFile {
  std::string path;
  std::string content{};
  mode_t mode = 0644;
  std::string owner = "root", group = "root";
  bool append = false;
  Place where{};
};

/// A shell's line as it is, or the words of one command.
struct WantedCommand {
  std::string line{};
  std::vector<std::string> words{};
  bool operator==(const WantedCommand&) const = default;
};

struct Plan {
  std::optional<std::string> host_name{};
  std::vector<std::string> groups{};
  std::vector<WantedUser> users{};
  std::vector<WantedFile> files{};
  std::vector<WantedCommand> boot_commands{}, commands{};
  std::string script{};  ///< user-data that begins with "#!"
  std::optional<std::string> time_zone{}, locale{};
  std::vector<WantedFile> network{};
  std::vector<Error>
      left_out{};  ///< each thing that is asked for and not done: what, where, what to do instead
};

}  // namespace photon::first_boot
