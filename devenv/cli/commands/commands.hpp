// What every command's file needs, and the rows of the table.
#pragma once
#include "devenv/cli/context.hpp"

namespace photon::cli {

extern const Command up_command, build_command, ls_command, ssh_command, exec_command, open_command,
    logs_command, ports_command, status_command, start_command, stop_command, rebuild_command, rm_command,
    image_import_command, image_export_command, image_pull_command, image_ls_command, image_rm_command,
    image_gc_command, login_command, logout_command, ssh_config_command, ssh_proxy_command, events_command,
    doctor_command, config_command, config_get_command, config_set_command, completion_command,
    version_command, help_command, shutdown_command, prebuild_command, prebuild_ls_command,
    prebuild_rm_command;

constexpr Positional name_positional[] = {
    {"NAME", "the environment; that of this folder otherwise", false, Completes::environments}};

}  // namespace photon::cli
