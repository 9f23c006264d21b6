# What Compiler.cpp exports; attn_mlir.image and attn_mlir.jit are the interface for users.
class Jit:
    def __init__(self, directory: str | None) -> None: ...
    def get(
        self, spec: str, target: str, plan: str | None, plan_table: str | None, length_hint: int, ptxas: str | None
    ) -> tuple[int, bool]: ...

def compile(
    spec: str,
    target: str,
    emit: int,
    stop_after: str | None,
    plan: str | None,
    plan_table: str | None,
    length_hint: int,
    ptxas: str | None,
    name: str | None,
    remarks: bool,
) -> tuple[bytes, list[str]]: ...
def install_cpu_loader() -> None: ...
