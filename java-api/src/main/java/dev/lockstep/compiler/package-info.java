/**
 * Turns a program into the steps of a native plan: one file is one pass.
 *
 * <p>From program to program: {@link dev.lockstep.compiler.Widening}, which leaves no arithmetic on
 * bf16, {@link dev.lockstep.compiler.InlineCustom}, {@link dev.lockstep.compiler.PushTransposes},
 * {@link dev.lockstep.compiler.Simplify} (with {@link dev.lockstep.compiler.Arithmetic}, {@link
 * dev.lockstep.compiler.FoldConstants} and {@link dev.lockstep.compiler.ContractionAlgebra}),
 * {@link dev.lockstep.compiler.LoopMotion}, {@link dev.lockstep.compiler.CommonSubexpressions},
 * {@link dev.lockstep.compiler.NarrowReads}. From program to steps: {@link
 * dev.lockstep.compiler.Lowering}, with {@link dev.lockstep.compiler.Placement} for where values
 * are written and {@link dev.lockstep.compiler.Fusion} and {@link dev.lockstep.compiler.Sinking}
 * for what becomes one loop. Then {@link dev.lockstep.compiler.Epilogues} joins loops to the
 * products they follow, {@link dev.lockstep.compiler.MemoryPlan} shares memory, also among {@link
 * dev.lockstep.compiler.RowLoops}, and {@link dev.lockstep.compiler.PlanWriter} writes the plan;
 * {@link dev.lockstep.compiler.Reporting} tells what it does.
 */
package dev.lockstep.compiler;
