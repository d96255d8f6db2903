#!/usr/bin/env python3
"""Every rule accepts the good tree and refuses what it is there for."""
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))

import importlib.machinery  # noqa: E402
import importlib.util  # noqa: E402

import good_tree  # noqa: E402

LOADER = importlib.machinery.SourceFileLoader("check", str(pathlib.Path(__file__).parent / "check"))
check = importlib.util.module_from_spec(importlib.util.spec_from_loader("check", LOADER))
LOADER.exec_module(check)

HEADER = "// Heading.\n#pragma once\n"


def waiting(body):
    return {"devenv/core/wait.cpp": f"task wait() {{\n  {body}\n}}\n"}


def changed(path, old, new):
    assert old in good_tree.GOOD[path], old
    return {path: good_tree.GOOD[path].replace(old, new)}


def spec(old, new):
    return changed("packages/specs/a/a.spec", old, new)


def pin(old, new):
    return changed("packages/specs/a/sources.toml", old, new)


# rule → [(what is wrong in one finding, the files that make it so)]
BAD = {
    "layers": [
        ("devenv/core/up.cpp:1: devenv/core may not include devenv/git",
         {"devenv/core/up.cpp": '#include "devenv/git/clone.hpp"\n', "devenv/git/clone.hpp": HEADER}),
        ("devenv/core/up.cpp:1: devenv/core may not include devenv/git",
         {"devenv/core/up.cpp": '#  include "devenv/git/deep/a.hpp"\n', "devenv/git/deep/a.hpp": HEADER}),
        ("no folder above this file is listed", {"devenv/new/a.cpp": "int a;\n"}),
        ("may not include a test's file", {"devenv/git/a.cpp": '#include "tests/a.hpp"\n'}),
        ("there is no devenv/core/gone.hpp", {"devenv/git/a.cpp": '#include "devenv/core/gone.hpp"\n'}),
        ('included as "devenv/core/error.hpp"', {"devenv/git/a.cpp": "#include <devenv/core/error.hpp>\n"}),
        ('included from the top: "devenv/git/b.hpp"',
         {"devenv/git/a.cpp": '#include "b.hpp"\n', "devenv/git/b.hpp": HEADER}),
        ("a circle: devenv/core → devenv/git → devenv/core",
         {"docs/layers.toml": '"devenv/core" = ["devenv/git"]\n"devenv/git" = ["devenv/core"]\n'}),
        ("devenv/git lists devenv/spec", {"docs/layers.toml": '"devenv/core" = []\n"devenv/git" = ["devenv/spec"]\n'}),
        ("include each other: devenv/git/a.hpp → devenv/git/b.hpp → devenv/git/a.hpp",
         {"devenv/git/a.hpp": HEADER + '#include "devenv/git/b.hpp"\n',
          "devenv/git/b.hpp": HEADER + '#include "devenv/git/a.hpp"\n'}),
    ],
    "includes": [
        ("devenv/git/a.cpp:2: <regex>", {"devenv/git/a.cpp": "// Words.\n#include <regex>\n"}),
        ("<iostream>", {"tests/a.cpp": "#include <iostream>\n"}),
        ("<boost/asio.hpp>", {"devenv/core/a.cpp": "#include <boost/asio.hpp>\n"}),
        ("libgit2 belongs into devenv/git", {"devenv/core/a.cpp": "#include <git2/sys/errors.h>\n"}),
        ("has no row for libcurl", {"devenv/git/a.cpp": "#include <curl/curl.h>\n"}),
        ("is of no library", {"devenv/git/a.cpp": "#include <other/thing.hpp>\n"}),
    ],
    "coroutines": [
        ("wait.cpp:2: co_await beside ?:", waiting("int n = x ? co_await f() : 0;")),
        ("co_await beside ?:", waiting("int n = co_await f() ? 1 : 0;")),
        ("co_await beside && or ||", waiting("if (ready && co_await f()) stop();")),
        ("co_await beside && or ||", waiting("bool n = co_await f() || other;")),
        ("braces within an awaiting expression", waiting("co_await f({.a = 1});")),
        ("braces within an awaiting expression", waiting("auto n = co_await f(Request{1, 2});")),
        ("a statement expression", waiting("int n = ({ auto r = co_await f(); r; });")),
        ("a lambda with captures", waiting("asio::co_spawn(loop, [&]() -> task { co_return; }(), done);")),
    ],
    "files": [
        ("devenv/git/a.cpp:401: more than 400 lines", {"devenv/git/a.cpp": "int a;\n" * 401}),
        ("a.hpp:1: a header begins with a comment", {"devenv/git/a.hpp": "#pragma once\n"}),
        ("a.hpp:1: #pragma once is missing", {"devenv/git/a.hpp": "// Heading.\nint a();\n"}),
        ("the last line has no end", {"devenv/git/a.cpp": "int a;"}),
        ("blanks at the end", {"devenv/git/a.cpp": "int a; \n"}),
        ("do it now", {"docs/a.md": "TO" + "DO: more\n"}),
        ("do it now", {"devenv/git/a.cpp": "int a;  // FIX" + "ME\n"}),
        ("a path of one machine", {"docs/a.md": "see /work" + "/main\n"}),
        ("no registry or archive is named", {"photon": "#!/bin/sh\npull docker" + ".io/a\n"}),
        ("no registry or archive is named", {"devenv/git/a.json": '"deb' + '.debian.org"\n'}),
    ],
    "documents": [
        ("does not say why libcurl is here",
         {"cmake/dependencies.cmake": "pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)\n"}),
        ("nothing links PkgConfig::LIBGIT2", {"devenv/git/CMakeLists.txt": None}),
        ("the package socat", {"photon": 'test_packages="libgit2-dev\n  socat"\n'}),
        ("the package libgit", {"photon": 'test_packages="libgit"\n'}),
        ("the package libboost-dev", {"photon": "else echo libboost-dev; fi\n"}),
        ("kernel/README.md:1: missing", {"kernel/README.md": None, "kernel/a.txt": "a\n"}),
        ("devenv/git/README.md:1: missing", {"devenv/git/README.md": None}),
        ("longer than one screen", {"images/README.md": "line\n" * 41}),
        ("there is no devenv/gone", {"docs/a.md": "It lives in `devenv/gone`.\n"}),
    ],
    "recipes": [
        ("there is no b.spec", {"packages/specs/b/sources.toml": ""}),
        ("a.spec:1: License: is missing", spec("License:        MIT\n", "")),
        ("folder, spec and Name are one word", spec("Name:           a\n", "Name:           b\n")),
        ("no %license among the files", spec("%license COPYING\n", "")),
        ("comes from it", spec("* Fri Nov 27 2026", "* Friday")),
        ("that day was a Fri", spec("* Fri Nov", "* Mon Nov")),
        ("a.spec:6: a-1.tar.xz is neither", {"packages/specs/a/sources.toml": ""}),
        ("mend.patch is used by no", spec("Patch0:         mend.patch\n", "")),
        ("“curl”: a build has no network", spec("make\n", "curl -O https://a.example/a\n")),
        ("%optflags is rpm's own", spec("make\n", "make CFLAGS='%{optflags}'\n")),
        ("a patch begins with", {"packages/specs/a/mend.patch": "--- a\n+++ b\n"}),
        ("sha256 is 64 digits", pin('sha256 = "' + "0" * 64, 'sha256 = "12')),
        ("unknown key", pin("url =", "uri =")),
        ("there is only otherwise", pin("[[source]]", "more = 1\n[[source]]")),
        ("and when = \"asked\"", pin("[[source]]", "when = \"never\"\n[[source]]")),
        ("neither url nor apt", pin('url = "https://a.example/a-1.tar.xz"\n', "")),
        ("named by https", pin("https://", "http://")),
        ("apt and apt_file go together", pin("url =", 'apt = "a"\nurl =')),
        ("what is of this tree has no digest", pin("url =", 'tree = "self"\nurl =')),
        ("without a folder", pin('file = "', 'file = "x/')),
    ],
    "tools": [
        ("devenv/git/a.cpp:1: clang-format-19 -i devenv/git/a.cpp", {"devenv/git/a.cpp": "int  a ;\n"}),
        ("SC2034", {"tests/a.sh": "#!/bin/sh\nunused=1\n"}),
        ("SC2045", {"run": '#!/usr/bin/env bash\nfor f in $(ls); do echo "$f"; done\n'}),
    ],
}


class Rules(unittest.TestCase):
    def findings(self, rule, changes):
        with tempfile.TemporaryDirectory(prefix="photon-style-") as root:
            good_tree.write(root, changes)
            return check.findings(rule, root)

    def test_the_good_tree_is_accepted(self):
        for rule in check.RULES:
            with self.subTest(rule):
                self.assertEqual(self.findings(rule, {}), [])

    def test_every_rule_has_bad_trees(self):
        self.assertEqual(sorted(BAD), check.RULES)

    def test_bad_trees_are_refused(self):
        for rule, trees in BAD.items():
            for wrong, changes in trees:
                with self.subTest(rule, wrong=wrong):
                    found = self.findings(rule, changes)
                    self.assertTrue(any(wrong in line for line in found), found)


if __name__ == "__main__":
    unittest.main()
