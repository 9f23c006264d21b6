// RUN: attn-opt %s --verify-diagnostics

// (OB1) `fewer` is at least 0.
func.func @f(%end: index, %whole: index) -> index {
  // expected-error @+1 {{attribute 'fewer' failed to satisfy constraint: 64-bit signless integer attribute whose value is non-negative}}
  %bound = tile.own_bound %end of %whole, -1 fewer
  return %bound : index
}
