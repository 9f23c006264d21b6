// The order of products, waits and exponentials in a consumer: as the passes scheduled it, and as the machine code has it.
#ifndef ATTN_TEST_UNIT_GATES_SCHEDULE_H
#define ATTN_TEST_UNIT_GATES_SCHEDULE_H

#include "attn/Emit/Cubin.h"

#include "mlir/IR/BuiltinOps.h"

namespace attn::gates {

/// One entry: a product, a wait, or the exponentials between two of those.
struct Event {
  enum Kind { FromShared, FromRegisters, Wait, Exponentials } kind;
  int64_t value; ///< N of a product, groups that a wait lets run, number of exponentials of a thread
  int64_t steps; ///< k-steps of a product
};
using Schedule = std::vector<Event>;

/// What a module at stage `checked` says. An await becomes a wait for all but the products issued behind it.
Schedule scheduleOf(mlir::ModuleOp module);

/// What the machine code does, in address order.
Schedule scheduleOf(const emit::CubinKernel &kernel);

/// "SS 128 x8, RS 128 x8, wait 1, exp 66, wait 0".
std::string toString(const Schedule &schedule);

/// Empty when the machine code keeps the schedule, else what differs. Products and waits must agree one by one; of the
/// exponentials at least three quarters must stand between the same two of them, since the assembler may move a few.
std::string compare(const Schedule &expected, const Schedule &found);

} // namespace attn::gates

#endif // ATTN_TEST_UNIT_GATES_SCHEDULE_H
