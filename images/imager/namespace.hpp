// What an image is made in: as root, or as root of a user namespace for whoever is not, and with nothing of
// the user's own settings that would show in its bytes.
#pragma once
#include "devenv/core/error.hpp"

namespace photon::images {

/// An ordinary user's program runs itself again in a user namespace with his subordinate ids: files get their
/// owners, and he gets no right that he lacks. From here on everything is the same for both. denied
/// "image.subordinate" and "image.namespace" say what the machine lacks. Before threads are started.
Result<void> become_root(char** argv);

/// No umask, locale or time zone of the user's. Before threads are started.
void leave_settings();

}  // namespace photon::images
