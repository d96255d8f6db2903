# shellcheck shell=bash
# Sourced: what a workstation allows and an appliance refuses, tried out.
# A call without memory to write to: EFAULT (14) is how far it comes where it may, EPERM (1) where it may not. No program of
# the image makes it, so that gdb has one call it.
ring="sudo gdb --batch -ex 'catch syscall exit_group' -ex run -ex 'print (long)syscall(425, 1, 0)' -ex 'print *((int*(*)(void))__errno_location)()' /usr/bin/true 2>&1 | tail -1 | sed 's/.*= //'"
allowed() { # WHEN
  is "$1: user namespaces are allowed" "0" "unshare -Ur id -u"
  is "$1: io_uring is allowed" "14" "$ring"
  has "$1: a user's own program can be traced" 'exited with 0' "strace -e trace=none true"
}
refused() { # WHEN
  has "$1: user namespaces are refused" 'No space left' "unshare -Ur id -u"
  is "$1: io_uring is refused" "1" "$ring"
  has "$1: tracing is refused" 'Operation not permitted' "strace -e trace=none true"
  has "$1: the kernel is locked" '\[integrity\]' "cat /sys/kernel/security/lockdown"
}
