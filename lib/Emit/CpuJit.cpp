// The loader of CPU objects: ORC's LLJIT over JITLink, without a process symbol generator, so an object that needs any
// symbol from outside is refused.
#include "attn/Emit/Cpu.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"

#include <mutex>

namespace attn::emit {

struct CpuJit::Linked {
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

CpuJit::CpuJit(std::unique_ptr<Linked> linked, CpuFunction function) : linked(std::move(linked)), function(function) {}
CpuJit::~CpuJit() = default;

static Error refused(std::string what, llvm::Error error) {
  return {Status::InvalidImage, "CPU object, expects " + what + ", got: " + llvm::toString(std::move(error))};
}

/// Names the first feature that code was compiled for and this processor lacks.
static std::string findMissingFeature(llvm::StringRef features) {
  llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  llvm::SmallVector<llvm::StringRef> parts;
  features.split(parts, ',', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef part : parts)
    if (part.consume_front("+") && !host.lookup(part))
      return part.str();
  return {};
}

static llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>> makeJit() {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
  });
  llvm::orc::JITTargetMachineBuilder machine(llvm::Triple("x86_64-unknown-linux-gnu"));
  llvm::orc::LLJITBuilder builder;
  builder.setJITTargetMachineBuilder(std::move(machine));
  // The object has no static constructors and no thread-locals: it needs no platform support and no process symbols.
  builder.setPlatformSetUp(llvm::orc::setUpInactivePlatform);
  builder.setLinkProcessSymbolsByDefault(false);
  builder.setObjectLinkingLayerCreator(
      [](llvm::orc::ExecutionSession &session) -> llvm::Expected<std::unique_ptr<llvm::orc::ObjectLayer>> {
        session.setErrorReporter([](llvm::Error error) { llvm::consumeError(std::move(error)); });
        return std::make_unique<llvm::orc::ObjectLinkingLayer>(session);
      });
  return builder.create();
}

Result<std::unique_ptr<CpuJit>> CpuJit::load(const uint8_t *object, size_t bytes, const std::string &symbol,
                                             const std::string &features) {
  if (std::string missing = findMissingFeature(features); !missing.empty())
    return Error{Status::Unsupported, "CPU object, expects a processor with " + missing +
                                          ", got one without it; compile the spec again on this machine"};
  auto jit = makeJit();
  if (!jit)
    return refused("a linker for this process", jit.takeError());
  llvm::StringRef contents(reinterpret_cast<const char *>(object), bytes);
  auto buffer = llvm::MemoryBuffer::getMemBufferCopy(contents, "attn-kernel");
  if (llvm::Error error = (*jit)->addObjectFile(std::move(buffer)))
    return refused("an ELF object for this processor", std::move(error));
  auto address = (*jit)->lookup(symbol);
  if (!address)
    return refused("a linkable object with symbol " + symbol, address.takeError());
  auto owned = std::make_unique<Linked>();
  owned->jit = std::move(*jit);
  return std::unique_ptr<CpuJit>(new CpuJit(std::move(owned), address->toPtr<CpuFunction>()));
}

} // namespace attn::emit
