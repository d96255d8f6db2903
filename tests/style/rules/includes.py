"""No header that costs seconds in each file; each library only where docs/dependencies.md says."""
import re

DEPENDENCIES = "docs/dependencies.md"
COSTLY = {
    "regex": "2.5 s of compilation; write the few lines",
    "iostream": "static constructors in every program; use fmt or core/terminal.hpp",
    "bits/stdc++.h": "name what is used",
    "boost/asio.hpp": "3.5 s of compilation; include the parts",
    "boost/beast.hpp": "5.7 s of compilation; include the parts",
    "boost/beast/http.hpp": "include the parts",
    "boost/json.hpp": "include the parts",
    "CLI/CLI.hpp": "include the parts",
}
# How a header's name begins, and the library's name in the first column of docs/dependencies.md.
LIBRARIES = {
    "boost/asio": "Asio", "boost/beast": "Beast", "boost/json": "Boost.JSON", "tl/expected": "tl::expected",
    "fmt/": "fmt", "spdlog/": "spdlog", "openssl/": "OpenSSL", "sqlite3.h": "SQLite", "git2": "libgit2",
    "libssh/": "libssh", "grpcpp/": "gRPC", "google/protobuf": "protobuf", "curl/": "libcurl",
    "archive": "libarchive", "zstd.h": "zstd", "zlib.h": "zlib", "libmnl/": "libmnl",
    "nftables/": "libnftables", "systemd/": "libsystemd", "CLI/": "CLI11", "toml++/": "toml++",
    "rpm/": "librpm", "solv/": "libsolv", "createrepo_c/": "createrepo_c", "gtest/": "GoogleTest", "gmock/": "GoogleTest", "yaml-cpp/": "yaml-cpp",
}


def places(tree):
    """library → the places of the second column: paths, or empty for everywhere."""
    found = {}
    for _, line in tree.lines(DEPENDENCIES):
        cells = [c.strip() for c in line.strip("|").split("|")]
        if len(cells) < 3 or cells[0].startswith("--"):
            continue
        where = re.findall(r"`([^`]+)`", cells[1])
        for library in set(LIBRARIES.values()):
            if library in cells[0]:
                found[library] = [] if "everywhere" in cells[1] else where or ["tests"]
    return found


def check(tree):
    allowed = places(tree)
    for path in tree.cpp():
        for number, name, quoted in tree.includes(path):
            if name in COSTLY:
                yield f"{path}:{number}: <{name}> is not included here: {COSTLY[name]}"
            if quoted or path.startswith("tests/"):
                continue
            library = next((l for begin, l in LIBRARIES.items() if name.startswith(begin)), None)
            if library is None:
                if "." in name and not name.endswith(".h"):
                    yield f"{path}:{number}: <{name}> is of no library that {DEPENDENCIES} names"
                continue
            where = allowed.get(library)
            if where is None:
                yield f"{path}:{number}: {DEPENDENCIES} has no row for {library}"
            elif where and not any(path.startswith(w) for w in where):
                yield f"{path}:{number}: {library} belongs into {', '.join(where)} ({DEPENDENCIES})"
