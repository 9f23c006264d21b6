// PTX of small kernels whose machine code is known, for tests of the cubin reader; and the assembler to build them with.
#ifndef ATTN_TEST_UNIT_EMIT_SAMPLEKERNELS_H
#define ATTN_TEST_UNIT_EMIT_SAMPLEKERNELS_H

#include "attn/Emit/Gpu.h"

#include <cstdlib>
#include <string>

namespace attn::emit {

/// The path of ptxas, or empty; `assemble` takes the linked assembler then, where there is one.
inline std::string assemblerForTests() {
  const char *given = std::getenv("ATTN_PTXAS");
  Result<std::string> found = findAssembler(given ? given : "");
  return found ? *found : std::string();
}

inline bool canAssemble() { return hasLinkedAssembler() || !assemblerForTests().empty(); }

/// A role change, copies, barriers, both forms of product and waits for 3, 1 and 0 groups, in this order.
/// The descriptor is loaded, since ptxas drops products whose descriptor is a constant 0, with all that depends on them.
inline constexpr const char *kProductsPtx = R"ptx(
.version 8.7
.target sm_90a
.address_size 64
.shared .align 1024 .b8 tile[2048];
.visible .entry products(.param .align 64 .b8 map[128], .param .u64 out) .reqntid 384 .minnctapersm 1 {
.reg .b64 %map, %generic, %out, %desc; .reg .b32 %s, %x; .reg .f32 %f<133>; .reg .pred p;
mov.b64 %map, map; cvta.param.u64 %generic, %map;
mov.u32 %s, tile;
setmaxnreg.dec.sync.aligned.u32 24;
mbarrier.init.shared::cta.b64 [%s], 1;
griddepcontrol.wait;
bar.sync 0;
cp.async.bulk.tensor.4d.shared::cluster.global.mbarrier::complete_tx::bytes [%s], [%generic, {%s,%s,%s,%s}], [%s];
mbarrier.arrive.expect_tx.shared::cta.b64 _, [%s], 64;
wait: mbarrier.try_wait.parity.shared::cta.b64 p, [%s], 0;
@!p bra wait;
setmaxnreg.inc.sync.aligned.u32 240;
ld.param.u64 %out, [out];
ld.global.u32 %x, [%out];
ld.global.u64 %desc, [%out+8];
wgmma.fence.sync.aligned;
wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {%f1,%f2,%f3,%f4}, %desc, %desc, 0,1,1,0,1;
wgmma.commit_group.sync.aligned;
wgmma.wait_group.sync.aligned 3;
wgmma.fence.sync.aligned;
wgmma.mma_async.sync.aligned.m64n16k16.f32.f16.f16 {%f5,%f6,%f7,%f8,%f9,%f10,%f11,%f12}, {%x,%x,%x,%x}, %desc, 0,1,1,1;
wgmma.commit_group.sync.aligned;
wgmma.wait_group.sync.aligned 1;
wgmma.wait_group.sync.aligned 0;
ex2.approx.ftz.f32 %f1, %f1;
lg2.approx.ftz.f32 %f2, %f2;
rcp.approx.ftz.f32 %f3, %f3;
shfl.sync.bfly.b32 %f4, %f4, 1, 31, -1;
st.global.v4.f32 [%out], {%f1,%f2,%f3,%f4};
st.global.v4.f32 [%out+16], {%f5,%f6,%f7,%f8};
st.global.v4.f32 [%out+32], {%f9,%f10,%f11,%f12};
ret; }
)ptx";

/// An array that is indexed at run time and so lives in local memory.
inline constexpr const char *kLocalPtx = R"ptx(
.version 8.7
.target sm_90a
.address_size 64
.visible .entry local(.param .u64 out) {
.local .align 4 .b8 array[256];
.reg .b64 %out, %at, %base; .reg .b32 %x, %i;
ld.param.u64 %out, [out];
ld.global.u32 %i, [%out];
mov.u64 %base, array;
mul.wide.u32 %at, %i, 4;
add.u64 %at, %at, %base;
st.local.u32 [%at], %i;
ld.local.u32 %x, [%base+16];
st.global.u32 [%out], %x;
ret; }
)ptx";

} // namespace attn::emit

#endif // ATTN_TEST_UNIT_EMIT_SAMPLEKERNELS_H
