import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** ND4J on its native CPU backend. */
public final class Nd4jPeer {
  private Nd4jPeer() {}

  public static void main(String[] arguments) throws IOException {
    Map<String, Supplier<Runnable>> workloads = new LinkedHashMap<>();
    workloads.put("dispatch", () -> unary(x -> x.add(1), array(4)));
    workloads.put(
        "dot-f32", () -> binary((x, y) -> x.mul(y).sum(1), array(100, 150), array(100, 150)));
    workloads.put(
        "layer", () -> binary((w, x) -> x.mmul(w.transpose()), array(64, 100), array(16, 100)));
    for (long[] s : new long[][] {{32, 64, 64}, {64, 256, 64}, {16, 512, 64}}) {
      workloads.put("attention-%dx%dx%d".formatted(s[0], s[1], s[2]), () -> attention(s));
    }
    workloads.put("chain", () -> unary(Nd4jPeer::chain, array(4 << 20)));
    workloads.put("sum", () -> unary(x -> x.sum(), array(4 << 20)));
    workloads.put("add", () -> binary(INDArray::add, array(4 << 20), array(4 << 20)));
    workloads.put("matmul", () -> binary(INDArray::mmul, array(1024, 1024), array(1024, 1024)));
    workloads.put("bmm", () -> binary(Nd4j::matmul, array(64, 128, 128), array(64, 128, 128)));
    Protocol.serve("nd4j", "1.0.0-M2.1", workloads);
  }

  private static INDArray chain(INDArray x) {
    INDArray exp = Transforms.exp(x.mul(x).negi(), false);
    return Transforms.tanh(x, true).muli(exp).addi(x.mul(0.5));
  }

  private static Runnable attention(long... shape) {
    INDArray q = array(shape);
    INDArray k = array(shape);
    INDArray v = array(shape);
    double scale = Math.sqrt(shape[2]);
    return () -> {
      INDArray scores = Nd4j.matmul(q, k, false, true, false).divi(scale);
      Nd4j.matmul(Nd4j.nn().softmax(scores, 2), v);
    };
  }

  private static INDArray array(long... shape) {
    int size = 1;
    for (long extent : shape) {
      size *= (int) extent;
    }
    return Nd4j.createFromArray(Protocol.uniform(size)).reshape(shape);
  }

  private interface Unary {
    INDArray apply(INDArray x);
  }

  private interface Binary {
    INDArray apply(INDArray x, INDArray y);
  }

  private static Runnable unary(Unary op, INDArray x) {
    return () -> op.apply(x);
  }

  private static Runnable binary(Binary op, INDArray x, INDArray y) {
    return () -> op.apply(x, y);
  }
}
