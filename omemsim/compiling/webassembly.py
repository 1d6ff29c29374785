"""The program of the weeks as one WebAssembly module: ``python -m omemsim.compiling.webassembly``.

It is made of the same kernels as the program that Python runs, and gives the same bits. The page
that loads it puts a town into its memory (`image`) and calls ``run``: docs/webassembly.md.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from omemsim.compiling.targets import Machine, object_of
from omemsim.kernels import portable_code
from omemsim.processes import WEEK
from omemsim.program import DONE, LOOP_TYPES, call_in_turn
from omemsim.vocabulary import layout

__all__ = ["BROWSER", "HELPERS", "IMAGE_AT", "LINKER", "build", "link"]

BROWSER = Machine("wasm32-unknown-unknown", features="+simd128,+bulk-memory")
LINKER = "wasm-ld"
HELPERS = Path(__file__).with_suffix(".ll")
IMAGE_AT = 1 << 20  # the address of the town; before it the module's own data and its stack
RUN, PRODUCT = "run", "__multi3"  # LLVM itself calls the product

TURN = """
declare i32 @{stage}(ptr, ptr, i64)
define internal void @turn_{stage}(ptr %town, ptr %parameters, i64 %week) {{
  %free = load i32, ptr @free
  %status = call i32 @{stage}(ptr %town, ptr %parameters, i64 %week)
  store i32 %free, ptr @free
  %is_done = icmp eq i32 %status, 0
  br i1 %is_done, label %done, label %failed
failed:
  call void @llvm.trap()
  unreachable
done:
  %signal_word = getelementptr i64, ptr %town, i32 {signal}
  %signal = load i64, ptr %signal_word
  %signal_at = inttoptr i64 %signal to ptr
  %done_at = getelementptr i64, ptr %signal_at, i32 {at}
  store i64 1, ptr %done_at
  ret void
}}
"""

WEEKS = """
define i32 @run(i32 %town, i32 %records, i32 %week, i32 %first, i32 %last, i32 %free) {{
  store i32 %free, ptr @free
  %result = alloca i64
  %stages = alloca [{number} x i64]
{stages}
  %words = inttoptr i32 %town to ptr
  %stop_word = getelementptr i64, ptr %words, i32 {signal}
  %stop = load i64, ptr %stop_word
  %stop_at = inttoptr i64 %stop to ptr
  %words64 = zext i32 %town to i64
  %records_at = inttoptr i32 %records to ptr
  %week64 = sext i32 %week to i64
  %first64 = sext i32 %first to i64
  %last64 = sext i32 %last to i64
  %status = call i32 @call_in_turn(ptr %result, ptr %stages, i64 {number}, i64 %words64,
    ptr %records_at, i64 {number}, i64 %week64, ptr %stop_at, i64 2, i64 %first64, i64 %last64)
  %is_done = icmp eq i32 %status, 0
  br i1 %is_done, label %done, label %failed
failed:
  call void @llvm.trap()
  unreachable
done:
  %turn = load i64, ptr %result
  %turn32 = trunc i64 %turn to i32
  ret i32 %turn32
}}
"""
STAGE_ADDRESS = """
  %at{number} = getelementptr i64, ptr %stages, i32 {number}
  %address{number} = ptrtoint ptr @turn_{stage} to i64
  store i64 %address{number}, ptr %at{number}"""


def build() -> bytes:
    """Return the module: stages in the order of the week, and the loop that calls them.

    Nothing else may have been compiled in this process before (`kernels.portable_code`).

    Raises
    ------
    RuntimeError
        If there is no linker, or if it finds that something is missing.
    """
    stages = [portable_code(stage.run, stage.arguments, name) for name, stage in WEEK.items()]
    loop = portable_code(call_in_turn, LOOP_TYPES, "call_in_turn")
    return link(object_of(_runtime(), BROWSER, [RUN, PRODUCT], loop, *stages), [RUN])


def _runtime() -> str:
    text = HELPERS.read_text(encoding="utf-8")
    turns = "".join(TURN.format(stage=stage, signal=layout.SIGNAL, at=DONE) for stage in WEEK)
    stages = "".join(
        STAGE_ADDRESS.format(number=number, stage=stage) for number, stage in enumerate(WEEK)
    )
    return text + turns + WEEKS.format(number=len(WEEK), stages=stages, signal=layout.SIGNAL)


def link(program: bytes, exports: Sequence[str]) -> bytes:
    """Return an object as a module that offers these functions and its memory.

    Raises
    ------
    RuntimeError
        If there is no linker, or if it finds that something is missing.
    """
    linker = shutil.which(LINKER)
    if linker is None:
        raise RuntimeError(f"There is no {LINKER}; Debian and Ubuntu have it in the package lld.")
    options = ["--no-entry", "--gc-sections", "--strip-all", "-O2", "-o", "week.wasm", "week.o"]
    options += [f"--export={name}" for name in [*exports, "__heap_base"]]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "week.o").write_bytes(program)
        done = subprocess.run(
            [linker, *options], cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{LINKER} fails:\n{done.stderr}")
        return Path(folder, "week.wasm").read_bytes()


def main() -> None:
    """Write the module to the file that is named."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m omemsim.compiling.webassembly FILE.wasm")
    Path(sys.argv[1]).write_bytes(build())


if __name__ == "__main__":
    main()
