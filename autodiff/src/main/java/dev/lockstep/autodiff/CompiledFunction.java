package dev.lockstep.autodiff;

import dev.lockstep.Counts;
import dev.lockstep.compiler.Compiler;
import dev.lockstep.program.PlanReport;
import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Traced;
import dev.lockstep.program.Tracer;
import dev.lockstep.runtime.Array;
import dev.lockstep.runtime.Backend;
import dev.lockstep.runtime.Backends;
import dev.lockstep.runtime.Executable;
import dev.lockstep.runtime.NativeBackend;
import dev.lockstep.tensor.Scope;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import dev.lockstep.tensor.Tree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** A function that is traced and compiled once for each structure and types of its arguments. */
public final class CompiledFunction implements Variadic {
  private static final LongAdder TRACES = new LongAdder();

  private final Variadic function;
  private final BoundedCache<Key, Compiled> cache = new BoundedCache<>(1024);
  private final CacheMisses misses = new CacheMisses();

  /**
   * What ran last if its argument was a single tensor: most calls need no more than a look at it.
   */
  private volatile Compiled latest;

  public CompiledFunction(Variadic function) {
    this.function = function;
  }

  /**
   * @param axes the named axes around the call, whose sizes collectives hold
   */
  private record Key(Tree.Structure structure, List<TensorType> types, Map<String, Long> axes) {}

  /** The program of one key, compiled when it is first run and not inlined in a trace. */
  private static final class Compiled {
    /** The type of the argument if it is one and a tensor, else null. */
    final TensorType single;

    final Program program;
    final List<Tensor> captured;
    final Tree.Structure output;
    private volatile Ready ready;

    Compiled(Key key, TracedCall call) {
      Traced traced = call.traced().withScalarsAsConstants();
      List<Tree.Structure> arguments = key.structure.children();
      boolean one = arguments.size() == 1 && arguments.getFirst().isLeaf();
      this.single = one ? key.types.getFirst() : null;
      this.program = traced.program().live();
      this.captured = Scope.outside(() -> shared(traced.captured()));
      this.output = call.output();
    }

    /** Returns handles of our own: the user may close what the function captured. */
    private static List<Tensor> shared(List<Tensor> arrays) {
      List<Tensor> shared = new ArrayList<>(arrays.size());
      for (Tensor array : arrays) {
        shared.add(((Array) array).share());
      }
      return shared;
    }

    Object run(List<Tensor> leaves) {
      Array[] inputs = new Array[leaves.size() + captured.size()];
      for (int i = 0; i < leaves.size(); i++) {
        inputs[i] = (Array) leaves.get(i);
      }
      for (int i = 0; i < captured.size(); i++) {
        inputs[leaves.size() + i] = (Array) captured.get(i);
      }
      return output.unflatten(executable().run(Arrays.asList(inputs)));
    }

    private Executable executable() {
      Backend backend = Backends.current();
      Ready now = ready;
      if (now == null || now.backend != backend) {
        now = new Ready(backend, backend.compile(program));
        ready = now;
      }
      return now.executable;
    }
  }

  private record Ready(Backend backend, Executable executable) {}

  CacheMisses misses() {
    return misses;
  }

  /** Returns what no cache had since the start. */
  public static Counts counts() {
    return new Counts(TRACES.sum(), TransformCache.misses(), NativeBackend.INSTANCE.compilations());
  }

  /** Returns what a call with such arguments runs. */
  public PlanReport plan(Object... arguments) {
    Call call = Call.of("jit", arguments);
    Key key = new Key(call.structure(), call.types(), NamedAxes.known());
    Compiled compiled = cache.get(key);
    if (compiled != null) {
      return Compiler.report(compiled.program);
    }
    TracedCall traced = trace(call, key);
    if (isKept(traced)) {
      return Compiler.report(cache.keep(key, new Compiled(key, traced)).program);
    }
    return Compiler.report(traced.program());
  }

  private TracedCall trace(Call call, Key key) {
    TRACES.increment();
    TracedCall traced = call.trace(function, key.types, null);
    misses.add(key.structure, key.types, isKept(traced));
    return traced;
  }

  private static boolean isKept(TracedCall traced) {
    return traced.traced().captured().stream().noneMatch(Tracer.class::isInstance);
  }

  @Override
  public Object apply(Object... arguments) {
    boolean staged = Trace.active();
    boolean single = arguments.length == 1 && arguments[0] instanceof Array;
    if (single && !staged) {
      Array array = (Array) arguments[0];
      Compiled last = latest;
      if (last != null && last.single.equals(array.type())) {
        return last.run(List.of(array));
      }
    }
    Call call = Call.of("jit", arguments);
    Key key = new Key(call.structure(), call.types(), NamedAxes.known());
    Compiled compiled = cache.get(key);
    if (compiled == null) {
      TracedCall traced = trace(call, key);
      if (!isKept(traced)) {
        return traced.rebuild(Trace.apply(traced.program(), traced.inputs(call.leaves())));
      }
      compiled = cache.keep(key, new Compiled(key, traced));
    }
    if (staged) {
      List<Tensor> inputs = new ArrayList<>(call.leaves());
      inputs.addAll(compiled.captured);
      return compiled.output.unflatten(Trace.apply(compiled.program, inputs));
    }
    if (single) {
      latest = compiled;
    }
    return compiled.run(call.leaves());
  }
}
