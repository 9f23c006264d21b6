"""cuDNN through its own Python package (nvidia-cudnn-frontend), which says windows and bottom_right masks in cuDNN's words."""

from __future__ import annotations

from .shapes import Shape


def build(torch, shape: Shape, q, k, v):
    """The graph of one scaled dot product attention, and its call on these tensors."""
    import cudnn

    from .rivals import Rival, softmax_scale

    handle = cudnn.create_handle()
    cudnn.set_stream(handle=handle, stream=torch.cuda.current_stream().cuda_stream)
    kind = cudnn.data_type.BFLOAT16 if shape.dtype == "bf16" else cudnn.data_type.HALF
    graph = cudnn.pygraph(
        io_data_type=kind,
        intermediate_data_type=cudnn.data_type.FLOAT,
        compute_data_type=cudnn.data_type.FLOAT,
        handle=handle,
    )
    inputs = [graph.tensor_like(tensor) for tensor in (q, k, v)]
    masks = {}
    if shape.causal:
        masks = {"diagonal_alignment": cudnn.diagonal_alignment.BOTTOM_RIGHT, "diagonal_band_right_bound": 0}
    if shape.window:
        # Keys in the band, the query's own included.
        masks["diagonal_band_left_bound"] = shape.window
    result, _ = graph.sdpa(
        name="attention", q=inputs[0], k=inputs[1], v=inputs[2], generate_stats=False, attn_scale=softmax_scale(shape), **masks
    )
    out = torch.empty(q.shape[:-1] + v.shape[-1:], dtype=q.dtype, device="cuda")
    result.set_output(True).set_dim(list(out.shape)).set_stride(list(out.stride()))
    graph.build([cudnn.heur_mode.A, cudnn.heur_mode.FALLBACK])
    workspace = torch.empty(graph.get_workspace_size(), dtype=torch.uint8, device="cuda")
    tensors = dict(zip(inputs, (q, k, v))) | {result: out}

    def call():
        graph.execute(tensors, workspace, handle=handle)
        return out

    return Rival(call)
