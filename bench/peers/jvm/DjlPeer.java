import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** DJL with its PyTorch engine; each call's arrays live in a manager of their own, then close. */
public final class DjlPeer {
  private static final NDManager INPUTS = NDManager.newBaseManager("PyTorch");

  private DjlPeer() {}

  public static void main(String[] arguments) throws IOException {
    Map<String, Supplier<Runnable>> workloads = new LinkedHashMap<>();
    workloads.put("dispatch", () -> call(x -> x[0].add(1), array(4)));
    workloads.put(
        "dot-f32", () -> call(x -> x[0].mul(x[1]).sum(axis(1)), array(100, 150), array(100, 150)));
    workloads.put(
        "layer", () -> call(x -> x[1].matMul(x[0].transpose()), array(64, 100), array(16, 100)));
    for (long[] s : new long[][] {{32, 64, 64}, {64, 256, 64}, {16, 512, 64}}) {
      workloads.put(
          "attention-%dx%dx%d".formatted(s[0], s[1], s[2]),
          () -> call(DjlPeer::attention, array(s), array(s), array(s)));
    }
    workloads.put("chain", () -> call(DjlPeer::chain, array(4 << 20)));
    workloads.put("sum", () -> call(x -> x[0].sum(), array(4 << 20)));
    workloads.put("add", () -> call(x -> x[0].add(x[1]), array(4 << 20), array(4 << 20)));
    workloads.put(
        "matmul", () -> call(x -> x[0].matMul(x[1]), array(1024, 1024), array(1024, 1024)));
    workloads.put(
        "bmm", () -> call(x -> x[0].matMul(x[1]), array(64, 128, 128), array(64, 128, 128)));
    Engine engine = Engine.getEngine("PyTorch");
    Protocol.serve("djl", "0.35.1 with PyTorch " + engine.getVersion(), workloads);
  }

  private static NDArray attention(NDArray... qkv) {
    NDArray scores =
        qkv[0].matMul(qkv[1].transpose(0, 2, 1)).div(Math.sqrt(qkv[0].getShape().get(2)));
    return scores.softmax(-1).matMul(qkv[2]);
  }

  private static NDArray chain(NDArray... v) {
    NDArray x = v[0];
    return x.tanh().mul(x.square().neg().exp()).add(x.mul(0.5f));
  }

  private static int[] axis(int axis) {
    return new int[] {axis};
  }

  private static NDArray array(long... shape) {
    Shape type = new Shape(shape);
    return INPUTS.create(Protocol.uniform((int) type.size()), type);
  }

  private interface Op extends Function<NDArray[], NDArray> {}

  private static Runnable call(Op op, NDArray... inputs) {
    return () -> {
      try (NDManager manager = INPUTS.newSubManager()) {
        for (NDArray input : inputs) {
          input.attach(manager);
        }
        op.apply(inputs);
        for (NDArray input : inputs) {
          input.attach(INPUTS);
        }
      }
    };
  }
}
