package dev.lockstep.examples;

import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;

import dev.lockstep.Optimizers;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Key;
import dev.lockstep.tensor.Nn;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.Tree;

/**
 * Differentially private training (Abadi and others, 2016): {@code vmap(grad)} gives a gradient an
 * image, each is clipped, and noise from a {@code Key} hides what any one image adds to the sum.
 */
public final class PrivateTraining {
  private static final int STEPS = 60;
  private static final double CLIP = 1;
  private static final double NOISE = 10;
  private static final double RATE = 4;
  private static final double DELTA = 1e-5;

  private PrivateTraining() {}

  /** Logistic regression of ten digits. */
  record Model(Tensor weights, Tensor bias) {
    Tensor logits(Tensor x) {
      return x.matmul(weights).add(bias);
    }

    /** Returns the loss of one image. */
    Tensor loss(Tensor x, Tensor digit) {
      return Nn.crossEntropy(logits(x), digit);
    }
  }

  /** Returns one image's gradient, of norm {@code CLIP} at most. */
  static Model clipped(Model model, Tensor x, Tensor digit) {
    return Optimizers.clipByGlobalNorm(grad(Model::loss).apply(model, x, digit), CLIP);
  }

  /** Returns the model after a step along the noisy mean of the clipped gradients. */
  private static Model step(Model model, Digits digits, Key key, double noise) {
    Fn3<Model, Tensor, Tensor, Model> each = vmap(PrivateTraining::clipped, in(NONE, 0, 0));
    Model sum = Tree.map(each.apply(model, digits.x(), digits.y()), g -> g.sum(0));
    Model noisy =
        Tree.mapWithKeys(sum, key, (g, own) -> g.add(own.normal(g.shape()).mul(noise * CLIP)));
    return Tree.map(model, noisy, (p, g) -> p.sub(g.mul(RATE / Digits.TRAINED)));
  }

  /** Returns the accuracy on other images after training with noise of this share of the clip. */
  static double accuracy(double noise) {
    Key keys = Key.of(3).split();
    Digits digits = Digits.shuffled(keys.get(0));
    Model model = new Model(Tensor.zeros(64, 10), Tensor.zeros(10));
    Fn3<Model, Digits, Key, Model> step =
        jit((Model now, Digits images, Key key) -> step(now, images, key, noise));
    for (int i = 0; i < STEPS; i++) {
      model = step.apply(model, digits, keys.get(1).foldIn(i));
    }
    return digits.accuracy(model.logits(digits.testX()));
  }

  /**
   * Returns the ε of (ε, δ)-differential privacy: every step sees all images, so that the steps are
   * {@code ρ = steps / (2 noise²)} zero-concentrated, and {@code ε = ρ + 2 sqrt(ρ ln(1/δ))} (Bun
   * and Steinke, 2016).
   */
  static double epsilon() {
    double rho = STEPS / (2 * NOISE * NOISE);
    return rho + 2 * Math.sqrt(rho * Math.log(1 / DELTA));
  }

  /** Prints the accuracy with and without noise. */
  public static void main(String[] arguments) {
    System.out.printf(
        "accuracy on 397 images without noise: %.1f %%, with noise: %.1f %%%n",
        100 * accuracy(0), 100 * accuracy(NOISE));
    System.out.printf("with noise: (%.2f, %.0e)-differentially private%n", epsilon(), DELTA);
  }
}
