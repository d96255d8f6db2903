#!/bin/sh
# Runs the tests of containers and images once more as root of a user namespace, prepared as for an ordinary user.
set -eu
folder=$(mktemp -d /tmp/ctrd-user-XXXXXX)
holder=
trap 'test -z "$holder" || kill "$holder"; rm -rf "$folder"' EXIT
cp "$1" "$folder/tests"
chmod 0755 "$folder" "$folder/tests"
"$2" unshare --user --mount --net --cgroup sleep 300 &
holder=$!
until [ "$(readlink /proc/$holder/ns/user)" != "$(readlink /proc/self/ns/user)" ]; do sleep 0.02; done
sleep 0.2
echo "0 100000 65536" >/proc/$holder/uid_map
echo "0 100000 65536" >/proc/$holder/gid_map
nsenter --target "$holder" --user --mount --net --cgroup --setuid 0 --setgid 0 sh -c '
  mount -t tmpfs none /run &&
    { mount -t cgroup2 none /sys/fs/cgroup 2>/dev/null || test -e /sys/fs/cgroup/cgroup.controllers; } &&
    exec "$1" --gtest_filter="Tasks.*:Images.*"' sh "$folder/tests"
