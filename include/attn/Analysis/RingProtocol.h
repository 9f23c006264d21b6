// Proves or refutes the barrier protocol of a kernel at stage `placed`, without changing it.
//
// What is shown, for every length: no role waits for ever (deadlock); a slot is refilled only when every read of it, the
// asynchronous ones too, is known to be over (overwrite); a slot is read only when the copy that fills it is known to have
// arrived (read before full), and copies are read in the order in which they were made; each barrier phase gets exactly
// its arrivals and no wait can mistake one phase for another; products and copies are over before the kernel ends; turns
// are passed in order; shared memory is placed without overlap.
//
// How. A role's control flow depends only on loop bounds, never on a barrier, so for given bounds each role is a list of
// events. One run of these lists decides for all interleavings: a vector clock, with an entry for each role and each
// barrier, tells what a role *knows* to have happened, and every check is on that knowledge, never on the order of the
// run. In particular (1) an arrival must know that the phase it counts in has begun, (2) a wait that passes after c phases
// must know of c-1 before, and (3) phase c+1 may complete only with the knowledge that the wait passed. By (1) to (3) each
// barrier goes through the same phases, and each wait passes at the same one, in every interleaving (induction on the
// events of the run), so a run that ends shows that all of them end.
//
// A consumer warpgroup is one role, though its warps run and arrive each for itself: they have the same events, and what
// holds between any two roles holds between warps.
//
// Which bounds. Slots and parities have to be periodic in the loop counters (linear, divided and reduced by constants) and
// branches have to compare a counter with an end of its range; anything else is not decided. With P the common period, S
// the slots of the longest ring and d the distance from an end at which branches still differ, the events of iteration i
// depend on i mod P and on whether i is within d of either end. Up to the first violation roles are at most S iterations
// apart, since a refill knows of the read S counts before it. So a violation shows in a window of w = S + d + 2 iterations
// on either side. A window in the middle of a loop occurs in a run of P + 2w iterations; one at an end occurs in the run of
// 2w to 2w + P - 1 iterations with the same remainder by P; one that reaches both ends is the run itself. Hence all bounds
// up to P + 2w decide. A bound that is a larger constant is cut to one of these by leaving out whole periods.
//
// Persistent kernels. The events of a role may stand in one loop over programs, the same in both roles, by a step that only
// the launch knows, and behind it, without a loop. A block then runs any sequence of programs, each with any bounds; that the two
// roles agree on the bounds of a program is shown by comparing how they compute them. Sequences are decided by their states: since
// one run decides for all interleavings, all roles may be run to the end of a program before any begins the next. The state there (clocks,
// slots, barriers, turns, and carried counts modulo P) is brought to a canonical form that keeps all that later checks can
// tell: the order of clock entries, which phases are next to each other, parities. From every state that is found, a
// program is run with every bound up to P + 2w, until no new state appears, so every sequence of such programs has been
// followed; any program may be the last, so what stands behind the loop is run from every state, and by itself for a block without
// programs. Flags may be carried besides counts: conditions on the bounds of earlier programs, given to a run as they are.
// Programs read only what was copied for them, or left by the one before. A longer program may be replaced by the one of 2w or
// more iterations with the same remainder by P: what lies within w of its ends is the same, and of what is older its roles know at
// least as much, which no check holds against it.
//
// Consumers. Without turns they meet nobody but the producer: they wait for copies alone, and at the barriers that they arrive at
// nobody waits but it. So one consumer decides for all. Every check is on what one role knows of one other, or of a barrier; among
// others a consumer and the producer know all that they know alone, since a phase tells what each of its arrivals knows. And
// where a wait among others is never over, the producer's lacks the arrival of some consumer, which itself waits for what
// the producer does behind that wait; so it does alone, where each phase has one arrival for one of each consumer.
//
// Ends of their own (tile.own_bound). A consumer visits none of its blocks, or all but the last few, and gives the others back
// unread; which ones is its own affair. It is run with each number of blocks that it may visit, as with each bound; the few that it
// may leave out count as branches within that distance of an end. It decides for all only where it arrives as often with each.
//
// Rotation. A ring's count more puts each tile of a program one slot further, so programs that begin with other counts have the
// same events by other names of slots and barriers, whose parities change where a ring begins anew. Where comparing the lists of
// events for all counts and bounds shows that, a state between programs is given the names that it has with counts of 0.
//
// What is refused with one consumer or renamed states is run without both, so that a refusal counts and names what there is.
//
// Programs that are drawn. The loops are then scf.while, and each goes on with a number: the producer's with the one it has drawn,
// which it sends through a ring of numbers, the consumers' with the one that they receive. Where one number a program goes in and
// one comes out, and the proof of that ring holds, both have the same programs; which they are matters no more than above. Sending
// is a copy to the proof, receiving a product that is awaited at once.
//
// Clusters. All blocks of a cluster have the same lists of events, since nothing that steers them may follow from a block's number in
// its cluster. So a run has the roles, rings and barriers of every block; an arrival with `multicast` is one at each block's
// barrier, and a copy with it is a part of a copy into each block's slot, whose barrier ends a phase when it has the parts of all
// blocks (on the GPU: when it has the bytes of all parts and its own producer has announced them). Each part has to know that the
// reads of what it takes the place of are over.
#ifndef ATTN_ANALYSIS_RINGPROTOCOL_H
#define ATTN_ANALYSIS_RINGPROTOCOL_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <string>
#include <vector>

namespace attn::analysis {

enum class ProtocolFault {
  Deadlock,        ///< a wait that is never over
  Overwrite,       ///< a slot refilled while it may still be read or filled
  ReadBeforeFull,  ///< a slot read before its copy is known to have arrived
  ReadOutOfOrder,  ///< a copy passed over
  PhaseMissed,     ///< a wait that may take one phase of a barrier for another
  WrongArrivals,   ///< more, fewer or other arrivals than a phase has
  WrongBytes,      ///< bytes announced at a barrier are not those copied
  NotInitialised,  ///< a barrier that is not there before the roles start
  NotPlaced,       ///< rings or barriers without a place of their own
  OutOfRange,      ///< a slot, barrier or parity that does not exist
  StillInFlight,   ///< a product or copy that may run on when the kernel ends
  TurnOutOfOrder,  ///< a turn passed that was not taken
  NotUnderstood,   ///< the IR is outside what the analysis can decide
};

/// A sentence fragment: "deadlock", "overwrite", …
llvm::StringRef stringifyProtocolFault(ProtocolFault fault);

struct ProtocolNote {
  mlir::Operation *op;
  std::string text;
};

/// Why a protocol is refused: the operation at fault and operations that take part.
struct ProtocolRefusal {
  ProtocolFault fault;
  mlir::Operation *op;
  std::string text; ///< follows the operation's name, as in "may refill slot 1 while it is read"
  std::vector<ProtocolNote> notes;
};

class RingProtocol {
public:
  enum class Answer { Safe, Unsafe, Undecided };

  /// With `all` no consumer stands for others and no state for others by other names, which takes longer and comes to the same.
  explicit RingProtocol(mlir::func::FuncOp kernel, bool all = false);

  Answer answer() const;
  /// The first reason against, when the answer is not Safe.
  const ProtocolRefusal &refusal() const { return *reason; }
  /// How much was executed: runs with different bounds, and events in all of them.
  int64_t runs() const { return runCount; }
  int64_t events() const { return eventCount; }

private:
  std::optional<ProtocolRefusal> reason;
  int64_t runCount = 0, eventCount = 0;
};

} // namespace attn::analysis

#endif // ATTN_ANALYSIS_RINGPROTOCOL_H
