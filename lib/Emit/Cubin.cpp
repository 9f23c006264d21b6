// The container of a cubin: an ELF64 file with one .text section a kernel and records of its needs in .nv.info sections.
// Instructions are decoded in Sass.cpp. Every size and index comes from untrusted bytes and is checked before use.
#include "attn/Emit/Cubin.h"

#include "Sass.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Object/ELF.h"
#include "llvm/Support/Endian.h"

using namespace llvm;
using llvm::support::endian::read16le;
using llvm::support::endian::read32le;

namespace attn::emit {

using Elf = object::ELF64LE;

namespace {
/// Attributes of .nv.info sections (names as in cuobjdump -elf).
enum InfoAttribute : uint8_t { FrameSize = 0x11, RegisterCount = 0x2f, NumBarriers = 0x4c };

/// One record of an .nv.info section: a short value, or a payload.
struct InfoRecord {
  uint8_t attribute;
  uint16_t value;
  ArrayRef<uint8_t> payload;
};

class Reader {
public:
  explicit Reader(object::ELFFile<Elf> file) : file(std::move(file)) {}
  llvm::Error read();
  Cubin cubin;

private:
  using Visit = function_ref<llvm::Error(StringRef, const Elf::Shdr &)>;
  llvm::Error forEachSection(StringRef prefix, Visit visit);
  llvm::Error readCode(StringRef kernel, const Elf::Shdr &section);
  llvm::Error readSymbols();
  llvm::Error readInfo(StringRef kernel, const Elf::Shdr &section);
  llvm::Error apply(StringRef kernel, const InfoRecord &record);
  CubinKernel *find(StringRef name);

  object::ELFFile<Elf> file;
  Elf::ShdrRange sections;
  std::vector<std::string> symbols; ///< names by symbol index
};
} // namespace

static llvm::Error damage(const Twine &why) { return createStringError(why); }

CubinKernel *Reader::find(StringRef name) {
  auto place = llvm::find_if(cubin.kernels, [&](const CubinKernel &kernel) { return kernel.name == name; });
  return place == cubin.kernels.end() ? nullptr : &*place;
}

/// Visits the sections whose names begin so, with the rest of the name.
llvm::Error Reader::forEachSection(StringRef prefix, Visit visit) {
  for (const Elf::Shdr &section : sections) {
    auto name = file.getSectionName(section);
    if (!name)
      return name.takeError();
    if (name->consume_front(prefix))
      if (llvm::Error error = visit(*name, section))
        return error;
  }
  return llvm::Error::success();
}

llvm::Error Reader::readCode(StringRef kernel, const Elf::Shdr &section) {
  auto code = file.getSectionContents(section);
  if (!code)
    return code.takeError();
  if (code->size() % kSassBytes)
    return damage("the code of a kernel is no whole number of instructions");
  CubinKernel result;
  result.name = kernel.str();
  result.codeBytes = static_cast<uint32_t>(code->size());
  result.instructions = decodeSass(*code);
  cubin.kernels.push_back(std::move(result));
  return llvm::Error::success();
}

llvm::Error Reader::readSymbols() {
  auto table = llvm::find_if(sections, [](const Elf::Shdr &section) { return section.sh_type == ELF::SHT_SYMTAB; });
  if (table == sections.end())
    return llvm::Error::success();
  auto entries = file.symbols(&*table);
  if (!entries)
    return entries.takeError();
  auto names = file.getStringTableForSymtab(*table);
  if (!names)
    return names.takeError();
  for (const Elf::Sym &symbol : *entries) {
    auto name = symbol.getName(*names);
    if (!name)
      return name.takeError();
    symbols.push_back(name->str());
  }
  return llvm::Error::success();
}

llvm::Error Reader::apply(StringRef kernel, const InfoRecord &record) {
  if (record.attribute == NumBarriers) {
    if (CubinKernel *found = find(kernel))
      found->namedBarriers = record.value;
    return llvm::Error::success();
  }
  if (record.attribute != FrameSize && record.attribute != RegisterCount)
    return llvm::Error::success();
  if (record.payload.size() < 8)
    return damage("an .nv.info record is too short");
  uint32_t symbol = read32le(record.payload.data()), value = read32le(record.payload.data() + 4);
  if (symbol >= symbols.size())
    return damage("an .nv.info record names symbol " + Twine(symbol) + " of " + Twine(symbols.size()));
  if (CubinKernel *found = find(symbols[symbol])) // functions that a kernel calls have records too
    (record.attribute == FrameSize ? found->localBytes : found->registers) = value;
  return llvm::Error::success();
}

/// Records are (format, attribute, 16 bits); format 4 has a payload of that many bytes behind it.
llvm::Error Reader::readInfo(StringRef kernel, const Elf::Shdr &section) {
  auto read = file.getSectionContents(section);
  if (!read)
    return read.takeError();
  for (ArrayRef<uint8_t> rest = *read; !rest.empty();) {
    if (rest.size() < 4)
      return damage("an .nv.info section ends inside a record");
    InfoRecord record{rest[1], read16le(rest.data() + 2), {}};
    bool hasPayload = rest[0] == 4;
    rest = rest.drop_front(4);
    if (hasPayload) {
      if (rest.size() < record.value)
        return damage("an .nv.info record reaches beyond its section");
      record.payload = rest.take_front(record.value);
      rest = rest.drop_front(record.value);
    }
    if (llvm::Error error = apply(kernel, record))
      return error;
  }
  return llvm::Error::success();
}

/// Code first, for symbols and records name kernels.
llvm::Error Reader::read() {
  const Elf::Ehdr &header = file.getHeader();
  constexpr uint16_t cudaMachine = 190; // EM_CUDA
  if (!header.checkMagic() || header.getFileClass() != ELF::ELFCLASS64 || header.e_machine != cudaMachine)
    return damage("it is no ELF file for NVIDIA GPUs");
  auto table = file.sections();
  if (!table)
    return table.takeError();
  sections = *table;
  if (llvm::Error error =
          forEachSection(".text.", [&](StringRef name, const Elf::Shdr &section) { return readCode(name, section); }))
    return error;
  if (cubin.kernels.empty())
    return damage("it holds no kernel");
  if (llvm::Error error = readSymbols())
    return error;
  if (llvm::Error error = forEachSection(".nv.shared.", [&](StringRef name, const Elf::Shdr &section) {
        constexpr uint64_t reserved = 1024; // of the system, in every block's shared memory from sm_90 on
        if (CubinKernel *kernel = find(name))
          kernel->staticSharedBytes = section.sh_size > reserved ? static_cast<uint32_t>(section.sh_size - reserved) : 0;
        return llvm::Error::success();
      }))
    return error;
  return forEachSection(".nv.info", [&](StringRef name, const Elf::Shdr &section) {
    name.consume_front(".");
    return readInfo(name, section);
  });
}

Result<Cubin> readCubin(ArrayRef<uint8_t> bytes) {
  auto fail = [](llvm::Error error) {
    return ::attn::Error{Status::InvalidImage, "the cubin is damaged: " + toString(std::move(error))};
  };
  // LLVM's reader asks that the file lie on an 8-byte boundary.
  if (reinterpret_cast<uintptr_t>(bytes.data()) % alignof(uint64_t))
    return readCubin(std::vector<uint8_t>(bytes.begin(), bytes.end()));
  auto file = object::ELFFile<Elf>::create(toStringRef(bytes));
  if (!file)
    return fail(file.takeError());
  Reader reader(std::move(*file));
  if (llvm::Error error = reader.read())
    return fail(std::move(error));
  return std::move(reader.cubin);
}

} // namespace attn::emit
