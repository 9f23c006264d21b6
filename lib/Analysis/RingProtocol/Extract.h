// Makes the abstract program of a kernel. Extract.cpp decides what is kept (and refuses what the later steps could not
// decide), ExtractPrograms.cpp finds the loops over programs, ExtractNodes.cpp writes all down.
#ifndef ATTN_ANALYSIS_RINGPROTOCOL_EXTRACT_H
#define ATTN_ANALYSIS_RINGPROTOCOL_EXTRACT_H

#include "Forms.h"
#include "Program.h"
#include "ProgramLoop.h"

namespace attn::analysis {

/// Whether an operation is a step of the protocol.
inline bool isEvent(mlir::Operation *op) {
  return mlir::isa<mlir::tile::WaitOp, mlir::tile::ArriveOp, mlir::tile::CopyOp, mlir::tile::IssueMmaOp,
                   mlir::tile::AwaitOp, mlir::tile::TurnOp, mlir::tile::SendOp, mlir::tile::ReceiveOp,
                   mlir::tile::SkipOp>(op);
}

inline bool holdsEvent(mlir::Operation *op) {
  return op
      ->walk([](mlir::Operation *inner) {
        return isEvent(inner) ? mlir::WalkResult::interrupt() : mlir::WalkResult::advance();
      })
      .wasInterrupted();
}

class Extractor {
public:
  explicit Extractor(mlir::func::FuncOp kernel) : kernel(kernel) {}
  Extraction run();

private:
  bool refuse(mlir::Operation *op, ProtocolFault fault, const llvm::Twine &text);
  bool collectResources(mlir::tile::RolesOp &roles);
  bool addBarriers(mlir::tile::AllocBarriersOp op, mlir::tile::RolesOp roles);
  bool findProgramLoops(mlir::tile::RolesOp roles);
  bool checkEnd(mlir::Operation *op);
  bool addCarriedCounts();
  bool addCluster(mlir::Operation *op, std::optional<int64_t> blocks);
  bool checkCluster(mlir::tile::RolesOp roles);
  bool addParameters(mlir::tile::RolesOp roles);
  void addParameter(mlir::Value bound, mlir::scf::ForOp loop);
  bool addOwnParameter(mlir::tile::OwnBoundOp bound, mlir::scf::ForOp loop);
  bool checkPublish(mlir::Operation *op);
  bool checkOperation(mlir::Operation *op);
  /// Marks what `value` is computed from.
  void need(mlir::Value value);
  bool needPeriodic(mlir::Operation *op, mlir::Value value, llvm::StringRef what);
  bool needOperands(mlir::Operation *op);
  ValueId id(mlir::Value value) { return ids.try_emplace(value, ids.size()).first->second; }
  bool isProgramLoop(mlir::Operation *op) {
    return llvm::any_of(programLoops, [&](const ProgramLoop &loop) { return loop.op == op; });
  }
  bool isParameter(mlir::Value value) {
    return llvm::any_of(program.parameters,
                        [&](const Parameter &parameter) { return llvm::is_contained(parameter.ids, id(value)); });
  }
  bool isOwnParameter(mlir::Value value) {
    return isParameter(value) && mlir::isa_and_present<mlir::tile::OwnBoundOp>(value.getDefiningOp());
  }
  Place placeOf(mlir::Value group, mlir::Value index);
  void emitArithmetic(mlir::Operation *op, std::vector<Node> &to);
  void emitOperations(llvm::iterator_range<mlir::Block::iterator> ops, std::vector<Node> &to);
  void emitBlock(mlir::Block &block, std::vector<Node> &to) { emitOperations({block.begin(), block.end()}, to); }
  void emitRole(mlir::Block &role, std::vector<Node> &to, std::vector<Program::Count> &counts, std::vector<Node> &end);
  Node emitLoop(mlir::scf::ForOp loop);
  void emitEvent(mlir::Operation *op, std::vector<Node> &to);

  mlir::func::FuncOp kernel;
  Extraction result;
  Program &program = result.program;
  Forms forms;
  llvm::DenseMap<mlir::Value, ValueId> ids;
  llvm::DenseMap<mlir::Value, std::pair<int, int>> groups; ///< base and count of a ring or an array of barriers
  llvm::DenseSet<mlir::Value> needed;
  llvm::SmallVector<ProgramLoop, 2> programLoops; ///< of the producer and the consumers, or none
};

} // namespace attn::analysis

#endif // ATTN_ANALYSIS_RINGPROTOCOL_EXTRACT_H
