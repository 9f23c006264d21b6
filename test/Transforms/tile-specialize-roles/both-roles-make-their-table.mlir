// RUN: attn-opt %examples/bigbird.mlir --pass-pipeline='builtin.module(attn-cuda{stop-after=specialized})' | FileCheck %s --check-prefix=ONCE
// RUN: attn-compile %examples/bigbird.mlir --target=sm_90a --stop-after=checked --plan='#tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 64, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true>' | FileCheck %s

// A table of key blocks stands before the roles, so that both know how many blocks there are, and each finds them in it.
// ONCE: %[[TABLE:.*]] = tile.tabulate
// ONCE: %[[COUNT:.*]] = tile.count_blocks %[[TABLE]]
// ONCE: tile.roles registers(56, 200) producer
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
