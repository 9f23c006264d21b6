// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (H1) both counts are positive.

// expected-error @+1 {{expects positive head counts, got query = 0 and kv = 1}}
func.func private @f() attributes {a = #attn.head_grouping<query = 0, kv = 1>}

// -----

// expected-error @+1 {{expects positive head counts, got query = 8 and kv = -1}}
func.func private @f() attributes {a = #attn.head_grouping<query = 8, kv = -1>}
