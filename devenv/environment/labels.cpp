#include "devenv/environment/labels.hpp"

namespace photon::environment {
namespace {

/// Those that it has without anybody's having said so; the files that were looked for in vain do not count.
std::vector<std::string> own_labels(const Record& record) {
  std::vector<std::string> labels;
  if (!record.local) return labels;
  labels.push_back(fmt::format("{}={}", folder_label, record.folder));
  for (const auto& [path, digest] : record.inputs)
    if (!digest.empty()) labels.push_back(fmt::format("{}={}", file_label, path));
  return labels;
}

}  // namespace

bool has_labels(const Record& record, const std::vector<std::string>& labels) {
  const auto all = record.labels.empty() ? own_labels(record) : record.labels;
  return std::all_of(labels.begin(), labels.end(), [&](const std::string& label) {
    return std::find(all.begin(), all.end(), label) != all.end();
  });
}

}  // namespace photon::environment
