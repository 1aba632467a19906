# SPDX-License-Identifier: Apache-2.0
# timeout: 180
# run: once
"""A compiler on a union mount makes what it makes on a plain directory, byte by byte, from sources in the lower layer."""
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import overlay_mount  # noqa: E402

overlay_mount.enter_namespace()
from harness import main, sha256  # noqa: E402
from overlay_test import OverlayTest  # noqa: E402

# What is built is of this tree, and needs no library but its own.
BUILD = """set -eu
mkdir -p out
for file in src/base/[a-q]*.cpp; do
  g++ -std=c++20 -O1 -Isrc -ffile-prefix-map="$PWD"=. -c "$file" -o "out/$(basename "$file" .cpp).o.new"
  mv "out/$(basename "$file" .cpp).o.new" "out/$(basename "$file" .cpp).o"
done
rm -f out/base.a
ar rcD out/base.a out/*.o
g++ -std=c++20 -O1 -Isrc main.cpp out/base.a -o out/program
"""
MAIN = """#include <cstdio>
#include "base/quote.hpp"
int main() { std::puts("linked and run"); }
"""


class Compiler(OverlayTest):
    def setUp(self):
        super().setUp()
        shutil.copytree(os.path.join(os.environ["TOP"], "src/base"), self.lower + "/src/base",
                        ignore=shutil.ignore_patterns("build_id.cpp"))  # it needs what the build made
        self.put(self.lower + "/main.cpp", MAIN)
        self.put(self.lower + "/out/base.a", "an old one")
        self.plain = self.dir + "/plain"
        shutil.copytree(self.lower, self.plain)

    def products(self, top):
        return {name: sha256(f"{top}/out/{name}") for name in sorted(os.listdir(top + "/out"))}

    def test_products_are_the_same(self):
        self.must("sh", "-c", BUILD, cwd=self.plain)
        with self.mounted():
            self.must("sh", "-c", BUILD)
            self.assertEqual(self.must("./out/program"), "linked and run\n")
            self.assertEqual(self.products(self.path), self.products(self.plain))
        with self.mounted():
            self.assertEqual(self.products(self.path), self.products(self.plain))
            self.assertEqual(self.must("./out/program"), "linked and run\n")


if __name__ == "__main__":
    main()
