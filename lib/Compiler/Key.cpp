// The cache key. A field too many costs a recompilation, one too few a wrong kernel, so everything that may change the
// image is in it, each field with its length before it.
#include "Key.h"

#include "attn/Compiler/Jit.h"
#include "attn/Emit/Gpu.h"
#include "attn/Target/Cpu.h"

#include "llvm/Support/BLAKE3.h"

#include <cctype>
#include <cstring>
#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

namespace attn::compiler {

std::string canonicalText(std::string_view spec) {
  std::string out;
  out.reserve(spec.size());
  for (size_t at = 0; at < spec.size();) {
    char c = spec[at];
    if (spec.substr(at, 2) == "//") {
      at = std::min(spec.find('\n', at), spec.size());
    } else if (isspace(static_cast<unsigned char>(c))) {
      if (!out.empty() && out.back() != ' ')
        out += ' ';
      ++at;
    } else if (c == '"') {
      size_t start = at++;
      while (at < spec.size() && spec[at] != '"' && spec[at] != '\n')
        at += spec[at] == '\\' ? 2 : 1;
      at = std::min(at + 1, spec.size());
      out += spec.substr(start, at - start);
    } else {
      out += c;
      ++at;
    }
  }
  return out;
}

static std::string hexadecimal(const uint8_t *bytes, size_t size) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i != size; ++i)
    (out += digits[bytes[i] >> 4]) += digits[bytes[i] & 15];
  return out;
}

/// The build id among the notes of one loaded object.
static std::string findBuildId(const char *notes, size_t size) {
  while (size >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note;
    std::memcpy(&note, notes, sizeof note);
    size_t name = (note.n_namesz + 3) / 4 * 4, description = (note.n_descsz + 3) / 4 * 4;
    if (size - sizeof note < name || size - sizeof note - name < description)
      return "";
    const char *content = notes + sizeof note + name;
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(notes + sizeof note, "GNU", 4) == 0)
      return hexadecimal(reinterpret_cast<const uint8_t *>(content), note.n_descsz);
    notes = content + description;
    size -= sizeof note + name + description;
  }
  return "";
}

std::string buildId() {
  struct Search {
    uintptr_t address;
    std::string id;
  } search{reinterpret_cast<uintptr_t>(&buildId), ""};
  auto visit = [](dl_phdr_info *object, size_t, void *data) {
    auto *search = static_cast<Search *>(data);
    bool holdsUs = false;
    for (int i = 0; i != object->dlpi_phnum; ++i) {
      const ElfW(Phdr) &segment = object->dlpi_phdr[i];
      holdsUs |= segment.p_type == PT_LOAD && search->address - object->dlpi_addr - segment.p_vaddr < segment.p_memsz;
    }
    for (int i = 0; holdsUs && search->id.empty() && i != object->dlpi_phnum; ++i)
      if (const ElfW(Phdr) &segment = object->dlpi_phdr[i]; segment.p_type == PT_NOTE)
        search->id =
            findBuildId(reinterpret_cast<const char *>(object->dlpi_addr + segment.p_vaddr), segment.p_memsz);
    return holdsUs ? 1 : 0;
  };
  dl_iterate_phdr(visit, &search);
  return search.id;
}

std::string fileIdentity(const std::string &path) {
  int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat facts;
  if (file < 0)
    return "";
  std::string identity;
  if (fstat(file, &facts) == 0 && S_ISREG(facts.st_mode)) {
    // Samples rather than the whole: ptxas has 38 MB, and a cache hit must not take as long as reading them.
    llvm::BLAKE3 hash;
    uint8_t buffer[1 << 14];
    for (int part = 0; part != 8; ++part) {
      ssize_t got = pread(file, buffer, sizeof buffer, facts.st_size / 8 * part);
      hash.update(llvm::ArrayRef<uint8_t>(buffer, got > 0 ? static_cast<size_t>(got) : 0));
    }
    auto digest = hash.final();
    identity = std::to_string(facts.st_size) + "," + std::to_string(facts.st_mtim.tv_sec) + "." +
               std::to_string(facts.st_mtim.tv_nsec) + "," + hexadecimal(digest.data(), digest.size());
  }
  close(file);
  return identity;
}

namespace {
class Fields {
public:
  void add(std::string_view field) {
    uint8_t length[8];
    for (int i = 0; i != 8; ++i)
      length[i] = static_cast<uint8_t>(static_cast<uint64_t>(field.size()) >> (8 * i));
    hash.update(llvm::ArrayRef<uint8_t>(length, 8));
    hash.update(llvm::StringRef(field.data(), field.size()));
  }
  cache::Key finish() {
    auto digest = hash.final<32>();
    cache::Key key;
    std::copy(digest.begin(), digest.end(), key.begin());
    return key;
  }

private:
  llvm::BLAKE3 hash;
};
} // namespace

cache::Key keyOf(std::string_view spec, const CompileOptions &options) {
  static const std::string build = buildId();
  Fields fields;
  fields.add("attn image key 2");
  fields.add(producerName());
  fields.add(build);
  fields.add(options.target);
  fields.add(options.plan);
  fields.add(options.planTable);
  fields.add(std::to_string(options.lengthHint));
  if (options.target == "cpu") {
    // A level that there is not is refused before anything is stored under the key.
    target::Cpu cpu = target::getCpu(options.cpu).value_or(target::Cpu());
    fields.add(cpu.name);
    fields.add(cpu.features);
  } else {
    // The assembler that would be used: one that appears, goes or changes must not leave other images in use.
    Result<std::string> assembler = emit::findAssembler(options.ptxasPath);
    std::string path = assembler ? *assembler : options.ptxasPath;
    fields.add(path);
    fields.add(fileIdentity(path));
  }
  fields.add(canonicalText(spec));
  return fields.finish();
}

} // namespace attn::compiler
