// The cubin reader: on kernels whose machine code is known, and on damaged bytes.
#include "attn/Emit/Cubin.h"

#include "SampleKernels.h"

#include <gtest/gtest.h>

#include <random>

using namespace attn;
using namespace attn::emit;

namespace {
class CubinTest : public testing::Test {
protected:
  void SetUp() override {
    if (!canAssemble())
      GTEST_SKIP() << "no assembler on this machine";
  }

  static std::vector<uint8_t> bytesOf(const char *ptx) {
    Result<Assembled> assembled = assemble(assemblerForTests(), ptx);
    EXPECT_TRUE(bool(assembled)) << assembled.error().message;
    return assembled ? assembled->cubin : std::vector<uint8_t>();
  }

  static CubinKernel kernelOf(const char *ptx) {
    Result<Cubin> cubin = readCubin(bytesOf(ptx));
    EXPECT_TRUE(bool(cubin)) << cubin.error().message;
    return cubin && cubin->kernels.size() == 1 ? cubin->kernels.front() : CubinKernel();
  }
};

std::vector<std::pair<SassKind, int>> kindsOf(const CubinKernel &kernel, std::initializer_list<SassKind> wanted) {
  std::vector<std::pair<SassKind, int>> kinds;
  for (const SassInstruction &instruction : kernel.instructions)
    if (std::find(wanted.begin(), wanted.end(), instruction.kind) != wanted.end())
      kinds.emplace_back(instruction.kind, instruction.value);
  return kinds;
}
} // namespace

TEST_F(CubinTest, TellsWhatAKernelNeeds) {
  CubinKernel kernel = kernelOf(kProductsPtx);
  EXPECT_EQ(kernel.name, "products");
  EXPECT_EQ(kernel.registers, 168u); // 65536 / 384 threads, in steps of 8
  EXPECT_EQ(kernel.localBytes, 0u);
  EXPECT_EQ(kernel.staticSharedBytes, 2048u);
  EXPECT_EQ(kernel.namedBarriers, 1u);
  EXPECT_EQ(kernel.codeBytes % 16, 0u);
}

TEST_F(CubinTest, KeepsTheOrderOfProductsAndWaits) {
  using K = SassKind;
  std::vector<std::pair<K, int>> expected = {{K::ProductFromShared, 8},     {K::WarpgroupWait, 3},
                                             {K::ProductFromRegisters, 16}, {K::WarpgroupWait, 1},
                                             {K::WarpgroupWait, 0}};
  EXPECT_EQ(kindsOf(kernelOf(kProductsPtx), {K::ProductFromShared, K::ProductFromRegisters, K::WarpgroupWait}),
            expected);
}

TEST_F(CubinTest, KnowsEveryInstructionOfTheProtocol) {
  CubinKernel kernel = kernelOf(kProductsPtx);
  for (SassKind kind : {SassKind::WarpgroupArrive, SassKind::BarrierInit, SassKind::BarrierArrive,
                        SassKind::BarrierTryWait, SassKind::TensorLoad, SassKind::LaunchWait, SassKind::Exp2, SassKind::Log2, SassKind::Reciprocal,
                        SassKind::Shuffle, SassKind::NamedBarrier, SassKind::GlobalLoad, SassKind::Exit})
    EXPECT_GE(kernel.count(kind), 1u) << stringifySassKind(kind).str();
  EXPECT_EQ(kernel.count(SassKind::GlobalStore), 3u);
  using Shares = std::vector<std::pair<SassKind, int>>;
  EXPECT_EQ(kindsOf(kernel, {SassKind::RegisterRelease, SassKind::RegisterClaim}),
            (Shares{{SassKind::RegisterRelease, 24}, {SassKind::RegisterClaim, 240}}));
}

TEST_F(CubinTest, SeesLocalMemory) {
  CubinKernel kernel = kernelOf(kLocalPtx);
  EXPECT_EQ(kernel.localBytes, 256u);
  EXPECT_EQ(kernel.count(SassKind::LocalStore), 1u);
  EXPECT_EQ(kernel.count(SassKind::LocalLoad), 1u);
}

TEST_F(CubinTest, BranchesGoToInstructionsOfTheKernel) {
  CubinKernel kernel = kernelOf(kProductsPtx);
  EXPECT_GE(kernel.count(SassKind::Branch), 2u); // the wait, and the branch to itself that ends every kernel
  for (const SassInstruction &instruction : kernel.instructions)
    if (instruction.kind == SassKind::Branch) {
      EXPECT_GE(instruction.value, 0);
      EXPECT_LT(static_cast<uint32_t>(instruction.value), kernel.codeBytes);
      EXPECT_EQ(instruction.value % 16, 0);
    }
}

TEST_F(CubinTest, TruncatedFilesNeverCrash) {
  std::vector<uint8_t> whole = bytesOf(kLocalPtx);
  for (size_t size = 0; size < whole.size(); ++size) {
    // A copy of exactly this size, so that a sanitizer sees a read beyond it.
    std::vector<uint8_t> part(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
    if (Result<Cubin> cubin = readCubin(part); !cubin)
      EXPECT_EQ(cubin.error().status, Status::InvalidImage);
  }
  EXPECT_FALSE(readCubin({}));
  EXPECT_FALSE(readCubin(llvm::ArrayRef<uint8_t>(whole).take_front(64)));
}

TEST_F(CubinTest, DamagedBytesNeverCrash) {
  const std::vector<uint8_t> whole = bytesOf(kProductsPtx);
  std::mt19937 random(1);
  size_t refused = 0;
  for (int round = 0; round < 20000; ++round) {
    std::vector<uint8_t> damaged = whole;
    // Most bytes are code or padding; the first and last kilobyte hold the header, names and the section table.
    for (unsigned i = 0, count = 1 + random() % 8; i < count; ++i) {
      size_t span = random() % 2 ? damaged.size() : 1024;
      size_t at = random() % 2 ? random() % span : damaged.size() - 1 - random() % span;
      damaged[at] = random() % 4 ? static_cast<uint8_t>(random()) : 0xff;
    }
    Result<Cubin> cubin = readCubin(damaged);
    refused += !cubin;
    if (cubin)
      for (const CubinKernel &kernel : cubin->kernels)
        EXPECT_LE(findProductLoop(kernel).size(), kernel.instructions.size());
  }
  EXPECT_GT(refused, 1000u);
}

TEST(CubinWithoutAssembler, OtherFilesAreRefusedWithASentence) {
  std::vector<uint8_t> text = {'a', 't', 't', 'n'};
  Result<Cubin> cubin = readCubin(text);
  ASSERT_FALSE(bool(cubin));
  EXPECT_EQ(cubin.error().status, Status::InvalidImage);
  EXPECT_NE(cubin.error().message.find("the cubin is damaged"), std::string::npos);
}
