// Passes from stage `problem` to stage `checked`, in pipeline order. One pass a file in lib/Transforms.

#ifndef ATTN_TRANSFORMS_PASSES_TD
#define ATTN_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def AttnChoosePlan : Pass<"attn-choose-plan", "::mlir::func::FuncOp"> {
  let summary = "Give each attention function a plan for its target";
  let description = [{
    Stage problem to planned. Refuses by name what the target cannot do (operations in regions that no target
    has on tiles, f32 on a GPU), then sets `tile.plan` on the function: tile sizes, warpgroups, ring stages, overlap. A plan
    that is already there is checked against the target and kept. Runs first, because every later pass reads the plan.

    For a GPU the plan is that of the nearest entry of the user's table (its form: attn/Transforms/Plans.h), else of the table that
    the compiler holds (lib/Transforms/Plans), else the one that the cost model (attn/Analysis/PlanCost.h) finds fastest. A kernel
    with a score or mask region, or with dropout, has no entry. Length is that of the keys: static, or as hinted, or not known. A
    remark says which of them it was, and what came second.
  }];
  let dependentDialects = ["::mlir::tile::TileDialect"];
  let options = [
    Option<"target", "target", "std::string", "\"cpu\"", "cpu or sm_90a">,
    Option<"plan", "plan", "std::string", "\"\"", "a #tile.plan attribute to use instead of choosing one">,
    Option<"planTable", "plan-table", "std::string", "\"\"", "text of a user's table of plans, to look into first">,
    Option<"lengthHint", "length-hint", "int64_t", "0", "keys to plan for where their extent is dynamic; 0: not known">,
  ];
}

def AttnExpandClauses : Pass<"attn-expand-clauses", "::mlir::func::FuncOp"> {
  let summary = "Write softcap, ALiBi, bias, prefix, chunks and documents as score and mask regions";
  let description = [{
    Within stage problem, so that there is one lowering of scores and one of masks. Scores: softcap, then slopes, then the
    bias, then the region that was there. Masks: the prefix joined with causality, which it takes the place of, then
    chunks, documents and the region that was there, all of which must allow a pair. Buffers of clauses become captured
    values; where the diagonal depends on the lengths, query and key are captured for their extents.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect"];
}

def AttnTileAttention : Pass<"attn-tile-attention", "::mlir::func::FuncOp"> {
  let summary = "Rewrite attention as loops over query and key/value tiles";
  let description = [{
    Stage planned to tiled. The function's tensors become strided memrefs, its results become trailing arguments, and
    its body an `scf.forall` over (batch, head, query tile) around an `scf.for` over all key/value blocks, whose body is
    one masked `tile.softmax_step` (arXiv 2307.08691, algorithm 1).

    Lengths and offsets of sequences are read by each program. The query tiles of packed sequences are numbered together,
    and a program searches the offsets for its sequence.
  }];
  let dependentDialects = ["::mlir::tile::TileDialect", "::mlir::scf::SCFDialect", "::mlir::arith::ArithDialect",
      "::mlir::memref::MemRefDialect", "::mlir::tensor::TensorDialect"];
}

def TileSplitRanges : Pass<"tile-split-ranges", "::mlir::func::FuncOp"> {
  let summary = "Visit only the key/value blocks that a mask leaves, and mask only the partial ones";
  let description = [{
    Stage tiled to split. For each query tile the band mask yields the range of blocks with any allowed pair and, inside
    it, the range in which every pair is allowed. The loop runs over the former, from the last block to the first, so
    that masked blocks come early, or the other way where the plan says `ascending`; the mask moves into an `scf.if` that
    full blocks skip. On a GPU a warpgroup skips it in blocks that are full for its own 64 rows (`tile.own_row`). Where the plan
    says `own_ends`, it also ends with the last block that they see, or visits none where they lie behind the last query: the
    loop's bound is a `tile.own_bound`. (Not so under a mask region, or where rows of several heads share a tile: a remark says
    when a plan asks for it there.)

    Where a mask region stands before the band, both are solved together for the key: up to four ranges, made disjoint at
    run time and visited by one loop whose block number is a chain of selections. What the region reads and does not
    depend on the pair is computed before the loop; so are the places in sorted captured buffers that bound the keys, by
    searches.

    Where a part of the region has no form that can be solved, because it reads captured buffers at the pair, a
    `tile.tabulate` makes a table of the blocks, once for each query tile, and the loop counts through it. Its body bounds
    the values of the region over a block (interval arithmetic; of a captured buffer the smallest and the largest of the
    elements that the pairs read), and says where the mask may hold and where it must. A tile is cut where it reads a buffer
    by blocks, as a list of blocks is, so that the elements of one cell are one number; what does not depend on the
    block of keys is computed before. A table takes as much room as it has blocks, and nothing of the size of queries times
    keys is ever made. Where bounds would skip nothing, all blocks of the ranges are visited.

    A remark says which of the four it was, and why.
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect", "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
}

def TileExpandRegions : Pass<"tile-expand-regions", "::mlir::func::FuncOp"> {
  let summary = "Expand score and mask regions into arith and math on tiles";
  let description = [{
    Stage split to stepped, the first half. The arguments of a body become tiles (scores, row and column indices, batch and
    head everywhere), its operations work on whole tiles, and a mask becomes a choice between the score and -inf. An index
    becomes i32; divisions that round down or up, exponentials and logarithms are written in terms of the few
    operations that the conversions know.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect",
      "::mlir::memref::MemRefDialect"];
}

def TileSimplifyScores : Pass<"tile-simplify-scores", "::mlir::func::FuncOp"> {
  let summary = "Take operations out of the arithmetic on scores";
  let description = [{
    Within stage split to stepped. Every operation on scores is one for each pair of a query and a key, beside some seven of the
    softmax. Constant factors become one, a division by a constant a factor; a product that is added becomes a multiply-add;
    a distance between query and key is made as a float; and a positive factor of all scores goes into the scale of the
    softmax, for which nothing has to be computed. Results differ from the region's text by roundings of f32.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect", "::mlir::tile::TileDialect"];
}

def TileStartNear : Pass<"tile-start-near", "::mlir::func::FuncOp"> {
  let summary = "Visit the nearest keys first where scores depend on the distance of query and key";
  let description = [{
    Within stage split to stepped. Where a bias falls with `|query - key|`, as that of ALiBi (arXiv 2108.12409) does, keys in order
    from one end raise the maximum of a row with every block until the nearest is reached, and each time the softmax changes its
    reference and computes the weights again. Here a loop over all key blocks starts at the block that holds the key
    of the tile's last query, counts down to the first, and goes on from the last. Under a causal mask the last block that is visited
    is the nearest already.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def TileShiftScores : Pass<"tile-shift-scores", "::mlir::func::FuncOp"> {
  let summary = "Add the part of a distance that a thread's columns share to the reference of the softmax";
  let description = [{
    Within stage split to stepped, in kernels of a GPU. A score `u * (query - key) + x`, u being the same for the whole tile, as a slope of
    ALiBi (arXiv 2108.12409) is, takes the distance and a multiply-add an element. The distance has a far part, a constant in every
    register of a thread, and a near part, one number a row of a thread: `x + u * far` is left in the scores, and `u * near` becomes the
    shift of `tile.softmax_step`, which adds it to the reference of the row and not to each score.

    `u * |query - key| + x` is the same with another sign of u on either side of the diagonal; in blocks that the diagonal crosses, the
    scores are computed as before and the shift is 0. Results differ by roundings of f32.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect",
      "::mlir::scf::SCFDialect", "::mlir::tile::TileDialect"];
}

def TileSplitKeys : Pass<"tile-split-keys", "::mlir::func::FuncOp"> {
  let summary = "Let the blocks of a cluster share the keys of a program";
  let description = [{
    Within stage split to stepped, where the plan has a `split`. Each block visits its part of a program's key blocks; behind the
    loop the first one merges the parts' softmax states (Flash-Decoding; arXiv 1805.02867, algorithm 3), and it alone stores. Which
    program and part a block has follows from its place in the grid (`tile.part`).
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect", "::mlir::tile::TileDialect"];
}

def TileExpandSoftmax : Pass<"tile-expand-softmax", "::mlir::func::FuncOp"> {
  let summary = "Expand masks and online-softmax steps into arith, math and row operations";
  let description = [{
    Stage split to stepped, the second half (arXiv 1805.02867, algorithm 3). The CPU path leaves the common pipeline after this pass.
    A row that has seen no allowed key keeps a maximum of -inf; its reference is taken as 0, so no NaN arises.

    With a rescale threshold T in the plan, weights are taken relative to the reference of the blocks before, and the
    maximum is not looked for until a part of a row's sum passes 2^T: then a score may be that far above. In that block,
    and where a row has seen no key, the weights are computed again relative to the maximum, and the accumulator is
    rescaled. (FlashAttention-4 delays rescaling likewise, but looks for the maximum in every block.)

    Where the accumulator has columns for sums (`sum_column` of the plan), a column of ones stands beside the values, and no weight
    is added to anything. What passes the limit shows in the bits of the rounded weights then (`tile.row_ceiling`): from 2 on. So
    references are T - 1 powers of two above the maximum that they are made from, or 4 where weights become f16.

    Where the arithmetic of the scores bounds them (`attn/Analysis/ScoreBound.h`), as tanh does in a softcap, weights are
    powers of the scores themselves: no maximum, no rescaling. Scores may then be up to 80 powers of two from 0, or 8 where
    weights become f16. Where a million keys are all 80 powers of two above 0, that leaves f32's accumulator 27 for values.

    Parts of a program that blocks share (`tile.merge_parts`) are merged with the same arithmetic, one peer after another.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect",
      "::mlir::scf::SCFDialect"];
}

def TileExpandDropout : Pass<"tile-expand-dropout", "::mlir::func::FuncOp"> {
  let summary = "Expand the choice of dropout into Philox as arithmetic on tiles";
  let description = [{
    Within stage split to stepped. Ten rounds of Philox-4x32 (Salmon et al., SC11) on four i32 tiles, whose counters are
    the same for the four elements that share a block, then `tile.deal`, which gives each element its word. Both
    conversions compute equal elements once, so a block of four words is computed once for four elements. Round keys of a seed
    that is an attribute are constants.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

def TileAssignLayouts : Pass<"tile-assign-layouts", "::mlir::func::FuncOp"> {
  let summary = "Give every tile value a register layout or a place in shared memory";
  let description = [{
    Stage stepped to laid-out. Loaded tiles go to shared memory; matrices become accumulators, vectors of rows become
    row tiles, and the left operand of a product that comes from registers is converted to an operand. The constant beside a
    right operand is a tile in shared memory that has its elements from the start. A tile for which no layout is legal is an error,
    never a slow path.
  }];
  let dependentDialects = ["::mlir::tile::TileDialect"];
}

def TileSpecializeRoles : Pass<"tile-specialize-roles", "::mlir::func::FuncOp"> {
  let summary = "Move loads into a producer role that feeds the consumers through rings";
  let description = [{
    Stage laid-out to specialized. Roles are constructed, not discovered: every `tile.load` becomes a `tile.put` in the
    producer, in the loop nest it stood in, and a `tile.wait_full`, `tile.slot` and `tile.release` in the consumers. What follows
    from `tile.own_row` is the consumers' alone: of a loop that a `tile.own_bound` ends the producer runs all blocks, and a
    second loop of the consumers, behind their stores, waits for those that are left, skips them and releases them.
  }];
  let dependentDialects = ["::mlir::tile::TileDialect", "::mlir::scf::SCFDialect"];
}

def TileShareLoads : Pass<"tile-share-loads", "::mlir::func::FuncOp"> {
  let summary = "Let the blocks of a cluster load keys and values together";
  let description = [{
    Within stage specialized, if the plan has clusters. Puts in the loop over keys become `multicast`: each block of the
    cluster loads its part of the rows into the rings of all. Refused where the tiles that a block loads depend on its query
    tile, as under a causal mask: blocks of a cluster go through the same tiles in step.
  }];
  let dependentDialects = ["::mlir::tile::TileDialect"];
}

def TileOverlapLoop : Pass<"tile-overlap-loop", "::mlir::func::FuncOp"> {
  let summary = "Make products asynchronous and, if the plan says so, overlap them with the softmax";
  let description = [{
    Stage specialized to overlapped. Without overlap each product is issued and awaited in place. With overlap the loop
    is rotated by one block (FlashAttention-3, arXiv 2407.08608, section 3.2): the scores of block j+1 are issued before
    the product with the values of block j, and the softmax of j+1 runs while that product is in flight. If the plan says
    so, the producer's loop is rotated too and loads the keys of block j+1 before the values of block j.
  }];
  let dependentDialects = ["::mlir::tile::TileDialect", "::mlir::scf::SCFDialect", "::mlir::arith::ArithDialect"];
}

def TileStageStores : Pass<"tile-stage-stores", "::mlir::func::FuncOp"> {
  let summary = "Let the output tile go to the GPU's memory by way of shared memory";
  let description = [{
    Within stage overlapped, if the plan says so. A store of a matrix gets a tile in shared memory, its stage. Stores from
    registers keep a warp until the last of them is on its way; from a stage one instruction of one lane starts the copy of
    a warp's rows (FlashAttention-3, arXiv 2407.08608, stores its output likewise).
  }];
}

def TileLoopPrograms : Pass<"tile-loop-programs", "::mlir::func::FuncOp"> {
  let summary = "Make a kernel persistent: each role loops over the programs of its block";
  let description = [{
    Within stage overlapped, if the plan says so. The `scf.forall` over programs becomes a loop in each role, from the
    block's number on in steps of the number of blocks, so that the producer runs ahead into the next program. Ring counts
    go on from program to program. Programs of equal work are dealt in rounds; under a causal mask, where later query tiles
    have more work, out and back within sections of heads that fill two rounds, so that all blocks have the same; of an
    `ascending` plan every other block runs the light program of a pair of rounds first. The blocks of a cluster count as one
    that runs neighbouring query tiles. Where warpgroups have ends of their own (`tile.own_bound`) and the last round of equal
    programs has at most half as many as there are blocks, several blocks share each: a part of the warpgroups visits its
    keys in each block, and stores.

    A dynamic plan's blocks draw the last programs: the loop of each role becomes an `scf.while` over numbers, each of which the
    producer has when the loads of a program are on their way (`tile.draw`) and sends to the consumers. Of equal programs, those
    behind the last full round but one are drawn; under a causal mask the lightest of the last section, the heavier first.
  }];
  let dependentDialects = ["::mlir::gpu::GPUDialect", "::mlir::scf::SCFDialect", "::mlir::arith::ArithDialect"];
}

def TileOverlapPrograms : Pass<"tile-overlap-programs", "::mlir::func::FuncOp"> {
  let summary = "Finish a program under the first product of the next one";
  let description = [{
    Within stage overlapped, if the plan says so, behind tile-loop-programs. What is left of a program when its loop over keys is
    over, the product of its last weights with the values, the division by the sums and the store, moves into the next
    program's round of the loop, carried there by its arguments, and behind the loop for the last one: the product is issued,
    the first scores of the next program right behind it, and the end and the store run while those are made. Where there is room
    for two tiles of queries, the producer loads the next program's before this one's last values.
    This is the pipelining of FlashAttention-3 (arXiv 2407.08608, section 3.2) from one program to the next.
  }];
  let dependentDialects = ["::mlir::tile::TileDialect", "::mlir::scf::SCFDialect", "::mlir::arith::ArithDialect"];
}

def TileLowerRings : Pass<"tile-lower-rings", "::mlir::func::FuncOp"> {
  let summary = "Write the protocol of rings out as barriers, slots and parities";
  let description = [{
    The first half of stage overlapped to placed. A put becomes a wait for the slot's last readers and a copy that signals
    its arrival; a release becomes an arrival. Runs after the overlap, which moves waits and releases as wholes.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def TilePlaceShared : Pass<"tile-place-shared", "::mlir::func::FuncOp"> {
  let summary = "Give every ring and barrier its place in shared memory";
  let description = [{
    The second half of stage overlapped to placed. Fails with the list of regions where they do not fit the target.
  }];
}

def TileCheckProtocol : Pass<"tile-check-protocol", "::mlir::func::FuncOp"> {
  let summary = "Prove that the barriers of a kernel neither deadlock nor let a slot be overwritten or read too early";
  let description = [{
    Stage placed to checked. Executes the events of every role for all loop bounds that can differ and checks each on what
    its role knows to have happened. Unsafe is an error with notes at the operations that take part; a protocol that
    cannot be decided is an error too. Changes nothing.
  }];
}

def TileVerifyStage : Pass<"tile-verify-stage"> {
  let summary = "Check the promise of a stage";
  let description = [{
    Fails at the first operation that a stage promises to be gone, unplaced or without a layout. The pipelines run it at
    every stage; it changes nothing.
  }];
  let options = [Option<"stage", "stage", "std::string", "\"problem\"", "name of the stage">];
}

#endif // ATTN_TRANSFORMS_PASSES_TD
