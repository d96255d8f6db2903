// Linked into every program of the presets asan and tsan: their options and what is not ours to mend. Within
// the program, because daemons and helpers start with an environment of their own.
#define PHOTON_DEFAULT extern "C" __attribute__((weak, visibility("default"))) const char*

PHOTON_DEFAULT __asan_default_options() { return "detect_stack_use_after_return=1:strict_string_checks=1"; }

PHOTON_DEFAULT __lsan_default_options() { return "print_suppressions=0"; }

PHOTON_DEFAULT __lsan_default_suppressions() {
  // libgit2 1.5: names and lists of a connection that was refused, tens of bytes each, grown by realloc,
  // which nothing of ours calls. libssh2 below it, likewise.
  return "leak:^__interceptor_realloc$\nleak:^realloc$\nleak:libssh2.so\n";
}

PHOTON_DEFAULT __tsan_default_options() { return "print_suppressions=0"; }

PHOTON_DEFAULT __tsan_default_suppressions() {
  // gRPC and abseil of the distribution are compiled without it, so that their own locks are not seen.
  return "race:libgrpc\nrace:libgpr\nrace:libabsl\n";
}
