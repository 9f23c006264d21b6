// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (C1) `left` and `right`, where given, are from 0 to 2^30 - 1.

// expected-error @+1 {{expects the left window to be a count from 0 to 2^30 - 1, got -1; leave it out for an unbounded side}}
func.func private @f() attributes {a = #attn.causality<none, left = -1>}

// -----

// expected-error @+1 {{expects the right window to be a count from 0 to 2^30 - 1, got 1073741824}}
func.func private @f() attributes {a = #attn.causality<top_left, right = 1073741824>}
