// The C++ header's compile half, linked to the shared libraries as a user would.
#include "attn/attn.hpp"

#include <gtest/gtest.h>

static constexpr const char *spec = R"(
func.func @f(%q: tensor<1x1x?x16xf32>, %k: tensor<1x1x?x16xf32>, %v: tensor<1x1x?x16xf32>) -> tensor<1x1x?x16xf32> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 1, kv = 1>)
      : (tensor<1x1x?x16xf32>, tensor<1x1x?x16xf32>, tensor<1x1x?x16xf32>) -> tensor<1x1x?x16xf32>
  return %out : tensor<1x1x?x16xf32>
}
)";

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
