// A small graph of real specs, built by real rpmbuild in real sandboxes over the machine's own files. What
// imports are elsewhere is one empty package here, and the machine's /usr is bound into every root.
#pragma once
#include <fmt/format.h>

#include <string>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/process.hpp"
#include "packages/forge/build/schedule.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::forge {

struct Bench {
  explicit Bench(std::string at) : path(std::move(at)), store(*Store::open(path + "/store")) {
    options.base = {"host-root"};
    options.binds = {{"/usr", "/usr"}, {"/etc/alternatives", "/etc/alternatives"}};
    options.logs = path + "/logs";
    options.jobs = 2;
    imports = host_root();
  }

  /// Its %install is `install` (in %{buildroot}/opt/NAME); one noarch package NAME with all of /opt/NAME.
  Recipe& add(const std::string& name, const std::string& install, const std::vector<std::string>& needs = {},
              const std::string& sections = {}) {
    Recipe recipe{.name = name, .spec = path + "/specs/" + name + "/" + name + ".spec"};
    recipe.folder = path + "/specs/" + name;
    recipe.arch = "noarch";
    std::string requires_lines;
    for (const auto& need : needs) requires_lines += "BuildRequires: " + need + "\n";
    std::string text = fmt::format(
        "Name: {0}\nVersion: 1\nRelease: 1\nSummary: Test\nLicense: MIT\nBuildArch: noarch\n{3}\n{2}\n"
        "%description\nTest.\n%install\nmkdir -p %{{buildroot}}/opt/{0}\ncd %{{buildroot}}/opt/{0}\n{1}\n"
        "%files\n/opt/{0}\n",
        name, install, requires_lines, sections);
    EXPECT_TRUE(make_directories(recipe.folder));
    EXPECT_TRUE(write_file(recipe.spec, text, 0644));
    recipe.digest = sha256_hex(text);
    recipe.build_requires = needs;
    for (auto& old : graph.recipes)
      if (old.name == name) return old = recipe;
    graph.recipes.push_back(recipe);
    order();
    return graph.recipes.back();
  }

  template <class Action>
  auto with_site(Action action) {
    Roots roots(*store);
    Site site{.options = options, .store = *store, .roots = roots};
    site.imports = imports;
    site.macros = path + "/macros";
    // The same bytes on rpm of Debian 12 and 13.
    std::string macros =
        "%_buildhost photon\n%use_source_date_epoch_as_buildtime 1\n%clamp_mtime_to_source_date_epoch 1\n"
        "%_enable_debug_packages 0\n%debug_package %{nil}\n%_build_id_links none\n";
    EXPECT_TRUE(write_file(site.macros, macros, 0644));
    site.macros_digest = sha256_hex(macros);
    EXPECT_TRUE(make_directories(store->folder() + "/scratch"));
    if (!checkout.empty()) {
      auto looked = Checkout::look(checkout, *store);
      EXPECT_TRUE(looked);
      if (looked) site.checkout = *looked;
    }
    return action(site);
  }

  Result<std::vector<RecipeResult>> build(const Work& work = {}) {
    return with_site([&](const Site& site) { return run_graph(graph, site, work); });
  }
  Result<int> shell(const std::string& name, int terminal) {
    return with_site([&](const Site& site) -> Result<int> {
      for (const auto& recipe : graph.recipes)
        if (recipe.name == name) {
          PHOTON_TRY(auto plan, plan_one(site, recipe, {}));
          return shell_in(site, plan, terminal, {});
        }
      return 1;
    });
  }
  /// "built a, reused b, failed c"
  std::string outcomes(const Work& work = {}) {
    auto built = build(work);
    if (!built) return sentence(built.error());
    last = *built;
    std::string text;
    for (const auto& result : last) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", word_of(result.outcome), result.recipe);
      if (result.outcome == Outcome::failed && show_failures) text += " (" + result.why + ")";
    }
    return text;
  }
  const RecipeResult& result(const std::string& name) const {
    for (const auto& each : last)
      if (each.recipe == name) return each;
    ADD_FAILURE() << "no result of " << name;
    return last.front();
  }

  std::string path;
  std::unique_ptr<Store> store;
  BuildOptions options{};
  Graph graph{};
  Universe imports{};
  std::vector<RecipeResult> last{};
  bool show_failures = true;
  std::string checkout{};  ///< where a recipe has sources of our own

 private:
  /// In the order of adding; each comes after what it needs.
  void order() {
    graph.needs.assign(graph.recipes.size(), {});
    graph.order.clear();
    for (std::size_t at = 0; at < graph.recipes.size(); ++at) {
      graph.order.push_back(at);
      for (const auto& need : graph.recipes[at].build_requires)
        for (std::size_t other = 0; other < at; ++other)
          if (graph.recipes[other].name == need) graph.needs[at].push_back(other);
    }
  }

  /// Made once for all tests.
  static const std::string& host_root_package() {
    static fixtures::TempFolder folder;
    static const std::string package = [] {
      std::string spec = folder.path + "/host-root.spec";
      EXPECT_TRUE(write_file(spec,
                             "Name: host-root\nVersion: 1\nRelease: 1\nSummary: x\nLicense: MIT\n"
                             "BuildArch: noarch\n%description\nx\n%files\n"));
      auto made = photon::run({.argv = {"rpmbuild", "-bb", "--define", "_topdir " + folder.path, "--define",
                                        "_dbpath " + folder.path, spec}});
      EXPECT_TRUE(made && made->status == 0) << (made ? made->err : sentence(made.error()));
      return read_file(folder.path + "/RPMS/noarch/host-root-1-1.noarch.rpm").value_or("");
    }();
    return package;
  }

  Universe host_root() {
    const auto& bytes = host_root_package();
    Built built{.key = sha256_hex(bytes), .recipe = "host-root", .arch = "x86_64", .origin = Origin::import};
    built.outputs = {{"host-root-1-1.noarch.rpm", sha256_hex(bytes), bytes.size()}};
    EXPECT_TRUE(make_directories(path + "/import"));
    EXPECT_TRUE(write_file(path + "/import/" + built.outputs[0].name, bytes));
    EXPECT_TRUE(store->add(built, path + "/import"));
    return universe_of({built}, *store);
  }
};

}  // namespace photon::forge
