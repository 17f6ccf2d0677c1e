package dev.lockstep.examples;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.jit;

import dev.lockstep.Control;
import dev.lockstep.Lbfgs;
import dev.lockstep.Optimizers;
import dev.lockstep.Scanned;
import dev.lockstep.Step;
import dev.lockstep.Updated;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.LinAlg;
import dev.lockstep.tensor.Tensor;
import java.util.List;

/**
 * The Nile's level from its noisy flow: a Kalman filter as a {@code scan} with {@code LinAlg},
 * whose log-likelihood's gradient lets L-BFGS find both variances.
 */
public final class KalmanFilter {
  private static final int STEPS = 30;

  private KalmanFilter() {}

  /** A linear Gaussian model of states {@code [n]} and observations {@code [m]}. */
  record Model(Tensor transition, Tensor stateNoise, Tensor observation, Tensor noise) {}

  /** What is known of the state before an observation: its mean and covariance. */
  record Belief(Tensor mean, Tensor covariance) {}

  /** What an observation gives: its log-likelihood and the state's mean after it. */
  record Filtered(Tensor logLikelihood, Tensor mean) {}

  /** Returns the belief about the next state after an observation, {@code f64[m]}. */
  static Step<Belief, Filtered> step(Model model, Belief before, Tensor observed) {
    Tensor h = model.observation;
    Tensor seen = h.matmul(before.covariance);
    Tensor spread = seen.matmul(h.transpose()).add(model.noise);
    Tensor surprise = observed.sub(h.matmul(before.mean));
    Tensor gain = LinAlg.solve(spread, seen).transpose();
    Tensor mean = before.mean.add(gain.matmul(surprise));
    Tensor covariance = before.covariance.sub(gain.matmul(seen));
    Tensor f = model.transition;
    Belief next =
        new Belief(
            f.matmul(mean), f.matmul(covariance).matmul(f.transpose()).add(model.stateNoise));
    Tensor logLikelihood =
        surprise
            .dot(LinAlg.solve(spread, surprise))
            .add(LinAlg.slogDet(spread).logAbs())
            .add(observed.size() * Math.log(2 * Math.PI))
            .mul(-0.5);
    return new Step<>(next, new Filtered(logLikelihood, mean));
  }

  /** Returns what the filter says of a level that wanders, its variances given by logarithms. */
  static Filtered filter(Tensor logVariances, Tensor flow) {
    Tensor one = Tensor.eye(DType.F64, 1, 1);
    Tensor variances = logVariances.exp();
    Model model = new Model(one, one.mul(variances.get(1)), one, one.mul(variances.get(0)));
    Belief start = new Belief(Tensor.zeros(DType.F64, 1), one.mul(1e7));
    Scanned<Belief, Filtered> all =
        Control.scan(
            (Belief before, Tensor observed) -> step(model, before, observed),
            start,
            flow.reshape(-1, 1));
    return new Filtered(all.ys().logLikelihood().sum(), all.ys().mean().squeeze(1));
  }

  /** Where the search ended: the variances of the observations and of the level's steps. */
  record Result(Table nile, Tensor logVariances, Tensor gradient, Filtered filtered) {}

  static Result compute() {
    Table nile = Table.read("nile.csv");
    Tensor flow = nile.column("volume");
    Fn<Tensor, Tensor> loss = logVariances -> filter(logVariances, flow).logLikelihood().neg();
    Lbfgs lbfgs = Optimizers.lbfgs(5);
    Fn<Updated<Tensor>, Updated<Tensor>> search =
        jit((Updated<Tensor> at) -> lbfgs.update(at.parameters(), loss, at.state()));
    Tensor start = flow.var().log().broadcastTo(2);
    Updated<Tensor> at = new Updated<>(start, lbfgs.init(start));
    for (int i = 0; i < STEPS; i++) {
      at = search.apply(at);
    }
    Tensor found = at.parameters();
    return new Result(nile, found, grad(loss).apply(found), filter(found, flow));
  }

  /** Prints the variances and draws the level. */
  public static void main(String[] arguments) {
    Result result = compute();
    Tensor variances = result.logVariances.exp();
    System.out.printf(
        "variances: of observations %.1f, of the level's yearly steps %.1f%n",
        variances.get(0).item(), variances.get(1).item());
    System.out.printf(
        "log-likelihood %.4f, largest element of its gradient there %.1e%n",
        result.filtered.logLikelihood().item(), result.gradient.abs().max().item());
    Tensor years = result.nile.column("year");
    new Chart(
            "The Nile's flow at Aswan",
            "year",
            "10⁸ m³",
            List.of(
                new Chart.Series("measured", years, result.nile.column("volume"), false),
                new Chart.Series("level", years, result.filtered.mean(), true)))
        .write("kalman-filter.svg");
  }
}
