// A reader of untrusted bytes under test. It must take any bytes, and keep the promises that it states by
// `expect`.
#pragma once
#include <span>
#include <string_view>

namespace photon::fuzz {

struct Target {
  std::string_view name;  ///< of its folder in corpus, too
  void (*run)(std::string_view input);
  unsigned rounds = 2000;  ///< mutated inputs in a run of the tests
};

/// All of them; each file of targets/ has its own.
std::span<const Target> targets();

/// Ends the program, which shows the input, if a promise is broken.
void expect(bool kept, std::string_view promise);

void devcontainer(std::string_view input);
void config(std::string_view input);
void sources(std::string_view input);
void definition(std::string_view input);
void variables(std::string_view input);
void reference_view(std::string_view input);
void tolerant(std::string_view input);
void reference_variables(std::string_view input);
void dockerfile(std::string_view input);
void command_words(std::string_view input);
void documents(std::string_view input);
void challenge(std::string_view input);
void reference(std::string_view input);
void ignore_file(std::string_view input);
void build_file(std::string_view input);
void compose(std::string_view input);
void env_file(std::string_view input);
void archive(std::string_view input);
void feature(std::string_view input);
void unpacked(std::string_view input);
void logins(std::string_view input);
void url(std::string_view input);
void known_hosts(std::string_view input);
void tree_names(std::string_view input);
void init_requests(std::string_view input);
void users(std::string_view input);
void init_answers(std::string_view input);
void wire(std::string_view input);
void http_target(std::string_view input);
void http_answer(std::string_view input);
void names(std::string_view input);
void ssh_config(std::string_view input);
void keys(std::string_view input);
void subordinates(std::string_view input);
void encodings(std::string_view input);
void rpm_files(std::string_view input);
void repomd(std::string_view input);
void armour(std::string_view input);
void debs(std::string_view input);
void first_boot(std::string_view input);
void network_config(std::string_view input);
void packages(std::string_view input);
void package_names(std::string_view input);
/// Has a fault on purpose: the test of the driver itself.
void planted(std::string_view input);

}  // namespace photon::fuzz
