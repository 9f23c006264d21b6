#!/usr/bin/env bash
# Does what `pip install .` does, into an empty folder, and uses the package from there: compile, load, launch on the CPU.
# The flags and the depth of the build folder are those of the dev preset, so that ccache has nearly all of it; the build tools
# are those of the given Python (tools/setup.sh installs them), so that nothing is downloaded.
# usage: test/Package/pip.sh PYTHON WORK     WORK: an empty or former folder in build/
set -euo pipefail
python=$1 work=$2
"$python" -c 'import nanobind, scikit_build_core' 2>/dev/null || { echo "pip: skipped, $python lacks scikit_build_core"; exit 77; }
cd "$(dirname "$0")/../.."
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1 CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
rm -rf "$work"
"$python" -m pip install --quiet --disable-pip-version-check --no-index --no-build-isolation --no-deps --target "$work/site" . \
  --config-settings=build-dir="$work" --config-settings=cmake.build-type=RelWithDebInfo \
  --config-settings=cmake.define.CMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 \
  --config-settings=cmake.define.CMAKE_C_FLAGS_RELWITHDEBINFO=-O1
cd /
env -i HOME="$work" PATH=/usr/bin:/bin PYTHONPATH="$work/site" "$python" - "$OLDPWD/docs/examples/mha.mlir" <<'PY'
import pathlib, sys
import attn_mlir, numpy as np
assert "site" in pathlib.Path(attn_mlir.__file__).parts, attn_mlir.__file__
kernel = attn_mlir.load(attn_mlir.compile(pathlib.Path(sys.argv[1]), target="cpu"))
q = np.random.default_rng(1).standard_normal((1, 16, 33, 64)).astype(np.float16)
out = np.full_like(q, np.nan)
kernel.launch(q, q, q, out)
x = q.astype(np.float64)
weights = np.exp(x @ x.swapaxes(2, 3) / 8)
expected = weights @ x / weights.sum(-1, keepdims=True)
error = abs(out - expected).max()
assert error < 5e-3, error
print("pip:", kernel, "from", attn_mlir.__file__, "launched, error", error)
PY
rm -rf "$work"
