#!/usr/bin/env bash
# Tests a release bundle: its size, what its programs need from the system, the tools, the C interface and the Python
# package, from a folder it was moved to after unpacking, with an empty environment.
# usage: test/Package/bundle.sh attn-mlir-VERSION-linux-x86_64.tar.xz [PYTHON …]
set -euo pipefail
archive=$(realpath "$1")
shift
most=$((25 * 1000 * 1000))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf 'bundle: %s\n' "$*"; }
die() { printf 'bundle: error: %s\n' "$*" >&2; exit 1; }
# No variable of ours may help the bundle.
clean() { env -i HOME="$work" PATH=/usr/bin:/bin "$@"; }

size=$(stat -c %s "$archive")
[ "$size" -le $most ] || die "expects at most $most bytes, got $size"
say "$size bytes"
mkdir "$work/unpacked"
tar -xf "$archive" -C "$work/unpacked"
mv "$work"/unpacked/attn-mlir-* "$work/attn mlir"
root="$work/attn mlir"

# Only the C library, and our own libraries by a path relative to the file.
find "$root" -type f \( -perm -u+x -o -name '*.so*' \) ! -name '*.sh' ! -name '*.py' | while read -r file; do
  needs=$(readelf -d "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
  strange=$(grep -vE '^(libattn_(runtime|compiler)\.so\.0|lib(c|m)\.so\.6|ld-linux-x86-64\.so\.2)$' <<<"$needs" || true)
  [ -z "$strange" ] || die "expects $file to need the C library alone, got $strange"
  ! ldd "$file" | grep 'not found' || die "expects all libraries of $file to be found"
  ! readelf -d "$file" | grep -E 'R(UN)?PATH' | grep -vE '\[(\$ORIGIN[^:]*:?)+\]' ||
    die "expects $file to find its libraries relative to itself"
done
for library in runtime compiler; do
  leaked=$(nm -D --defined-only "$root/lib/libattn_$library.so.0" | awk '$3 !~ /^(attn|ATTN_1)/ {print $3}')
  [ -z "$leaked" ] || die "expects libattn_$library to export the C interface alone, got $leaked"
done
say "needs nothing but the C library, and shows nothing but its interface"

spec="$root/share/attn-mlir/docs/examples/mha.mlir"
clean "$root/bin/attn-compile" "$spec" --target=sm_90a --emit=ptx -o "$work/mha.ptx"
grep -q 'target sm_90a' "$work/mha.ptx" || die "expects PTX for sm_90a"
clean "$root/bin/attn-opt" --attn-cuda "$spec" >"$work/mha.opt"
clean "$root/bin/attn-run" "$spec" --target=cpu --shape q=1x16x65x64 --shape k=1x16x70x64 --json | tee "$work/run.json"
grep -q '"error_ratio"' "$work/run.json" || die "expects attn-run to report an error ratio"
clean "$root/bin/attn-check" --target=cpu --count=5

for python in "${@:-/usr/bin/python3}"; do
  clean PYTHONPATH="$root/python" PYTHONDONTWRITEBYTECODE=1 "$python" - "$spec" <<'PY'
import array, ctypes, pathlib, sys
import attn_mlir
kernel = attn_mlir.jit(pathlib.Path(sys.argv[1]), target="cpu")
try:
    import numpy as np
except ImportError:
    print("bundle:", sys.version.split()[0], kernel, "(no numpy to launch with)")
else:
    q = np.ones((1, 16, 3, 64), np.float16)
    out = np.full_like(q, np.nan)
    kernel.launch(q, q, q, out)
    assert (out == 1).all(), out
    print("bundle:", sys.version.split()[0], kernel, "launched")
PY
done
say "right"
