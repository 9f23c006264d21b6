#!/usr/bin/env bash
# Sets up, builds what is needed, compiles docs/examples/llama3-prefill.mlir, runs it (on the GPU if there is one, else on
# the CPU), compares the result with attention in double precision and prints a table with error, time and compile time.
# usage: tools/demo.sh [flags of attn-run]     such as --target=cpu or --shape q=2x32x4096x128
set -euo pipefail
cd "$(dirname "$0")/.."
started=$SECONDS

step() { printf '\n== %s (%d s)\n' "$*" $((SECONDS - started)); }

step "set-up"
tools/setup.sh
PATH=$PWD/build/venv/bin:$(dirname "$(cat build/ptxas.path)"):$PATH # the compiler finds ptxas in PATH
export PATH

step "build"
if [ ! -f build/dev/build.ninja ]; then
  cmake --preset dev >build/configure.log || { cat build/configure.log; exit 1; }
fi
cmake --build --preset dev --target attn-run

step "compile, run, check"
build/dev/bin/attn-run docs/examples/llama3-prefill.mlir --check "$@"
