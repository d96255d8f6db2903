// What a layer of a feature is made of, as a value.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "devenv/core/digest.hpp"
#include "devenv/environment/builder.hpp"

namespace photon::environment {
namespace {

/// Changed when the same feature would be installed in another way: then no older layer is taken.
constexpr int way_of_installing = 1;

constexpr std::string_view usual_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string key_of(const std::string& parent, const std::string& digest,
                   const std::vector<std::string>& env) {
  json::array variables;
  for (const auto& item : env) variables.emplace_back(item);
  auto all = json::object{
      {"parent", parent}, {"feature", digest}, {"env", std::move(variables)}, {"way", way_of_installing}};
  return "feature-" + sha256_hex(write_json(all));
}

std::string without_group(const std::string& user) { return user.substr(0, user.find(':')); }

}  // namespace

Users users_of(const spec::Plan& plan, const image::ImageConfig& image) {
  auto container = without_group(plan.container_user.empty() ? image.user : plan.container_user);
  if (container.empty()) container = "root";
  return {container, plan.remote_user.empty() ? container : without_group(plan.remote_user)};
}

std::vector<LayerPlan> layers_of(image::ImageConfig& image, const std::vector<feature::Feature>& features,
                                 const Users& users) {
  std::vector<LayerPlan> layers;
  // As builders of images have it: a feature's own PATH stands before that one.
  if (!features.empty() && !feature::value_in(image.env, "PATH"))
    feature::set_in(image.env, "PATH", usual_path);
  for (const auto& feature : features) {
    feature::add_container_env(image.env, feature.metadata);
    auto env = image.env;
    for (const auto& [name, value] : feature.options)
      if (auto variable = feature::option_variable(name); !variable.empty())
        feature::set_in(env, variable, value);
    feature::set_in(env, "_CONTAINER_USER", users.container);
    feature::set_in(env, "_REMOTE_USER", users.remote);
    if (!feature::value_in(env, "HOME")) feature::set_in(env, "HOME", "/root");
    auto key = key_of(image.chain, feature.digest, env);
    layers.push_back(
        {key, image.chain, feature.wish.id, feature::title(feature), feature.files, std::move(env)});
    image.chain = std::move(key);
  }
  return layers;
}

}  // namespace photon::environment
