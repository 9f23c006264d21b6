#!/usr/bin/env bash
# Runs a release bundle's GPU tests and benchmark on this machine, and keeps what they say: JSON and logs in a folder, one
# line a step on the terminal. Needs an NVIDIA driver; the benchmark needs a Python with PyTorch. Every step has a time limit,
# and one that fails does not stop the others.
# usage: gpu.sh BUNDLE OUTPUT [STEP …]
#   BUNDLE: attn-mlir-VERSION-linux-x86_64.tar.xz, or the folder it unpacks to
#   STEPs:  runtime check pairs plans repeats sanitizer examples hard streams rounds sums large bench (default: all of them), and
#           tune, units (what the units of a multiprocessor reach beside each other) and energy (what each kind of work draws), which
#           need nvcc, and masks, gallery, power (what bounds a row, power or the schedule) and assemblers (results by ATTN_PTXAS and
#           ATTN_PTXAS_NEWER, paths of two), which need a Python with PyTorch as well
# environment: PYTHON (python3), ATTN_GPU_COUNT random specs (300), ATTN_GPU_SHAPES of the benchmark (floor), ATTN_GPU_BENCH:
#   more of its flags (python -m attn_mlir.bench --help), as in "--plans FILE --seconds 0.5", ATTN_GPU_IMAGES: a folder of
#   kernels made ahead for it, for a machine without ptxas (attn_mlir.bench --write-images), COMPUTE_SANITIZER (found in PATH
#   or in CUDA's folder), NVCC likewise, ATTN_GPU_TUNE: flags of attn-tune
set -uo pipefail
[ $# -ge 2 ] || { sed -n '2,16s/^# \{0,1\}//p' "$0"; exit 2; }
bundle=$1 output=$2
shift 2
steps=("$@")
[ ${#steps[@]} -gt 0 ] || steps=(runtime check pairs plans repeats sanitizer examples hard streams rounds sums large bench)
python=${PYTHON:-python3}
mkdir -p "$output"
if [ -f "$bundle" ]; then
  unpacked=$(mktemp -d)
  trap 'rm -rf "$unpacked"' EXIT
  tar -xf "$bundle" -C "$unpacked" || exit 2
  bundle=$(echo "$unpacked"/attn-mlir-*)
fi
share=$bundle/share/attn-mlir
# A kernel cache of its own: compile times in the records are those of a compilation.
export ATTN_CACHE_DIR=$output/cache
# The commit that the bundle was made from, for the records.
[ ! -f "$share/commit" ] || export ATTN_COMMIT=$(cat "$share/commit")
failed=0

# step NAME SECONDS COMMAND…: its output goes to NAME.log.
step() {
  local name=$1 seconds=$2 started=$SECONDS status=0
  shift 2
  timeout -k 10 "$seconds" "$@" >"$output/$name.log" 2>&1 || status=$?
  if [ $status = 0 ]; then
    printf 'gpu: %-28s right, %d s\n' "$name" $((SECONDS - started))
  else
    printf 'gpu: %-28s FAILED with status %d after %d s\n' "$name" $status $((SECONDS - started))
    tail -n 15 "$output/$name.log"
    failed=1
  fi
}

examples() {
  local spec name
  for spec in "$share"/docs/examples/*.mlir; do
    name=example-$(basename "$spec" .mlir)
    step "$name" 120 "$bundle/bin/attn-run" "$spec" --target=sm_90a --check --json
    grep '^{' "$output/$name.log" >"$output/$name.json"
  done
}

# NVIDIA's compute-sanitizer over small random specs: accesses out of bounds, and barriers that are used wrongly.
sanitizer() {
  local program=${COMPUTE_SANITIZER:-$(command -v compute-sanitizer || ls /usr/local/cuda/bin/compute-sanitizer 2>/dev/null)}
  if [ -z "$program" ]; then
    echo "gpu: sanitizer                    NOT RUN: compute-sanitizer is not found, set COMPUTE_SANITIZER"
    failed=1
    return
  fi
  local tool flags
  for tool in memcheck synccheck; do
    # A failing API call is no fault: the runtime asks for a kernel's parameters until the driver says that there are no more.
    flags=()
    [ $tool = synccheck ] || flags=(--report-api-errors no)
    step "sanitizer-$tool" 300 "$program" --tool $tool "${flags[@]}" --error-exitcode 1 "$bundle/bin/attn-check" --target=sm_90a \
      --count=32 --seed=13 --jobs=1 --timeout=280 "--json=$output/sanitizer-$tool.json"
  done
}

# cuda NAME: builds and runs test/Gpu/NAME.cu, whose lines of JSON are kept.
cuda() {
  local program=${NVCC:-$(command -v nvcc || ls /usr/local/cuda/bin/nvcc 2>/dev/null)}
  if [ -z "$program" ]; then
    printf 'gpu: %-28s NOT RUN: nvcc is not found, set NVCC\n' "$1"
    failed=1
    return
  fi
  step "$1-build" 100 env -u NVCC_APPEND_FLAGS -u NVCC_PREPEND_FLAGS "$program" -gencode arch=compute_90a,code=sm_90a -O3 -std=c++17 \
    "$share/test/$1.cu" -ldl -o "$output/$1"
  [ ! -f "$output/$1" ] || step "$1" 120 "$output/$1"
  [ ! -f "$output/$1.log" ] || grep '^{' "$output/$1.log" >"$output/$1.jsonl"
  rm -f "$output/$1"
}

nvidia-smi --query-gpu=name,driver_version,clocks.sm,clocks.mem,power.limit --format=csv >"$output/machine.csv" 2>&1 || true
for step in "${steps[@]}"; do
  case $step in
  runtime)
    step runtime 120 "$share/test/RuntimeDeviceTests" "--gtest_output=json:$output/runtime.json"
    sed -n '/^host time of a call/,/runtime.s part/p' "$output/runtime.log"
    if grep -q '"result": "SKIPPED"' "$output/runtime.json"; then
      echo "gpu: runtime                      skipped tests, as without a GPU of architecture sm_90"
      failed=1
    fi
    ;;
  check)
    step check 540 "$bundle/bin/attn-check" --target=sm_90a "--count=${ATTN_GPU_COUNT:-300}" "--json=$output/check.json"
    ;;
  pairs) # every pair of choices of two features, each spec against the oracle
    step pairs 300 "$bundle/bin/attn-check" --target=sm_90a --pairs --seed=2 "--json=$output/pairs.json"
    ;;
  plans) # every plan of the compiler's table and of a sample of all, for each of so many random specs
    step plans 540 "$bundle/bin/attn-check" --target=sm_90a --every-plan "--count=${ATTN_GPU_PLAN_COUNT:-32}" --seed=11 \
      "--json=$output/plans.json"
    ;;
  repeats) # 1,000 launches of each of 12 specs give one result, bit for bit
    step repeats 300 "$bundle/bin/attn-check" --target=sm_90a --count=12 --seed=12 --repeats=1000 "--json=$output/repeats.json"
    ;;
  sanitizer) sanitizer ;;
  tune) # the fastest plans for the shapes that count, as a table; the flags are split into words on purpose
    step tune 400 "$bundle/bin/attn-tune" "--out=$output/plans.mlir" --time=240 ${ATTN_GPU_TUNE:-}
    [ ! -f "$output/plans.mlir" ] || cat "$output/tune.log"
    ;;
  units | energy) cuda "$step" ;;
  examples) examples ;;
  hard) # scores that rise, fall and jump beyond what f32's exponents hold
    step hard 200 env PYTHONPATH="$bundle/python" PYTHONDONTWRITEBYTECODE=1 "$python" "$share/test/hard_scores.py"
    grep '^{' "$output/hard.log" >"$output/hard.json"
    ;;
  streams) # programs that are drawn, from launches beside each other and from graphs
    step streams 100 env PYTHONPATH="$bundle/python" PYTHONDONTWRITEBYTECODE=1 "$python" "$share/test/streams.py"
    grep '^{' "$output/streams.log" >"$output/streams.json"
    ;;
  rounds) # programs that blocks share at the end of a launch
    step rounds 100 env PYTHONPATH="$bundle/python" PYTHONDONTWRITEBYTECODE=1 "$python" "$share/test/last_rounds.py"
    grep '^{' "$output/rounds.log" >"$output/rounds.json"
    ;;
  sums) # sums of weights that products make
    step sums 100 env PYTHONPATH="$bundle/python" PYTHONDONTWRITEBYTECODE=1 "$python" "$share/test/sum_columns.py"
    grep '^{' "$output/sums.log" >"$output/sums.json"
    ;;
  large)
    step large 300 env PYTHONPATH="$bundle/python" PYTHONDONTWRITEBYTECODE=1 "$python" "$share/test/large_tensor.py"
    grep '^{' "$output/large.log" >"$output/large.json"
    ;;
  bench)
    # The flags are split into words on purpose.
    step bench 540 env PYTHONPATH="$bundle/python" PYTHONDONTWRITEBYTECODE=1 "$python" -m attn_mlir.bench \
      --shapes "${ATTN_GPU_SHAPES:-floor}" --json "$output/bench.json" --csv "$output/bench.csv" --plots "$output/plots" \
      ${ATTN_GPU_IMAGES:+--images "$ATTN_GPU_IMAGES"} ${ATTN_GPU_BENCH:-}
    [ ! -f "$output/bench.json" ] || tail -n 90 "$output/bench.log"
    ;;
  masks) # masks, scores and packed sequences beside FlexAttention and our own dense kernel
    step masks 240 env PYTHONPATH="$bundle/python" PYTHONDONTWRITEBYTECODE=1 "$python" -m attn_mlir.bench.masks \
      --json "$output/masks.json"
    cat "$output/masks.log"
    ;;
  gallery) # every example at a realistic size
    step gallery 180 env PYTHONPATH="$bundle/python" PYTHONDONTWRITEBYTECODE=1 "$python" -m attn_mlir.bench.gallery \
      --specs "$share/docs/examples" --json "$output/gallery.json"
    cat "$output/gallery.log"
    ;;
  power) # what bounds a row, power or the schedule: beside cuDNN under load, on zeros and at rest, with a page
    step power 300 env PYTHONPATH="$bundle/python" PYTHONDONTWRITEBYTECODE=1 "$python" -m attn_mlir.bench.power \
      --json "$output/power.json" ${ATTN_GPU_IMAGES:+--images "$ATTN_GPU_IMAGES"}
    cat "$output/power.log"
    [ ! -f "$output/power.json" ] || step power-page 60 env PYTHONPATH="$bundle/python" PYTHONDONTWRITEBYTECODE=1 "$python" \
      -m attn_mlir.bench.power --json "$output/power.json" --page "$output/power.md"
    ;;
  assemblers) # the compiler's plans, assembled by each ptxas, on the same inputs
    step assemblers 240 env PYTHONPATH="$bundle/python" PYTHONDONTWRITEBYTECODE=1 "$python" -m attn_mlir.bench.assemblers \
      "${ATTN_PTXAS:-ATTN_PTXAS}" "${ATTN_PTXAS_NEWER:-ATTN_PTXAS_NEWER}" \
      --plan-table "$share/plans/hopper.mlir" --json "$output/assemblers.json"
    cat "$output/assemblers.log"
    ;;
  *)
    echo "gpu: error: expects runtime, check, pairs, plans, repeats, sanitizer, examples, hard, streams, rounds, sums, large, bench, tune, units," \
      "energy, masks, gallery, power or assemblers, got $step"
    exit 2
    ;;
  esac
done
rm -rf "$output/cache"
exit $failed
