// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (Y1) attn.yield stands in a region of attn.attention.

func.func @outside(%x: f32) {
  // expected-error @+1 {{'attn.yield' op expects parent op 'attn.attention'}}
  attn.yield %x : f32
}
