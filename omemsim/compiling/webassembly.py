"""The program of the weeks as one WebAssembly module: ``python -m omemsim.compiling.webassembly``.

It is made of the same kernels as the program that Python runs, and gives the same bits. The page
that loads it puts a town into its memory (`image`) and calls ``run``: docs/webassembly.md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from omemsim.compiling.portable import helpers, program, turns
from omemsim.compiling.targets import Machine, link_with, object_of
from omemsim.processes import WEEK
from omemsim.processes.context import SEATING
from omemsim.shipped import symbol
from omemsim.vocabulary import layout

__all__ = ["BROWSER", "IMAGE_AT", "LINKER", "build", "link"]

BROWSER = Machine("wasm32-unknown-unknown", features="+simd128,+bulk-memory")
LINKER = "wasm-ld"
IMAGE_AT = 1 << 20  # the address of the town; before it the module's own data and its stack
RUN, SEAT, PRODUCT = "run", "seat", "__multi3"  # LLVM itself calls the product

# The first occupants of a town, drawn from its keys: a page need not carry who they are.
SEATS = """
define void @seat(i32 %town, i32 %record, i32 %week, i32 %free) {{
  store i32 %free, ptr @free
  %words = inttoptr i32 %town to ptr
  %record_at = inttoptr i32 %record to ptr
  %week64 = sext i32 %week to i64
  call void @{symbol}(ptr %words, ptr %record_at, i64 %week64)
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
  %address{number} = ptrtoint ptr @{symbol} to i64
  store i64 %address{number}, ptr %at{number}"""


def build() -> bytes:
    """Return the module: stages in the order of the week, and the loop that calls them.

    Nothing else may have been compiled in this process before (`compiler.portable_code`).

    Raises
    ------
    RuntimeError
        If there is no linker, or if it finds that something is missing.
    """
    offered = [RUN, SEAT]
    return link(object_of(_runtime(), BROWSER, [*offered, PRODUCT], *program()), offered)


def _runtime() -> str:
    stages = "".join(
        STAGE_ADDRESS.format(number=number, symbol=symbol(stage))
        for number, stage in enumerate(WEEK)
    )
    weeks = WEEKS.format(number=len(WEEK), stages=stages, signal=layout.SIGNAL)
    seats = SEATS.format(symbol=symbol(SEATING.name))
    return helpers("portable", "webassembly") + turns() + weeks + seats


def link(program: bytes, exports: Sequence[str]) -> bytes:
    """Return an object as a module that offers these functions and its memory.

    Raises
    ------
    RuntimeError
        If there is no linker, or if it finds that something is missing.
    """
    exported = [f"--export={name}" for name in [*exports, "__heap_base"]]
    return link_with(LINKER, program, "--no-entry", "-O2", *exported)


def main() -> None:
    """Write the module to the file that is named."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m omemsim.compiling.webassembly FILE.wasm")
    Path(sys.argv[1]).write_bytes(build())


if __name__ == "__main__":
    main()
