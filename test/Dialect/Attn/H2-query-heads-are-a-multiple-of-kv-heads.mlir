// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (H2) `query` is a multiple of `kv`.

// expected-error @+1 {{expects the number of query heads to be a multiple of the number of kv heads, got query = 32 and kv = 12}}
func.func private @f() attributes {a = #attn.head_grouping<query = 32, kv = 12>}

// -----

// expected-error @+1 {{expects the number of query heads to be a multiple of the number of kv heads, got query = 1 and kv = 2}}
func.func private @f() attributes {a = #attn.head_grouping<query = 1, kv = 2>}
