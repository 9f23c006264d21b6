// RUN: split-file %s %t
// RUN: not attn-opt %t/f.mlir --attn-cuda="stop-after=planned plan-table='[{}]'" 2>&1 | FileCheck %s --check-prefix=EMPTY
// RUN: not attn-opt %t/f.mlir --attn-cuda="stop-after=planned plan-table='[{head_dim = 64, value_dim = 300}]'" 2>&1 | FileCheck %s --check-prefix=DIM
// RUN: not attn-opt %t/f.mlir --attn-cuda="stop-after=planned plan-table='[{head_dim = 64, value_dim = 64, group = 0}]'" 2>&1 | FileCheck %s --check-prefix=GROUP
// RUN: not attn-opt %t/f.mlir --attn-cuda="stop-after=planned plan-table='[{head_dim = 64, value_dim = 64, mask = \"none\"}]'" 2>&1 | FileCheck %s --check-prefix=MASK
// RUN: not attn-opt %t/f.mlir --attn-cuda="stop-after=planned plan-table='[{head_dim = 64, value_dim = 64, mask = \"all\", type = f32}]'" 2>&1 | FileCheck %s --check-prefix=TYPE
// RUN: not attn-opt %t/f.mlir --attn-cuda="stop-after=planned plan-table='[{head_dim = 64, value_dim = 64, mask = \"all\", type = f16, plan = 1}]'" 2>&1 | FileCheck %s --check-prefix=PLAN
// RUN: not attn-opt %t/f.mlir --attn-cuda="stop-after=planned plan-table='[{speed = 1}]'" 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// EMPTY: expects an entry of a plan table with head_dim from 16 to 256, got {}
// DIM: expects an entry of a plan table with value_dim from 16 to 256, got {head_dim = 64
// GROUP: expects an entry of a plan table with group from 1 to 1073741824, got
// MASK: expects an entry of a plan table with mask "all", "causal" or "window", got
// TYPE: expects an entry of a plan table with type f16 or bf16, got
// PLAN: expects an entry of a plan table with a #tile.plan for a GPU, got
// UNKNOWN: expects an entry of a plan table without speed, got

//--- f.mlir
func.func @f(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
