#include "devenv/build/build.hpp"

#include "devenv/build/bases.hpp"
#include "devenv/build/buildah.hpp"
#include "devenv/build/handover.hpp"
#include "devenv/build/output.hpp"
#include "devenv/build/settings.hpp"
#include "devenv/core/checkpoint.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/process.hpp"
#include "devenv/core/undo.hpp"

namespace photon::build {
namespace {

/// Name servers and search list of a resolv.conf.
void add_resolver(Words& words, std::string_view text) {
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    auto blank = line.find_first_of(" \t");
    if (blank == line.npos) continue;
    auto value = line.substr(line.find_first_not_of(" \t", blank));
    if (line.starts_with("nameserver")) words.push_back(fmt::format("--dns={}", value));
    if (line.starts_with("search"))
      while (!value.empty()) {
        auto name = value.substr(0, value.find(' '));
        value.remove_prefix(std::min(name.size() + 1, value.size()));
        if (!name.empty()) words.push_back(fmt::format("--dns-search={}", name));
      }
  }
}

Words build_words(const Recipe& recipe, const Site& site) {
  Words words{"build",
              "--layers",
              "--force-rm",
              "--format=docker",  // OCI's would ignore SHELL
              "--isolation=oci",
              "--runtime=" + site.runtime,
              "--http-proxy=false",
              "--identity-label=false",
              "--signature-policy=/scratch/policy.json",
              "--iidfile=/scratch/image",
              "--tag=" + recipe.name(),
              "--file=/scratch/Dockerfile",
              "--ignorefile=/scratch/ignore"};
  // It keeps RUN from devices, of which an image may have nodes. In a user's namespaces those are dead.
  if (!site.control_group.empty())
    words.push_back("--cgroup-parent=" + site.control_group);
  else if (site.runtime == "crun")
    words.emplace_back("--runtime-flag=cgroup-manager=disabled");
  if (!site.registries.ca_file.empty()) words.emplace_back("--cert-dir=/scratch/certificates");
  if (!recipe.build.target.empty()) words.push_back("--target=" + recipe.build.target);
  for (const auto& [name, value] : recipe.build.args)
    words.push_back(fmt::format("--build-arg={}={}", name, value));
  for (const auto& [name, value] : site.proxies)
    words.push_back("--build-arg=" + name);                          // from the environment
  if (!asks_anew(recipe.build)) words.emplace_back("--pull=false");  // what is here is taken
  bool alone = false;
  for (const auto& option : recipe.build.options) {
    if (option.starts_with("--platform=")) continue;  // this machine's
    alone = alone || option == "--network=none";
    words.push_back(option == "--pull" ? "--pull-always" : option);
  }
  if (!alone) {
    words.emplace_back("--network=ns:/network");
    add_resolver(words, site.resolv_conf);
  }
  words.emplace_back("/context");
  return words;
}

tl::unexpected<Error> failed(const Recipe& recipe, const Site& site, const Output& output, int status) {
  auto file = recipe.shown_file();
  if (free_space(site.data) < (256U << 10))
    return fail(Kind::no_space, "build.step",
                fmt::format("the build of {} failed: the disk of {} is full", file, site.data),
                "make space there, devenv image gc may help; then run the command again");
  auto hint = output.tail() + "steps before it are kept; mend it, then run the command again";
  if (output.step().empty())
    return fail(Kind::failed, "build.failed", fmt::format("the build of {} failed", file), std::move(hint));
  auto message = fmt::format("the build failed at {}, exit status {}", shown(output.step(), 200), status);
  return fail_at({file, output.line(), output.line() == 0 ? 0U : 1U}, Kind::failed, "build.step",
                 std::move(message), std::move(hint));
}

Result<void> run_steps(const Buildah& buildah, const Recipe& recipe, const Site& site, const Line& line) {
  PHOTON_CHECK(buildah.put("Dockerfile", recipe.dockerfile));
  PHOTON_CHECK(buildah.put("ignore", recipe.ignore));
  Output output(recipe.parsed);
  PHOTON_TRY(int status,
             buildah.run(build_words(recipe, site), recipe.context.get(), [&](std::string_view text) {
               if (output.take(text)) line(text);
             }));
  if (status != 0) return failed(recipe, site, output, status);
  return {};
}

Result<image::ImageConfig> hand_over(const Buildah& buildah, const Recipe& recipe, const Site& site,
                                     image::Images& images, const Work& work) {
  auto layout = buildah.work_folder() + "/layout";
  Handover handover(site.data + "/known", site.data + "/" + layout, images);
  PHOTON_CHECK(handover.open());
  PHOTON_CHECK(buildah.run_quietly(
      {"push", "--quiet", "--signature-policy=/scratch/policy.json", "--compression-format=zstd",
       "--compression-level=1", recipe.name(), fmt::format("oci:/storage/{}:built", layout)},
      "handing over the image"));
  checkpoint("build.pushed");
  return handover.close(recipe.name(), {work.stop, {}});
}

}  // namespace

Result<void> usable() {
  if (find_program("buildah")) return {};
  return fail(Kind::unavailable, "build.missing", "buildah, which builds Dockerfiles, is not installed",
              "sudo apt install buildah");
}

Result<image::ImageConfig> make(const Recipe& recipe, const Site& site, image::Images& images,
                                const Line& line, const Work& work) {
  PHOTON_CHECK(usable());
  Buildah buildah(site, work.stop);
  PHOTON_CHECK(buildah.write_settings(registries_of(spec::images_of(recipe.parsed, recipe.build.args))));
  checkpoint("build.begun");
  PHOTON_CHECK(bring_bases(buildah, recipe, site, images, work));
  PHOTON_CHECK(run_steps(buildah, recipe, site, line));
  checkpoint("build.built");
  // What was read while it changed is not what the name says.
  PHOTON_TRY(auto key, key_of(recipe, work.stop));
  if (key != recipe.key)
    return fail(Kind::conflict, std::string(changing),
                fmt::format("the context of {} changes while it is built", recipe.shown_file()),
                "run the command again once its files are left alone");
  // A collection of garbage between the two may have taken a layer that was known: then all are handed over.
  auto image = hand_over(buildah, recipe, site, images, work);
  if (!image && image.error().kind == Kind::corrupt) {
    std::error_code ignored;
    std::filesystem::remove_all(site.data + "/known", ignored);
    image = hand_over(buildah, recipe, site, images, work);
  }
  return image;
}

bool is_made(const std::string& data) { return std::filesystem::exists(data + "/driver"); }

Result<void> tidy(const Site& site, const std::stop_token& stop) {
  PHOTON_CHECK(usable());
  Buildah buildah(site, stop);
  PHOTON_CHECK(buildah.write_settings({}));
  return buildah.run_quietly({"rm", "--all"}, "clearing away a build that was cut short");
}

Result<void> forget(const Site& site, const std::vector<std::string>& images, const std::stop_token& stop) {
  PHOTON_CHECK(usable());
  Buildah buildah(site, stop);
  PHOTON_CHECK(buildah.write_settings({}));
  Words words{"rmi", "--force"};
  words.insert(words.end(), images.begin(), images.end());
  return buildah.run_quietly(std::move(words), "forgetting images");
}

}  // namespace photon::build
