// RUN: attn-opt %s -split-input-file -allow-unregistered-dialect -verify-diagnostics

// (TA1) the body takes an index, the number of a block, and ends with `tile.kind`.

func.func @argument(%i: index, %yes: i1) {
  // expected-error @+1 {{'tile.tabulate' op expects a body that takes an index and ends with tile.kind, got arguments ('i32') and tile.kind}}
  %table = tile.tabulate %i to %i {
  ^bb0(%block: i32):
    tile.kind present %yes full %yes
  }
  return
}

// -----

func.func @end(%i: index, %yes: i1) {
  // expected-error @+1 {{'tile.tabulate' op expects a body that takes an index and ends with tile.kind, got arguments ('index') and test.end}}
  %table = tile.tabulate %i to %i {
  ^bb0(%block: index):
    "test.end"() : () -> ()
  }
  return
}
