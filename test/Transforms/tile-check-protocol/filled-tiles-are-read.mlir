// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-check-protocol))' -split-input-file -verify-diagnostics

// A tile that is filled before the roles start is there for products, and for nothing that writes.

func.func @filled(%k: memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, %out: memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, %b: index, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %ring = tile.alloc_ring at 0 : !tile.ring<2, 128x64xf16>
  %ones = tile.alloc_shared fill 1.0 at 33792 : !tile.shared<128x8xf16>
  %w = arith.constant dense<1.0> : tensor<128x128xf16, #tile.layout<operand, warpgroups = 2>>
  %acc = arith.constant dense<0.0> : tensor<128x72xf32, #tile.layout<accumulator, warpgroups = 2>>
  %o = arith.constant dense<0.0> : tensor<128x64xf16, #tile.layout<accumulator, warpgroups = 2>>
  %full = tile.alloc_barriers arrivals 1 at 32768 : !tile.barriers<2>
  %empty = tile.alloc_barriers arrivals 2 at 32784 : !tile.barriers<2>
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
      %p = tile.issue_mma %w, %t, %acc beside %ones : tensor<128x128xf16, #tile.layout<operand, warpgroups = 2>>, !tile.shared<128x64xf16>, !tile.shared<128x8xf16>
          -> !tile.pending<tensor<128x72xf32, #tile.layout<accumulator, warpgroups = 2>>>
      %r = tile.await %p : !tile.pending<tensor<128x72xf32, #tile.layout<accumulator, warpgroups = 2>>>
      tile.arrive %empty[%slot] : !tile.barriers<2>
    }
  }
  return
}

// -----

// Nobody has written it.
func.func @unfilled(%k: memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, %out: memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, %b: index, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %ring = tile.alloc_ring at 0 : !tile.ring<2, 128x64xf16>
  %ones = tile.alloc_shared at 33792 : !tile.shared<128x8xf16>
  %w = arith.constant dense<1.0> : tensor<128x128xf16, #tile.layout<operand, warpgroups = 2>>
  %acc = arith.constant dense<0.0> : tensor<128x72xf32, #tile.layout<accumulator, warpgroups = 2>>
  %o = arith.constant dense<0.0> : tensor<128x64xf16, #tile.layout<accumulator, warpgroups = 2>>
  %full = tile.alloc_barriers arrivals 1 at 32768 : !tile.barriers<2>
  %empty = tile.alloc_barriers arrivals 2 at 32784 : !tile.barriers<2>
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
      // expected-error @+1 {{expects shared tiles to be views of a ring, or filled from the start (not decided)}}
      %p = tile.issue_mma %w, %t, %acc beside %ones : tensor<128x128xf16, #tile.layout<operand, warpgroups = 2>>, !tile.shared<128x64xf16>, !tile.shared<128x8xf16>
          -> !tile.pending<tensor<128x72xf32, #tile.layout<accumulator, warpgroups = 2>>>
      %r = tile.await %p : !tile.pending<tensor<128x72xf32, #tile.layout<accumulator, warpgroups = 2>>>
      tile.arrive %empty[%slot] : !tile.barriers<2>
    }
  }
  return
}

// -----

// A store would.
func.func @stage(%k: memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, %out: memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, %b: index, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %ring = tile.alloc_ring at 0 : !tile.ring<2, 128x64xf16>
  %stage = tile.alloc_shared fill 1.0 at 33792 : !tile.shared<128x64xf16>
  %o = arith.constant dense<0.0> : tensor<128x64xf16, #tile.layout<accumulator, warpgroups = 2>>
  %full = tile.alloc_barriers arrivals 1 at 32768 : !tile.barriers<2>
  %empty = tile.alloc_barriers arrivals 2 at 32784 : !tile.barriers<2>
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
      // expected-error @+1 {{reads shared memory in a way that is not known (not decided)}}
      tile.store %o, %out[%b, %b, %i] through %stage : tensor<128x64xf16, #tile.layout<accumulator, warpgroups = 2>>, memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, !tile.shared<128x64xf16>
      tile.arrive %empty[%slot] : !tile.barriers<2>
    }
  }
  return
}
