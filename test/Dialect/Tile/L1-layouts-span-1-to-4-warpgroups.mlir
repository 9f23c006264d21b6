// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (L1) from 1 to 4 warpgroups.

// expected-error @+1 {{expects a layout over 1 to 4 warpgroups, got 0}}
func.func private @f() attributes {a = #tile.layout<accumulator, warpgroups = 0>}

// -----

// expected-error @+1 {{expects a layout over 1 to 4 warpgroups, got 5}}
func.func private @f() attributes {a = #tile.layout<row, warpgroups = 5>}
