"""The smallest tree that every rule accepts. A bad tree is this one with some files changed."""
import pathlib

FOLDERS = ("devenv", "devcontainers", "desktop-lite", "kernel", "packages", "images", "tests", "docs", "devenv/core",
           "devenv/git")

GOOD = {f"{folder}/README.md": "# One screen\n" for folder in FOLDERS} | {
    ".clang-format": "BasedOnStyle: Google\nColumnLimit: 110\n",
    "photon": '#!/usr/bin/env bash\nset -eu\nbuild_packages="g++ libgit2-dev"\necho "$build_packages"\n',
    "cmake/dependencies.cmake":
        "find_package(fmt REQUIRED)\npkg_check_modules(LIBGIT2 REQUIRED IMPORTED_TARGET libgit2)\n",
    "docs/layers.toml": '"devenv/core" = []\n"devenv/git" = ["devenv/core"]\n',
    "docs/dependencies.md":
        "| library | where | why | package |\n| --- | --- | --- | --- |\n"
        "| fmt | everywhere | words | g++ |\n| libgit2 | `devenv/git` | clone | libgit2-dev |\n"
        "| Asio | `devenv/core` | loop | |\n",
    "packages/specs/a/a.spec":
        "Name:           a\nVersion:        1\nRelease:        1%{?dist}\nSummary:        A\nLicense:        MIT\n"
        "Source0:        %{name}-%{version}.tar.xz\nPatch0:         mend.patch\n%description\nA.\n%build\nmake\n"
        "%files\n%license COPYING\n%changelog\n* Fri Nov 27 2026 Somebody - 1-1\n- First.\n",
    "packages/specs/a/mend.patch": "Subject: Mends\n--- a/a\n+++ b/a\n",
    "packages/specs/a/sources.toml":
        '[[source]]\nfile = "a-1.tar.xz"\nsha256 = "' + "0" * 64 + '"\nurl = "https://a.example/a-1.tar.xz"\n',
    "devenv/git/CMakeLists.txt": "photon_library(devenv/git SOURCES clone.cpp LINK PkgConfig::LIBGIT2)\n",
    "devenv/core/error.hpp": "// Errors as values.\n#pragma once\n\nint error();\n",
    "devenv/core/wait.cpp":
        "#include <boost/asio/awaitable.hpp>\n\n"
        "// Is it later? Then \"co_await a && b\" is only text.\n"
        "task wait(int&& n) {\n"
        "  auto&& one = co_await first(n);\n"
        "  if (co_await second()) {\n    n = n ? 1 : 2;\n  }\n"
        "  if (one && n) co_await third();\n"
        "  bool both = one && n;\n"
        "  auto loop = [](int a) { return a && true; };\n"
        "  co_await run([](int a) { return a; });\n"
        "  co_return both;\n}\n",
    "devenv/git/clone.cpp": '#include <git2.h>\n\n#include "devenv/core/error.hpp"\n\nint clone() { return error(); }\n',
}


def write(root, changes):
    """The good tree with `changes` ({path: text, or None for no such file}) below root."""
    for path, text in (GOOD | changes).items():
        if text is not None:
            file = pathlib.Path(root, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
