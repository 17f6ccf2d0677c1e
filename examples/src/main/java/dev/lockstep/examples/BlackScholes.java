package dev.lockstep.examples;

import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.valueAndGrad;
import static dev.lockstep.Lockstep.vmap;

import dev.lockstep.ValueAndGrad;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;

/**
 * The greeks of a portfolio of options: a price is written for one option, {@code vmap} of {@code
 * valueAndGrad} gives all prices and their derivatives by all five inputs in one call.
 */
public final class BlackScholes {
  private BlackScholes() {}

  /** What a price depends on; of one option, each is a scalar. */
  record Inputs(Tensor spot, Tensor strike, Tensor years, Tensor rate, Tensor volatility) {}

  /**
   * Returns Black and Scholes' price of a European option.
   *
   * @param sign 1 for a call, -1 for a put
   */
  static Tensor price(Inputs in, Tensor sign) {
    Tensor deviation = in.volatility.mul(in.years.sqrt());
    Tensor drift = in.rate.add(in.volatility.square().mul(0.5)).mul(in.years);
    Tensor d1 = in.spot.div(in.strike).log().add(drift).div(deviation);
    Tensor d2 = d1.sub(deviation);
    Tensor discounted = in.strike.mul(in.rate.mul(in.years).neg().exp());
    Tensor asset = in.spot.mul(normal(sign.mul(d1)));
    return sign.mul(asset.sub(discounted.mul(normal(sign.mul(d2)))));
  }

  /** Returns the distribution function of the standard normal distribution. */
  private static Tensor normal(Tensor x) {
    return x.mul(Math.sqrt(0.5)).erf().add(1).mul(0.5);
  }

  /** The portfolio with the value of one option of each position and its derivatives. */
  record Result(Inputs inputs, Tensor sign, Tensor quantity, ValueAndGrad<Inputs> options) {
    /** Returns the sum over positions of quantity times this, a scalar. */
    double total(Tensor each) {
      return quantity.dot(each).item();
    }
  }

  static Result compute() {
    Table file = Table.read("portfolio.csv");
    Inputs inputs =
        new Inputs(
            file.column("spot"),
            file.column("strike"),
            file.column("years"),
            file.column("rate"),
            file.column("volatility"));
    Tensor sign = file.column("call").mul(2).sub(1);
    Fn2<Inputs, Tensor, ValueAndGrad<Inputs>> greeks = jit(vmap(valueAndGrad(BlackScholes::price)));
    return new Result(inputs, sign, file.column("quantity"), greeks.apply(inputs, sign));
  }

  /** Prints a line a position and the portfolio's sums. */
  public static void main(String[] arguments) {
    Result result = compute();
    Inputs by = result.options.gradient();
    Tensor[] columns = {
      result.options.value(),
      by.spot,
      by.strike,
      by.years.div(-365),
      by.rate.div(100),
      by.volatility.div(100)
    };
    System.out.println(
        "quantity  option           value    delta  by strike  theta/day    rho/%   vega/%");
    for (int i = 0; i < result.quantity.size(); i++) {
      String kind = result.sign.get(i).item() > 0 ? "call" : "put";
      System.out.printf(
          "%8.0f  %-4s %6.1f/%-6.1f",
          result.quantity.get(i).item(),
          kind,
          result.inputs.spot.get(i).item(),
          result.inputs.strike.get(i).item());
      for (Tensor column : columns) {
        System.out.printf(" %8.4f ", column.get(i).item());
      }
      System.out.println();
    }
    System.out.printf("%-28s", "portfolio");
    for (Tensor column : columns) {
      System.out.printf(" %8.2f ", result.total(column));
    }
    System.out.println();
  }
}
