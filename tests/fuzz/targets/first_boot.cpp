// Seeds of a first boot: what a plan holds can be written into files of the system as it is.
#include <algorithm>

#include "images/firstboot/keys.hpp"
#include "images/firstboot/readers.hpp"
#include "images/firstboot/seed.hpp"
#include "images/firstboot/system.hpp"
#include "tests/fuzz/target.hpp"

namespace photon::fuzz {
namespace {

bool one_line(std::string_view text) {
  return text.find_first_of("\n\r") == text.npos && text.find('\0') == text.npos;
}

void check(const first_boot::Plan& plan) {
  if (plan.host_name) expect(first_boot::check_host_name(*plan.host_name).has_value(), "a host name is one");
  for (const auto& one : plan.users) {
    const auto& user = one.user;
    expect(first_boot::check_account_name(user.name).has_value() && user.name != "root",
           "a user's name is one");
    for (const auto& field : {user.gecos, user.shell, user.home, user.password.value_or("")})
      expect(one_line(field) && field.find(':') == field.npos, "a field of passwd is one");
    for (const auto& group : user.groups)
      expect(first_boot::check_account_name(group).has_value(), "a group is one");
    for (const auto& rule : one.sudo) expect(one_line(rule), "a rule of sudo is one");
    for (const auto& key : one.keys) expect(first_boot::check_key(key).has_value(), "a key is one");
  }
  for (const auto& file : plan.files)
    expect(file.path.starts_with('/') && first_boot::clean_path(file.path) && (file.mode & 06000) == 0,
           "a file is below the root");
  for (const auto& text : {plan.time_zone.value_or("UTC"), plan.locale.value_or("C")})
    expect(one_line(text) && text.find("..") == text.npos, "a setting is one");
  for (const auto& error : plan.left_out)
    expect(!error.message.empty() && error.where, "what is left out has a place");
}

}  // namespace

void first_boot(std::string_view input) {
  first_boot::Plan plan;
  (void)first_boot::read_user_data(input, "user-data", plan);
  auto data = first_boot::read_meta_data(input, "meta-data", plan);
  if (data && !data->host_name.empty())
    expect(first_boot::check_host_name(data->host_name).has_value(), "a host name is one");
  check(plan);
  (void)first_boot::read_keys(input, "keys");
  (void)first_boot::source_from(input);
}

void network_config(std::string_view input) {
  first_boot::Plan plan;
  (void)first_boot::read_network_config(input, "network-config", plan);
  check(plan);
  for (const auto& file : plan.network) {
    expect(file.path.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./") ==
               file.path.npos,
           "a file of networkd has a plain name");
    std::string_view text = file.content;
    for (std::size_t at = 0; at < text.size();) {
      auto end = std::min(text.find('\n', at), text.size());
      auto line = text.substr(at, end - at);
      at = end + 1;
      constexpr std::string_view begins[] = {
          "#",        "[Match]", "[Link]",    "[Network]",    "[Route]",       "MACAddress=",
          "Name=",    "Kind=!*", "MTUBytes=", "DHCP=",        "IPv6AcceptRA=", "Address=",
          "Gateway=", "DNS=",    "Domains=",  "Destination=", "Metric="};
      expect(line.empty() || std::any_of(std::begin(begins), std::end(begins),
                                         [&](auto one) { return line.starts_with(one); }),
             "no value brings a line of its own");
    }
  }
}

}  // namespace photon::fuzz
