"""Forward attention beside the rivals found in this process, on one GPU.

    python -m attn_mlir.bench [--shapes forward,window] [--plan 'NAME: field = value'] [--json FILE] [--csv FILE] [--plots DIR]
    python -m attn_mlir.bench --page docs/measured/NAME.md --json FILE        # a page from a record
    python -m attn_mlir.bench --target cpu      # beside PyTorch on the CPU: the module cpu

Every figure is the median over rounds of a back-to-back stream of calls on random normal inputs, the contestants taking turns
within each round. Every contestant's result is compared with attention in double precision first; one that is wrong is
named and not timed, as is one that refuses a shape. TFLOP/s count 2 * pairs * (D + Dv) a head, where pairs are the
allowed pairs of query and key, S * S / 2 under a square causal mask.

One module, one matter: shapes (what is measured), goals (what is wanted there), plans (variants of ours), kernels (their
compilation), rivals, reference, measure, machine, record (table, CSV, plots), page, cpu, command (the flags); of
their own: masks, gallery, and power, which says whether power or the schedule bounds a row.
"""
