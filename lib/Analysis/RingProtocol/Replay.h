// Runs one list of events a role against each other and checks every event on what its role knows (RingProtocol.h). A
// clock has an entry for each barrier (its completed phases) and, for each role, one for each ring (its reads there), one for each
// array of barriers (its waits there) and one for turns. With one count of all a role's events, states between programs would
// differ by the order of events that no check compares. A persistent kernel is run
// a program at a time; between programs the state can be brought to a canonical form, so that equal futures are known.
#ifndef ATTN_ANALYSIS_RINGPROTOCOL_REPLAY_H
#define ATTN_ANALYSIS_RINGPROTOCOL_REPLAY_H

#include "Program.h"

namespace attn::analysis {

class Replayer {
public:
  explicit Replayer(const Program &program);

  /// Runs the roles to the ends of their lists; yields the first thing that is wrong.
  std::optional<ProtocolRefusal> run(const RoleTraces &traces);
  /// What is wrong when the kernel ends here.
  std::optional<ProtocolRefusal> end();
  /// Gives slots and barriers of the one block other names.
  void rename(const Renaming &renaming);
  /// Forgets what no later event can tell. Two canonical states with one key differ in what is known, in nothing else.
  void canonicalise();
  std::vector<int64_t> key() const;
  /// Keeps what is known in another state with this key too; true if that is less than before. What is wrong after either
  /// state is wrong after this one.
  bool forgetWhatIsUnknownTo(Replayer &other);

private:
  using Clock = llvm::SmallVector<uint32_t, 32>;

  struct Role {
    const Trace *trace = nullptr;
    size_t next = 0;
    Clock clock;
    struct Product {
      const Event *event;
      uint32_t ends[2] = {0, 0}; ///< of the reads of its slots; 0 while in flight
    };
    std::vector<Product> products; ///< of this list
    int awaited = -1;              ///< last product that is over
    std::vector<int> lastRead;         ///< number of the copy last read, by ring of its block
  };
  struct Barrier {
    const Program::Barriers *array;
    uint32_t arrivals = 0; ///< that end a phase: of a tile that a cluster copies together, each part counts
    uint32_t completed = 0, pending = 0;
    Clock gathered;            ///< what the arrivals of this phase know
    llvm::SmallVector<int, 4> arrived;
    Clock told;                ///< what the last completed phase tells
    struct Waiter {
      int role;
      uint32_t time;
      mlir::Operation *op;
    };
    llvm::SmallVector<Waiter, 8> waiters; ///< waits that passed since the last completion
  };
  struct Content {
    int copy = -1; ///< number of the copy, -1 while the slot was never filled
    mlir::Operation *copyOp = nullptr;
    int barrier = 0;
    uint32_t phase = 0; ///< the copy has arrived when this many phases and one more are complete
    struct Read {
      int role, product; ///< product -1: one of an earlier program, over at time `end`
      int operand;       ///< of the product
      mlir::Operation *op;
      uint32_t end = 0;
    };
    llvm::SmallVector<Read, 8> reads;
  };
  struct Slot : Content {
    int ring = 0;   ///< of all blocks
    int parts = 0;  ///< copied so far of a tile that is not whole
    Content before; ///< what such parts take the place of
  };
  struct Turn {
    bool given = false;
    Clock gift;
    uint32_t taken = 0; ///< when the last one was
  };

  bool refuse(ProtocolFault fault, mlir::Operation *op, const llvm::Twine &text, std::vector<ProtocolNote> notes = {});
  /// Executes the next event of a role. False when it has to wait or was refused.
  bool step(int number);
  bool wait(int number, const Event &event);
  bool arrive(int number, const Event &event);
  bool arriveAt(int number, const Event &event, int target);
  bool copy(int number, const Event &event);
  bool copyTo(int number, const Event &event, int target);
  bool issue(int number, const Event &event);
  bool read(int number, const Event &event, int operand);
  bool await(int number, const Event &event);
  bool turn(int number, const Event &event);
  bool complete(int number, mlir::Operation *op);
  void refuseDeadlock();
  uint32_t endOf(const Content::Read &read) const {
    return read.product < 0 ? read.end : roles[read.role].products[read.product].ends[read.operand];
  }

  //===-- Canonical.cpp --===//
  void closeReads();
  void renumberCopies();
  template <typename Visit> void compressTimes(int role, int line, Visit visitTimes);
  void compressRole(int number);
  void compressBarrier(int number);
  template <typename Visit> void visitClocks(Visit visit);

  uint32_t &known(Clock &clock, int barrier) { return clock[barrier]; }
  /// What a clock knows of a role: how many of its events of one kind.
  uint32_t &known(Clock &clock, int role, int line) { return clock[barriers.size() + role * lines() + line]; }
  int lines() const { return program.rings.size() + program.barriers.size() + 1; }
  int readsOf(int ring) const { return ring; } ///< a ring of the role's own block
  int waitsAt(const Barrier &barrier) const { return program.rings.size() + (barrier.array - program.barriers.data()); }
  int turnsTaken() const { return lines() - 1; }

  //===-- Blocks of a cluster: each has its roles, barriers, slots, rings and turns behind those of the one before --===//
  int blockOf(int role) const { return role / (program.consumers + 1); }
  bool isProducer(int role) const { return role % (program.consumers + 1) == 0; }
  int barrierOf(int block, const Event &event) const { return block * program.barrierCount + event.barrier; }
  Slot &slotOf(int block, int slot) { return slots[block * program.slotCount + slot]; }
  int ringInBlock(const Slot &slot) const { return slot.ring % program.rings.size(); }
  int placeOf(const Slot &slot) const {
    return (&slot - slots.data()) % program.slotCount - program.rings[ringInBlock(slot)].base;
  }

  const Program &program;
  std::vector<Role> roles; ///< of a block the producer, then the consumers
  std::vector<Barrier> barriers;
  std::vector<Slot> slots;
  std::vector<Turn> turns;  ///< by consumer
  std::vector<int> copies;  ///< made so far, by ring
  std::optional<ProtocolRefusal> refusal;
};

} // namespace attn::analysis

#endif // ATTN_ANALYSIS_RINGPROTOCOL_REPLAY_H
