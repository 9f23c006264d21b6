// Plans that were fastest on an NVIDIA H200, for attn-choose-plan. Its form is that of attn/Transforms/Plans.h. None yet:
// the cost model chooses.
[]
