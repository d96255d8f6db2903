#include <array>

#include "devenv/core/name.hpp"
#include "devenv/spec/reader.hpp"

namespace photon::spec {
namespace {

/// One option of docker run: "--env=A=b", "-e", "A=b" and "-eA=b" come out alike.
struct Option {
  std::string name;  ///< always the long form where there is one
  std::string value;
  const Node* node = nullptr;
};

struct Short {
  char letter;
  std::string_view name;
};
constexpr std::array shorts{Short{'e', "--env"},     Short{'h', "--hostname"}, Short{'u', "--user"},
                            Short{'p', "--publish"}, Short{'v', "--volume"},   Short{'l', "--label"},
                            Short{'m', "--memory"},  Short{'w', "--workdir"},  Short{'c', "--cpu-shares"},
                            Short{'a', "--attach"}};
constexpr std::array<std::string_view, 12> flags{"--privileged",
                                                 "--init",
                                                 "--rm",
                                                 "--detach",
                                                 "--interactive",
                                                 "--tty",
                                                 "--read-only",
                                                 "-d",
                                                 "--no-healthcheck",
                                                 "--publish-all",
                                                 "--oom-kill-disable",
                                                 "-P"};

std::string_view long_name(char letter) {
  for (const auto& known : shorts)
    if (known.letter == letter) return known.name;
  return {};
}

bool takes_no_value(std::string_view name) {
  return std::find(flags.begin(), flags.end(), name) != flags.end() || name == "-i" || name == "-t" ||
         name == "-it";
}

Result<Option> take(const Node& list, std::size_t& at, const Reading& reading) {
  const auto& node = list.items[at++];
  PHOTON_TRY(auto word, reading.text(node, "runArgs"));
  Option option{word, {}, &node};
  if (word.starts_with("--")) {
    auto equals = word.find('=');
    option.name = word.substr(0, equals);
    if (equals != word.npos) {
      option.value = word.substr(equals + 1);
      return option;
    }
  } else if (word.size() >= 2 && word[0] == '-' && !long_name(word[1]).empty()) {
    option.name = long_name(word[1]);
    if (word.size() > 2) {
      option.value = word.substr(word[2] == '=' ? 3 : 2);
      return option;
    }
  }
  bool more = at < list.items.size() && !takes_no_value(option.name) && option.name.starts_with('-');
  if (more && list.items[at].type == Node::Type::text && !list.items[at].text.starts_with('-'))
    option.value = list.items[at++].text;
  return option;
}

Result<void> environment(const Option& option, const Reading& reading, Plan& plan) {
  auto equals = option.value.find('=');
  auto name = option.value.substr(0, equals);
  if (name.empty())
    return fail_at(option.node->place(reading.file), Kind::usage, "spec.type",
                   "\"runArgs\": --env lacks the name of a variable", "\"--env\", \"NAME=value\"");
  std::optional<std::string> value;
  if (equals != option.value.npos)
    value = option.value.substr(equals + 1);
  else if (reading.local_env)
    value = reading.local_env(name);  // NAME alone is passed on, if it is set
  if (value) set_variable(plan.container_env, name, *value);
  return {};
}

void network(const Option& option, const Reading& reading, Plan& plan) {
  if (option.value == "none")
    plan.network = "none";
  else if (option.value != "bridge" && option.value != "default")
    reading.warn(*option.node,
                 fmt::format("\"runArgs\": the network \"{}\" is not supported", shown(option.value)),
                 "the environment has a network of its own; its ports are reached by devenv ports");
}

/// NAME:ADDRESS; the address may have colons of its own.
Result<void> add_host(const Option& option, const Reading& reading, Plan& plan) {
  auto colon = option.value.find_first_of(":=");
  if (colon == option.value.npos || colon == 0 || colon + 1 == option.value.size() ||
      option.value.find_first_of(" \t\n") != option.value.npos)
    return fail_at(option.node->place(reading.file), Kind::usage, "spec.type",
                   "\"runArgs\": --add-host wants NAME:ADDRESS", "\"--add-host=db.test:10.0.0.5\"");
  set_variable(plan.extra_hosts, option.value.substr(0, colon), option.value.substr(colon + 1));
  return {};
}

/// docker writes "64mb" where mount(8) wants "64m".
std::string size_for_tmpfs(std::string size) {
  if (size.size() > 1 && (size.back() == 'b' || size.back() == 'B') &&
      !(size[size.size() - 2] >= '0' && size[size.size() - 2] <= '9'))
    size.pop_back();
  return size;
}

/// /run:size=64m,mode=0755
void tmpfs(const std::string& text, Plan& plan) {
  PlanMount mount{.type = "tmpfs", .source = "", .target = text.substr(0, text.find(':'))};
  std::string_view options = text;
  options.remove_prefix(std::min(mount.target.size() + 1, text.size()));
  while (!options.empty()) {
    auto one = options.substr(0, options.find(','));
    options.remove_prefix(std::min(one.size() + 1, options.size()));
    if (one == "ro") mount.read_only = true;
    if (one.starts_with("size=")) mount.options["tmpfs-size"] = size_for_tmpfs(std::string(one.substr(5)));
    if (one.starts_with("mode=")) mount.options["tmpfs-mode"] = one.substr(5);
  }
  add_mount(plan.mounts, std::move(mount));
}

/// True: we knew what to do with it.
Result<bool> apply(const Option& option, const Reading& reading, Plan& plan) {
  const auto& name = option.name;
  if (name == "--env") {
    PHOTON_CHECK(environment(option, reading, plan));
  } else if (name == "--cap-add") {
    add_new(plan.cap_add, option.value);
  } else if (name == "--security-opt") {
    add_new(plan.security_opt, option.value);
  } else if (name == "--privileged") {
    plan.privileged = option.value != "false";
  } else if (name == "--init") {
    plan.init = option.value != "false";
  } else if (name == "--hostname") {
    plan.hostname = option.value;
  } else if (name == "--user") {
    plan.container_user = option.value;
  } else if (name == "--network" || name == "--net") {
    network(option, reading, plan);
  } else if (name == "--publish") {
    PHOTON_CHECK(publish(*option.node, option.value, reading, plan));
  } else if (name == "--add-host") {
    PHOTON_CHECK(add_host(option, reading, plan));
  } else if (name == "--dns") {
    add_new(plan.dns, option.value);
  } else if (name == "--tmpfs" && option.value.starts_with('/')) {
    tmpfs(option.value, plan);
  } else if (name == "--shm-size" && !option.value.empty()) {
    tmpfs("/dev/shm:size=" + option.value, plan);
  } else if (name == "--volume") {
    PHOTON_TRY(auto mount, volume_of(*option.node, option.value, reading));
    add_mount(plan.mounts, std::move(mount));
  } else if (name == "--mount") {
    Node text = *option.node;
    text.text = option.value;
    PHOTON_TRY(auto mount, mount_of(text, "runArgs", reading));
    add_mount(plan.mounts, std::move(mount));
  } else {
    return false;
  }
  return true;
}

}  // namespace

Result<void> apply_run_args(const Node& list, const Reading& reading, Plan& plan) {
  PHOTON_TRY(plan.run_args, reading.texts(list, "runArgs"));
  for (std::size_t at = 0; at < list.items.size();) {
    PHOTON_TRY(auto option, take(list, at, reading));
    PHOTON_TRY(bool known, apply(option, reading, plan));
    if (!known)
      reading.warn(*option.node,
                   fmt::format("\"runArgs\": {} is not supported, it has no effect", shown(option.name)),
                   "it is an option of docker run");
  }
  return {};
}

}  // namespace photon::spec
