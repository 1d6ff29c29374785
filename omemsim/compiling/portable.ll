; What the compiled stages ask for wherever they run.

; Strides of an array in another shape, if its rows follow each other without gaps: 1, else 0.
define i32 @numba_attempt_nocopy_reshape(i64 %dimensions, ptr %shape, ptr %strides,
    i64 %new_dimensions, ptr %new_shape, ptr %new_strides, i64 %item_size, i32 %by_columns) {
start:
  %is_by_rows = icmp eq i32 %by_columns, 0
  br i1 %is_by_rows, label %check, label %no
check:                                ; from the last dimension to the first
  %left = phi i64 [ %dimensions, %start ], [ %k, %checked ]
  %size = phi i64 [ %item_size, %start ], [ %larger, %checked ]
  %is_checked = icmp eq i64 %left, 0
  br i1 %is_checked, label %fill, label %compare
compare:
  %k = sub i64 %left, 1
  %length_at = getelementptr i64, ptr %shape, i64 %k
  %length = load i64, ptr %length_at
  %stride_at = getelementptr i64, ptr %strides, i64 %k
  %stride = load i64, ptr %stride_at
  %larger = mul i64 %size, %length
  %follows = icmp eq i64 %stride, %size
  %is_one = icmp eq i64 %length, 1
  %is_dense = or i1 %follows, %is_one
  br i1 %is_dense, label %checked, label %no
checked:
  br label %check
fill:
  %new_left = phi i64 [ %new_dimensions, %check ], [ %j, %filling ]
  %new_size = phi i64 [ %item_size, %check ], [ %new_larger, %filling ]
  %is_filled = icmp eq i64 %new_left, 0
  br i1 %is_filled, label %end, label %filling
filling:
  %j = sub i64 %new_left, 1
  %new_length_at = getelementptr i64, ptr %new_shape, i64 %j
  %new_length = load i64, ptr %new_length_at
  %new_stride_at = getelementptr i64, ptr %new_strides, i64 %j
  store i64 %new_size, ptr %new_stride_at
  %new_larger = mul i64 %new_size, %new_length
  br label %fill
end:
  %is_same = icmp eq i64 %new_size, %size
  br i1 %is_same, label %yes, label %no
yes:
  ret i32 1
no:
  ret i32 0
}
