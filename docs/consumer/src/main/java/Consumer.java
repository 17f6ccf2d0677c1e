import static dev.lockstep.Lockstep.*;

import dev.lockstep.tensor.Tensor;

public class Consumer {
  public static void main(String[] arguments) {
    var slopes = vmap(grad((Tensor x) -> x.sin()));
    System.out.println("cosines: " + slopes.apply(Tensor.of(0.0, 1.0, 2.0)));
  }
}
