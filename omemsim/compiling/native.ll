; What the compiled stages ask for on a machine with a C library: memory for arrays, which are
; counted, and given up when nothing uses them any more.

declare ptr @malloc(i64)
declare void @free(ptr)

; An array's memory begins 64 bytes behind its header, which holds the count and what to give up.
define ptr @NRT_MemInfo_alloc_aligned(i64 %size, i32 %align) {
  %whole = add i64 %size, 128         ; a header, and what aligning takes: 64 is the most asked for
  %is_sound = icmp ult i64 %size, 4611686018427387904
  br i1 %is_sound, label %ask, label %none
ask:
  %block = call ptr @malloc(i64 %whole)
  %failed = icmp eq ptr %block, null
  br i1 %failed, label %none, label %take
take:
  %at = ptrtoint ptr %block to i64
  %above = add i64 %at, 63
  %start = and i64 %above, -64
  %array = inttoptr i64 %start to ptr
  store i64 1, ptr %array
  %block_at = getelementptr i64, ptr %array, i64 1
  store ptr %block, ptr %block_at
  ret ptr %array
none:                                 ; the stage then returns an error
  ret ptr null
}

define ptr @NRT_MemInfo_data_fast(ptr %array) alwaysinline {
  %data = getelementptr i8, ptr %array, i64 64
  ret ptr %data
}

define void @NRT_incref(ptr %array) alwaysinline {
  %is_none = icmp eq ptr %array, null
  br i1 %is_none, label %done, label %count
count:
  %before = load i64, ptr %array
  %after = add i64 %before, 1
  store i64 %after, ptr %array
  br label %done
done:
  ret void
}

define void @NRT_decref(ptr %array) {
  %is_none = icmp eq ptr %array, null
  br i1 %is_none, label %done, label %count
count:
  %before = load i64, ptr %array
  %after = sub i64 %before, 1
  store i64 %after, ptr %array
  %is_unused = icmp eq i64 %after, 0
  br i1 %is_unused, label %give_up, label %done
give_up:
  %block_at = getelementptr i64, ptr %array, i64 1
  %block = load ptr, ptr %block_at
  call void @free(ptr %block)
  br label %done
done:
  ret void
}

; What is to be done before and after each stage: nothing.
define i32 @before_stage() alwaysinline { ret i32 0 }
define void @after_stage(i32 %before) alwaysinline { ret void }
define void @fail() alwaysinline { ret void }
