#include "devenv/build/bases.hpp"

#include "devenv/build/handover.hpp"
#include "devenv/core/checkpoint.hpp"
#include "devenv/core/derived.hpp"
#include "devenv/core/digest.hpp"
#include "devenv/core/name.hpp"

namespace photon::build {
namespace {

namespace fs = std::filesystem;

std::string hex_of(const std::string& digest) { return digest.substr(digest.find(':') + 1); }

/// In the layout of containers-transports(5), "dir": unlike OCI's it takes Docker's manifests as they are, so
/// that SHELL, ONBUILD and HEALTHCHECK of a base are not lost.
Result<void> write_folder(const image::Contents& contents, const std::string& folder, image::Images& images,
                          const std::stop_token& stop) {
  PHOTON_CHECK(make_directories(folder));
  PHOTON_CHECK(write_derived(folder + "/version", "Directory Transport Version: 1.1\n"));
  PHOTON_CHECK(write_derived(folder + "/manifest.json", contents.manifest));
  std::set<std::string> blobs{contents.config.digest};
  for (const auto& layer : contents.layers) blobs.insert(layer.digest);
  for (const auto& digest : blobs) {
    if (stop.stop_requested()) return cancelled();
    PHOTON_CHECK(images.copy_blob(digest, folder + "/" + hex_of(digest)));
  }
  return {};
}

/// One that is asked for by its digest is found by it, whatever its tag.
std::string name_of(const image::Contents& contents) {
  auto name = contents.name.substr(0, contents.name.find('@'));
  bool tagged = name.find(':', name.rfind('/')) != name.npos;
  return tagged ? name : name + ":of-the-engine";
}

/// Says which config of that name buildah has from us. It loses an image only together with this folder.
std::string mark_of(const Site& site, const std::string& name) {
  return site.data + "/bases/" + sha256_hex(name);
}

Result<void> bring(const Buildah& buildah, const image::Contents& contents, const Site& site,
                   image::Images& images, const Work& work) {
  auto mark = mark_of(site, contents.name);
  if (read_file(mark, 256).value_or("") == contents.config.digest) return {};
  work.report({"image", contents.name, "for the build"});
  auto folder = buildah.work_folder() + "/base";
  auto written = write_folder(contents, site.data + "/" + folder, images, work.stop);
  std::error_code ignored;
  if (written) {
    auto from = "/storage/" + folder;
    PHOTON_CHECK(
        buildah.run_quietly({"pull", "--quiet", "--signature-policy=/scratch/policy.json", "dir:" + from},
                            "taking over " + contents.name));
    PHOTON_CHECK(buildah.run_quietly({"tag", hex_of(contents.config.digest), name_of(contents)},
                                     "naming " + contents.name));
    PHOTON_CHECK(make_directories(site.data + "/bases"));
    PHOTON_CHECK(write_derived(mark, contents.config.digest));
    checkpoint("build.base");
    // Else a build that fails later would show it as failed, too.
    work.report({"image", contents.name, "for the build", 0, 0, true});
  }
  fs::remove_all(site.data + "/" + folder, ignored);
  // A collection of garbage may have taken it meanwhile: then buildah asks the registry.
  if (!written && written.error().kind != Kind::not_found) return written;
  for (std::size_t i = 0; i < contents.layers.size(); ++i)
    PHOTON_CHECK(remember_layer(site.data + "/known", contents.diff_ids[i], contents.layers[i]));
  return {};
}

}  // namespace

bool asks_anew(const spec::Build& build) {
  return std::find_if(build.options.begin(), build.options.end(), [](const std::string& option) {
           return option.starts_with("--pull");
         }) != build.options.end();
}

Result<void> bring_bases(const Buildah& buildah, const Recipe& recipe, const Site& site,
                         image::Images& images, const Work& work) {
  if (asks_anew(recipe.build)) return {};
  if (auto base = spec::base_of(recipe.parsed, recipe.build.target, recipe.build.args)) {
    auto there = images.ensure(base->image, site.logins, work);
    if (!there && there.error().kind == Kind::cancelled) return tl::unexpected(std::move(there.error()));
    if (!there)
      return fail_at({recipe.shown_file(), base->line, 1}, there.error().kind, there.error().code,
                     fmt::format("FROM {}: {}", shown(base->image), there.error().message),
                     there.error().hint);
  }
  for (const auto& name : spec::images_of(recipe.parsed, recipe.build.args)) {
    if (!image::parse_reference(name)) continue;  // buildah says what is wrong with it
    PHOTON_TRY(auto contents, images.contents(name));
    if (contents) PHOTON_CHECK(bring(buildah, *contents, site, images, work));
  }
  return {};
}

}  // namespace photon::build
