// RUN: attn-opt %s | attn-opt | FileCheck %s

// Every operation of the dialect survives printing and parsing, stage by stage.

!in = memref<?x8x?x64xbf16, strided<[?, ?, ?, 1]>>
!rows = memref<?x8x?xf32, strided<[?, ?, ?]>>
!ring = !tile.ring<2, 128x64xbf16>
#acc = #tile.layout<accumulator, warpgroups = 2>
#operand = #tile.layout<operand, warpgroups = 2>

// CHECK-DAG: #accumulator = #tile.layout<accumulator, warpgroups = 2>
// CHECK-DAG: #operand = #tile.layout<operand, warpgroups = 2>
// CHECK-LABEL: func.func @tiled
// CHECK-SAME: #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 96, warpgroups = 2, stages = 2, overlap = true, ping_pong = false>
func.func @tiled(%q: !in, %out: !in, %lse: !rows, %b: index, %h: index, %r: index, %o: tensor<128x64xf32>,
                 %m: tensor<128xf32>, %l: !tile.partial<128xf32>, %ids: memref<?x?xi32>)
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 96, warpgroups = 2, stages = 2, overlap = true, ping_pong = false>} {
  // CHECK: tile.load %{{[a-z0-9]+}}[%{{[a-z0-9]+}}, %{{[a-z0-9]+}}, %{{[a-z0-9]+}}] : memref<?x8x?x64xbf16, strided<[?, ?, ?, 1]>> -> tensor<128x64xbf16>
  %t = tile.load %q[%b, %h, %r] : !in -> tensor<128x64xbf16>
  // CHECK: tile.mma %{{[a-z0-9]+}}, %{{[a-z0-9]+}} transpose_b : tensor<128x64xbf16>, tensor<128x64xbf16> -> tensor<128x128xf32>
  %s = tile.mma %t, %t transpose_b : tensor<128x64xbf16>, tensor<128x64xbf16> -> tensor<128x128xf32>
  // CHECK: tile.row_ceiling %{{[a-z0-9]+}} : tensor<128x64xbf16> -> <128xf32>
  %ceiling = tile.row_ceiling %t : tensor<128x64xbf16> -> !tile.partial<128xf32>
  %ones = arith.constant dense<1.0> : tensor<64x8xbf16>
  %columns = tile.load %q[%b, %h, %r] : !in -> tensor<64x64xbf16>
  // CHECK: tile.mma %{{[a-z0-9]+}}, %{{[a-z0-9]+}} beside %{{[a-z0-9_]+}} : tensor<128x64xbf16>, tensor<64x64xbf16>, tensor<64x8xbf16> -> tensor<128x72xf32>
  %wide = tile.mma %t, %columns beside %ones : tensor<128x64xbf16>, tensor<64x64xbf16>, tensor<64x8xbf16> -> tensor<128x72xf32>
  // CHECK: tile.detach_sums %{{[a-z0-9]+}} : tensor<128x72xf32> -> tensor<128x64xf32>, tensor<128xf32>
  %leading, %sums = tile.detach_sums %wide : tensor<128x72xf32> -> tensor<128x64xf32>, tensor<128xf32>
  // CHECK: tile.band_mask %{{[a-z0-9]+}} at[%{{[a-z0-9]+}}, %{{[a-z0-9]+}}] keys %{{[a-z0-9]+}} diagonal %{{[a-z0-9]+}} lower -7 upper 0 : tensor<128x128xf32>
  %masked = tile.band_mask %s at [%r, %r] keys %r diagonal %r lower -7 upper 0 : tensor<128x128xf32>
  // CHECK: tile.load {{.*}} below %{{[a-z0-9]+}} : memref<?x8x?x64xbf16, strided<[?, ?, ?, 1]>> -> tensor<128x64xbf16>
  %part = tile.load %q[%b, %h, %r] below %r : !in -> tensor<128x64xbf16>
  // CHECK: tile.load {{.*}} below %{{[a-z0-9]+}} packed 4 : memref<?x8x?x64xbf16, strided<[?, ?, ?, 1]>> -> tensor<128x64xbf16>
  %group = tile.load %q[%b, %h, %r] below %r packed 4 : !in -> tensor<128x64xbf16>
  // CHECK: tile.band_mask {{.*}} queries %{{[a-z0-9]+}} keys %{{[a-z0-9]+}} diagonal %{{[a-z0-9]+}} : tensor<128x128xf32>
  %padded = tile.band_mask %s at [%r, %r] queries %r keys %r diagonal %r : tensor<128x128xf32>
  // CHECK: tile.element %{{[a-z0-9]+}}[%{{[a-z0-9]+}}, %{{[a-z0-9]+}}, %{{[a-z0-9]+}}] : memref<?x8x?xf32, strided<[?, ?, ?]>> -> f32
  %element = tile.element %lse[%b, %h, %r] : !rows -> f32
  // CHECK: tile.search %{{[a-z0-9]+}}[%{{[a-z0-9]+}}] from %{{[a-z0-9]+}} to %{{[a-z0-9]+}} for %{{[a-z0-9]+}} divide 64 step 1 : memref<?x?xi32>
  %found = tile.search %ids[%b] from %b to %h for %r divide 64 step 1 : memref<?x?xi32>
  // CHECK: tile.extremes %{{[a-z0-9]+}}[%{{[a-z0-9]+}}, %{{[a-z0-9]+}}] to[%{{[a-z0-9]+}}, %{{[a-z0-9]+}}] : memref<?x?xi32>
  %least, %most = tile.extremes %ids[%b, %h] to [%b, %r] : memref<?x?xi32>
  // CHECK: %[[TABLE:.*]] = tile.tabulate %{{[a-z0-9]+}} to %{{[a-z0-9]+}} {
  // CHECK: ^bb0(%[[BLOCK:.*]]: index):
  // CHECK: %[[SOME:.*]] = arith.cmpi slt, %[[BLOCK]], %{{[a-z0-9]+}} : index
  // CHECK: tile.kind present %[[SOME]] full %[[SOME]]
  %table = tile.tabulate %b to %h {
  ^bb0(%block: index):
    %some = arith.cmpi slt, %block, %r : index
    tile.kind present %some full %some
  }
  // CHECK: tile.count_blocks %[[TABLE]]
  %blocks = tile.count_blocks %table
  // CHECK: %[[FOUND:.*]] = tile.find_block %[[TABLE]][%{{[a-z0-9]+}}]
  %third = tile.find_block %table[%r]
  // CHECK: tile.is_full_block %[[TABLE]][%[[FOUND]]]
  %full = tile.is_full_block %table[%third]
  // CHECK: tile.softmax_step {{.*}} scale 1.250000e-01 : tensor<128x128xf32>, tensor<128x64xbf16>, tensor<128x64xf32>, tensor<128xf32>, <128xf32>
  %o1, %m1, %l1 = tile.softmax_step %masked, %t, %o, %m, %l scale 0.125
      : tensor<128x128xf32>, tensor<128x64xbf16>, tensor<128x64xf32>, tensor<128xf32>, !tile.partial<128xf32>
  // CHECK: tile.softmax_finish {{.*}} scale 1.250000e-01 : tensor<128x64xf32>, tensor<128xf32>, <128xf32> -> tensor<128x64xbf16>, tensor<128xf32>
  %y, %rows = tile.softmax_finish %o1, %m1, %l1 scale 0.125
      : tensor<128x64xf32>, tensor<128xf32>, !tile.partial<128xf32> -> tensor<128x64xbf16>, tensor<128xf32>
  // CHECK: tile.store {{.*}} : tensor<128x64xbf16>, memref<?x8x?x64xbf16, strided<[?, ?, ?, 1]>>
  tile.store %y, %out[%b, %h, %r] : tensor<128x64xbf16>, !in
  // CHECK: tile.store {{.*}} : tensor<128xf32>, memref<?x8x?xf32, strided<[?, ?, ?]>>
  tile.store %rows, %lse[%b, %h, %r] : tensor<128xf32>, !rows
  // CHECK: tile.store {{.*}} packed 2 : tensor<128xf32>, memref<?x8x?xf32, strided<[?, ?, ?]>>
  tile.store %rows, %lse[%b, %h, %r] packed 2 : tensor<128xf32>, !rows
  return
}

// CHECK-LABEL: func.func @dropped
func.func @dropped(%s: tensor<64x96xf32>, %v: tensor<96x64xf16>, %o: tensor<64x64xf32>, %m: tensor<64xf32>,
                   %l: !tile.partial<64xf32>, %i: index, %buffer: memref<?xi32, strided<[?]>>, %sink: tensor<64xf32>) {
  // CHECK: %[[KEEP:.*]] = tile.keep[%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}] threshold 429496730 seed -7 : tensor<64x96xi1>
  %keep = tile.keep [%i, %i, %i, %i] threshold 429496730 seed -7 : tensor<64x96xi1>
  // CHECK: tile.keep[{{.*}}] threshold 5 seed_from %{{.*}} : memref<?xi32, strided<[?]>> -> tensor<64x96xi1>
  %read = tile.keep [%i, %i, %i, %i] threshold 5 seed_from %buffer : memref<?xi32, strided<[?]>> -> tensor<64x96xi1>
  // CHECK: tile.keep[{{.*}}] packed 4 threshold 5 seed 7 : tensor<64x96xi1>
  %of_heads = tile.keep [%i, %i, %i, %i] packed 4 threshold 5 seed 7 : tensor<64x96xi1>
  // CHECK: tile.softmax_step {{.*}} keep %[[KEEP]] scale 1.250000e-01 : {{.*}}, <64xf32> keep tensor<64x96xi1>
  %o1, %m1, %l1 = tile.softmax_step %s, %v, %o, %m, %l keep %keep scale 0.125
      : tensor<64x96xf32>, tensor<96x64xf16>, tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32> keep tensor<64x96xi1>
  // CHECK: tile.softmax_step {{.*}} shift %{{.*}} keep %[[KEEP]] scale 1.250000e-01 : {{.*}}, <64xf32> shift tensor<64x96xf32> keep tensor<64x96xi1>
  %o2, %m2, %l2 = tile.softmax_step %s, %v, %o, %m, %l shift %s keep %keep scale 0.125
      : tensor<64x96xf32>, tensor<96x64xf16>, tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32>
        shift tensor<64x96xf32> keep tensor<64x96xi1>
  // CHECK: tile.softmax_finish {{.*}} sink %{{.*}} scale 1.250000e-01 weight 1.250000e+00 : {{.*}}, <64xf32>, tensor<64xf32> -> tensor<64x64xf16>, tensor<64xf32>
  %y, %lse = tile.softmax_finish %o1, %m1, %l1 sink %sink scale 0.125 weight 1.25
      : tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32>, tensor<64xf32> -> tensor<64x64xf16>, tensor<64xf32>
  // CHECK: %[[W:.*]] = tile.indices row %{{.*}} clear 8 : tensor<64x96xi32>
  %w = tile.indices row %i clear 8 : tensor<64x96xi32>
  // CHECK: tile.deal %[[W]], %[[W]], %[[W]], %[[W]] : tensor<64x96xi32>
  %d = tile.deal %w, %w, %w, %w : tensor<64x96xi32>
  return
}

// CHECK-LABEL: func.func @stepped
func.func @stepped(%s: tensor<128x96xf32>, %m: tensor<128xf32>, %k0: index) -> tensor<128xf32> {
  // CHECK: tile.empty_sum : <128xf32>
  %l = tile.empty_sum : !tile.partial<128xf32>
  // CHECK: tile.combine_sums %{{[a-z0-9_]+}}, %{{[a-z0-9]+}}, %{{[a-z0-9]+}} : <128xf32>, tensor<128xf32>
  %both = tile.combine_sums %l, %m, %l : !tile.partial<128xf32>, tensor<128xf32>
  %fresh = arith.cmpf oeq, %m, %m : tensor<128xf32>
  // CHECK: tile.any_above %{{[a-z0-9]+}}, 2.560000e+02 or %{{[a-z0-9]+}} : <128xf32>, tensor<128xi1>
  %any = tile.any_above %both, 256.0 or %fresh : !tile.partial<128xf32>, tensor<128xi1>
  // CHECK: tile.rows_above %{{[a-z0-9]+}}, 2.560000e+02 or %{{[a-z0-9]+}} : <128xf32>, tensor<128xi1>
  %above = tile.rows_above %both, 256.0 or %fresh : !tile.partial<128xf32>, tensor<128xi1>
  // CHECK: tile.row_max {{.*}} : tensor<128x96xf32>, tensor<128xf32>
  %m1 = tile.row_max %s, %m : tensor<128x96xf32>, tensor<128xf32>
  // CHECK: tile.broadcast_rows {{.*}} : tensor<128xf32> -> tensor<128x96xf32>
  %wide = tile.broadcast_rows %m1 : tensor<128xf32> -> tensor<128x96xf32>
  %p = arith.subf %s, %wide : tensor<128x96xf32>
  // CHECK: tile.row_accumulate {{.*}} : <128xf32>, tensor<128xf32>, tensor<128x96xf32>
  %l1 = tile.row_accumulate %l, %m1, %p : !tile.partial<128xf32>, tensor<128xf32>, tensor<128x96xf32>
  // CHECK: tile.indices column %{{[a-z0-9]+}} : tensor<128x96xi32>
  %keys = tile.indices column %k0 : tensor<128x96xi32>
  // CHECK: tile.distances whole %{{[a-z0-9]+}} : tensor<128x96xf32>
  %distances = tile.distances whole %k0 : tensor<128x96xf32>
  // CHECK: tile.distances near %{{[a-z0-9]+}} : tensor<128x96xf32>
  %near = tile.distances near %k0 : tensor<128x96xf32>
  // CHECK: tile.distances far %{{[a-z0-9]+}} : tensor<128x96xf32>
  %far = tile.distances far %k0 : tensor<128x96xf32>
  // CHECK: tile.distances whole %{{[a-z0-9]+}} packed 4 : tensor<128x96xf32>
  %behind = tile.distances whole %k0 packed 4 : tensor<128x96xf32>
  // CHECK: tile.indices row %{{[a-z0-9]+}} : tensor<128x96xi32>
  %queries = tile.indices row %k0 : tensor<128x96xi32>
  // CHECK: tile.indices row %{{[a-z0-9]+}} clear 8 packed 4 : tensor<128x96xi32>
  %of_heads = tile.indices row %k0 clear 8 packed 4 : tensor<128x96xi32>
  // CHECK: tile.indices head %{{[a-z0-9]+}} packed 4 : tensor<128x96xi32>
  %heads = tile.indices head %k0 packed 4 : tensor<128x96xi32>
  // CHECK: tile.row_total {{.*}} : <128xf32> -> tensor<128xf32>
  %sum = tile.row_total %l1 : !tile.partial<128xf32> -> tensor<128xf32>
  return %sum : tensor<128xf32>
}

// CHECK-LABEL: func.func @gather
func.func @gather(%bias: memref<?x?xf16, strided<[?, ?]>>, %i: tensor<128x96xi32>, %j: tensor<128x96xi32>) -> tensor<128x96xf32> {
  // CHECK: tile.gather %{{[a-z0-9]+}}[%{{[a-z0-9]+}}, %{{[a-z0-9]+}}] : memref<?x?xf16, strided<[?, ?]>>[tensor<128x96xi32>, tensor<128x96xi32>] -> tensor<128x96xf32>
  %x = tile.gather %bias[%i, %j] : memref<?x?xf16, strided<[?, ?]>>[tensor<128x96xi32>, tensor<128x96xi32>] -> tensor<128x96xf32>
  return %x : tensor<128x96xf32>
}

// CHECK-LABEL: func.func @laid_out
func.func @laid_out(%p: tensor<128x96xbf16, #acc>) -> tensor<128x96xbf16, #operand> {
  // CHECK: tile.convert_layout {{.*}} : tensor<128x96xbf16, #accumulator> -> tensor<128x96xbf16, #operand>
  %a = tile.convert_layout %p : tensor<128x96xbf16, #acc> -> tensor<128x96xbf16, #operand>
  return %a : tensor<128x96xbf16, #operand>
}

// CHECK-LABEL: func.func @overlapped
func.func @overlapped(%k: !in, %b: index, %h: index, %r: index, %i: index) {
  // CHECK: tile.alloc_ring : <2, 128x64xbf16>
  %ring = tile.alloc_ring : !ring
  // CHECK: tile.roles registers(24, 240) producer {
  tile.roles registers(24, 240) producer {
    // CHECK: tile.put {{.*}} from[{{.*}}] : memref<?x8x?x64xbf16, strided<[?, ?, ?, 1]>>, <2, 128x64xbf16>
    tile.put %k, %ring[%i] from [%b, %h, %r] : !in, !ring
    // CHECK: tile.put {{.*}} below %{{[a-z0-9]+}} multicast 2 : memref<?x8x?x64xbf16, strided<[?, ?, ?, 1]>>, <2, 128x64xbf16>
    tile.put %k, %ring[%i] from [%b, %h, %r] below %r multicast 2 : !in, !ring
    // CHECK: tile.put {{.*}} packed 2 : memref<?x8x?x64xbf16, strided<[?, ?, ?, 1]>>, <2, 128x64xbf16>
    tile.put %k, %ring[%i] from [%b, %h, %r] packed 2 : !in, !ring
  // CHECK: } consumers(2) {
  } consumers(2) {
    // CHECK: tile.wait_full {{.*}} : <2, 128x64xbf16>
    tile.wait_full %ring[%i] : !ring
    // CHECK: tile.slot {{.*}} : <2, 128x64xbf16> -> <128x64xbf16>
    %t = tile.slot %ring[%i] : !ring -> !tile.shared<128x64xbf16>
    // CHECK: tile.turn take
    tile.turn take
    // CHECK: tile.issue_mma {{.*}} transpose_b : !tile.shared<128x64xbf16>, !tile.shared<128x64xbf16> -> !tile.pending<tensor<128x128xf32, #accumulator>>
    %s = tile.issue_mma %t, %t transpose_b : !tile.shared<128x64xbf16>, !tile.shared<128x64xbf16>
        -> !tile.pending<tensor<128x128xf32, #acc>>
    // CHECK: tile.turn pass
    tile.turn pass
    // CHECK: tile.await {{.*}} : !tile.pending<tensor<128x128xf32, #accumulator>>
    %r0 = tile.await %s : !tile.pending<tensor<128x128xf32, #acc>>
    // CHECK: tile.release {{.*}} : <2, 128x64xbf16>
    tile.release %ring[%i] : !ring
  }
  return
}

// CHECK-LABEL: func.func @drawn
func.func @drawn(%i: index, %full: !tile.barriers<2>) -> index {
  // CHECK: %[[NUMBERS:.*]] = tile.alloc_ring : <2, 1x1xi32>
  %numbers = tile.alloc_ring : !tile.ring<2, 1x1xi32>
  // CHECK: %[[NEXT:.*]] = tile.draw after %{{.*}} dealt %{{.*}} first %{{.*}} draws %{{.*}}
  %next = tile.draw after %i dealt %i first %i draws %i
  // CHECK: tile.send %[[NEXT]] to %[[NUMBERS]][%{{.*}}] : <2, 1x1xi32>
  tile.send %next to %numbers[%i] : !tile.ring<2, 1x1xi32>
  // CHECK: tile.send %[[NEXT]] to %[[NUMBERS]][%{{.*}}] signal %{{.*}} : <2, 1x1xi32>, !tile.barriers<2>
  tile.send %next to %numbers[%i] signal %full : !tile.ring<2, 1x1xi32>, !tile.barriers<2>
  // CHECK: tile.receive %[[NUMBERS]][%{{.*}}] : <2, 1x1xi32>
  %got = tile.receive %numbers[%i] : !tile.ring<2, 1x1xi32>
  return %got : index
}

// CHECK-LABEL: func.func @placed
func.func @placed(%k: !in, %b: index, %h: index, %r: index, %i: index) {
  // CHECK: tile.alloc_ring at 1024 : <2, 128x64xbf16>
  %ring = tile.alloc_ring at 1024 : !ring
  // CHECK: %[[STAGE:.*]] = tile.alloc_shared at 33792 : <128x64xbf16>
  %stage = tile.alloc_shared at 33792 : !tile.shared<128x64xbf16>
  // CHECK: tile.alloc_shared fill 1.000000e+00 at 50176 : <64x8xbf16>
  %filled = tile.alloc_shared fill 1.0 at 50176 : !tile.shared<64x8xbf16>
  // CHECK: tile.alloc_barriers arrivals 1 at 0 : <2>
  %full = tile.alloc_barriers arrivals 1 at 0 : !tile.barriers<2>
  // CHECK: tile.copy {{.*}} to {{.*}} signal {{.*}} : memref<?x8x?x64xbf16, strided<[?, ?, ?, 1]>>, <2, 128x64xbf16>, <2>
  tile.copy %k[%b, %h, %r] to %ring[%i] signal %full[%i] : !in, !ring, !tile.barriers<2>
  // CHECK: tile.copy {{.*}} bytes 32768 multicast 2 : memref<?x8x?x64xbf16, strided<[?, ?, ?, 1]>>, <2, 128x64xbf16>, <2>
  tile.copy %k[%b, %h, %r] to %ring[%i] signal %full[%i] bytes 32768 multicast 2 : !in, !ring, !tile.barriers<2>
  // CHECK: tile.copy {{.*}} packed 8 : memref<?x8x?x64xbf16, strided<[?, ?, ?, 1]>>, <2, 128x64xbf16>, <2>
  tile.copy %k[%b, %h, %r] to %ring[%i] signal %full[%i] packed 8 : !in, !ring, !tile.barriers<2>
  // CHECK: tile.wait {{.*}} parity {{.*}} : <2>
  tile.wait %full[%i] parity %i : !tile.barriers<2>
  // CHECK: tile.view {{.*}} : <2, 128x64xbf16> -> <128x64xbf16>
  %t = tile.view %ring[%i] : !ring -> !tile.shared<128x64xbf16>
  // CHECK: tile.skip {{.*}} : <128x64xbf16>
  tile.skip %t : !tile.shared<128x64xbf16>
  // CHECK: %[[ROW:.*]] = tile.own_row
  %row = tile.own_row
  // CHECK: tile.own_bound %[[ROW]] of {{.*}}, 2 fewer
  %bound = tile.own_bound %row of %i, 2 fewer
  // CHECK: tile.store {{.*}} through %[[STAGE]] packed 2 : tensor<128x64xbf16>, memref<?x8x?x64xbf16, strided<[?, ?, ?, 1]>>, !tile.shared<128x64xbf16>
  %y = arith.constant dense<0.0> : tensor<128x64xbf16>
  tile.store %y, %k[%b, %h, %r] below %i through %stage packed 2 : tensor<128x64xbf16>, !in, !tile.shared<128x64xbf16>
  // CHECK: tile.arrive {{.*}} : <2>
  tile.arrive %full[%i] : !tile.barriers<2>
  // CHECK: tile.arrive {{.*}} multicast 2 : <2>
  tile.arrive %full[%i] multicast 2 : !tile.barriers<2>
  return
}

// CHECK-LABEL: func.func @regions
func.func @regions(%s: tensor<128x96xf32>, %b: index, %h: index, %q0: index, %k0: index, %ids: memref<?xi32, strided<[?]>>)
    -> tensor<128x96xf32> {
  // CHECK: tile.region_score %{{[a-z0-9]+}}[{{.*}}] {
  %x = tile.region_score %s[%b, %h, %q0, %k0] {
  ^bb0(%score: f32, %batch: index, %head: index, %query: index, %key: index):
    // CHECK: tile.yield {{.*}} : f32
    tile.yield %score : f32
  // CHECK: } : tensor<128x96xf32>
  } : tensor<128x96xf32>
  // CHECK: tile.region_mask %{{[a-z0-9]+}}[{{.*}}] captures(%{{[a-z0-9]+}} : memref<?xi32, strided<[?]>>) {
  %y = tile.region_mask %x[%b, %h, %q0, %k0] captures(%ids : memref<?xi32, strided<[?]>>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index, %documents: memref<?xi32, strided<[?]>>):
    %d = memref.load %documents[%key] : memref<?xi32, strided<[?]>>
    %zero = arith.constant 0 : i32
    %first = arith.cmpi eq, %d, %zero : i32
    // CHECK: tile.yield {{.*}} : i1
    tile.yield %first : i1
  // CHECK: } : tensor<128x96xf32>
  } : tensor<128x96xf32>
  return %y : tensor<128x96xf32>
}
