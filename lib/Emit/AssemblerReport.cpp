// Reads what NVIDIA's assembler says with -v, and the version it leaves in its output.
#include "AssemblerReport.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

namespace attn::emit {

/// The number that stands before `unit` in a line such as "0 bytes stack frame, 0 bytes spill stores".
static int numberBefore(llvm::StringRef line, llvm::StringRef unit) {
  size_t at = line.find(unit);
  if (at == llvm::StringRef::npos)
    return 0;
  llvm::StringRef digits = line.take_front(at).rtrim();
  digits = digits.take_back(digits.size() - digits.find_last_not_of("0123456789") - 1);
  int number = 0;
  return digits.getAsInteger(10, number) ? 0 : number;
}

AssemblerReport readReport(llvm::StringRef log) {
  AssemblerReport report;
  llvm::SmallVector<llvm::StringRef> lines;
  log.split(lines, '\n', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef line : lines) {
    if (line.contains("Used ") && line.contains(" registers"))
      report.registers = numberBefore(line, "registers");
    report.stackBytes += numberBefore(line, "bytes stack frame");
    report.spillBytes += numberBefore(line, "bytes spill stores") + numberBefore(line, "bytes spill loads");
    if (line.contains("C75") || line.contains("Potential Performance Loss") || line.starts_with("ptxas warning"))
      report.notes.push_back(line.trim().str());
  }
  return report;
}

std::string versionIn(const std::string &cubin) {
  size_t at = cubin.find("Cuda compilation tools, release ");
  if (at == std::string::npos)
    return "";
  size_t start = cubin.find(", V", at);
  size_t end = cubin.find_first_of(std::string("\0\n ", 3), start + 3);
  return start == std::string::npos || end == std::string::npos || end - start > 24
             ? ""
             : " " + cubin.substr(start + 3, end - start - 3);
}

} // namespace attn::emit
