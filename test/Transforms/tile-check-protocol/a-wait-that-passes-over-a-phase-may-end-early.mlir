// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-check-protocol))' -verify-diagnostics

// The consumer waits for every second key tile only: the parity that it waits for is also that of two phases before.
func.func @rings(%k: memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, %b: index, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %keys = tile.alloc_ring at 0 : !tile.ring<1, 64x64xf16>
  %values = tile.alloc_ring at 8192 : !tile.ring<1, 64x64xf16>
  // expected-note @+1 {{this barrier may be two phases ahead of what the wait knows}}
  %full_k = tile.alloc_barriers arrivals 1 at 16384 : !tile.barriers<1>
  %empty_k = tile.alloc_barriers arrivals 1 at 16392 : !tile.barriers<1>
  %full_v = tile.alloc_barriers arrivals 1 at 16400 : !tile.barriers<1>
  %empty_v = tile.alloc_barriers arrivals 1 at 16408 : !tile.barriers<1>
  tile.roles registers(24, 240) producer {
    // expected-note @+1 {{found with 3 as the upper bound of this loop}}
    scf.for %i = %c0 to %n step %c1 {
      %parity = arith.remui %i, %c2 : index
      %free = arith.xori %parity, %c1 : index
      tile.wait %empty_k[%c0] parity %free : !tile.barriers<1>
      tile.copy %k[%b, %b, %i] to %keys[%c0] signal %full_k[%c0]
          : memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, !tile.ring<1, 64x64xf16>, !tile.barriers<1>
      tile.wait %empty_v[%c0] parity %free : !tile.barriers<1>
      tile.copy %k[%b, %b, %i] to %values[%c0] signal %full_v[%c0]
          : memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, !tile.ring<1, 64x64xf16>, !tile.barriers<1>
      tile.wait %full_k[%c0] parity %parity : !tile.barriers<1>
    }
  } consumers(1) {
    scf.for %i = %c0 to %n step %c1 {
      %parity = arith.remui %i, %c2 : index
      %even = arith.cmpi eq, %parity, %c0 : index
      scf.if %even {
        // expected-error @+1 {{may pass after an earlier phase of its barrier, which has the same parity (phase missed)}}
        tile.wait %full_k[%c0] parity %c0 : !tile.barriers<1>
      }
      tile.wait %full_v[%c0] parity %parity : !tile.barriers<1>
      tile.arrive %empty_v[%c0] : !tile.barriers<1>
      tile.arrive %empty_k[%c0] : !tile.barriers<1>
    }
  }
  return
}
