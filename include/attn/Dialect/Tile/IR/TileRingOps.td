// Operations of the stages specialized, overlapped and placed: roles, rings and barriers between them, products in flight.
#ifndef ATTN_DIALECT_TILE_RING_OPS_TD
#define ATTN_DIALECT_TILE_RING_OPS_TD

include "attn/Dialect/Tile/IR/TileOpBase.td"

//===-- Stage specialized: roles and rings --===//

def Tile_RolesOp : Tile_Op<"roles", [NoRegionArguments, SingleBlockImplicitTerminator<"EndOp">, RecursiveMemoryEffects]> {
  let summary = "Splits a thread block into one producer warpgroup and consumer warpgroups";
  let description = [{
    The producer region runs on one thread of the first warpgroup, or on one warp where the kernel has a table of key blocks or
    the producer searches; the consumer region on every thread of the others.
    `producer_registers` and `consumer_registers` are the registers a thread holds in each role.

    Constraints:
    - (RO1) the roles hold no more registers than the block is launched with, which is a multiple of 8 for each thread: a
      warpgroup that asks for more waits for ever.

    Example:
    ```mlir
    tile.roles registers(24, 240) producer {
      tile.put %q, %ring_q[%zero] from [%b, %h, %row] : memref<?x8x?x64xbf16, strided<[?, ?, ?, 1]>>, !tile.ring<1, 128x64xbf16>
    } consumers(2) {
    }
    ```
  }];
  let arguments = (ins I64Attr:$consumers, I64Attr:$producer_registers, I64Attr:$consumer_registers);
  let regions = (region SizedRegion<1>:$producer, SizedRegion<1>:$consumer);
  let assemblyFormat = [{
    `registers` `(` $producer_registers `,` $consumer_registers `)` `producer` $producer
    `consumers` `(` $consumers `)` $consumer attr-dict
  }];
  let hasVerifier = 1;
}

def Tile_EndOp : Tile_Op<"end", [Pure, Terminator, HasParent<"RolesOp">]> {
  let summary = "Ends a role";
  let description = [{
    Example:
    ```mlir
    tile.end
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def Tile_AllocRingOp : Tile_Op<"alloc_ring", [MemoryEffects<[MemAlloc]>]> {
  let summary = "A ring of tiles in shared memory";
  let description = [{
    `offset`, in bytes from the start of the block's shared memory, is set by `tile-place-shared`.

    Example:
    ```mlir
    %ring = tile.alloc_ring : !tile.ring<2, 128x128xbf16>
    ```
  }];
  let arguments = (ins OptionalAttr<I64Attr>:$offset);
  let results = (outs Tile_RingType:$result);
  let assemblyFormat = "(`at` $offset^)? attr-dict `:` type($result)";
}

def Tile_AllocSharedOp : Tile_Op<"alloc_shared", [MemoryEffects<[MemAlloc]>]> {
  let summary = "A tile in shared memory that no ring has";
  let description = [{
    `offset`, in bytes from the start of the block's shared memory, is set by `tile-place-shared`. With `fill` all its elements
    have that value before the roles start, those that make its last chunk whole too.

    Example:
    ```mlir
    %stage = tile.alloc_shared : !tile.shared<128x128xbf16>
    %ones = tile.alloc_shared fill 1.000000e+00 : !tile.shared<96x8xbf16>
    ```
  }];
  let arguments = (ins OptionalAttr<F32Attr>:$fill, OptionalAttr<I64Attr>:$offset);
  let results = (outs Tile_SharedType:$result);
  let assemblyFormat = "(`fill` custom<F32>($fill)^)? (`at` $offset^)? attr-dict `:` type($result)";
}

def Tile_PutOp : Tile_Op<"put", [Tile_PackedRows, MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Producer: waits until a slot is free and starts loading a tile into it";
  let description = [{
    `count` numbers the puts to this ring from 0; slot and phase follow from it. With `multicast`, all blocks of a cluster of
    that size put the same tile, each its part of the rows, into the rings of all.

    Example:
    ```mlir
    tile.put %k, %ring[%i] from [%b, %h, %row] : memref<?x8x?x64xbf16, strided<[?, ?, ?, 1]>>, !tile.ring<2, 128x64xbf16>
    ```
  }];
  let arguments = (ins AnyMemRef:$source, Tile_RingType:$ring, Index:$count, Index:$batch, Index:$head, Index:$row,
      Optional<Index>:$end, OptionalAttr<I64Attr>:$multicast, Tile_Packed:$packed);
  let assemblyFormat = [{
    $source `,` $ring `[` $count `]` `from` `[` $batch `,` $head `,` $row `]` (`below` $end^)? (`multicast` $multicast^)?
    (`packed` $packed^)?
    attr-dict `:` type($source) `,` type($ring)
  }];
}

def Tile_WaitFullOp : Tile_Op<"wait_full", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Consumer: waits until the tile of a given count has arrived";
  let description = [{
    Example:
    ```mlir
    tile.wait_full %ring[%i] : !tile.ring<2, 128x64xbf16>
    ```
  }];
  let arguments = (ins Tile_RingType:$ring, Index:$count);
  let assemblyFormat = "$ring `[` $count `]` attr-dict `:` type($ring)";
}

def Tile_SlotOp : Tile_Op<"slot", [Pure]> {
  let summary = "The tile of a given count in a ring";
  let description = [{
    It may be read between the `tile.wait_full` and the `tile.release` of the same count.

    Example:
    ```mlir
    %k = tile.slot %ring[%i] : !tile.ring<2, 128x64xbf16> -> !tile.shared<128x64xbf16>
    ```
  }];
  let arguments = (ins Tile_RingType:$ring, Index:$count);
  let results = (outs Tile_SharedType:$result);
  let assemblyFormat = "$ring `[` $count `]` attr-dict `:` type($ring) `->` type($result)";
}

def Tile_ReleaseOp : Tile_Op<"release", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Consumer: gives the slot of a given count back to the producer";
  let description = [{
    Example:
    ```mlir
    tile.release %ring[%i] : !tile.ring<2, 128x64xbf16>
    ```
  }];
  let arguments = (ins Tile_RingType:$ring, Index:$count);
  let assemblyFormat = "$ring `[` $count `]` attr-dict `:` type($ring)";
}

def Tile_SkipOp : Tile_Op<"skip", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Consumer: passes over a tile of a ring, which it has waited for, unread";
  let description = [{
    Tiles of a ring are read in the order in which they come; one that a consumer does not read it has to skip. To the proof of
    the ring protocol that is a product which is over at once.

    Example:
    ```mlir
    tile.skip %k : !tile.shared<128x64xbf16>
    ```
  }];
  let arguments = (ins Tile_SharedType:$tile);
  let assemblyFormat = "$tile attr-dict `:` type($tile)";
}

//===-- Stage overlapped: programs that are drawn --===//

def Tile_DrawOp : Tile_Op<"draw", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Producer: the number of this block's next program, dealt or drawn from the launch's counter";
  let description = [{
    `after` is the number of the program that the block has. Plus the number of blocks, it is that of the next one as long as it
    is below `dealt`. Behind that the launch's counter is drawn from: the result is `first` plus a count that no other block
    gets, from 0 on. All blocks together draw `draws` times in a launch. Without a counter (see `attnKernelLaunch`) a block gets
    `first` plus its own number, then each time the number of blocks more.

    Example:
    ```mlir
    %next = tile.draw after %program dealt %dealt first %first draws %draws
    ```
  }];
  let arguments = (ins Index:$after, Index:$dealt, Index:$first, Index:$draws);
  let results = (outs Index:$result);
  let assemblyFormat = "`after` $after `dealt` $dealt `first` $first `draws` $draws attr-dict";
}

def Tile_SendOp : Tile_Op<"send", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Producer: puts a number into a ring for the consumers";
  let description = [{
    As `tile.put`, of one number; `place` is a count. Behind `tile-lower-rings` it is a slot, and the barrier that says "full"
    is named.

    Example:
    ```mlir
    tile.send %next to %numbers[%count] : !tile.ring<2, 1x1xi32>
    tile.send %next to %numbers[%slot] signal %full : !tile.ring<2, 1x1xi32>, !tile.barriers<2>
    ```
  }];
  let arguments = (ins Index:$number, Tile_RingType:$ring, Index:$place, Optional<Tile_BarriersType>:$barriers);
  let assemblyFormat = [{
    $number `to` $ring `[` $place `]` (`signal` $barriers^)? attr-dict `:` type($ring) (`,` type($barriers)^)?
  }];
}

def Tile_ReceiveOp : Tile_Op<"receive", [MemoryEffects<[MemRead]>]> {
  let summary = "Consumer: reads a number that the producer has sent";
  let description = [{
    Between the wait for the number's slot and its release. `place` is a count, behind `tile-lower-rings` a slot.

    Example:
    ```mlir
    %next = tile.receive %numbers[%count] : !tile.ring<2, 1x1xi32>
    ```
  }];
  let arguments = (ins Tile_RingType:$ring, Index:$place);
  let results = (outs Index:$result);
  let assemblyFormat = "$ring `[` $place `]` attr-dict `:` type($ring)";
}

//===-- Stage overlapped: asynchronous products --===//

def Tile_IssueMmaOp : Tile_Op<"issue_mma", [AttrSizedOperandSegments, MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Starts a matrix product; the result is usable after tile.await";
  let description = [{
    As `tile.mma`. Products complete in the order in which they were issued.

    Example:
    ```mlir
    %s = tile.issue_mma %q, %k transpose_b : !tile.shared<64x64xbf16>, !tile.shared<96x64xbf16>
        -> !tile.pending<tensor<64x96xf32, #tile.layout<accumulator, warpgroups = 1>>>
    ```
  }];
  let arguments = (ins Tile_Operand:$a, Tile_Operand:$b, Optional<Tile_F32Tile>:$acc, Optional<Tile_Operand>:$beside,
      UnitAttr:$transpose_b);
  let results = (outs Tile_PendingType:$result);
  let assemblyFormat = [{
    $a `,` $b (`,` $acc^)? (`beside` $beside^)? (`transpose_b` $transpose_b^)? attr-dict
    `:` type($a) `,` type($b) (`,` type($beside)^)? `->`
    custom<AccumulatedPendingType>(type($result), ref($acc), type($acc))
  }];
  let hasVerifier = 1;
}

def Tile_AwaitOp : Tile_Op<"await", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Waits for a product and yields its result";
  let description = [{
    How many later products may still be running is counted from the order of the program, not given.

    Example:
    ```mlir
    %r = tile.await %s : !tile.pending<tensor<64x96xf32, #tile.layout<accumulator, warpgroups = 1>>>
    ```
  }];
  let arguments = (ins Tile_PendingType:$pending);
  let results = (outs Tile_F32Tile:$result);
  let assemblyFormat = "$pending attr-dict `:` custom<PendingResult>(type($pending), type($result))";
  let hasVerifier = 1;
}

def Tile_TakeOverOp : Tile_Op<"take_over", [Pure, AllTypesMatch<["value", "from", "result"]>]> {
  let summary = "Puts an operand into the registers of one that no product reads any more";
  let description = [{
    Yields `value`. An operand that was computed while a product read `from` needs registers of its own; this is where it
    moves to those of `from`, so it stands behind the await of that product.

    Example:
    ```mlir
    %p = tile.take_over %next from %previous : tensor<64x96xbf16, #tile.layout<operand, warpgroups = 1>>
    ```
  }];
  let arguments = (ins Tile_Matrix:$value, Tile_Matrix:$from);
  let results = (outs Tile_Matrix:$result);
  let assemblyFormat = "$value `from` $from attr-dict `:` type($result)";
}

def Tile_TurnOp : Tile_Op<"turn", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Takes or passes the turn of issuing products among the consumer warpgroups";
  let description = [{
    `take` waits until it is this warpgroup's turn; `pass` gives the turn to the next warpgroup. The first warpgroup has
    the first turn.

    Example:
    ```mlir
    tile.turn take
    tile.turn pass
    ```
  }];
  let arguments = (ins DefaultValuedAttr<BoolAttr, "false">:$take);
  let assemblyFormat = "custom<Turn>($take) attr-dict";
}

//===-- Stage placed: barriers --===//

def Tile_AllocBarriersOp : Tile_Op<"alloc_barriers", [MemoryEffects<[MemAlloc]>]> {
  let summary = "mbarriers in shared memory, initialised before the roles start";
  let description = [{
    Each completes a phase after `arrivals` arrivals (and after the bytes announced by `tile.copy`).

    Example:
    ```mlir
    %full = tile.alloc_barriers arrivals 1 at 65536 : !tile.barriers<2>
    ```
  }];
  let arguments = (ins I64Attr:$arrivals, OptionalAttr<I64Attr>:$offset);
  let results = (outs Tile_BarriersType:$result);
  let assemblyFormat = "`arrivals` $arrivals (`at` $offset^)? attr-dict `:` type($result)";
}

def Tile_WaitOp : Tile_Op<"wait", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Waits until the phase of a barrier with the given parity has completed";
  let description = [{
    As PTX `mbarrier.try_wait.parity`: passes when the current phase's parity differs from `parity`.

    Example:
    ```mlir
    tile.wait %full[%slot] parity %parity : !tile.barriers<2>
    ```
  }];
  let arguments = (ins Tile_BarriersType:$barriers, Index:$slot, Index:$parity);
  let assemblyFormat = "$barriers `[` $slot `]` `parity` $parity attr-dict `:` type($barriers)";
}

def Tile_ArriveOp : Tile_Op<"arrive", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "One arrival a warpgroup at a barrier";
  let description = [{
    With `multicast`, at this barrier of every block of a cluster of that size.

    Example:
    ```mlir
    tile.arrive %empty[%slot] : !tile.barriers<2>
    ```
  }];
  let arguments = (ins Tile_BarriersType:$barriers, Index:$slot, OptionalAttr<I64Attr>:$multicast);
  let assemblyFormat = "$barriers `[` $slot `]` (`multicast` $multicast^)? attr-dict `:` type($barriers)";
}

def Tile_CopyOp : Tile_Op<"copy", [Tile_PackedRows, MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Starts a bulk tensor copy into a slot; arrives at a barrier and completes it by its bytes";
  let description = [{
    Announces `bytes` at the barrier (the slot's bytes when not given), arrives, and starts one TMA load for each
    128-byte column chunk. The barrier's phase ends when as many bytes as were announced have arrived. Rows from `end` on,
    where that is given, arrive as zeros.

    With `multicast`, the blocks of a cluster of that size copy one tile together: each loads its part of the rows into this
    slot of every block and tells the barrier of each, and each announces the bytes of all parts at its own.

    Example:
    ```mlir
    tile.copy %k[%b, %h, %row] to %ring[%slot] signal %full[%slot] bytes 16384
        : memref<?x8x?x64xbf16, strided<[?, ?, ?, 1]>>, !tile.ring<2, 128x64xbf16>, !tile.barriers<2>
    ```
  }];
  let arguments = (ins AnyMemRef:$source, Index:$batch, Index:$head, Index:$row, Tile_RingType:$ring, Index:$slot,
      Tile_BarriersType:$barriers, Index:$barrier, OptionalAttr<I64Attr>:$bytes, Optional<Index>:$end,
      OptionalAttr<I64Attr>:$multicast, Tile_Packed:$packed);
  let assemblyFormat = [{
    $source `[` $batch `,` $head `,` $row `]` (`below` $end^)? `to` $ring `[` $slot `]` `signal` $barriers `[` $barrier `]`
    (`bytes` $bytes^)? (`multicast` $multicast^)? (`packed` $packed^)? attr-dict
    `:` type($source) `,` type($ring) `,` type($barriers)
  }];
}

def Tile_ViewOp : Tile_Op<"view", [Pure]> {
  let summary = "The tile in a slot of a ring whose barriers are explicit";
  let description = [{
    Example:
    ```mlir
    %k = tile.view %ring[%slot] : !tile.ring<2, 128x64xbf16> -> !tile.shared<128x64xbf16>
    ```
  }];
  let arguments = (ins Tile_RingType:$ring, Index:$slot);
  let results = (outs Tile_SharedType:$result);
  let assemblyFormat = "$ring `[` $slot `]` attr-dict `:` type($ring) `->` type($result)";
}

#endif // ATTN_DIALECT_TILE_RING_OPS_TD
