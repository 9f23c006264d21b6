// Writes the parts of a kernel that are kept as nodes of the abstract program.
#include "Extract.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace ::attn::analysis;

Place Extractor::placeOf(Value group, Value index) {
  auto [base, count] = groups.lookup(group);
  return {base, count, id(index)};
}

void Extractor::emitArithmetic(Operation *op, std::vector<Node> &to) {
  if (op->getNumResults() != 1 || !needed.contains(op->getResult(0)) || isParameter(op->getResult(0)))
    return;
  IntegerAttr constant;
  Node node(Act::Compute, op);
  node.result = id(op->getResult(0));
  auto code = llvm::TypeSwitch<Operation *, std::optional<Code>>(op)
                  .Case<arith::AddIOp>([](auto) { return Code::Add; })
                  .Case<arith::SubIOp>([](auto) { return Code::Sub; })
                  .Case<arith::MulIOp>([](auto) { return Code::Mul; })
                  .Case<arith::DivUIOp, arith::DivSIOp>([](auto) { return Code::Div; })
                  .Case<arith::RemUIOp, arith::RemSIOp>([](auto) { return Code::Rem; })
                  .Case<arith::AndIOp>([](auto) { return Code::And; })
                  .Case<arith::OrIOp>([](auto) { return Code::Or; })
                  .Case<arith::XOrIOp>([](auto) { return Code::Xor; })
                  .Case<arith::ShRUIOp, arith::ShRSIOp>([](auto) { return Code::ShiftRight; })
                  .Case<arith::MinSIOp>([](auto) { return Code::Min; })
                  .Case<arith::MaxSIOp>([](auto) { return Code::Max; })
                  .Case<arith::SelectOp>([](auto) { return Code::Select; })
                  .Case<arith::IndexCastOp, arith::ExtUIOp>([](auto) { return Code::Same; })
                  .Case([&](arith::CmpIOp compare) { return node.predicate = compare.getPredicate(), Code::Compare; })
                  .Default([](Operation *) { return std::nullopt; });
  if (matchPattern(op, m_Constant(&constant))) {
    code = Code::Constant;
    node.constant = op->getResult(0).getType().isInteger(1) ? constant.getValue().getZExtValue() : constant.getInt();
  }
  if (!code) // its form is Other, so nothing that is executed reads it
    return;
  node.code = *code;
  for (auto [i, operand] : llvm::enumerate(op->getOperands()))
    node.operands[i] = id(operand);
  to.push_back(std::move(node));
}

Node Extractor::emitLoop(scf::ForOp loop) {
  Node node(Act::Loop, loop);
  node.result = id(loop.getInductionVar());
  node.operands[0] = id(loop.getLowerBound()), node.operands[1] = id(loop.getUpperBound());
  node.operands[2] = id(loop.getStep());
  node.whole = node.operands[1];
  // A round more than the others' loops have must not change how many periods are left out.
  auto more = loop.getUpperBound().getDefiningOp<arith::AddIOp>();
  if (auto own = loop.getUpperBound().getDefiningOp<tile::OwnBoundOp>())
    node.whole = id(own.getWhole());
  else if (more && matchPattern(more.getRhs(), m_Constant()) && isParameter(more.getLhs()))
    node.whole = id(more.getLhs());
  for (auto [argument, init, next] : llvm::zip(loop.getRegionIterArgs(), loop.getInitArgs(), loop.getYieldedValues()))
    if (needed.contains(argument))
      node.carried.push_back({id(argument), id(init), id(next)});
  emitBlock(*loop.getBody(), node.body);
  return node;
}

void Extractor::emitEvent(Operation *op, std::vector<Node> &to) {
  Node node(Act::Await, op);
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](tile::WaitOp wait) {
        node.act = Act::Wait;
        node.barrier = placeOf(wait.getBarriers(), wait.getSlot());
        node.operands[0] = id(wait.getParity());
      })
      .Case([&](tile::ArriveOp arrive) {
        node.act = Act::Arrive;
        node.everywhere = arrive.getMulticast().has_value();
        node.barrier = placeOf(arrive.getBarriers(), arrive.getSlot());
      })
      .Case([&](tile::CopyOp copy) {
        node.act = Act::Copy;
        node.everywhere = copy.getMulticast().has_value();
        node.barrier = placeOf(copy.getBarriers(), copy.getBarrier());
        node.slots.push_back(placeOf(copy.getRing(), copy.getSlot()));
      })
      .Case([&](tile::SendOp send) { // as a copy that arrives at some time behind it
        node.act = Act::Copy;
        node.barrier = placeOf(send.getBarriers(), send.getPlace());
        node.slots.push_back(placeOf(send.getRing(), send.getPlace()));
      })
      .Case([&](tile::ReceiveOp receive) { // as a product that is awaited at once
        Node read(Act::Issue, op);
        read.result = id(receive.getResult());
        read.slots.push_back(placeOf(receive.getRing(), receive.getPlace()));
        to.push_back(std::move(read));
        node.operands[0] = id(receive.getResult());
      })
      .Case([&](tile::SkipOp skip) { // likewise
        auto view = skip.getTile().getDefiningOp<tile::ViewOp>();
        Node read(Act::Issue, op);
        read.result = id(view);
        read.slots.push_back(placeOf(view.getRing(), view.getSlot()));
        to.push_back(std::move(read));
        node.operands[0] = id(view);
      })
      .Case([&](tile::IssueMmaOp issue) {
        node.act = Act::Issue;
        node.result = id(issue.getResult());
        for (Value operand : {issue.getA(), issue.getB()})
          if (auto view = operand.getDefiningOp<tile::ViewOp>())
            node.slots.push_back(placeOf(view.getRing(), view.getSlot()));
      })
      .Case([&](tile::AwaitOp await) { node.operands[0] = id(await.getPending()); })
      .Case([&](tile::TurnOp turn) { node.act = turn.getTake() ? Act::TakeTurn : Act::PassTurn; });
  to.push_back(std::move(node));
}

void Extractor::emitOperations(llvm::iterator_range<Block::iterator> ops, std::vector<Node> &to) {
  for (Operation &op : ops) {
    if (isEvent(&op)) {
      emitEvent(&op, to);
    } else if (auto loop = dyn_cast<scf::ForOp>(op)) {
      if (holdsEvent(loop))
        to.push_back(emitLoop(loop));
    } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
      if (!holdsEvent(branch))
        continue;
      Node node(Act::Branch, branch);
      node.operands[0] = id(branch.getCondition());
      emitBlock(*branch.thenBlock(), node.body);
      if (branch.elseBlock())
        emitBlock(*branch.elseBlock(), node.orElse);
      to.push_back(std::move(node));
    } else {
      emitArithmetic(&op, to);
    }
  }
}

/// In a persistent kernel, what a role does in one program, and what behind the last one.
void Extractor::emitRole(Block &role, std::vector<Node> &to, std::vector<Program::Count> &counts, std::vector<Node> &end) {
  const ProgramLoop *loop =
      llvm::find_if(programLoops, [&](const ProgramLoop &each) { return each.op->getBlock() == &role; });
  if (loop == programLoops.end())
    return emitBlock(role, to);
  auto place = loop->op->getIterator();
  for (Operation &op : llvm::make_range(role.begin(), place))
    emitArithmetic(&op, to);
  emitBlock(*loop->body, to);
  for (bool flags : {false, true})
    for (const ProgramLoop::Carried &each : loop->carried)
      if (needed.contains(each.argument) && each.isFlag() == flags)
        counts.push_back({id(each.argument), id(each.next), each.result ? id(each.result) : -1, *getConstantIntValue(each.init),
                          loop->op, flags});
  emitOperations(llvm::make_range(std::next(place), role.end()), end);
  if (!llvm::any_of(end, [](const Node &node) { return node.act != Act::Compute; }))
    end.clear();
}
