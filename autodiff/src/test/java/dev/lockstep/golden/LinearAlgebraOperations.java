package dev.lockstep.golden;

import dev.lockstep.golden.Operations.Operation;
import dev.lockstep.tensor.LinAlg;
import dev.lockstep.tensor.MatrixNorm;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.Triangle;
import java.util.List;
import java.util.Map;

/** Which method of {@link LinAlg} each op of the golden files is. */
final class LinearAlgebraOperations {
  private LinearAlgebraOperations() {}

  static void addTo(Map<String, Operation> table) {
    table.put("solve", (x, _) -> LinAlg.solve(x.get(0), x.get(1)));
    table.put("inv", (x, _) -> LinAlg.inv(x.getFirst()));
    table.put("det", (x, _) -> LinAlg.det(x.getFirst()));
    table.put("slogdet", LinearAlgebraOperations::slogDet);
    table.put("cholesky", LinearAlgebraOperations::cholesky);
    table.put("cho_solve", (x, _) -> LinAlg.choSolve(x.get(0), x.get(1)));
    table.put("triangular_solve", LinearAlgebraOperations::triangularSolve);
    table.put("lu", (x, a) -> part(a, lu(x.getFirst())));
    table.put("qr", (x, a) -> part(a, qr(x.getFirst(), a)));
    table.put("eigh", (x, a) -> part(a, eigh(x.getFirst())));
    table.put("eigvalsh", (x, _) -> LinAlg.eighValues(x.getFirst()));
    table.put("svd", (x, a) -> part(a, svd(x.getFirst())));
    table.put("svdvals", (x, _) -> LinAlg.svdValues(x.getFirst()));
    table.put("lstsq", (x, _) -> LinAlg.lstsq(x.get(0), x.get(1)).x());
    table.put("pinv", (x, _) -> LinAlg.pinv(x.getFirst()));
    table.put("matrix_power", (x, a) -> LinAlg.matrixPower(x.getFirst(), a.integer("n")));
    table.put("matrix_rank", (x, _) -> LinAlg.matrixRank(x.getFirst()));
    table.put("expm", (x, _) -> LinAlg.expm(x.getFirst()));
    table.put("norm", LinearAlgebraOperations::norm);
  }

  private static Tensor part(Attributes a, List<Tensor> results) {
    return results.get(a.integer("result", 0));
  }

  private static Tensor slogDet(List<Tensor> x, Attributes a) {
    LinAlg.SlogDet result = LinAlg.slogDet(x.getFirst());
    return a.integer("result", 1) == 0 ? result.sign() : result.logAbs();
  }

  private static Tensor cholesky(List<Tensor> x, Attributes a) {
    Tensor l = LinAlg.cholesky(x.getFirst());
    return a.flag("upper") ? l.swapAxes(-1, -2) : l;
  }

  private static Tensor triangularSolve(List<Tensor> x, Attributes a) {
    Triangle triangle =
        new Triangle(
            !a.has("lower") || a.flag("lower"),
            a.flag("trans"),
            a.flag("unit_diagonal"),
            a.flag("right"));
    return LinAlg.triangularSolve(x.get(0), x.get(1), triangle);
  }

  private static List<Tensor> lu(Tensor x) {
    LinAlg.Lu result = LinAlg.lu(x);
    return List.of(result.p(), result.l(), result.u());
  }

  private static List<Tensor> qr(Tensor x, Attributes a) {
    boolean complete = a.has("mode") && a.text("mode").equals("complete");
    LinAlg.Qr result = complete ? LinAlg.qrFull(x) : LinAlg.qr(x);
    return List.of(result.q(), result.r());
  }

  private static List<Tensor> eigh(Tensor x) {
    LinAlg.Eigh result = LinAlg.eigh(x);
    return List.of(result.values(), result.vectors());
  }

  private static List<Tensor> svd(Tensor x) {
    LinAlg.Svd result = LinAlg.svd(x);
    return List.of(result.u(), result.s(), result.vt());
  }

  private static Tensor norm(List<Tensor> x, Attributes a) {
    Tensor operand = x.getFirst();
    boolean matrix = operand.rank() >= 2 && !a.has("axis");
    if (!a.has("ord")) {
      return operand.norm(a.axes());
    }
    if (matrix) {
      return LinAlg.matrixNorm(operand, matrixNorm(a.get("ord").asText()));
    }
    String order = a.get("ord").asText();
    double p =
        switch (order) {
          case "inf" -> Double.POSITIVE_INFINITY;
          case "-inf" -> Double.NEGATIVE_INFINITY;
          default -> Double.parseDouble(order);
        };
    return LinAlg.vectorNorm(operand, p, a.axes());
  }

  private static MatrixNorm matrixNorm(String order) {
    return switch (order) {
      case "fro" -> MatrixNorm.FROBENIUS;
      case "nuc" -> MatrixNorm.NUCLEAR;
      case "1" -> MatrixNorm.ONE;
      case "-1" -> MatrixNorm.MINUS_ONE;
      case "2" -> MatrixNorm.TWO;
      case "-2" -> MatrixNorm.MINUS_TWO;
      case "inf" -> MatrixNorm.INFINITY;
      case "-inf" -> MatrixNorm.MINUS_INFINITY;
      default -> throw new IllegalArgumentException("no matrix norm is called " + order);
    };
  }
}
