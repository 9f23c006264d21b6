// Connects ORC, which links objects in memory, with the runtime's contract for CPU kernels.
#include "attn/Compiler/CpuLoader.h"

#include "attn/Emit/Cpu.h"

#include <cstring>

namespace attn::compiler {

static attnStatus load(void *, const attnCpuObject *object, attnCpuFunction *entry, void **state, char *message,
                       size_t messageSize) {
  auto linked = emit::CpuJit::load(static_cast<const uint8_t *>(object->data), object->size, object->symbol,
                                   object->architecture);
  if (!linked) {
    std::strncpy(message, linked.error().message.c_str(), messageSize);
    if (messageSize)
      message[messageSize - 1] = '\0';
    return static_cast<attnStatus>(linked.error().status);
  }
  *entry = (*linked)->getFunction();
  *state = linked->release();
  return ATTN_OK;
}

static void unload(void *, void *state) { delete static_cast<emit::CpuJit *>(state); }

attnCpuLoader cpuLoader() { return {nullptr, load, unload}; }

} // namespace attn::compiler
