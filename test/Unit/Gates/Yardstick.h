// How fast this machine compiles, by work that has nothing of ours in it.
#ifndef ATTN_TEST_UNIT_GATES_YARDSTICK_H
#define ATTN_TEST_UNIT_GATES_YARDSTICK_H

namespace attn::gates {

/// Parses, optimises and generates x86-64 code for one function of LLVM IR, the same on every machine: a loop over
/// 250 blocks of loads, arithmetic on floats, stores and branches.
void compileYardstick();

} // namespace attn::gates

#endif // ATTN_TEST_UNIT_GATES_YARDSTICK_H
