// Users and groups of a tree: /etc/passwd, group, shadow, gshadow, subuid and subgid. What is there stays;
// what is missing is added, in an order in which a cut power leaves nothing that names what is not there.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "images/firstboot/tree.hpp"

namespace photon::first_boot {

struct User {
  std::string name;
  std::string gecos{};
  std::string shell = "/bin/bash";
  std::string home{};                     ///< empty: /home/NAME
  std::optional<uid_t> uid{};             ///< none: the first free one from 1000 on
  std::string primary_group{};            ///< empty: a group of the user's own
  std::vector<std::string> groups{};      ///< those that are there; others are told
  std::optional<std::string> password{};  ///< hashed, as in shadow; none: no password fits
  bool system = false;                    ///< a number below 1000
  bool make_home = true;
  bool operator==(const User&) const = default;
};

struct Account {
  uid_t uid = 0;
  gid_t gid = 0;
  std::string home;
  bool made = false;
};

/// [a-z_][a-z0-9_-]{0,30}: what every program takes.
Result<void> check_account_name(std::string_view name);

class Accounts {
 public:
  static Result<Accounts> read(const Tree& tree);
  /// A user as asked for, or the one that is there with the groups that it lacks. `missing` gets groups that
  /// are nowhere.
  Result<Account> ensure(const User& user, std::vector<std::string>& missing);
  Result<void> ensure_group(const std::string& name);
  [[nodiscard]] std::optional<uid_t> uid_of(std::string_view name) const;
  [[nodiscard]] std::optional<gid_t> gid_of(std::string_view name) const;
  /// Only files that differ.
  Result<void> write(const Tree& tree) const;

 private:
  using Rows = std::vector<std::vector<std::string>>;
  struct File {
    std::string text;  ///< as it was read
    Rows rows;
  };
  [[nodiscard]] static const std::vector<std::string>* find(const File& file, std::string_view name);
  Result<gid_t> add_group(const std::string& name, std::optional<gid_t> wanted, bool system);
  void join(const std::string& group, const std::string& user);
  void give_subordinates(File& file, const std::string& user);
  [[nodiscard]] unsigned free_number(bool system) const;

  File passwd_, group_, shadow_, gshadow_, subuid_, subgid_;
};

/// The home of an account with what /etc/skel holds; one that is there is left alone.
Result<void> make_home(const Tree& tree, const Account& account);

}  // namespace photon::first_boot
