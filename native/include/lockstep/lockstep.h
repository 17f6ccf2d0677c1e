/*
 * The C ABI of Lockstep's native core, and the only header that Java sees.
 *
 * A plan is built once (create, add steps, seal) and then run from any number of threads. A step reads and writes
 * slots: the plan's inputs, its outputs and its workspace. Everything that can be wrong with a step is checked when
 * the step is added: dtypes, ranks, and that every element a step can touch lies inside its slot. Running a sealed
 * plan touches nothing but the memory of those slots.
 *
 * Functions that can fail return ls_status; ls_last_error() then gives the text, per thread. No exception, no C++
 * type and no abort crosses this boundary. Sizes are int64_t, strides are in elements (never negative extents;
 * strides may be zero or negative), addresses are 64-byte aligned where Lockstep allocates them; memory that a user
 * brings needs its element's alignment only.
 */
#ifndef LOCKSTEP_LOCKSTEP_H
#define LOCKSTEP_LOCKSTEP_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LS_API __attribute__((visibility("default")))
#else
#define LS_API
#endif

enum { LS_ABI_VERSION = 4, LS_MAX_RANK = 16 };

typedef enum ls_status {
  LS_OK = 0,
  LS_INVALID_ARGUMENT = 1, /* the caller's error: nothing was done */
  LS_OUT_OF_MEMORY = 2,    /* the system or the limit of ls_memory_set_limit refused; nothing was done */
  LS_UNSUPPORTED = 3,      /* a valid request that this build or machine cannot serve */
  LS_INTERNAL = 4          /* a defect in Lockstep or in a library below it */
} ls_status;

/*
 * bf16 is for storage: loops convert from and to it and select (WHERE), copies, gathers and scatters (SET) move it, and
 * products, convolutions and attention read and write it, accumulating in f32. Nothing else takes it.
 */
typedef enum ls_dtype { LS_BOOL = 0, LS_I32 = 1, LS_I64 = 2, LS_F32 = 3, LS_F64 = 4, LS_BF16 = 5 } ls_dtype;

typedef enum ls_device { LS_CPU = 0 } ls_device;

/* Elementwise ops: LS_OP_ADD, LS_OP_EXP, ...; elementwise.def has one line for each. */
typedef enum ls_op {
#define LS_ELEMENTWISE(name, arity, domain) LS_OP_##name,
#include "lockstep/elementwise.def"
#undef LS_ELEMENTWISE
  LS_OP_COUNT
} ls_op;

typedef enum ls_reduce {
  LS_REDUCE_NONE = 0,
  LS_REDUCE_SUM = 1,
  LS_REDUCE_PROD = 2,
  LS_REDUCE_MAX = 3,
  LS_REDUCE_MIN = 4
} ls_reduce;

/* Slots that are no memory: see ls_operand; LS_SLOT_NONE is an operand that is not given or a result not wanted. */
enum { LS_SLOT_INDEX = -1, LS_SLOT_CONSTANT = -2, LS_SLOT_NONE = -3 };

/*
 * A strided operand of a loop or copy. Slots count the plan's inputs first, then its outputs, then the workspace
 * (one slot). Two virtual slots cost no memory: LS_SLOT_INDEX has the value offset + sum(index[d] * strides[d])
 * (so iota and any view of it), LS_SLOT_CONSTANT has the value whose bit pattern in `dtype` is in offset's low bytes.
 */
typedef struct ls_operand {
  int32_t slot;
  int32_t dtype;
  int64_t offset; /* bytes from the slot's start */
  int64_t strides[LS_MAX_RANK];
} ls_operand;

/*
 * One instruction of a loop's register program. Values are numbered: the loop's inputs 0 .. n_inputs-1, then one for
 * each instruction. a, b, c name earlier values (unused ones are -1). `dtype` is the operands' (WHERE: the branches'),
 * `result` the result's.
 */
typedef struct ls_instruction {
  int32_t op;
  int32_t dtype;
  int32_t result;
  int32_t a;
  int32_t b;
  int32_t c;
} ls_instruction;

/*
 * Where one value goes. reduce == LS_REDUCE_NONE: every element of the loop is stored. Otherwise the value is reduced
 * over the loop's last reduce_rank dimensions and stored once (strides along these are ignored). An empty reduction
 * gives the identity: 0, 1, the lowest value (-inf), the highest (+inf); for bool false / true.
 */
typedef struct ls_result {
  ls_operand to;
  int32_t value;
  int32_t reduce;
} ls_result;

/* A fused elementwise loop over strided operands. One loop may store and reduce at once. Sums are pairwise or better.
 */
typedef struct ls_loop {
  int32_t rank;
  int32_t reduce_rank;
  int32_t n_inputs;
  int32_t n_instructions;
  int32_t n_results;
  int64_t extents[LS_MAX_RANK];
  const ls_operand *inputs;
  const ls_instruction *instructions;
  const ls_result *results;
} ls_loop;

typedef struct ls_matrix {
  int32_t slot;
  int64_t offset; /* bytes */
  int64_t row_stride;
  int64_t column_stride;
  int64_t batch_strides[LS_MAX_RANK];
} ls_matrix;

/*
 * c[batch, m, n] = sum over k of a[batch, m, k] * b[batch, k, n]. k == 0 gives zeros. Integers wrap; bool is "or of
 * ands"; bf16 is added up in f32 and rounded once, and its denormals may count as zeros. The epilogue is a loop over
 * batch, m, n without reductions, which runs on each part of c when that is finished. It reads c where it is written
 * and nothing else that the step writes; it may write c in place.
 */
typedef struct ls_matmul {
  int32_t dtype;
  int32_t batch_rank;
  int64_t batch[LS_MAX_RANK];
  int64_t m;
  int64_t n;
  int64_t k;
  ls_matrix a;
  ls_matrix b;
  ls_matrix c;
  const ls_loop *epilogue; /* NULL: none */
} ls_matmul;

/* A strided copy without conversion: from.dtype == to.dtype. */
typedef struct ls_copy {
  int32_t rank;
  int64_t extents[LS_MAX_RANK];
  ls_operand from;
  ls_operand to;
} ls_copy;

typedef struct ls_plan ls_plan;

/* What an index outside 0 .. extent-1 does. */
typedef enum ls_bounds {
  LS_BOUNDS_CLAMP = 0, /* takes the nearest valid index */
  LS_BOUNDS_FILL = 1   /* gather: gives the fill value; scatter: drops the element */
} ls_bounds;

/*
 * to[p] = from[p + sum over j of index_j[p] * index_strides[j]] for each point p of the loop. Strides of `from` and
 * `to` are over the loop's dimensions; the indices are i32 or i64 operands over the loop, of any strides.
 */
typedef struct ls_gather {
  int32_t rank;
  int32_t n_indices;
  int32_t bounds;
  int64_t extents[LS_MAX_RANK];
  int64_t fill; /* bit pattern in from.dtype */
  ls_operand from;
  ls_operand to;
  const ls_operand *indices;
  const int64_t *index_extents;
  const int64_t *index_strides; /* elements of `from` */
} ls_gather;

typedef enum ls_scatter_mode {
  LS_SCATTER_SET = 0,
  LS_SCATTER_ADD = 1,
  LS_SCATTER_MUL = 2,
  LS_SCATTER_MIN = 3,
  LS_SCATTER_MAX = 4
} ls_scatter_mode;

/*
 * to[p + sum over j of index_j[p] * index_strides[j]] = mode(that, from[p]), in row-major order of p, so that equal
 * indices have a defined result (SET: the last wins). `to` holds the initial values before the step.
 */
typedef struct ls_scatter {
  int32_t rank;
  int32_t n_indices;
  int32_t bounds;
  int32_t mode;
  int64_t extents[LS_MAX_RANK];
  ls_operand from;
  ls_operand to;
  const ls_operand *indices;
  const int64_t *index_extents;
  const int64_t *index_strides; /* elements of `to` */
} ls_scatter;

/* Sorts each row along the last dimension, stably, NaN last (bool: false before true). */
typedef struct ls_sort {
  int32_t rank;
  int32_t descending; /* NaN first then; equal keys stay in their order */
  int64_t extents[LS_MAX_RANK];
  ls_operand keys;
  ls_operand values;  /* the sorted keys */
  ls_operand indices; /* i32 or i64: where each sorted key stood in its row */
} ls_sort;

typedef enum ls_cumulate {
  LS_CUMULATE_SUM = 0,
  LS_CUMULATE_PROD = 1,
  LS_CUMULATE_MAX = 2, /* NaN propagates */
  LS_CUMULATE_MIN = 3,
  LS_CUMULATE_LOG_SUM_EXP = 4 /* f32, f64; stable */
} ls_cumulate;

/* to[..., i] = kind over from[..., 0 .. i], or from[..., i .. n-1] if reverse, along the last dimension. */
typedef struct ls_cumulative {
  int32_t rank;
  int32_t kind;
  int32_t reverse;
  int64_t extents[LS_MAX_RANK];
  ls_operand from;
  ls_operand to;
} ls_cumulative;

/*
 * to[batch, i, :] = sum over keys j of softmax over j (s[batch, i, j]) * v[batch, j, :], where
 * s[batch, i, j] = scale * sum over d of q[batch, i, d] * k[batch, j, d], plus mask[batch, i, j] if that is floating.
 * Where a bool mask is false, and where j > i if causal, s is -0.7 times the dtype's largest number: softmax gives 0
 * there, or 1 / keys in a row of which nothing is seen. Scores of -inf alone give NaN; no keys give zeros. bf16 becomes
 * f32 as it is read, and only results are rounded.
 */
typedef struct ls_attention {
  int32_t dtype;      /* f32, f64 or bf16 */
  int32_t mask_dtype; /* bool or dtype; not read if mask.slot is LS_SLOT_NONE */
  int32_t causal;
  int32_t batch_rank;
  int64_t batch[LS_MAX_RANK];
  int64_t queries;
  int64_t keys;
  int64_t dimension;       /* columns of q and k */
  int64_t value_dimension; /* columns of v and to */
  double scale;
  ls_matrix q;
  ls_matrix k;
  ls_matrix v;
  ls_matrix mask; /* queries x keys */
  ls_matrix to;
} ls_attention;

/* The gradients of sum(of.to * ct) by q, k and v; of.to is not used. Those of slot LS_SLOT_NONE are not wanted. */
typedef struct ls_attention_gradient {
  ls_attention of;
  ls_matrix ct;
  ls_matrix dq;
  ls_matrix dk;
  ls_matrix dv;
} ls_attention_gradient;

typedef enum ls_convolution_kind {
  LS_CONVOLUTION_FORWARD = 0, /* y from x and w */
  LS_CONVOLUTION_INPUT = 1,   /* x from y and w: the gradient with respect to the input */
  LS_CONVOLUTION_KERNEL = 2   /* w from x and y: the gradient with respect to the kernel */
} ls_convolution_kind;

/*
 * y[n, o, p] = sum over i, k of x[n, i, p * stride + k * dilation - low] * w[o, i, k], where x is 0 outside of its
 * extents; or one of its two transposes, in which what is read is linear in what is written. All are f32, or all bf16,
 * summed up in f32 and rounded once. Each operand's dimensions: x [n, channels, spatial...], w [out, channels / groups,
 * kernel...], y [n, out, spatial...]; channels and out are split into groups that meet pairwise. Operands in memory
 * have strides of 1 or more.
 */
typedef struct ls_convolution {
  int32_t kind;
  int32_t spatial_rank; /* 1 .. 3 */
  int64_t groups;
  int64_t x_extents[LS_MAX_RANK];
  int64_t w_extents[LS_MAX_RANK];
  int64_t y_extents[LS_MAX_RANK];
  int64_t strides[LS_MAX_RANK];
  int64_t dilation[LS_MAX_RANK];
  int64_t low[LS_MAX_RANK]; /* 0 or more */
  ls_operand x;
  ls_operand w;
  ls_operand y;
  const ls_loop *epilogue; /* forward only, over y's dimensions, as that of ls_matmul over c; NULL: none */
} ls_convolution;

typedef enum ls_pooling_kind {
  LS_POOLING_EXTREME = 0, /* y from x: the largest or smallest element of each window, NaN if one is */
  LS_POOLING_MEAN = 1,    /* y from x; f32, f64, as all that follow */
  LS_POOLING_TAKE = 2,    /* y from x and t: t's element where x has the extreme one; 0 in windows of padding alone */
  LS_POOLING_PUT = 3,     /* t from x and y: the transpose of TAKE in t; what windows put in one place adds up */
  LS_POOLING_SPREAD = 4   /* x from y: the transpose of MEAN */
} ls_pooling_kind;

/*
 * Windows of x, where element k of window p stands at p * stride + k * dilation - low of each spatial dimension. What
 * lies outside of x is padding: extremes do not see it (those of padding alone are the worst value), means take it as
 * zeros. NaN is larger, and smaller, than all else; of equal elements the first in row-major order is the extreme one.
 * All operands have `rank` dimensions, of which `spatial_rank` from first_spatial on are x_extents in x and t and
 * y_extents in y; the others are alike.
 */
typedef struct ls_pooling {
  int32_t kind;
  int32_t least;         /* 1: the smallest elements are the extreme ones */
  int32_t count_padding; /* 0: means are over elements of x alone */
  int32_t rank;
  int32_t first_spatial;
  int32_t spatial_rank; /* 1 .. 3 */
  int64_t x_extents[LS_MAX_RANK];
  int64_t y_extents[LS_MAX_RANK];
  int64_t window[LS_MAX_RANK];
  int64_t strides[LS_MAX_RANK];
  int64_t dilation[LS_MAX_RANK];
  int64_t low[LS_MAX_RANK]; /* 0 or more */
  ls_operand x;
  ls_operand t; /* of TAKE and PUT only */
  ls_operand y;
} ls_pooling;

/* A dense block of a slot that is an input or output of a sub-plan; its size is the sub-plan's declared one. */
typedef struct ls_block {
  int32_t slot;
  int64_t offset; /* bytes */
} ls_block;

/*
 * Runs branches[clamp(index, 0, n_branches - 1)]. All branches take the operands and write the results. index is an i32
 * in a block of 4 bytes. Sub-plans are sealed; once a step that names them is added, the plan owns them.
 */
typedef struct ls_switch {
  int32_t n_branches;
  int32_t n_operands;
  int32_t n_results;
  ls_plan *const *branches;
  ls_block index;
  const ls_block *operands;
  const ls_block *results;
} ls_switch;

/*
 * carry = initial; while (condition(condition_constants, carry)) carry = body(body_constants, carry); result = carry.
 * The condition has one output: a bool in one byte. results must not overlap initial.
 */
typedef struct ls_while {
  ls_plan *condition;
  ls_plan *body;
  int32_t n_condition_constants;
  int32_t n_body_constants;
  int32_t n_carries;
  const ls_block *condition_constants;
  const ls_block *body_constants;
  const ls_block *initial;
  const ls_block *results;
} ls_while;

/*
 * for t in 0 .. length-1 (from the end if reverse): carry, output[t] = body(constants, carry, input[t]). Input and
 * output t stand at offset + t * (the sub-plan's declared bytes of that input or output). results: the last carry.
 */
typedef struct ls_scan {
  ls_plan *body;
  int64_t length;
  int32_t reverse;
  int32_t n_constants;
  int32_t n_carries;
  int32_t n_inputs;
  int32_t n_outputs;
  const ls_block *constants;
  const ls_block *initial;
  const ls_block *results;
  const ls_block *inputs;
  const ls_block *outputs;
} ls_scan;

/* How the numbers of a key are counted. */
typedef enum ls_counters {
  LS_COUNTERS_WIDE = 0,  /* number i has the 64-bit counter start + i */
  LS_COUNTERS_HALVES = 1 /* one row of 32-bit counters, whose first half pairs with the second; starts are not read */
} ls_counters;

/*
 * Random bits by Threefry-2x32 with 20 rounds: `count` numbers for each of `batch` keys. A number of 32 bits (i32) is
 * the exclusive or of both words of a WIDE counter, one of 64 (i64) has the first word in its high half.
 */
typedef struct ls_random {
  int32_t bits; /* 32 or 64 */
  int32_t counters;
  int64_t batch;
  int64_t count;
  ls_block keys;   /* two i32 a key */
  ls_block starts; /* one i64 a key */
  ls_block to;     /* count numbers a key, dense */
} ls_random;

/*
 * Factorisations of matrices and what solves with them, with their operands in order: those that are read, then those
 * that are written. Matrices are m x n, square ones n x n, right-hand sides n x k; a vector is one column. Signs are
 * LAPACK's.
 */
typedef enum ls_linalg_kind {
  LS_LINALG_CHOLESKY = 0,         /* a; l with (a + a^T) / 2 = l l^T, all NaN if that has no factor */
  LS_LINALG_TRIANGULAR_SOLVE = 1, /* a, b; x with triangle(a) x = b */
  LS_LINALG_LU = 2,               /* a; lu, pivots[min(m, n)], permutation[m]: a[permutation] = l u */
  LS_LINALG_LU_SOLVE = 3,         /* lu, permutation[n], b; x with a x = b or a^T x = b */
  LS_LINALG_QR = 4,               /* a; q[m, k], r[k, n], k = min(m, n) or m */
  LS_LINALG_EIGH = 5,             /* a; values[n] of (a + a^T) / 2 in ascending order, vectors in columns */
  LS_LINALG_SVD = 6,              /* a; values[min(m, n)] in descending order, u[m, min(m, n)], vt[min(m, n), n] */
  LS_LINALG_EIG = 7               /* a; values' real parts[n] and imaginary ones, the vectors' likewise */
} ls_linalg_kind;

typedef enum ls_linalg_flag {
  LS_LINALG_LOWER = 1,         /* triangular solve: the lower triangle, else the upper one */
  LS_LINALG_UNIT_DIAGONAL = 2, /* triangular solve: the diagonal is taken as ones */
  LS_LINALG_TRANSPOSED = 4     /* LU solve: with a^T */
} ls_linalg_flag;

enum { LS_LINALG_OPERANDS = 5 };

/*
 * One of the above for each matrix of a batch. dtype is f32 or f64; pivots and permutations are i32. Eigenvalues and
 * singular values of a matrix that is not finite are NaN, and so are its vectors. Operands that are written may be
 * LS_SLOT_NONE; those beyond the kind's own are not looked at.
 */
typedef struct ls_linalg {
  int32_t kind;
  int32_t dtype;
  int32_t flags;
  int32_t batch_rank;
  int64_t batch[LS_MAX_RANK];
  int64_t m;
  int64_t n;
  int64_t k;
  ls_matrix operands[LS_LINALG_OPERANDS];
} ls_linalg;

/* The text of this thread's last failure; never NULL, valid until this thread's next failing call. */
LS_API const char *ls_last_error(void);
/* The library's version, for example "0.1.0". */
LS_API const char *ls_version(void);
/* The instruction set that the kernels use: "x86-64-v4", "x86-64-v3" or "x86-64-v2". */
LS_API const char *ls_instruction_set(void);
LS_API int32_t ls_abi_version(void);

/* The number of threads that steps may use, the caller included: 1 .. 256. 0 asks for one a core. */
LS_API ls_status ls_threads_set(int32_t threads);
LS_API int32_t ls_threads_get(void);

typedef struct ls_memory_statistics {
  int64_t live_bytes;   /* handed out and not freed, as asked for */
  int64_t peak_bytes;   /* the highest live_bytes since the last reset */
  int64_t pooled_bytes; /* kept mapped for reuse */
  int64_t live_blocks;
  int64_t allocations; /* since the library was loaded */
} ls_memory_statistics;

/* A 64-byte aligned block of at least `bytes` (0 is allowed and gives a unique address), not zeroed. */
LS_API ls_status ls_memory_allocate(int64_t bytes, void **address);
/* Gives a block back; `bytes` as when it was allocated. NULL is ignored. */
LS_API ls_status ls_memory_free(void *address, int64_t bytes);
/* Copies `bytes` from one address to another, in parallel when that pays. The blocks must not overlap. */
LS_API ls_status ls_memory_copy(void *to, const void *from, int64_t bytes);
LS_API ls_status ls_memory_get_statistics(ls_memory_statistics *statistics);
LS_API ls_status ls_memory_reset_peak(void);
/* Unmaps all pooled blocks. */
LS_API ls_status ls_memory_trim(void);
/* live_bytes never exceeds this (workspaces count); allocations beyond fail with LS_OUT_OF_MEMORY. 0: no limit. */
LS_API ls_status ls_memory_set_limit(int64_t bytes);

/* A new, open plan. Byte sizes are those of the memory that a run passes. */
LS_API ls_status ls_plan_create(int32_t device, int32_t n_inputs, const int64_t *input_bytes, int32_t n_outputs,
                                const int64_t *output_bytes, int64_t workspace_bytes, ls_plan **plan);
LS_API ls_status ls_plan_add_loop(ls_plan *plan, const ls_loop *loop);
LS_API ls_status ls_plan_add_matmul(ls_plan *plan, const ls_matmul *matmul);
LS_API ls_status ls_plan_add_copy(ls_plan *plan, const ls_copy *copy);
LS_API ls_status ls_plan_add_gather(ls_plan *plan, const ls_gather *gather);
LS_API ls_status ls_plan_add_scatter(ls_plan *plan, const ls_scatter *scatter);
LS_API ls_status ls_plan_add_sort(ls_plan *plan, const ls_sort *sort);
LS_API ls_status ls_plan_add_cumulative(ls_plan *plan, const ls_cumulative *cumulative);
LS_API ls_status ls_plan_add_random(ls_plan *plan, const ls_random *random);
LS_API ls_status ls_plan_add_linalg(ls_plan *plan, const ls_linalg *linalg);
LS_API ls_status ls_plan_add_attention(ls_plan *plan, const ls_attention *attention);
LS_API ls_status ls_plan_add_attention_gradient(ls_plan *plan, const ls_attention_gradient *gradient);
LS_API ls_status ls_plan_add_convolution(ls_plan *plan, const ls_convolution *convolution);
LS_API ls_status ls_plan_add_pooling(ls_plan *plan, const ls_pooling *pooling);
LS_API ls_status ls_plan_add_switch(ls_plan *plan, const ls_switch *choice);
LS_API ls_status ls_plan_add_while(ls_plan *plan, const ls_while *loop);
LS_API ls_status ls_plan_add_scan(ls_plan *plan, const ls_scan *scan);
/* Ends building; steps can no longer be added, and the plan may run. */
LS_API ls_status ls_plan_seal(ls_plan *plan);
/*
 * Runs all steps. outputs[i] == NULL on entry: the plan allocates that output, and the caller owns it afterwards
 * (ls_memory_free with the declared size). On failure no output stays allocated. Outputs must not overlap inputs.
 */
LS_API ls_status ls_plan_run(const ls_plan *plan, const void *const *inputs, void **outputs);
/* Frees the plan; no run may be under way. NULL is ignored. */
LS_API ls_status ls_plan_destroy(ls_plan *plan);
/*
 * Writes a line a step (kernel taken, shape, bytes, FLOPs, why) as zero-terminated text of at most `capacity` bytes;
 * *length is the full length without the terminator. text may be NULL if capacity is 0.
 */
LS_API ls_status ls_plan_describe(const ls_plan *plan, char *text, int64_t capacity, int64_t *length);
/* *bytes: what each run of a sealed plan allocates besides its outputs: the workspace and the steps' scratch memory. */
LS_API ls_status ls_plan_run_bytes(const ls_plan *plan, int64_t *bytes);

#ifdef __cplusplus
}
#endif

#endif
