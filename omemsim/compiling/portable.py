"""The whole program of the weeks as code that settles nothing of a machine yet.

`targets` makes objects of it: for WebAssembly (`webassembly`), for libraries (`shipping`).
"""

from __future__ import annotations

import functools
from pathlib import Path

from omemsim.compiler import portable_code
from omemsim.loop import LOOP_TYPES, call_in_turn
from omemsim.processes import WEEK
from omemsim.processes.context import SEATING
from omemsim.program import Stage
from omemsim.shipped import LOOP, symbol
from omemsim.vocabulary import layout

__all__ = ["STAGES", "helpers", "program", "turns"]

STAGES: tuple[Stage, ...] = (*WEEK.values(), SEATING)

# A stage as the loop calls it: whoever calls sees by the signal that it came to its end.
TURN = """
declare i32 @{stage}(ptr, ptr, i64)
define void @{symbol}(ptr %town, ptr %parameters, i64 %week) {{
  %before = call i32 @before_stage()
  %status = call i32 @{stage}(ptr %town, ptr %parameters, i64 %week)
  call void @after_stage(i32 %before)
  %is_done = icmp eq i32 %status, 0
  br i1 %is_done, label %done, label %failed
failed:
  call void @fail()
  ret void
done:
  %signal_word = getelementptr i64, ptr %town, i32 {signal}
  %signal = load i64, ptr %signal_word
  %signal_at = inttoptr i64 %signal to ptr
  %done_at = getelementptr i64, ptr %signal_at, i32 {at}
  store i64 1, ptr %done_at
  ret void
}}
"""


@functools.cache
def program() -> tuple[str, ...]:
    """Return the stages and the loop that calls them, as LLVM code.

    Nothing else may have been compiled in this process before (`compiler.portable_code`).
    """
    stages = [portable_code(stage.run, stage.arguments, stage.name) for stage in STAGES]
    return (*stages, portable_code(call_in_turn, LOOP_TYPES, LOOP))


def turns() -> str:
    """Return the code by which the loop calls each stage."""
    return "".join(
        TURN.format(
            stage=stage.name, symbol=symbol(stage.name), signal=layout.SIGNAL, at=layout.DONE
        )
        for stage in STAGES
    )


def helpers(*names: str) -> str:
    """Return what the program asks for besides, out of the files so named beside this one."""
    return "\n".join(
        Path(__file__).with_name(f"{name}.ll").read_text(encoding="utf-8") for name in names
    )
