#!/usr/bin/env bash
# Sets up, builds and runs every test that this machine can run: text tests (lit), unit tests, the C and Python
# interfaces, the examples and random specs on the CPU; on a machine with a GPU also those that need one.
# usage: tools/test.sh [preset]     the preset of CMakePresets.json to build and test, dev by default
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-dev}
started=$SECONDS

step() { printf '\n== %s (%d s)\n' "$*" $((SECONDS - started)); }

step "set-up"
tools/setup.sh
ATTN_PTXAS=$(cat build/ptxas.path)
PATH=$PWD/build/venv/bin:$(dirname "$ATTN_PTXAS"):$PATH # the compiler finds ptxas in PATH
export ATTN_PTXAS PATH

step "build ($preset)"
cmake --preset "$preset" >build/configure.log || { cat build/configure.log; exit 1; }
cmake --build --preset "$preset"

step "tests"
cmake --build --preset "$preset" --target check-attn

step "all tests passed"
