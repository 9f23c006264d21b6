// The abstract program of a kernel: for each role the barrier events with the loops, branches and index arithmetic that
// steer them, and nothing else. Extract.cpp makes it from IR, Unroll.cpp turns it into lists of events for given bounds,
// Replay.h runs these. The file holds data only.
#ifndef ATTN_ANALYSIS_RINGPROTOCOL_PROGRAM_H
#define ATTN_ANALYSIS_RINGPROTOCOL_PROGRAM_H

#include "attn/Analysis/RingProtocol.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <limits>
#include <optional>

namespace attn::analysis {

enum class Act { Compute, Loop, Branch, Wait, Arrive, Copy, Issue, Await, TakeTurn, PassTurn };

enum class Code { Constant, Add, Sub, Mul, Div, Rem, And, Or, Xor, ShiftRight, Min, Max, Select, Compare, Same };

/// Numbers of values in an environment; -1 for none.
using ValueId = int;

/// A place in a group of ring slots or barriers: `base + value` of `count`.
struct Place {
  int base = -1, count = 0;
  ValueId index = -1;
};

struct Node {
  Node(Act act, mlir::Operation *op) : act(act), op(op) {}

  Act act;
  mlir::Operation *op;
  ValueId result = -1;             ///< of Compute; the counter of Loop; the product's number of Issue
  ValueId operands[3] = {-1, -1, -1}; ///< of Compute; lower, upper, step of Loop; condition of Branch; parity of Wait
  Code code = Code::Constant;
  int64_t constant = 0;
  mlir::arith::CmpIPredicate predicate = mlir::arith::CmpIPredicate::eq;
  Place barrier;                   ///< of Wait, Arrive and Copy
  bool everywhere = false;         ///< Arrive and Copy: in each block of the cluster
  llvm::SmallVector<Place, 2> slots; ///< of Copy and Issue
  struct Carried {
    ValueId argument, init, next;
  };
  llvm::SmallVector<Carried, 1> carried; ///< of Loop
  ValueId whole = -1;                    ///< of Loop: by what whole periods are counted; its upper bound, or what that is at most
  std::vector<Node> body, orElse;
};

/// A loop bound that is an argument of the run.
struct Parameter {
  llvm::SmallVector<ValueId, 2> ids; ///< the roles may each compute it
  mlir::Value value;                 ///< as one of them does
  mlir::Operation *loop;             ///< a loop that it bounds
  int64_t least;                     ///< -1 stands for all values below 0
  /// Where each consumer has a bound of its own: the number of the parameter that it is at most, and how much less
  /// it may be where it is not 0.
  struct Own {
    int whole;
    int64_t fewer;
  };
  std::optional<Own> own;
};

struct Program {
  struct Ring {
    mlir::tile::AllocRingOp op;
    int base, count;
  };
  struct Barriers {
    mlir::tile::AllocBarriersOp op;
    int base, count;
    int64_t arrivals;
    int64_t parts = 1; ///< of each copy that tells them, by as many blocks of a cluster
  };
  std::vector<Ring> rings;
  std::vector<Barriers> barriers;
  int slotCount = 0, barrierCount = 0, consumers = 0;
  int blocks = 1; ///< of a cluster, each with these roles, rings and barriers
  std::vector<Parameter> parameters;
  /// How many values a parameter has in one run.
  int valuesOf(const Parameter &parameter) const { return parameter.own ? consumers : 1; }
  std::vector<Node> prelude, producer, consumer;
  /// A persistent kernel: the roles above are bodies of loops over programs, around which the producer's and the
  /// consumers' counts are carried, and behind which each role has an end.
  bool persistent = false;
  std::vector<Node> producerEnd, consumerEnd;
  bool hasEnd() const { return !producerEnd.empty() || !consumerEnd.empty(); }
  /// Numbers come before flags.
  struct Count {
    ValueId argument, next, result;
    int64_t init;
    mlir::Operation *loop;
    bool isFlag;
  };
  std::vector<Count> producerCounts, consumerCounts;
  int values = 0;
  int64_t period = 1, reach = 0; ///< P and d of RingProtocol.h
};

/// A program, or why there is none.
struct Extraction {
  Program program;
  std::optional<ProtocolRefusal> refusal;
  bool empty = false; ///< no roles and no barriers: nothing to prove
};
Extraction extractProgram(mlir::func::FuncOp kernel);

/// What one role does at one moment.
struct Event {
  Event(Act act, mlir::Operation *op) : act(act), op(op) {}

  Act act;
  mlir::Operation *op;
  int barrier = -1, parity = 0;
  bool everywhere = false;
  int slots[2] = {-1, -1};
  int product = -1; ///< of Issue, and the last one that an Await covers
};
using Trace = std::vector<Event>;

struct RoleTraces {
  Trace producer;
  std::vector<Trace> consumers; ///< one, where all have the same events
  const Trace &consumer(int number) const { return consumers[consumers.size() == 1 ? 0 : number]; }
};

struct Traces : RoleTraces {
  RoleTraces end;                    ///< what follows if this program is the last
  llvm::SmallVector<int64_t> counts; ///< carried to the next program, reduced by the period
  std::optional<ProtocolRefusal> refusal;
};

/// New names of slots and barriers, by old ones, and whether a barrier's phases change their parity.
struct Renaming {
  std::vector<int> slots, barriers;
  std::vector<bool> flips;

  static Renaming none(const Program &program);
  /// Renames what has its new names again.
  void follow(const Renaming &next);
};

/// The carried counts of the first program: the producer's, then the consumers'.
llvm::SmallVector<int64_t> firstCounts(const Program &program);
/// The events of each role in one program when `bounds` are the values of the parameters, one behind another.
Traces unroll(const Program &program, llvm::ArrayRef<int64_t> bounds, llvm::ArrayRef<int64_t> counts);
/// Those of a block that has no program: of the ends alone.
Traces unrollNone(const Program &program);

/// Iterations from an end of a loop that a violation can depend on: w of RingProtocol.h.
int64_t windowOf(const Program &program);

} // namespace attn::analysis

#endif // ATTN_ANALYSIS_RINGPROTOCOL_PROGRAM_H
