#include "packages/forge/build/strong.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

namespace photon::forge {
namespace {

constexpr std::size_t none = static_cast<std::size_t>(-1);

/// Tarjan's, with a stack of its own: a chain of recipes may be longer than ours.
class Components {
 public:
  explicit Components(const Needs& needs)
      : needs_(needs), index_(needs.size(), none), low_(needs.size(), 0), open_(needs.size(), false) {}

  std::vector<std::vector<std::size_t>> all() {
    for (std::size_t node = 0; node < needs_.size(); ++node)
      if (index_[node] == none) visit(node);
    return std::move(out_);
  }

 private:
  struct Visit {
    std::size_t node;
    std::size_t next;
  };

  void enter(std::vector<Visit>& visits, std::size_t node) {
    index_[node] = low_[node] = count_++;
    stack_.push_back(node);
    open_[node] = true;
    visits.push_back({node, 0});
  }

  void visit(std::size_t first) {
    std::vector<Visit> visits;
    enter(visits, first);
    while (!visits.empty()) {
      auto& [node, next] = visits.back();
      if (next < needs_[node].size()) {
        auto to = needs_[node][next++];
        if (index_[to] == none)
          enter(visits, to);
        else if (open_[to])
          low_[node] = std::min(low_[node], index_[to]);
        continue;
      }
      auto done = node;
      visits.pop_back();
      if (!visits.empty()) low_[visits.back().node] = std::min(low_[visits.back().node], low_[done]);
      if (low_[done] == index_[done]) close(done);
    }
  }

  void close(std::size_t root) {
    auto& group = out_.emplace_back();
    for (std::size_t node = none; node != root;) {
      node = stack_.back();
      stack_.pop_back();
      open_[node] = false;
      group.push_back(node);
    }
    std::sort(group.begin(), group.end());
  }

  const Needs& needs_;
  std::vector<std::size_t> index_, low_, stack_;
  std::vector<bool> open_;
  std::size_t count_ = 0;
  std::vector<std::vector<std::size_t>> out_;
};

/// The shortest walk from `node` to itself; empty: there is none.
std::vector<std::size_t> shortest(const Needs& needs, std::size_t node) {
  std::vector<std::size_t> before(needs.size(), none);
  std::deque<std::size_t> queue{node};
  while (!queue.empty()) {
    auto at = queue.front();
    queue.pop_front();
    for (auto to : needs[at]) {
      if (to == node) {
        std::vector<std::size_t> walk{node};
        for (auto back = at; back != node; back = before[back]) walk.push_back(back);
        walk.push_back(node);
        std::reverse(walk.begin(), walk.end());
        return walk;
      }
      if (before[to] != none) continue;
      before[to] = at;
      queue.push_back(to);
    }
  }
  return {};
}

/// The part of the graph within a group, with numbers of its own.
Needs within_group(const Needs& needs, const std::vector<std::size_t>& group) {
  std::map<std::size_t, std::size_t> local;
  for (std::size_t i = 0; i < group.size(); ++i) local[group[i]] = i;
  Needs out(group.size());
  for (std::size_t i = 0; i < group.size(); ++i)
    for (auto to : needs[group[i]])
      if (auto found = local.find(to); found != local.end()) out[i].push_back(found->second);
  return out;
}

}  // namespace

std::vector<std::vector<std::size_t>> strong_components(const Needs& needs) {
  return Components(needs).all();
}

std::vector<std::vector<std::size_t>> cycles_of(const Needs& needs, const std::vector<std::size_t>& group) {
  auto left = within_group(needs, group);
  std::vector<std::vector<std::size_t>> out;
  for (std::size_t node = 0; node < left.size(); ++node)
    for (auto walk = shortest(left, node); !walk.empty(); walk = shortest(left, node)) {
      // Its last edge goes, so that the next one found is another.
      std::erase(left[walk[walk.size() - 2]], node);
      for (auto& one : walk) one = group[one];
      out.push_back(std::move(walk));
    }
  return out;
}

}  // namespace photon::forge
