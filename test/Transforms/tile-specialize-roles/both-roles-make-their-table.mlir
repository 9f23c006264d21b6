// RUN: attn-opt %examples/bigbird.mlir --pass-pipeline='builtin.module(attn-cuda{stop-after=specialized})' | FileCheck %s --check-prefix=ONCE
// RUN: attn-opt %examples/bigbird.mlir --pass-pipeline='builtin.module(attn-cuda{stop-after=checked})' | FileCheck %s

// A table of key blocks stands before the roles, so that both know how many blocks there are, and each finds them in it.
// ONCE: %[[TABLE:.*]] = tile.tabulate
// ONCE: %[[COUNT:.*]] = tile.count_blocks %[[TABLE]]
// ONCE: tile.roles registers(56, 152) producer
// ONCE: scf.for %{{.*}} to %[[COUNT]]
// ONCE: tile.find_block %[[TABLE]]
// ONCE: tile.put
// ONCE: consumers
// ONCE: scf.for %{{.*}} to %[[COUNT]]
// ONCE: tile.find_block %[[TABLE]]

// In a persistent kernel each role makes it, for each of its programs, and the protocol is safe since they are the same.
// CHECK: tile.roles
// CHECK: tile.tabulate
// CHECK: consumers
// CHECK: tile.tabulate
