// A small kernel in PTX for tests on a GPU: it loads one box of q and one of k through their tensor maps, writes q's rows to
// the output by the argument block's strides, and the first element of k to lse.
#include "DeviceTest.h"

namespace attn::runtime::test {

static const char probe[] = R"(
.version 8.0
.target sm_90a
.address_size 64
.extern .shared .align 1024 .b8 buffer[];
.visible .entry probe(.param .align 64 .b8 q[128], .param .align 64 .b8 k[128], .param .align 64 .b8 v[128],
                      .param .align 8 .b8 block[344]) .maxntid 64, 1, 1 {
  .reg .pred %p<4>;
  .reg .b16 %h<2>;
  .reg .b32 %r<32>;
  .reg .b64 %d<32>;
  griddepcontrol.wait;
  mov.u32 %r0, %tid.x;
  mov.u32 %r1, %ctaid.x;
  mov.u32 %r2, %ctaid.y;
  mov.u32 %r3, %ctaid.z;
  mov.u32 %r4, buffer;
  add.u32 %r5, %r4, 16384;
  shl.b32 %r6, %r1, 6;
  shr.u32 %r7, %r2, 1;
  mov.u32 %r8, 0;
  setp.ne.u32 %p0, %r0, 0;
  @%p0 bra loaded;
  mbarrier.init.shared::cta.b64 [%r5], 1;
  fence.proxy.async;
  mbarrier.arrive.expect_tx.shared::cta.b64 %d0, [%r5], 16384;
  mov.b64 %d1, q;
  cvta.param.u64 %d1, %d1;
  cp.async.bulk.tensor.4d.shared::cluster.global.tile.mbarrier::complete_tx::bytes
    [%r4], [%d1, {%r8, %r6, %r2, %r3}], [%r5];
  mov.b64 %d2, k;
  cvta.param.u64 %d2, %d2;
  add.u32 %r9, %r4, 8192;
  cp.async.bulk.tensor.4d.shared::cluster.global.tile.mbarrier::complete_tx::bytes
    [%r9], [%d2, {%r8, %r8, %r7, %r3}], [%r5];
loaded:
  bar.sync 0;
wait:
  mbarrier.try_wait.parity.shared::cta.b64 %p1, [%r5], 0;
  @!%p1 bra wait;
  add.u32 %r10, %r6, %r0;
  cvt.u64.u32 %d3, %r10;
  ld.param.u64 %d4, [block + 24];
  setp.ge.u64 %p2, %d3, %d4;
  @%p2 bra done;
  cvt.u64.u32 %d5, %r2;
  cvt.u64.u32 %d6, %r3;
  ld.param.u64 %d7, [block + 216];
  ld.param.u64 %d8, [block + 256];
  ld.param.u64 %d9, [block + 264];
  ld.param.u64 %d10, [block + 272];
  mul.lo.u64 %d11, %d6, %d8;
  mad.lo.u64 %d11, %d5, %d9, %d11;
  mad.lo.u64 %d11, %d3, %d10, %d11;
  shl.b64 %d11, %d11, 1;
  add.u64 %d11, %d7, %d11;
  shl.b32 %r11, %r0, 7;
  add.u32 %r11, %r4, %r11;
  and.b32 %r12, %r0, 7;
  mov.u32 %r13, 0;
copy:
  xor.b32 %r14, %r13, %r12;
  shl.b32 %r14, %r14, 4;
  add.u32 %r14, %r11, %r14;
  ld.shared.v4.u32 {%r15, %r16, %r17, %r18}, [%r14];
  st.global.v4.u32 [%d11], {%r15, %r16, %r17, %r18};
  add.u64 %d11, %d11, 16;
  add.u32 %r13, %r13, 1;
  setp.lt.u32 %p3, %r13, 8;
  @%p3 bra copy;
  ld.shared.u16 %h0, [%r4 + 8192];
  cvt.u32.u16 %r19, %h0;
  shl.b32 %r19, %r19, 16;
  ld.param.u64 %d12, [block + 288];
  ld.param.u64 %d13, [block + 320];
  ld.param.u64 %d14, [block + 328];
  ld.param.u64 %d15, [block + 336];
  mul.lo.u64 %d16, %d6, %d13;
  mad.lo.u64 %d16, %d5, %d14, %d16;
  mad.lo.u64 %d16, %d3, %d15, %d16;
  shl.b64 %d16, %d16, 2;
  add.u64 %d16, %d12, %d16;
  st.global.u32 [%d16], %r19;
done:
  ret;
}
)";

image::Image probeImage() {
  image::Image image{};
  image.kind = image::Kind::Ptx;
  image.facts.symbol = "probe";
  image.facts.architecture = "sm_90a";
  const image::Role roles[] = {image::Role::Query, image::Role::Key, image::Role::Value, image::Role::Output,
                               image::Role::Lse};
  for (unsigned i = 0; i < 5; ++i) {
    image::Argument argument{};
    argument.role = roles[i];
    argument.type = i == 4 ? image::ElementType::F32 : image::ElementType::BF16;
    argument.rank = i == 4 ? 3 : 4;
    argument.boxRows = argument.boxColumns = i < 3 ? 64 : 0;
    for (unsigned axis = 0; axis < argument.rank; ++axis)
      argument.shape[axis] = axis == 3 ? 64 : -1;
    image.facts.arguments.push_back(argument);
  }
  image.facts.startsEarly = true;
  image.facts.headsPerGroup = 2;
  image.facts.queryTile = 64;
  image.facts.blockThreads = 64;
  image.facts.sharedBytes = 16384 + 64;
  image.facts.producer = "attn-mlir test";
  image.payload.assign(probe, probe + sizeof probe - 1);
  return image;
}

} // namespace attn::runtime::test
