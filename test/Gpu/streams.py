"""Launches beside and behind each other, on a GPU. Kernels whose blocks draw their programs run on several streams, from several
threads, and from captured graphs: each result has to be, bit for bit, that of the same tiles with programs dealt out. Launches that
read what the one before wrote, and operations of PyTorch between them, have to give what they give with a pause behind each: a
launch begins while those before it end. Needs PyTorch with CUDA. Exit code 0: right, 1: wrong.

usage: PYTHONPATH=python python3 test/Gpu/streams.py"""

import json
import sys
import threading

import torch

import attn_mlir

TENSOR = "tensor<?x4x?x64xf16>"
SPEC = f"""
func.func @attention(%q: {TENSOR}, %k: {TENSOR}, %v: {TENSOR}) -> {TENSOR} {{
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 4, kv = 4>) causality(#attn.causality<bottom_right>)
      : ({TENSOR}, {TENSOR}, {TENSOR}) -> {TENSOR}
  return %out : {TENSOR}
}}
"""
PLAN = (
    '#tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, '
    "persistent = true, rescale_threshold = 15{}>"
)
STREAMS, LAUNCHES = 8, 50
# Fewer programs than the GPU has room for, so that launches of several streams run at one time; and more.
SHAPES = [(1, 300), (1, 1000), (2, 777), (3, 2500)]


def kernel(fields=""):
    return attn_mlir.load(attn_mlir.compile(SPEC, target="sm_90a", plan=PLAN.format(fields)))


def problem(shape, seed):
    batch, length = shape
    generator = torch.Generator("cuda").manual_seed(seed)
    draw = lambda: torch.randn(batch, 4, length, 64, device="cuda", dtype=torch.float16, generator=generator)
    return [draw() for _ in range(3)]


def blank(inputs):
    return torch.full_like(inputs[0], float("nan"))


def beside(drawn, problems, wanted):
    """Wrong results of many launches on each of some streams, sent from a thread each."""
    wrong = []

    def work(number):
        stream, inputs = torch.cuda.Stream(), problems[number % len(problems)]
        results = []
        with torch.cuda.stream(stream):
            for _ in range(LAUNCHES):
                results.append(blank(inputs))
                drawn(*inputs, results[-1], stream=stream)
        stream.synchronize()
        wrong.extend(number for result in results if not torch.equal(result, wanted[number % len(problems)]))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(STREAMS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(wrong)


def captured(drawn, problems, wanted):
    """Wrong results of graphs of two launches, each replayed many times beside the others."""
    graphs, results, streams = [], [], [torch.cuda.Stream() for _ in range(STREAMS)]
    for number in range(STREAMS):
        inputs = problems[number % len(problems)]
        results.append([blank(inputs), blank(inputs)])
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            for result in results[-1]:
                drawn(*inputs, result)
        graphs.append(graph)
    wrong = 0
    for _ in range(5):
        for pair in results:
            for result in pair:
                result.fill_(float("nan"))
        torch.cuda.synchronize()
        for graph, stream in zip(graphs, streams):
            with torch.cuda.stream(stream):
                graph.replay()
        torch.cuda.synchronize()
        wrong += sum(not torch.equal(r, wanted[n % len(problems)]) for n, pair in enumerate(results) for r in pair)
    return wrong


def chain(launch, inputs, links, pause=lambda: None):
    """The query of each launch is what PyTorch made of the output of the one before, in buffers that are used again and again. What
    comes before a launch is a kernel, a memset or a copy."""
    query, (_, key, value) = inputs[0].clone(), inputs
    outs, keys = [blank(inputs), blank(inputs)], torch.empty_like(key)
    for link in range(links):
        out = outs[link % 2]
        out.zero_()
        pause()
        launch(query, key, value, out)
        pause()
        launch(out, key, value, outs[1 - link % 2])  # straight behind
        pause()
        query.copy_(outs[1 - link % 2])
        keys.copy_(key)
        pause()
        launch(query, keys, value, outs[1 - link % 2])
        pause()
        torch.add(outs[1 - link % 2], inputs[0], out=query)
        pause()
    return query


def chained(kernels, problems):
    """Wrong results of chains, launched and replayed from a graph, 20 times each."""
    wrong = 0
    for launch in kernels:
        for inputs in problems:
            wanted = chain(launch, inputs, 10, torch.cuda.synchronize)
            assert not wanted.isnan().any()
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                result = chain(launch, inputs, 10)
            for _ in range(20):
                wrong += not torch.equal(chain(launch, inputs, 10), wanted)
                graph.replay()
                wrong += not torch.equal(result, wanted)
    return wrong


def main():
    dealt, drawn = kernel(), kernel(", dynamic = true")
    problems = [problem(shape, seed) for seed, shape in enumerate(SHAPES)]
    wanted = []
    for inputs in problems:
        wanted.append(blank(inputs))
        dealt(*inputs, wanted[-1])
        assert not wanted[-1].isnan().any()
    torch.cuda.synchronize()
    made = {"streams": STREAMS, "launches": STREAMS * LAUNCHES, "wrong": beside(drawn, problems, wanted)}
    made |= {"chains": 40 * 2 * len(problems), "wrong_of_chains": chained([dealt, drawn], problems)}
    made |= {"replays": 5 * STREAMS, "wrong_of_graphs": captured(drawn, problems, wanted), "gpu": torch.cuda.get_device_name()}
    print(json.dumps(made))
    return 1 if made["wrong"] or made["wrong_of_chains"] or made["wrong_of_graphs"] else 0


if __name__ == "__main__":
    sys.exit(main())
