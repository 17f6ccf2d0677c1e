package dev.lockstep.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.lockstep.error.TreeException;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TreeTest {
  private static final Tensor A = Tensor.of(1f);
  private static final Tensor B = Tensor.of(2f);
  private static final Tensor C = Tensor.of(3f);

  private record Linear(Tensor w, Tensor b) {}

  private record Model(Linear first, List<Linear> rest, String name, double rate, Tensor scale) {}

  private record Generic<T>(T value) {}

  private record Empty() {}

  private record Checked(Tensor w, int n) {
    Checked {
      if (n < 0) {
        throw new IllegalArgumentException("negative");
      }
    }
  }

  private enum Activation {
    TANH,
    RELU {
      @Override
      public String toString() {
        return "relu";
      }
    }
  }

  static Stream<Arguments> trees() {
    record Local(Tensor x, Activation activation) {}
    return Stream.of(
        arguments(A, List.of(A), "*"),
        arguments(null, List.of(), "null"),
        arguments(new Linear(A, B), List.of(A, B), "Linear(w=*, b=*)"),
        arguments(new Linear(A, null), List.of(A), "Linear(w=*, b=null)"),
        arguments(new Local(A, Activation.RELU), List.of(A), "Local(x=*, activation=relu)"),
        arguments(new Empty(), List.of(), "Empty()"),
        arguments(new Generic<>(List.of(B, A)), List.of(B, A), "Generic(value=[*, *])"),
        arguments(
            new Model(new Linear(A, B), List.of(new Linear(B, C)), "m", 0.5, C),
            List.of(A, B, B, C, C),
            "Model(first=Linear(w=*, b=*), rest=[Linear(w=*, b=*)], name=\"m\", rate=0.5,"
                + " scale=*)"),
        arguments(List.of(A, List.of(B), List.of()), List.of(A, B), "[*, [*], []]"),
        arguments(Map.of("z", A, "a", B), List.of(B, A), "{a=*, z=*}"),
        arguments(Map.of(10, A, 9, B), List.of(B, A), "{9=*, 10=*}"),
        arguments(Optional.of(A), List.of(A), "Optional(*)"),
        arguments(Optional.empty(), List.of(), "Optional()"),
        arguments(
            List.of(1, 2L, 3.5, true, "s", 'c', Activation.TANH, Shape.of(2), DType.F32),
            List.of(),
            "[1, 2, 3.5, true, \"s\", c, TANH, [2], f32]"));
  }

  @ParameterizedTest
  @MethodSource("trees")
  void roundTrip(Object tree, List<Tensor> leaves, String text) {
    Tree.Flattened flat = Tree.flatten(tree);
    assertThat(flat.leaves()).isEqualTo(leaves);
    assertThat(flat.structure().leafCount()).isEqualTo(leaves.size());
    assertThat(flat.structure()).hasToString(text);
    assertThat(flat.structure().<Object>unflatten(leaves)).isEqualTo(tree);
    Tree.Structure again = Tree.flatten(tree).structure();
    assertThat(again).isEqualTo(flat.structure()).hasSameHashCodeAs(flat.structure());
  }

  @Test
  void differentFormsHaveDifferentStructures() {
    List<Object> forms =
        List.of(
            A,
            List.of(A),
            List.of(A, A),
            List.of(List.of(A)),
            new Tensor[] {A},
            new Object[] {A},
            Map.of("a", A),
            Map.of("b", A),
            Optional.of(A),
            Optional.empty(),
            List.of(),
            Map.of(),
            new Linear(A, null),
            new Linear(null, A),
            new Linear(A, A),
            new Generic<>(A),
            new Checked(A, 1),
            new Checked(A, 2),
            List.of(1),
            List.of(1L));
    List<Tree.Structure> structures = forms.stream().map(f -> Tree.flatten(f).structure()).toList();
    assertThat(structures).doesNotHaveDuplicates();
  }

  @Test
  void classesOfListsAndMapsDoNotMatterToEquality() {
    assertThat(Tree.flatten(new ArrayList<>(List.of(A, B))).structure())
        .isEqualTo(Tree.flatten(List.of(C, C)).structure());
    Map<String, Tensor> inserted = new LinkedHashMap<>();
    inserted.put("z", A);
    inserted.put("a", B);
    assertThat(Tree.flatten(inserted).structure())
        .isEqualTo(Tree.flatten(new HashMap<>(Map.of("a", A, "z", C))).structure());
  }

  @Test
  void rebuildsTheClassesOfTheJavaLibrary() {
    List<Object> trees =
        List.of(
            new ArrayList<>(List.of(A)),
            new LinkedList<>(List.of(A)),
            new HashMap<>(Map.of("a", A)),
            new LinkedHashMap<>(Map.of("a", A)),
            new TreeMap<>(Map.of("a", A)));
    for (Object tree : trees) {
      Object mapped = Tree.map(tree, _ -> B);
      assertThat(mapped).hasSameClassAs(tree).isNotEqualTo(tree);
    }
    List<Tensor> unmodifiable = Tree.map(List.of(A), _ -> B);
    assertThatThrownBy(unmodifiable::clear).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void rebuildsArraysOfTheirClass() {
    Linear[] mapped = Tree.map(new Linear[] {new Linear(A, B)}, _ -> C);
    assertThat(mapped).containsExactly(new Linear(C, C));
    Tensor[][] nested = Tree.map(new Tensor[][] {{A}, {}, {B, C}}, leaf -> leaf);
    assertThat(nested).isDeepEqualTo(new Tensor[][] {{A}, {}, {B, C}});
  }

  @Test
  void mapKeepsWhatIsStatic() {
    Model model = new Model(new Linear(A, B), List.of(), "m", 0.5, C);
    assertThat(Tree.map(model, _ -> B))
        .isEqualTo(new Model(new Linear(B, B), List.of(), "m", 0.5, B));
  }

  @Test
  void pathsOfArguments() {
    Tree.Structure structure =
        Tree.flattenArguments(
                "grad",
                A,
                new Model(new Linear(A, B), List.of(new Linear(B, C)), "m", 0.5, C),
                Map.of("b", new Tensor[] {A, B}),
                Optional.of(A))
            .structure();
    assertThat(structure.path(0)).isEqualTo("argument 0");
    assertThat(structure.path(2)).isEqualTo("argument 1, component first, component b");
    assertThat(structure.path(3)).isEqualTo("argument 1, component rest, [0], component w");
    assertThat(structure.path(7)).isEqualTo("argument 2, key b, [1]");
    assertThat(structure.path(8)).isEqualTo("argument 3, value");
    assertThat(Tree.flatten(A).structure().path(0)).isEmpty();
    assertThatThrownBy(() -> structure.path(9)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void argumentsAreBuiltAsAnArray() {
    Object[] built =
        Tree.flattenArguments("jit", A, List.of(B)).structure().unflatten(List.of(C, A));
    assertThat(built).containsExactly(C, List.of(A));
  }

  @Test
  void childrenOfANode() {
    Tree.Structure structure = Tree.flatten(new Linear(A, null)).structure();
    assertThat(structure.isLeaf()).isFalse();
    assertThat(structure.children()).hasSize(2);
    assertThat(structure.children().getFirst().isLeaf()).isTrue();
    assertThat(structure.childName(1)).isEqualTo("component b");
  }

  @Test
  void otherClassesAreRefusedWithTheirPath() {
    assertThatThrownBy(() -> Tree.flattenArguments("jit", A, List.of(A, new Generic<>(new Date()))))
        .isInstanceOf(TreeException.class)
        .hasMessageStartingWith(
            "jit: argument 1, [1], component value: a java.util.Date is no tree. Trees are"
                + " tensors,");
    assertThatThrownBy(() -> Tree.flatten(Map.of("k", new float[2])))
        .isInstanceOf(TreeException.class)
        .hasMessage(
            "Tree.flatten: key k: a float[] is no tree. Make a tensor of it: Tensor.of(array).");
  }

  @Test
  void keysMustBeComparable() {
    assertThatThrownBy(() -> Tree.flatten(Map.of(1, A, "b", B)))
        .isInstanceOf(TreeException.class)
        .hasMessageStartingWith("Tree.flatten: the keys of a map must be comparable");
    Map<String, Tensor> withNull = new HashMap<>();
    withNull.put(null, A);
    withNull.put("a", A);
    assertThatThrownBy(() -> Tree.flatten(withNull)).isInstanceOf(TreeException.class);
  }

  @Test
  void leavesMustBeAsMany() {
    Tree.Structure structure = Tree.flatten(new Linear(A, B)).structure();
    assertThatThrownBy(() -> structure.unflatten(List.of(A)))
        .isInstanceOf(TreeException.class)
        .hasMessage("unflatten: expected 2 leaves for Linear(w=*, b=*), got 1");
  }

  @Test
  void exceptionsOfARecordPassThrough() {
    record Refusing(Tensor x) {
      Refusing {
        if (x == B) {
          throw new IllegalArgumentException("B is refused");
        }
      }
    }
    assertThatThrownBy(() -> Tree.map(new Refusing(A), _ -> B))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("B is refused");
  }

  @Test
  void twoTreesAreMappedTogether() {
    Tensor x = Tensor.of(1.0, 2.0);
    Tensor y = Tensor.of(3.0, 4.0);
    Linear sum = Tree.map(new Linear(x, y), new Linear(y, y), Tensor::add);
    assertThat(sum.w().toDoubleArray()).containsExactly(4, 6);
    assertThat(sum.b().toDoubleArray()).containsExactly(6, 8);
    assertThatThrownBy(() -> Tree.map(List.of(x), List.of(x, y), Tensor::add))
        .isInstanceOf(TreeException.class)
        .hasMessageStartingWith("Tree.map: expected trees of one structure, got ");
  }

  @Test
  void eachLeafGetsAKeyOfItsOwn() {
    Key key = Key.of(5);
    Linear noise =
        Tree.mapWithKeys(new Linear(A, B), key, (x, own) -> own.normal(x.dtype(), x.shape()));
    Key keys = key.split(2);
    assertThat(noise.w().toDoubleArray())
        .isEqualTo(keys.get(0).normal(A.dtype(), A.shape()).toDoubleArray());
    assertThat(noise.b().toDoubleArray())
        .isEqualTo(keys.get(1).normal(B.dtype(), B.shape()).toDoubleArray());
    assertThat(Tree.mapWithKeys(List.<Tensor>of(), key, (x, own) -> x)).isEmpty();
  }
}
