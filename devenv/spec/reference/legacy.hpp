// Properties of before "customizations", which meant VS Code alone.
#pragma once
#include "devenv/spec/reference/value.hpp"

namespace photon::spec::reference {

/// extensions, settings and devPort of a devcontainer.json become customizations.vscode.
Result<Value> move_old_properties(Value config);
/// The same for a feature, which has no devPort.
Result<Value> move_old_feature_properties(Value feature);

/// a.concat(b) of lists and texts.
Result<Value> concatenated(const Value& a, const Value& b);

}  // namespace photon::spec::reference
