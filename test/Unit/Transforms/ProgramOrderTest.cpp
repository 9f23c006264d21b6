// The programs of a persistent kernel, read from its index arithmetic at stage overlapped: every query tile of every head is
// run by exactly one block, and under a causal mask the blocks have the same work, and do their heavy programs at different times.
#include "attn/Compiler/Registration.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Pipelines/Pipelines.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/TypeSwitch.h"

#include <gtest/gtest.h>

#include <array>
#include <numeric>
#include <random>
#include <set>

using namespace mlir;

namespace {
struct Launch {
  int64_t batch, heads, length, blocks;
};

struct Program {
  int64_t batch, head, row;
  bool operator<(const Program &other) const {
    return std::tie(batch, head, row) < std::tie(other.batch, other.head, other.row);
  }
  bool operator==(const Program &other) const { return !(*this < other) && !(other < *this); }
};

/// Index values of one block of a launch.
class Evaluator {
public:
  Evaluator(const Launch &launch, int64_t block) : launch(launch), block(block) {}

  void set(Value value, int64_t number) { known[value] = number; }
  int64_t get(Value value) {
    if (auto found = known.find(value); found != known.end())
      return found->second;
    int64_t number = compute(value.getDefiningOp());
    return known[value] = number;
  }

private:
  int64_t compute(Operation *op) {
    auto left = [&] { return get(op->getOperand(0)); };
    auto right = [&] { return get(op->getOperand(1)); };
    return llvm::TypeSwitch<Operation *, int64_t>(op)
        .Case([](arith::ConstantIndexOp constant) { return constant.value(); })
        .Case([](arith::ConstantOp constant) { return cast<IntegerAttr>(constant.getValue()).getInt(); })
        .Case([&](memref::DimOp dim) {
          int64_t sizes[] = {launch.batch, launch.heads, launch.length};
          return sizes[*dim.getConstantIndex()];
        })
        .Case([&](gpu::BlockIdOp) { return block; })
        .Case([&](gpu::GridDimOp) { return launch.blocks; })
        .Case([&](arith::AddIOp) { return left() + right(); })
        .Case([&](arith::SubIOp) { return left() - right(); })
        .Case([&](arith::MulIOp) { return left() * right(); })
        .Case([&](arith::DivUIOp) { return left() / right(); })
        .Case([&](arith::RemUIOp) { return left() % right(); })
        .Case([&](arith::MinSIOp) { return std::min(left(), right()); })
        .Case([&](arith::MaxSIOp) { return std::max(left(), right()); })
        .Case([&](arith::AndIOp) { return left() & right(); })
        .Case([&](arith::SelectOp) { return left() ? right() : get(op->getOperand(2)); })
        .Case([&](arith::CmpIOp compare) -> int64_t {
          int64_t a = left(), b = right();
          switch (compare.getPredicate()) {
          case arith::CmpIPredicate::slt: return a < b;
          case arith::CmpIPredicate::sgt: return a > b;
          default: break;
          }
          ADD_FAILURE() << "a comparison that is not known here";
          return 0;
        })
        .Default([](Operation *other) {
          ADD_FAILURE() << "an operation that is not known here: " << other->getName().getStringRef().str();
          return int64_t(0);
        });
  }

  const Launch &launch;
  int64_t block;
  llvm::DenseMap<Value, int64_t> known;
};

class ProgramOrderTest : public testing::Test {
protected:
  ProgramOrderTest() {
    DialectRegistry registry;
    ::attn::compiler::registerDialects(registry);
    context.appendDialectRegistry(registry);
  }

  tile::RolesOp lower(bool causal, bool ascending = false, bool dynamic = false) {
    std::string tensor = "tensor<?x?x?x64xf16>", types = tensor + ", " + tensor + ", " + tensor;
    std::string text = "func.func @attention(%q: " + tensor + ", %k: " + tensor + ", %v: " + tensor + ") -> " + tensor +
                       " { %o = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 1, kv = 1>) " +
                       (causal ? "causality(#attn.causality<top_left>) " : "") + ": (" + types + ") -> " + tensor +
                       " return %o : " + tensor + " }";
    module = parseSourceString<ModuleOp>(text, &context);
    mlir::attn::PipelineOptions options;
    options.target = "sm_90a";
    options.plan = "#tile.plan<target = \"sm_90a\", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = "
                   "true, ping_pong = false, persistent = true" +
                   std::string(ascending ? ", ascending = true" : "") + (dynamic ? ", dynamic = true>" : ">");
    options.stopAfter = mlir::attn::Stage::Overlapped;
    PassManager passes(&context);
    mlir::attn::buildPipeline(passes, options);
    EXPECT_TRUE(module && succeeded(passes.run(*module)));
    tile::RolesOp roles;
    module->walk([&](tile::RolesOp op) { roles = op; });
    return roles;
  }

  /// What one block runs, in order: where its queries come from.
  std::vector<Program> programsOf(Region &role, const Launch &launch, int64_t block) {
    auto loop = *role.front().getOps<scf::ForOp>().begin();
    tile::PutOp put = *loop.getBody()->getOps<tile::PutOp>().begin();
    Evaluator bounds(launch, block);
    std::vector<Program> programs;
    for (int64_t n = bounds.get(loop.getLowerBound()); n < bounds.get(loop.getUpperBound());
         n += bounds.get(loop.getStep())) {
      Evaluator at(launch, block);
      at.set(loop.getInductionVar(), n);
      programs.push_back({at.get(put.getBatch()), at.get(put.getHead()), at.get(put.getRow())});
    }
    return programs;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};

/// A launch of a dynamic plan, block by block and program by program in an order of the test's choice.
class DrawingLaunch {
public:
  DrawingLaunch(tile::RolesOp roles, const Launch &launch, bool hasCounter)
      : launch(launch), hasCounter(hasCounter), loop(*roles.getProducer().getOps<scf::WhileOp>().begin()),
        put(*loop.getAfterBody()->getOps<tile::PutOp>().begin()), draw(*loop.getAfterBody()->getOps<tile::DrawOp>().begin()) {
    for (int64_t block = 0; block < launch.blocks; ++block)
      numbers.push_back(Evaluator(launch, block).get(loop.getInits().front()));
  }

  /// Whether a block has a program.
  bool has(int64_t block) {
    auto below = loop.getConditionOp().getCondition().getDefiningOp<arith::CmpIOp>();
    return numbers[block] < Evaluator(launch, block).get(below.getRhs());
  }

  /// Runs it; the block gets its next one, as emitDraw in lib/Conversion/TileToNVVM/Programs.cpp says.
  Program run(int64_t block) {
    Evaluator at(launch, block);
    at.set(loop.getAfterArguments().front(), numbers[block]);
    Program program{at.get(put.getBatch()), at.get(put.getHead()), at.get(put.getRow())};
    int64_t next = numbers[block] + launch.blocks, dealt = at.get(draw.getDealt()), first = at.get(draw.getFirst());
    if (next >= dealt) {
      if (!hasCounter)
        next = numbers[block] < dealt ? first + block : next;
      else {
        next = first + counter;
        counter = counter == at.get(draw.getDraws()) - 1 ? 0 : counter + 1;
      }
    }
    numbers[block] = next;
    return program;
  }

  int64_t counter = 0;

private:
  const Launch &launch;
  bool hasCounter;
  scf::WhileOp loop;
  tile::PutOp put;
  tile::DrawOp draw;
  std::vector<int64_t> numbers; ///< of the programs that blocks have
};

constexpr Launch launches[] = {{1, 1, 1, 1},      {1, 1, 1, 132},    {2, 3, 129, 7},     {1, 8, 4096, 132}, {2, 16, 8192, 132},
                               {32, 16, 512, 132}, {1, 1, 65536, 132}, {3, 5, 1000, 132}, {1, 2, 16896, 132}, {4, 33, 256, 5}};
} // namespace

TEST_F(ProgramOrderTest, EveryProgramRunsOnce) {
  for (auto [causal, ascending] : {std::pair(false, false), std::pair(true, false), std::pair(true, true)}) {
    tile::RolesOp roles = lower(causal, ascending);
    for (Launch launch : launches) {
      int64_t tiles = (launch.length + 127) / 128, programs = launch.batch * launch.heads * tiles;
      launch.blocks = std::min(launch.blocks, programs); // as the runtime launches
      std::set<Program> seen;
      int64_t count = 0;
      for (int64_t block = 0; block < launch.blocks; ++block)
        for (const Program &program : programsOf(roles.getProducer(), launch, block)) {
          ++count;
          seen.insert(program);
          EXPECT_TRUE(program.batch >= 0 && program.batch < launch.batch && program.head >= 0 && program.head < launch.heads &&
                      program.row % 128 == 0 && program.row >= 0 && program.row < launch.length);
        }
      EXPECT_EQ(count, programs) << causal << " " << launch.length << " " << launch.blocks;
      EXPECT_EQ(static_cast<int64_t>(seen.size()), programs);
    }
  }
}

TEST_F(ProgramOrderTest, EveryProgramRunsOnceWhereTheLastAreDrawn) {
  std::minstd_rand random(7);
  for (auto [causal, ascending] : {std::pair(false, false), std::pair(true, false), std::pair(true, true)}) {
    tile::RolesOp roles = lower(causal, ascending, /*dynamic=*/true);
    for (Launch launch : launches)
      for (bool hasCounter : {true, false}) {
        int64_t programs = launch.batch * launch.heads * ((launch.length + 127) / 128);
        launch.blocks = std::min(launch.blocks, programs);
        DrawingLaunch drawing(roles, launch, hasCounter);
        std::set<Program> seen;
        int64_t count = 0;
        std::vector<int64_t> left;
        for (int64_t block = 0; block < launch.blocks; ++block)
          left.push_back(block);
        while (!left.empty()) {
          size_t place = random() % left.size();
          if (!drawing.has(left[place])) {
            left.erase(left.begin() + place);
            continue;
          }
          seen.insert(drawing.run(left[place]));
          ++count;
        }
        EXPECT_EQ(count, programs) << causal << " " << launch.length << " " << launch.blocks;
        EXPECT_EQ(static_cast<int64_t>(seen.size()), programs);
        EXPECT_EQ(drawing.counter, 0) << "the next launch needs it there: " << launch.length << " " << launch.blocks;
      }
  }
}

TEST_F(ProgramOrderTest, DrawnProgramsEndTogether) {
  // Every fifth block takes a twentieth longer. How much later than the mean the last block ends:
  auto latest = [&](bool causal, const Launch &launch, bool dynamic) {
    tile::RolesOp roles = lower(causal, causal, dynamic);
    std::vector<double> ends(launch.blocks);
    auto run = [&](int64_t block, const Program &program) {
      ends[block] += (causal ? program.row / 128 + 1 : launch.length / 128) * (block % 5 ? 1.0 : 1.05);
    };
    if (dynamic) {
      DrawingLaunch drawing(roles, launch, /*hasCounter=*/true);
      for (;;) {
        int64_t next = -1;
        for (int64_t block = 0; block < launch.blocks; ++block)
          if (drawing.has(block) && (next < 0 || ends[block] < ends[next]))
            next = block;
        if (next < 0)
          break;
        run(next, drawing.run(next));
      }
    } else {
      for (int64_t block = 0; block < launch.blocks; ++block)
        for (const Program &program : programsOf(roles.getProducer(), launch, block))
          run(block, program);
    }
    double late = *llvm::max_element(ends) * launch.blocks / std::accumulate(ends.begin(), ends.end(), 0.0);
    std::printf("S %lld %s %s: %.3f\n", static_cast<long long>(launch.length), causal ? "causal" : "full", dynamic ? "drawn" : "dealt", late);
    return late;
  };
  for (Launch launch : {Launch{32, 16, 512, 132}, Launch{16, 16, 1024, 132}, Launch{8, 16, 2048, 132}}) {
    EXPECT_LT(latest(/*causal=*/true, launch, /*dynamic=*/true), latest(/*causal=*/true, launch, /*dynamic=*/false) - 0.005);
    EXPECT_GT(latest(/*causal=*/false, launch, /*dynamic=*/false), 1.06);
    EXPECT_LT(latest(/*causal=*/false, launch, /*dynamic=*/true), 1.03);
  }
}

TEST_F(ProgramOrderTest, CausalWorkIsEven) {
  for (bool ascending : {false, true}) {
    tile::RolesOp roles = lower(/*causal=*/true, ascending);
    // Work in key blocks of 128; the bound is the share of the mean that the busiest block may have more.
    for (auto [launch, bound] : {std::pair<Launch, double>{{2, 16, 8192, 132}, 0.02}, {{32, 16, 512, 132}, 0.02},
                                 {{16, 16, 1024, 132}, 0.02}, {{1, 16, 16384, 132}, 0.03}, {{8, 16, 2048, 132}, 0.02}}) {
      int64_t most = 0, all = 0;
      for (int64_t block = 0; block < launch.blocks; ++block) {
        int64_t work = 0;
        for (const Program &program : programsOf(roles.getProducer(), launch, block))
          work += program.row / 128 + 1;
        most = std::max(most, work);
        all += work;
      }
      double mean = static_cast<double>(all) / launch.blocks;
      std::printf("S %lld: busiest block %lld, mean %.1f\n", static_cast<long long>(launch.length), static_cast<long long>(most), mean);
      EXPECT_LE(most, mean * (1 + bound)) << launch.length;
    }
  }
}

TEST_F(ProgramOrderTest, HeavyAndLightProgramsRunSideBySide) {
  // Half of the blocks have the first tiles while the others have the last ones; the work of each round is that of the next.
  auto ofFirstRounds = [&](bool ascending, const Launch &launch) {
    tile::RolesOp roles = lower(/*causal=*/true, ascending);
    std::array<int64_t, 2> work{};
    for (int64_t block = 0; block < launch.blocks; ++block) {
      std::vector<Program> programs = programsOf(roles.getProducer(), launch, block);
      for (int round : {0, 1})
        work[round] += programs[round].row / 128 + 1;
    }
    return work;
  };
  for (Launch launch : {Launch{32, 16, 512, 132}, Launch{16, 16, 1024, 132}, Launch{2, 16, 8192, 132}}) {
    auto [heavy, light] = ofFirstRounds(/*ascending=*/false, launch);
    EXPECT_GT(heavy, 2 * light);
    auto [first, second] = ofFirstRounds(/*ascending=*/true, launch);
    EXPECT_LT(std::abs(first - second), (first + second) / 20) << launch.length;
  }
}
