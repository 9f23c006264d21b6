// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (D1) `0 <= probability < 1`.

// expected-error @+1 {{expects a dropout probability of at least 0 and less than 1, got 1.0}}
func.func private @f() attributes {a = #attn.dropout<probability = 1.0 : f64, seed = 7>}

// -----

// expected-error @+1 {{expects a dropout probability of at least 0 and less than 1, got -5.0}}
func.func private @f() attributes {a = #attn.dropout<probability = -0.5 : f64, seed = 7>}

// -----

// expected-error @+1 {{expects a dropout probability of at least 0 and less than 1, got nan}}
func.func private @f() attributes {a = #attn.dropout<probability = 0x7FF8000000000000 : f64, seed = 7>}
