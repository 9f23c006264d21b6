#!/usr/bin/env bash
# Makes the release bundle, build/release/attn-mlir-VERSION-linux-x86_64.tar.xz, and tests it as a user would: unpacked
# somewhere else, moved, without the build tree.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/setup.sh
cmake --preset release >build/configure-release.log || { cat build/configure-release.log; exit 1; }
cmake --build --preset release
cpack --preset release
test/Package/bundle.sh build/release/attn-mlir-*-linux-x86_64.tar.xz
