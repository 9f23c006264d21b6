// The loops over the programs of a block, and what is carried around them.
#include "Extract.h"

#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;
using namespace ::attn::analysis;

/// Behind the loop over programs no role loops once more.
bool Extractor::checkEnd(Operation *op) {
  bool loops = op->walk([](LoopLikeOpInterface) { return WalkResult::interrupt(); }).wasInterrupted();
  return !loops || refuse(op, ProtocolFault::NotUnderstood, "expects no loop behind the one over programs");
}

/// In a persistent kernel the events of a role are in one loop by a step that only the launch knows, the same in each role, and
/// behind it.
bool Extractor::findProgramLoops(tile::RolesOp roles) {
  for (Region &region : roles->getRegions()) {
    auto holders = llvm::make_filter_range(region.front(), [](Operation &op) { return holdsEvent(&op); });
    std::optional<ProgramLoop> loop = holders.empty() ? std::nullopt : ProgramLoop::of(&*holders.begin());
    if (!loop)
      continue;
    programLoops.push_back(*loop);
    if (!llvm::all_of(llvm::drop_begin(holders), [&](Operation &op) { return checkEnd(&op); }))
      return false;
  }
  program.persistent = !programLoops.empty();
  if (!program.persistent)
    return true;
  if (programLoops.size() != 2 || programLoops[0].bounds != programLoops[1].bounds ||
      !programLoops[1].followsFrom(programLoops[0]))
    return refuse(roles, ProtocolFault::NotUnderstood, "expects both roles to loop over the same programs");
  for (const ProgramLoop &loop : programLoops) {
    forms.addUnknown(loop.number);
    for (const ProgramLoop::Carried &each : loop.carried)
      for (Value value : {Value(each.argument), each.result})
        if (value)
          each.isFlag() ? forms.addCarriedFlag(value) : forms.addCarriedCount(value);
  }
  return true;
}

/// What is carried from program to program has to be known by its remainder.
bool Extractor::addCarriedCounts() {
  for (const ProgramLoop &loop : programLoops)
    for (const ProgramLoop::Carried &each : loop.carried) {
      if (!needed.contains(each.argument))
        continue;
      Form form = forms.get(each.next);
      bool isKnown = each.isFlag() ? form.isCondition() : form.kind == Form::Linear || form.isPeriodic();
      if (!getConstantIntValue(each.init) || !isKnown)
        return refuse(loop.op, ProtocolFault::NotUnderstood,
                      "expects counts to begin with a constant and to grow by sums of loop bounds");
    }
  return true;
}
