# lit configuration of the text tests: every .mlir and .test file below this folder, run with the tools of one build.
# What differs between builds comes from lit.site.cfg.py, which CMake writes and which loads this file.
import os
import shutil

import lit.formats

config.name = "attn-mlir"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "Unit", "Python", "lit"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.attn_build_dir, "test")

# Our tools first, then LLVM's FileCheck, not and split-file under their plain names.
config.environment["PATH"] = os.pathsep.join(
    [config.attn_tools_dir, config.llvm_tools_dir, config.environment.get("PATH", "")]
)
# A test never sees the user's kernel cache.
config.environment["ATTN_CACHE_DIR"] = os.path.join(config.test_exec_root, "cache")
for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

# Without an assembler, images hold PTX.
if shutil.which("ptxas"):
    config.available_features.add("ptxas")

config.substitutions.append(("%examples", os.path.join(config.attn_source_dir, "docs", "examples")))
config.substitutions.append(("%lib", config.attn_library_dir))
config.substitutions.append(("%source", config.attn_source_dir))
config.substitutions.append(("%tools", config.attn_tools_dir))

# A GPU driver whose kernels do nothing.
fake_driver = os.path.join(config.attn_tools_dir, "unit", "fake-driver")
config.substitutions.append(("%fake-driver", fake_driver))
if os.path.exists(fake_driver):
    config.available_features.add("fake-driver")

# A tool or plugin that this build has, for REQUIRES lines.
for tool in ("attn-compile", "attn-run", "attn-check", "attn-bench", "attn-tune", "attn-lsp-server"):
    if os.path.exists(os.path.join(config.attn_tools_dir, tool)):
        config.available_features.add(tool)
if os.path.exists(os.path.join(config.llvm_tools_dir, "mlir-opt")) and not config.attn_static:
    config.available_features.add("mlir-opt")
if config.attn_sanitize:
    config.available_features.add("sanitizer")
