#!/usr/bin/env bash
# Installs what the project needs on Debian 12: LLVM and MLIR 22, the build tools, a Python environment, and an assembler
# for GPU code. Does nothing where everything is there already. Run it as root or with sudo at hand.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
venv=$root/build/venv

packages=(
  clang-22 lld-22 libclang-rt-22-dev llvm-22 llvm-22-dev llvm-22-tools libmlir-22-dev mlir-22-tools # compiler and libraries
  cmake ninja-build ccache                                                                          # build
  libzstd-dev libedit-dev zlib1g-dev                                                                # what LLVM links
  libxxhash-dev libgtest-dev                                                                        # checksums, unit tests
  python3-venv python3-dev
  binutils xz-utils                                                                                 # tests of the bundle
)

say() { printf 'setup: %s\n' "$*"; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null)" = 'install ok installed' ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  say "installing ${missing[*]} (about 250 MB)"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
else
  say "Debian packages are there"
fi

if ! "$venv/bin/python" -c 'import numpy, ml_dtypes, pytest, nanobind, scikit_build_core' 2>/dev/null; then
  say "making a Python environment in build/venv"
  mkdir -p "$root/build"
  # Any Python from 3.10 on will do; a distribution's own is the one whose headers are installed above.
  [ -x "$venv/bin/pip" ] || /usr/bin/python3 -m venv "$venv"
  "$venv/bin/pip" install -q --disable-pip-version-check numpy ml_dtypes pytest nanobind scikit-build-core
fi

# PTX becomes machine code through ptxas of CUDA 13: the toolkit's, or NVIDIA's Python package.
find_ptxas() {
  # The version is read whole before it is looked at: a reader that stops early would end ptxas with a signal, and fail.
  local candidate version
  for candidate in "${ATTN_PTXAS:-}" "${CUDA_HOME:+$CUDA_HOME/bin/ptxas}" "$(command -v ptxas || true)" \
    /usr/local/cuda/bin/ptxas "$venv"/lib/python3*/site-packages/nvidia/*/bin/ptxas; do
    [ -n "$candidate" ] && [ -x "$candidate" ] || continue
    version=$("$candidate" --version) || continue
    if [[ $version == *"release 13"* ]]; then
      printf '%s\n' "$candidate"
      return
    fi
  done
}

if [ -z "$(find_ptxas)" ]; then
  say "installing ptxas 13.0 into build/venv"
  "$venv/bin/pip" install -q --disable-pip-version-check 'nvidia-cuda-nvcc==13.0.*'
fi
# The gate also looks at what a newer assembler makes of the kernels of the plan table; without one it says that it did not.
newer=$root/build/ptxas-newer
if [ ! -s "$root/build/ptxas-newer.path" ]; then
  say "installing a newer ptxas into build/ptxas-newer, for the gate"
  if "$venv/bin/pip" install -q --disable-pip-version-check --no-deps --upgrade --target "$newer" 'nvidia-cuda-nvcc>=13.1'; then
    ls "$newer"/nvidia/*/bin/ptxas >"$root/build/ptxas-newer.path"
  else
    say "none found; the gate will do without"
  fi
fi
find_ptxas >"$root/build/ptxas.path" || true
[ -s "$root/build/ptxas.path" ] || { say "expects ptxas of CUDA 13, found none: set ATTN_PTXAS to its path"; exit 1; }
say "ptxas: $(cat "$root/build/ptxas.path")"
