package dev.lockstep.bench.driver;

import dev.lockstep.bench.Add;
import dev.lockstep.bench.Attention;
import dev.lockstep.bench.AttentionGrad;
import dev.lockstep.bench.Bmm;
import dev.lockstep.bench.Chain;
import dev.lockstep.bench.Compile;
import dev.lockstep.bench.Convolve;
import dev.lockstep.bench.CrossEntropyGrad;
import dev.lockstep.bench.Dispatch;
import dev.lockstep.bench.Dot;
import dev.lockstep.bench.DotI32;
import dev.lockstep.bench.Greeks;
import dev.lockstep.bench.Jacobian;
import dev.lockstep.bench.Layer;
import dev.lockstep.bench.LayerNormGrad;
import dev.lockstep.bench.LinearAlgebra;
import dev.lockstep.bench.Matmul;
import dev.lockstep.bench.MaxPoolGrad;
import dev.lockstep.bench.MlpGrad;
import dev.lockstep.bench.Normals;
import dev.lockstep.bench.PerExampleGrad;
import dev.lockstep.bench.Rnn;
import dev.lockstep.bench.RnnGrad;
import dev.lockstep.bench.Rosenbrock;
import dev.lockstep.bench.ScalarGrad;
import dev.lockstep.bench.Sum;
import dev.lockstep.bench.Threads;
import dev.lockstep.bench.report.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All workloads in the order of the table, and how many times faster than JAX each has to be. */
final class Catalog {
  /**
   * A workload and the benchmark that computes it.
   *
   * @param parameters of the benchmark, by name
   */
  record Entry(Row row, Class<?> benchmark, Map<String, String> parameters) {}

  private static final double FLOAT = 4;
  private static final double MEBI = 1 << 20;

  /** Operations of a forward pass through the network for a batch of 128. */
  private static final double NETWORK = 2 * 128 * (784.0 * 512 + 512 * 256 + 256 * 10);

  private static final double PARAMETERS = 784.0 * 512 + 512 + 512 * 256 + 256 + 256 * 10 + 10;

  private final List<Entry> entries = new ArrayList<>();

  private Catalog() {}

  static List<Entry> entries() {
    Catalog catalog = new Catalog();
    catalog.small();
    catalog.jacobians();
    catalog.attention();
    catalog.networks();
    catalog.convolutions();
    catalog.large();
    catalog.derivatives();
    catalog.loops();
    catalog.linearAlgebra();
    catalog.callers();
    catalog.peaks();
    return List.copyOf(catalog.entries);
  }

  private void small() {
    add("dispatch", "x + 1 on 4 floats", 5, 0, 0, Dispatch.class);
    add("dot-i32", "vmap(dot), (100, 150)", 12, 30_000, FLOAT * 30_100, DotI32.class);
    add("dot-f32", "vmap(dot), (100, 150)", 12, 30_000, FLOAT * 30_100, Dot.class);
    add(
        "layer",
        "vmap(layer), W(64, 100), X(16, 100)",
        7,
        2 * 16 * 64 * 100,
        FLOAT * (64 * 100 + 16 * 100 + 16 * 64),
        Layer.class);
  }

  private void jacobians() {
    Map<String, String> ways = new LinkedHashMap<>();
    ways.put("jac-grad", "vmap(grad)");
    ways.put("jac-fwd", "jacfwd");
    ways.put("jac-rev", "jacrev");
    ways.put("jac-vmap-fwd", "vmap(jacfwd)");
    ways.put("jac-vmap-rev", "vmap(jacrev)");
    ways.forEach((name, way) -> {
      for (int p : new int[] {8, 64, 512}) {
        double asked = way.equals("jacfwd") && p == 512 ? 20 : 3;
        add(
            name + "-" + p,
            way + ", n = 10, o = 5, p = " + p,
            asked,
            0,
            0,
            Jacobian.class,
            Map.of("way", way, "inputs", Integer.toString(p)));
      }
    });
  }

  private void attention() {
    for (boolean gradient : new boolean[] {false, true}) {
      for (int[] s : new int[][] {{32, 64, 64}, {64, 256, 64}, {16, 512, 64}}) {
        String shape = "%dx%dx%d".formatted(s[0], s[1], s[2]);
        double products = 4.0 * s[0] * s[1] * s[1] * s[2];
        double array = FLOAT * s[0] * s[1] * s[2];
        add(
            (gradient ? "attention-grad-" : "attention-") + shape,
            gradient ? "grad of the sum" : "softmax(q k' / sqrt(d)) v",
            1.6,
            gradient ? 3 * products : products,
            gradient ? 6 * array : 4 * array,
            gradient ? AttentionGrad.class : Attention.class,
            Map.of("shape", shape));
      }
    }
  }

  private void networks() {
    add(
        "mlp-grad",
        "784-512-256-10 tanh, batch 128, value and gradient",
        1.3,
        3 * NETWORK,
        FLOAT * (2 * PARAMETERS + 128 * 794),
        MlpGrad.class);
    add(
        "per-example-grad",
        "vmap(grad) of the same, 128 examples",
        5,
        3 * NETWORK,
        FLOAT * (129 * PARAMETERS + 128 * 794),
        PerExampleGrad.class);
    add(
        "max-pool-grad",
        "grad of max pooling, 3 × 3 by 2, (4, 64, 56, 56)",
        2,
        0,
        FLOAT * 2 * 4 * 64 * 56 * 56,
        MaxPoolGrad.class);
    add(
        "layer-norm-grad",
        "grad of layer norm by input, scale and bias, (4096, 768)",
        1,
        0,
        FLOAT * 2 * 4096 * 768,
        LayerNormGrad.class);
    add(
        "cross-entropy-grad",
        "grad of cross-entropy from labels, (4096, 1000)",
        1,
        0,
        FLOAT * 2 * 4096 * 1000,
        CrossEntropyGrad.class);
  }

  private void convolutions() {
    String layer = "64 to 64 channels, kernel 3 × 3, 8 × 56 × 56, ";
    convolution("conv2d", layer + "f32", 1.5, "forward", "F32");
    convolution("conv2d-grad", "its gradient: input and kernel", 2, "gradient", "F32");
    convolution("conv2d-bf16", layer + "bf16", 1.5, "forward", "BF16");
  }

  private void convolution(
      String workload, String description, double asked, String derivative, String dtype) {
    boolean gradient = derivative.equals("gradient");
    double products = 2.0 * 8 * 56 * 56 * 64 * 64 * 9;
    double arrays = (dtype.equals("BF16") ? 2 : FLOAT) * (2.0 * 8 * 56 * 56 * 64 + 64 * 64 * 9);
    add(
        workload,
        description,
        asked,
        gradient ? 3 * products : products,
        gradient ? 3 * arrays : arrays,
        Convolve.class,
        Map.of("derivative", derivative, "dtype", dtype));
  }

  private void large() {
    add("chain", "tanh(x) exp(-x²) + x/2, 4 Mi f32", 1.05, 0, 0, Chain.class);
    add("scalar-grad", "vmap(grad(sin · exp)), 1 Mi f32", 4, 0, 0, ScalarGrad.class);
    add("sum", "4 Mi f32", 1.2, 4 * MEBI, 4 * MEBI * FLOAT, Sum.class);
    add(
        "add",
        "4 Mi f32",
        1.2,
        4 * MEBI,
        3 * 4 * MEBI * FLOAT,
        Add.class,
        Map.of("size", Integer.toString(4 << 20)));
    add(
        "matmul",
        "1024³ f32",
        1.03,
        2.0 * (1 << 30),
        3 * MEBI * FLOAT,
        Matmul.class,
        Map.of("n", "1024"));
    add(
        "bmm",
        "64 × 128³ f32",
        2.5,
        64 * 2.0 * 128 * 128 * 128,
        3 * 64.0 * 128 * 128 * FLOAT,
        Bmm.class);
  }

  private void derivatives() {
    for (String n : List.of("10", "100", "1000")) {
      rosenbrock("hessian", n);
    }
    rosenbrock("grad", "1000");
    add("greeks", "vmap(grad) of Black-Scholes, 10⁶ options, f64, 5 inputs", 2, 0, 0, Greeks.class);
  }

  private void rosenbrock(String derivative, String n) {
    add(
        "rosenbrock-" + derivative + "-" + n,
        derivative + " of Rosenbrock's function, n = " + n,
        3,
        0,
        0,
        Rosenbrock.class,
        Map.of("derivative", derivative, "n", n));
  }

  private void loops() {
    add("rnn", "scan of tanh(h W + x U), 128 steps, width 64, batch 32", 2, 0, 0, Rnn.class);
    add("rnn-grad", "its gradient", 2, 0, 0, RnnGrad.class);
    add("compile", "new jit of mlp-grad: first call to first result", 10, 0, 0, Compile.class);
  }

  private void linearAlgebra() {
    matrices("solve", "10,000 systems of 8 × 8, f64", 5, 10_000, 8, "F64");
    matrices("cholesky", "10,000 matrices of 8 × 8, f64", 5, 10_000, 8, "F64");
    matrices("eigh", "1,000 matrices of 33 × 33, f32", 5, 1_000, 33, "F32");
    matrices("solve-grad", "1,000 systems of 16 × 16, f64", 3, 1_000, 16, "F64");
    matrices("cholesky", "one matrix of 512 × 512, f64", 1, 1, 512, "F64");
    add("normals", "16 Mi f32 from a key", 1.5, 0, 0, Normals.class);
  }

  private void matrices(
      String op, String description, double asked, int batch, int n, String dtype) {
    add(
        op + "-" + n,
        description,
        asked,
        0,
        0,
        LinearAlgebra.class,
        Map.of("op", op, "batch", "" + batch, "n", "" + n, "dtype", dtype));
  }

  private void callers() {
    for (String threads : List.of("1", "2", "8")) {
      caller("threads-" + threads, threads, "platform");
    }
    caller("threads-8-virtual", "8", "virtual");
  }

  private void caller(String workload, String threads, String kind) {
    add(
        workload,
        threads + " " + kind,
        0,
        0,
        0,
        Threads.class,
        Map.of("threads", threads, "kind", kind));
  }

  /** What shows the machine's limits, for the roofline. */
  private void peaks() {
    add("peak-matmul", "2048³ f32", 0, 2 * 8.0 * (1 << 30), 1, Matmul.class, Map.of("n", "2048"));
    add(
        "peak-add",
        "32 Mi f32",
        0,
        0,
        3 * 32 * MEBI * FLOAT,
        Add.class,
        Map.of("size", Integer.toString(32 << 20)));
  }

  private void add(
      String workload,
      String description,
      double asked,
      double flops,
      double bytes,
      Class<?> benchmark) {
    add(workload, description, asked, flops, bytes, benchmark, Map.of());
  }

  private void add(
      String workload,
      String description,
      double asked,
      double flops,
      double bytes,
      Class<?> benchmark,
      Map<String, String> parameters) {
    Row row = new Row(workload, description, asked, flops, bytes);
    entries.add(new Entry(row, benchmark, parameters));
  }
}
