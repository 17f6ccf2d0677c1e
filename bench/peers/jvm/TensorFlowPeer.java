import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.TensorFlow;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.op.train.BatchMatMul;
import org.tensorflow.types.TFloat32;

/** TensorFlow for Java: a graph a workload, run by a session that is fed with tensors. */
public final class TensorFlowPeer {
  private TensorFlowPeer() {}

  /** Builds a graph from placeholders. */
  private interface Body extends BiFunction<Ops, Operand<TFloat32>[], Operand<TFloat32>> {}

  public static void main(String[] arguments) throws IOException {
    Map<String, Supplier<Runnable>> workloads = new LinkedHashMap<>();
    workloads.put("dispatch", () -> call((tf, x) -> tf.math.add(x[0], tf.constant(1f)), shape(4)));
    workloads.put(
        "dot-f32",
        () ->
            call(
                (tf, x) -> tf.sum(tf.math.mul(x[0], x[1]), tf.constant(1)),
                shape(100, 150),
                shape(100, 150)));
    workloads.put(
        "layer",
        () ->
            call(
                (tf, x) -> tf.linalg.matMul(x[1], x[0], MatMul.transposeB(true)),
                shape(64, 100),
                shape(16, 100)));
    for (long[] s : new long[][] {{32, 64, 64}, {64, 256, 64}, {16, 512, 64}}) {
      workloads.put(
          "attention-%dx%dx%d".formatted(s[0], s[1], s[2]),
          () -> call((tf, x) -> attention(tf, x, s[2]), shape(s), shape(s), shape(s)));
    }
    workloads.put("chain", () -> call(TensorFlowPeer::chain, shape(4 << 20)));
    workloads.put("sum", () -> call((tf, x) -> tf.sum(x[0], tf.constant(0)), shape(4 << 20)));
    workloads.put(
        "add", () -> call((tf, x) -> tf.math.add(x[0], x[1]), shape(4 << 20), shape(4 << 20)));
    workloads.put(
        "matmul",
        () -> call((tf, x) -> tf.linalg.matMul(x[0], x[1]), shape(1024, 1024), shape(1024, 1024)));
    workloads.put(
        "bmm",
        () ->
            call(
                (tf, x) -> tf.train.batchMatMul(x[0], x[1], TFloat32.class),
                shape(64, 128, 128),
                shape(64, 128, 128)));
    Protocol.serve("tensorflow-java", "1.1.0 with TensorFlow " + TensorFlow.version(), workloads);
  }

  private static Operand<TFloat32> attention(Ops tf, Operand<TFloat32>[] x, long width) {
    Operand<TFloat32> scores =
        tf.train.batchMatMul(x[0], x[1], TFloat32.class, BatchMatMul.adjY(true));
    Operand<TFloat32> scaled = tf.math.div(scores, tf.constant((float) Math.sqrt(width)));
    return tf.train.batchMatMul(tf.nn.softmax(scaled), x[2], TFloat32.class);
  }

  private static Operand<TFloat32> chain(Ops tf, Operand<TFloat32>[] v) {
    Operand<TFloat32> x = v[0];
    Operand<TFloat32> product =
        tf.math.mul(tf.math.tanh(x), tf.math.exp(tf.math.neg(tf.math.square(x))));
    return tf.math.add(product, tf.math.mul(x, tf.constant(0.5f)));
  }

  private static Shape shape(long... extents) {
    return Shape.of(extents);
  }

  private static Runnable call(Body body, Shape... shapes) {
    Graph graph = new Graph();
    Ops tf = Ops.create(graph);
    @SuppressWarnings({"unchecked", "rawtypes"})
    Operand<TFloat32>[] placeholders = new Operand[shapes.length];
    TFloat32[] inputs = new TFloat32[shapes.length];
    for (int i = 0; i < shapes.length; i++) {
      placeholders[i] = tf.placeholder(TFloat32.class, Placeholder.shape(shapes[i]));
      float[] values = Protocol.uniform((int) shapes[i].size());
      inputs[i] = TFloat32.tensorOf(shapes[i], DataBuffers.of(values));
    }
    Operand<TFloat32> result = body.apply(tf, placeholders);
    Session session = new Session(graph);
    return () -> {
      Session.Runner runner = session.runner().fetch(result);
      for (int i = 0; i < inputs.length; i++) {
        runner.feed(placeholders[i], inputs[i]);
      }
      try (Result fetched = runner.run()) {
        fetched.get(0).shape();
      }
    };
  }
}
