package dev.lockstep.demo;

import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;

import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Key;
import dev.lockstep.tensor.Scope;
import dev.lockstep.tensor.Tensor;

/** Functions over one example that become functions over a batch: a dot product, a linear layer. */
final class VmapNotebook {
  private static final int DOTS = 100;
  private static final int LENGTH = 150;

  /** What the notebook printed for the first example, with JAX's keys of that time. */
  private static final float[] PUBLISHED = {
    -1.3889999f,
    -20.13941f,
    -15.254608f,
    12.268584f,
    -11.333851f,
    22.630579f,
    0.6938019f,
    -13.827613f,
    11.879179f,
    -3.9626598f
  };

  /** Bounds the float32 rounding of a sum of 100 products. */
  private static final double ROUNDING = 1e-5;

  private VmapNotebook() {}

  static void run() {
    dotProducts();
    linearLayer();
  }

  private static void dotProducts() {
    Demo.title("vmap: a dot product over a batch");
    Tensor first = Tensor.arange(LENGTH);
    Tensor second = Tensor.arange(100, 100 + LENGTH);
    Tensor product = first.dot(second);
    System.out.println("0, 1, ... 149 times 100, 101, ... 249: " + product);
    Demo.require(product.item() == 2231275, "the dot product");

    Tensor firsts = first.broadcastTo(DOTS, LENGTH);
    Tensor seconds = second.broadcastTo(DOTS, LENGTH);
    System.out.println("the same 100 times, " + firsts.type() + " and " + seconds.type() + ":");
    System.out.println();

    Fn2<Tensor, Tensor, Tensor> mapped = vmap(Tensor::dot);
    Fn2<Tensor, Tensor, Tensor> mappedBoth = vmap(Tensor::dot, in(0, 0));
    Fn2<Tensor, Tensor, Tensor> mappedSecond = vmap(Tensor::dot, in(NONE, 0));
    Fn2<Tensor, Tensor, Tensor> compiled = jit(mapped);

    Tensor products = mapped.apply(firsts, seconds);
    Demo.require(products.equal(product).all().itemBoolean(), "vmap of the dot product");

    Comparison comparison = Comparison.ofTimes();
    comparison.add("loop over 100 examples", () -> loop(firsts, seconds));
    comparison.add("vmap(Tensor::dot)", () -> mapped.apply(firsts, seconds));
    comparison.add("vmap(Tensor::dot, in(0, 0))", () -> mappedBoth.apply(firsts, seconds));
    comparison.add("vmap(Tensor::dot, in(NONE, 0))", () -> mappedSecond.apply(first, seconds));
    comparison.add("jit(vmap(Tensor::dot))", () -> compiled.apply(firsts, seconds));
    comparison.print();
  }

  /** What vmap replaces. The scope frees the rows and the products when the loop is done. */
  private static Tensor loop(Tensor firsts, Tensor seconds) {
    return Scope.run(() -> {
      Tensor[] products = new Tensor[DOTS];
      for (int i = 0; i < DOTS; i++) {
        products[i] = firsts.get(i).dot(seconds.get(i));
      }
      return Tensor.stack(0, products);
    });
  }

  private static void linearLayer() {
    Demo.title("vmap: a linear layer over a batch");
    // Both from one key, as the notebook has it: real programs split the key first.
    Key key = Key.of(0, Key.Mode.ORIGINAL);
    Tensor weights = key.normal(64, 100);
    Tensor batch = key.normal(16, 100);
    Fn<Tensor, Tensor> layer = x -> weights.matmul(x);

    Tensor example = batch.get(0);
    System.out.println(
        "W is %s, one example x is %s, W x is %s"
            .formatted(weights.type(), example.type(), layer.apply(example).type()));
    Tensor published = Tensor.of(PUBLISHED);
    Tensor first = layer.apply(example).slice(new long[] {0}, published.shape().extents());
    System.out.println("the first outputs: " + first);
    double difference = first.sub(published).abs().max().item();
    Demo.require(difference < ROUNDING, "the layer's published outputs");
    System.out.println();
    Demo.printError("the layer on a batch " + batch.type(), () -> layer.apply(batch));

    // The weights that the layer closes over are the same for all examples.
    Fn<Tensor, Tensor> mapped = vmap(layer);
    Fn<Tensor, Tensor> compiled = jit(vmap(layer));
    Fn2<Tensor, Tensor, Tensor> withWeights = jit(vmap(Tensor::matmul, in(NONE, 0)));

    Comparison comparison = Comparison.ofTimes();
    comparison.add("loop over 16 examples", () -> loop(layer, batch));
    comparison.add("by hand: batch times W transposed", () -> batch.matmul(weights.transpose()));
    comparison.add("vmap(layer)", () -> mapped.apply(batch));
    comparison.add("jit(vmap(layer))", () -> compiled.apply(batch));
    comparison.add(
        "jit(vmap(layer of W and x, in(NONE, 0)))", () -> withWeights.apply(weights, batch));
    comparison.print();

    Fn2<Tensor, Tensor, Tensor> withoutAxes = vmap(Tensor::matmul);
    Demo.printError(
        "vmap(layer of W and x) without in(NONE, 0)", () -> withoutAxes.apply(weights, batch));
  }

  private static Tensor loop(Fn<Tensor, Tensor> layer, Tensor batch) {
    return Scope.run(() -> {
      Tensor[] outputs = new Tensor[(int) batch.shape().extent(0)];
      for (int i = 0; i < outputs.length; i++) {
        outputs[i] = layer.apply(batch.get(i));
      }
      return Tensor.stack(0, outputs);
    });
  }
}
