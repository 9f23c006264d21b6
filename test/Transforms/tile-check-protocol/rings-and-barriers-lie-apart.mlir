// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-check-protocol))' -split-input-file -verify-diagnostics

// The last barriers lie on the first.
func.func @ring(%k: memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, %b: index, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %ring = tile.alloc_ring at 0 : !tile.ring<2, 128x64xf16>
  // expected-note @+1 {{with this}}
  %full = tile.alloc_barriers arrivals 1 at 32768 : !tile.barriers<2>
  // expected-error @+1 {{shares bytes of shared memory with another (not placed)}}
  %empty = tile.alloc_barriers arrivals 2 at 32776 : !tile.barriers<2>
  tile.roles registers(24, 240) producer {
    scf.for %i = %c0 to %n step %c1 {
      %slot = arith.remui %i, %c2 : index
      %round = arith.divui %i, %c2 : index
      %parity = arith.andi %round, %c1 : index
      %free = arith.xori %parity, %c1 : index
      tile.wait %empty[%slot] parity %free : !tile.barriers<2>
      tile.copy %k[%b, %b, %i] to %ring[%slot] signal %full[%slot] bytes 16384
          : memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, !tile.ring<2, 128x64xf16>, !tile.barriers<2>
    }
  } consumers(2) {
    scf.for %i = %c0 to %n step %c1 {
      %slot = arith.remui %i, %c2 : index
      %round = arith.divui %i, %c2 : index
      %parity = arith.andi %round, %c1 : index
      tile.wait %full[%slot] parity %parity : !tile.barriers<2>
      %t = tile.view %ring[%slot] : !tile.ring<2, 128x64xf16> -> !tile.shared<128x64xf16>
      %p = tile.issue_mma %t, %t transpose_b : !tile.shared<128x64xf16>, !tile.shared<128x64xf16>
          -> !tile.pending<tensor<128x128xf32, #tile.layout<accumulator, warpgroups = 2>>>
      %r = tile.await %p : !tile.pending<tensor<128x128xf32, #tile.layout<accumulator, warpgroups = 2>>>
      tile.arrive %empty[%slot] : !tile.barriers<2>
    }
  }
  return
}

// -----

// A stage lies on the last slot.
func.func @stage(%k: memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, %b: index, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  // expected-note @+1 {{with this}}
  %ring = tile.alloc_ring at 0 : !tile.ring<2, 128x64xf16>
  // expected-error @+1 {{shares bytes of shared memory with another (not placed)}}
  %stage = tile.alloc_shared at 31744 : !tile.shared<128x64xf16>
  %full = tile.alloc_barriers arrivals 1 at 49152 : !tile.barriers<2>
  %empty = tile.alloc_barriers arrivals 2 at 49168 : !tile.barriers<2>
  tile.roles registers(24, 240) producer {
    scf.for %i = %c0 to %n step %c1 {
      %slot = arith.remui %i, %c2 : index
      %round = arith.divui %i, %c2 : index
      %parity = arith.andi %round, %c1 : index
      %free = arith.xori %parity, %c1 : index
      tile.wait %empty[%slot] parity %free : !tile.barriers<2>
      tile.copy %k[%b, %b, %i] to %ring[%slot] signal %full[%slot] bytes 16384
          : memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, !tile.ring<2, 128x64xf16>, !tile.barriers<2>
    }
  } consumers(2) {
    scf.for %i = %c0 to %n step %c1 {
      %slot = arith.remui %i, %c2 : index
      %round = arith.divui %i, %c2 : index
      %parity = arith.andi %round, %c1 : index
      tile.wait %full[%slot] parity %parity : !tile.barriers<2>
      %t = tile.view %ring[%slot] : !tile.ring<2, 128x64xf16> -> !tile.shared<128x64xf16>
      %p = tile.issue_mma %t, %t transpose_b : !tile.shared<128x64xf16>, !tile.shared<128x64xf16>
          -> !tile.pending<tensor<128x128xf32, #tile.layout<accumulator, warpgroups = 2>>>
      %r = tile.await %p : !tile.pending<tensor<128x128xf32, #tile.layout<accumulator, warpgroups = 2>>>
      tile.arrive %empty[%slot] : !tile.barriers<2>
    }
  }
  return
}
