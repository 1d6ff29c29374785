; What the program of the weeks asks for in a browser, where no C library is.
; `webassembly.py` puts one function `turn_<stage>` a stage, and `run`, behind it.

@free = internal global i32 0         ; the address from which memory is free

; Arrays are not counted: all of a stage's are given up when it ends.
define void @NRT_incref(ptr %array) { ret void }
define void @NRT_decref(ptr %array) { ret void }
define ptr @NRT_MemInfo_data_fast(ptr %array) { ret ptr %array }

; Memory for an array.
define ptr @NRT_MemInfo_alloc_aligned(i64 %size, i32 %align) {
  %free = load i32, ptr @free
  %above = add i32 %free, 63
  %start = and i32 %above, -64        ; whatever alignment is asked for: 64 is the most
  %start64 = zext i32 %start to i64
  %end64 = add i64 %start64, %size
  %fits = icmp ult i64 %end64, 4294901760
  br i1 %fits, label %look, label %none
look:
  %end = trunc i64 %end64 to i32
  %all = add i32 %end, 65535
  %pages = lshr i32 %all, 16
  %there = call i32 @llvm.wasm.memory.size.i32(i32 0)
  %is_there = icmp ule i32 %pages, %there
  br i1 %is_there, label %take, label %grow
grow:
  %more = sub i32 %pages, %there
  %before = call i32 @llvm.wasm.memory.grow.i32(i32 0, i32 %more)
  %failed = icmp eq i32 %before, -1
  br i1 %failed, label %none, label %take
take:
  store i32 %end, ptr @free
  %array = inttoptr i32 %start to ptr
  ret ptr %array
none:                                 ; the stage then returns an error
  ret ptr null
}

; Before a stage it is kept from where memory is free; after it, that is so again.
define i32 @before_stage() alwaysinline {
  %free = load i32, ptr @free
  ret i32 %free
}
define void @after_stage(i32 %free) alwaysinline {
  store i32 %free, ptr @free
  ret void
}
define void @fail() alwaysinline {
  call void @llvm.trap()
  unreachable
}

; The 128-bit product of two whole numbers, given and returned as halves. LLVM must not optimize
; it: it might see a 128-bit product here, and call this function for it.
define void @__multi3(ptr %product, i64 %a, i64 %a_high, i64 %b, i64 %b_high) noinline optnone {
  %a0 = and i64 %a, 4294967295
  %a1 = lshr i64 %a, 32
  %b0 = and i64 %b, 4294967295
  %b1 = lshr i64 %b, 32
  %p00 = mul i64 %a0, %b0
  %p01 = mul i64 %a0, %b1
  %p10 = mul i64 %a1, %b0
  %p11 = mul i64 %a1, %b1
  %p00_high = lshr i64 %p00, 32
  %p01_low = and i64 %p01, 4294967295
  %p10_low = and i64 %p10, 4294967295
  %lows = add i64 %p01_low, %p10_low
  %middle = add i64 %lows, %p00_high
  %low = mul i64 %a, %b
  %p01_high = lshr i64 %p01, 32
  %p10_high = lshr i64 %p10, 32
  %middle_high = lshr i64 %middle, 32
  %s1 = add i64 %p11, %p01_high
  %s2 = add i64 %s1, %p10_high
  %s3 = add i64 %s2, %middle_high
  %c1 = mul i64 %a, %b_high
  %c2 = mul i64 %a_high, %b
  %s4 = add i64 %s3, %c1
  %high = add i64 %s4, %c2
  store i64 %low, ptr %product
  %behind = getelementptr i64, ptr %product, i32 1
  store i64 %high, ptr %behind
  ret void
}

declare i32 @llvm.wasm.memory.size.i32(i32)
declare i32 @llvm.wasm.memory.grow.i32(i32, i32)
declare void @llvm.trap()
declare i32 @call_in_turn(ptr, ptr, i64, i64, ptr, i64, i64, ptr, i64, i64, i64)
