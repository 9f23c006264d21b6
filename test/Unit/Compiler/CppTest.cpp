// The C++ header's compile half, linked to the shared libraries as a user would.
#include "attn/attn.hpp"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>

static constexpr const char *spec = R"(
func.func @f(%q: tensor<1x1x?x16xf32>, %k: tensor<1x1x?x16xf32>, %v: tensor<1x1x?x16xf32>) -> tensor<1x1x?x16xf32> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 1, kv = 1>)
      : (tensor<1x1x?x16xf32>, tensor<1x1x?x16xf32>, tensor<1x1x?x16xf32>) -> tensor<1x1x?x16xf32>
  return %out : tensor<1x1x?x16xf32>
}
)";

/// Keys that are all equal weigh all values alike, so every output is their mean.
static void checkMeans(const attn::Kernel &kernel) {
  std::vector<float> q(3 * 16, 1), k(5 * 16, 2), v(5 * 16), out(3 * 16, NAN);
  for (size_t i = 0; i < v.size(); ++i)
    v[i] = static_cast<float>(i / 16);
  attn::Error error = kernel.launch(
      {attn::Tensor(q.data(), ATTN_F32, {1, 1, 3, 16}), attn::Tensor(k.data(), ATTN_F32, {1, 1, 5, 16}),
       attn::Tensor(v.data(), ATTN_F32, {1, 1, 5, 16}), attn::Tensor(out.data(), ATTN_F32, {1, 1, 3, 16})});
  EXPECT_EQ(error.status, attn::Status::Ok) << error.message;
  for (float value : out)
    EXPECT_NEAR(value, 2, 1e-5);
}

TEST(CppTest, CompilesText) {
  attn::CompileOptions options;
  options.target = "cpu";
  options.emit = ATTN_EMIT_MLIR;
  options.stopAfter = "planned";
  options.remarks = true;
  auto compiled = attn::compile(spec, options);
  ASSERT_TRUE(compiled) << compiled.error().message;
  EXPECT_NE(compiled->text().find("#tile.plan<target = \"cpu\""), std::string_view::npos);
  ASSERT_FALSE(compiled->messages().empty());
  EXPECT_NE(compiled->messages()[0].find("attn-choose-plan"), std::string::npos);
}

TEST(CppTest, ErrorsCarryTheDiagnostics) {
  auto compiled = attn::compile("func.func @f() { return }");
  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error().status, attn::Status::InvalidSpec);
  EXPECT_NE(compiled.error().message.find("expects an attn.attention"), std::string::npos);
  EXPECT_EQ(attn::compile({}).error().status, attn::Status::InvalidSpec);
  auto jit = attn::Jit::open("/proc/nowhere");
  ASSERT_TRUE(jit);
  EXPECT_EQ(jit->kernel("").error().status, attn::Status::InvalidSpec);
}

TEST(CppTest, CompilesLoadsAndLaunches) {
  attn::CompileOptions options;
  options.target = "cpu";
  auto compiled = attn::compile(spec, options);
  ASSERT_TRUE(compiled) << compiled.error().message;
  EXPECT_EQ(attn::enableCpuImages().status, attn::Status::Ok);
  auto kernel = attn::Kernel::load(compiled->data(), compiled->size());
  ASSERT_TRUE(kernel) << kernel.error().message;
  checkMeans(*kernel);
}

TEST(CppTest, KernelsComeFromTheCache) {
  char folder[] = "/tmp/attn-cpp-XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  auto jit = attn::Jit::open(folder);
  ASSERT_TRUE(jit);
  attn::CompileOptions options;
  options.target = "cpu";
  for (bool expected : {false, true}) {
    bool fromCache = !expected;
    auto kernel = jit->kernel(spec, options, &fromCache);
    ASSERT_TRUE(kernel) << kernel.error().message;
    EXPECT_EQ(fromCache, expected);
    checkMeans(*kernel);
  }
  std::filesystem::remove_all(folder);
}
