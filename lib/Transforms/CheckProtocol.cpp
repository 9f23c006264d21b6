// tile-check-protocol: refuses a kernel whose barriers are not proved to work. It runs behind every pass that makes or moves
// a barrier, a copy or a product, and ahead of the conversion, which trusts them. The proof is attn/Analysis/RingProtocol.h;
// here its answer becomes diagnostics.
#include "attn/Transforms/Passes.h"

#include "attn/Analysis/RingProtocol.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Remarks.h"

namespace mlir::attn {
#define GEN_PASS_DEF_TILECHECKPROTOCOL
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using ::attn::analysis::ProtocolNote;
using ::attn::analysis::ProtocolRefusal;
using ::attn::analysis::RingProtocol;

namespace {
struct CheckProtocol : mlir::attn::impl::TileCheckProtocolBase<CheckProtocol> {
  void runOnOperation() override {
    markAllAnalysesPreserved();
    RingProtocol protocol(getOperation());
    if (protocol.answer() == RingProtocol::Answer::Safe) {
      remark::analysis(getOperation().getLoc(), remark::RemarkOpts::name("protocol").category("tile-check-protocol"))
          << "safe in " << std::to_string(protocol.runs()) << " runs of " << std::to_string(protocol.events()) << " events";
      return;
    }
    const ProtocolRefusal &refusal = protocol.refusal();
    InFlightDiagnostic error = refusal.op->emitOpError(refusal.text);
    error << " (" << stringifyProtocolFault(refusal.fault) << ")";
    for (const ProtocolNote &note : refusal.notes)
      error.attachNote(note.op->getLoc()) << note.text;
    signalPassFailure();
  }
};
} // namespace
