// Image, features and what a configuration says, as one image.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "devenv/core/digest.hpp"
#include "devenv/core/name.hpp"
#include "devenv/environment/base.hpp"
#include "devenv/environment/environments.hpp"
#include "devenv/environment/plan.hpp"
#include "devenv/feature/image_label.hpp"
#include "devenv/image/document.hpp"

namespace photon::environment {
namespace {

constexpr const char* metadata_label = "devcontainer.metadata";
constexpr std::string_view usual_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

Result<void> check_request(const BuildRequest& request) {
  if (request.names.empty())
    return fail(Kind::usage, "build.name", "an image needs a name", "--image-name gives it one");
  for (const auto& name : request.names) {
    PHOTON_TRY(auto parsed, image::parse_reference(name));
    if (!parsed.digest.empty())
      return fail(Kind::usage, "build.name",
                  fmt::format("{} has a digest, which no image gets by its name", shown(name)));
  }
  for (const auto& label : request.labels)
    if (auto equals = label.find('='); equals == 0)
      return fail(Kind::usage, "build.label", fmt::format("{} has no name", shown(label)), "NAME=VALUE");
  auto here = image::this_platform();
  auto name = here.os + "/" + here.architecture;
  if (request.platform.empty() || request.platform == name || request.platform == image::text(here))
    return {};
  return fail(Kind::usage, "build.platform",
              fmt::format("{} is asked for, and this machine is {}", shown(request.platform), name),
              "build on a machine of that kind, or take --platform away");
}

/// Of another build: keys that no other layer has.
void make_unique(std::vector<LayerPlan>& layers, image::ImageConfig& image) {
  auto salt = random_id();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (i > 0) layers[i].parent = layers[i - 1].key;
    layers[i].key = "feature-" + sha256_hex(layers[i].key + salt);
  }
  if (!layers.empty()) image.chain = layers.back().key;
}

class OneImage {
 public:
  OneImage(const Parts& parts, Record& record, const BuildRequest& request, const Caller& caller,
           const Work& work)
      : parts_(parts),
        record_(record),
        request_(request),
        caller_(caller),
        work_(work),
        layers_(parts.builder),
        images_(parts.builds) {}

  Result<Built> run() {
    PHOTON_CHECK(check_request(request_));
    record_.config = request_.config;
    record_.configuration = request_.configuration;
    Inputs seen;
    PHOTON_TRY(plan_,
               read_plan(record_, {.allow_unknown = request_.allow_unknown, .keep_id = true}, caller_, seen));
    if (plan_.compose)
      return fail_at(plan_.compose->where, Kind::usage, "build.compose",
                     "a service of compose files is not made into an image yet",
                     "an image or a Dockerfile in devcontainer.json is");
    PHOTON_TRY(auto configuration, text_of(record_, plan_));
    auto own_env = plan_.container_env;
    if (request_.anew && plan_.build) plan_.build->options.emplace_back("--no-cache");
    PHOTON_TRY(base_, find_base(parts_, record_, plan_, caller_,
                                {.lock = request_.lock, .rebuild = request_.anew}, images_, work_));
    if (request_.anew) make_unique(base_.layers, base_.image);
    PHOTON_TRY(auto extension, extension_of(configuration, own_env));
    PHOTON_TRY(auto made, make(extension));
    return name(made);
  }

 private:
  Result<image::Extension> extension_of(const std::string& configuration,
                                        const std::vector<std::pair<std::string, std::string>>& own_env) {
    image::Extension extension;
    for (const auto& layer : base_.layers) extension.layers.push_back({layer.key, "feature " + layer.title});
    extension.env = base_.image.env;
    // As the reference has it: without features a file's own variables are the container's alone.
    if (!base_.layers.empty()) {
      extension.user = base_.image.user.empty() ? "root" : base_.image.user;
      for (const auto& [variable, value] : own_env) feature::set_in(extension.env, variable, value);
    }
    auto below = base_.image.labels.find(metadata_label);
    PHOTON_TRY(auto label,
               feature::image_label({below == base_.image.labels.end() ? "" : below->second, base_.features,
                                     configuration, request_.leave_out_customizations}));
    if (!label.empty()) extension.labels[metadata_label] = std::move(label);
    for (const auto& label_text : request_.labels) {
      auto equals = label_text.find('=');
      extension.labels[label_text.substr(0, equals)] =
          equals == label_text.npos ? "" : label_text.substr(equals + 1);
    }
    // As other builders do: what is built upon it counts on one.
    if (!extension.labels.empty() && !feature::value_in(extension.env, "PATH"))
      feature::set_in(extension.env, "PATH", usual_path);
    extension.key = key_of(extension);
    return extension;
  }

  [[nodiscard]] std::string key_of(const image::Extension& extension) const {
    json::array env;
    for (const auto& item : extension.env) env.emplace_back(item);
    json::object labels;
    for (const auto& [label, value] : extension.labels) labels[label] = value;
    return sha256_hex(write_json(json::object{{"base", base_.image.digest},
                                              {"chain", base_.image.chain},
                                              {"env", std::move(env)},
                                              {"user", extension.user},
                                              {"labels", std::move(labels)}}));
  }

  Result<image::ImageConfig> make(const image::Extension& extension) {
    auto& images = parts_.host.images();
    const auto& wanted = request_.names.front();
    if (!request_.anew) {
      PHOTON_TRY(auto there, images.find_extended(extension.key));
      if (there) {
        work_.report({"image", wanted, "unchanged", 0, 0, true});
        return std::move(*there);
      }
    }
    Site site{plan_, record_.owner, caller_.environment, ""};
    for (const auto& layer : base_.layers) PHOTON_CHECK(parts_.builder.ensure(layer, site, layers_, work_));
    work_.report({"image", wanted, "", 0, 0, false});
    PHOTON_TRY(auto made, images.extend(base_.name, extension, wanted, work_));
    work_.report({"image", wanted, "built", 0, 0, true});
    return made;
  }

  Result<Built> name(const image::ImageConfig& made) {
    auto& images = parts_.host.images();
    Built built{{}, made.digest, record_.warnings};
    for (const auto& wanted : request_.names) {
      PHOTON_CHECK(images.name(made.name, wanted));
      PHOTON_TRY(auto parsed, image::parse_reference(wanted));
      built.names.push_back(parsed.text());
    }
    image::Logins logins(caller_.home, parts_.options.login_file);
    if (request_.push)
      for (const auto& wanted : request_.names) PHOTON_CHECK(images.push(wanted, logins, work_));
    return built;
  }

  const Parts& parts_;
  Record& record_;
  const BuildRequest& request_;
  const Caller& caller_;
  const Work& work_;
  Builder::Hold layers_;
  Builds::Hold images_;
  spec::Plan plan_;
  Base base_;
};

}  // namespace

Result<Built> Local::build(const BuildRequest& request, const Caller& caller, const Work& work) {
  PHOTON_TRY(auto source,
             git::parse_source(request.folder.empty() ? caller.folder : request.folder, caller.folder));
  if (!source.local)
    return fail(Kind::usage, "environment.not-a-folder", fmt::format("{} is not a folder", source.label),
                "clone the repository, then name its folder");
  PHOTON_CHECK(check_folder(source.url, caller));
  PHOTON_CHECK(wait_for_truth(work));
  PHOTON_CHECK(host_.ensure());
  Record record;
  record.id = random_id();
  record.name = name_from(source.name);
  record.owner = caller.uid;
  record.local = true;
  record.folder = source.url;
  return OneImage(parts_, record, request, caller, work).run();
}

}  // namespace photon::environment
