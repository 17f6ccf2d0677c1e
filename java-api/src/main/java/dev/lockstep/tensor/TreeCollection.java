package dev.lockstep.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeMap;

/** The containers of the Java library in a tree's structure, and the arguments of a call. */
abstract sealed class TreeCollection extends TreeNode {
  private TreeCollection(Object label, TreeNode[] children) {
    super(label, children);
  }

  /** The arguments of a call; built as an {@code Object[]}. */
  static final class Arguments extends TreeCollection {
    /** Index n: n tensors, which most calls have. */
    private static final Arguments[] OF_LEAVES = new Arguments[5];

    static {
      for (int i = 0; i < OF_LEAVES.length; i++) {
        TreeNode[] leaves = new TreeNode[i];
        Arrays.fill(leaves, LEAF);
        OF_LEAVES[i] = new Arguments(leaves);
      }
    }

    private Arguments(TreeNode[] children) {
      super(null, children);
    }

    static TreeNode flatten(Object[] arguments, List<Tensor> leaves) {
      if (arguments.length < OF_LEAVES.length && addIfTensors(arguments, leaves)) {
        return OF_LEAVES[arguments.length];
      }
      return new Arguments(flattenAll(arguments, leaves, Arguments::name));
    }

    private static boolean addIfTensors(Object[] values, List<Tensor> leaves) {
      for (Object value : values) {
        if (!(value instanceof Tensor)) {
          return false;
        }
      }
      for (Object value : values) {
        leaves.add((Tensor) value);
      }
      return true;
    }

    static String name(int argument) {
      return "argument " + argument;
    }

    @Override
    Object build(Leaves leaves) {
      return buildChildren(leaves);
    }

    @Override
    public String childName(int child) {
      return name(child);
    }

    @Override
    public String toString() {
      return join("(", children, ")");
    }
  }

  /** A list. Its class is no part of the structure's equality: all lists are alike. */
  static final class Elements extends TreeCollection {
    private final Class<?> type;

    private Elements(Class<?> type, TreeNode[] children) {
      super(null, children);
      this.type = type;
    }

    static TreeNode flatten(List<?> list, List<Tensor> leaves) {
      return new Elements(
          list.getClass(), flattenAll(list.toArray(), leaves, ArrayElements::index));
    }

    @Override
    Object build(Leaves leaves) {
      List<Object> built = Arrays.asList(buildChildren(leaves));
      if (type == ArrayList.class) {
        return new ArrayList<>(built);
      }
      return type == LinkedList.class
          ? new LinkedList<>(built)
          : Collections.unmodifiableList(built);
    }

    @Override
    public String childName(int child) {
      return ArrayElements.index(child);
    }

    @Override
    public String toString() {
      return join("[", children, "]");
    }
  }

  /**
   * A map, by sorted keys. Its class is no part of the structure's equality: all maps are alike.
   */
  static final class Entries extends TreeCollection {
    private final Class<?> type;
    private final Object[] keys;

    private Entries(Class<?> type, Object[] keys, TreeNode[] children) {
      super(Arrays.asList(keys), children);
      this.type = type;
      this.keys = keys;
    }

    static TreeNode flatten(Map<?, ?> map, List<Tensor> leaves) {
      Object[] keys = map.keySet().toArray();
      try {
        Arrays.sort(keys);
      } catch (ClassCastException | NullPointerException e) {
        throw new Misfit(
            "the keys of a map must be comparable with each other (strings, integers, enums), got "
                + map.keySet());
      }
      Object[] values = new Object[keys.length];
      for (int i = 0; i < keys.length; i++) {
        values[i] = map.get(keys[i]);
      }
      return new Entries(map.getClass(), keys, flattenAll(values, leaves, i -> "key " + keys[i]));
    }

    @Override
    Object build(Leaves leaves) {
      Object[] values = buildChildren(leaves);
      Map<Object, Object> built = emptyMap();
      for (int i = 0; i < keys.length; i++) {
        built.put(keys[i], values[i]);
      }
      return isModifiable() ? built : Collections.unmodifiableMap(built);
    }

    private boolean isModifiable() {
      return type == HashMap.class || type == LinkedHashMap.class || type == TreeMap.class;
    }

    private Map<Object, Object> emptyMap() {
      if (type == HashMap.class) {
        return HashMap.newHashMap(keys.length);
      }
      return type == TreeMap.class ? new TreeMap<>() : LinkedHashMap.newLinkedHashMap(keys.length);
    }

    @Override
    public String childName(int child) {
      return "key " + keys[child];
    }

    @Override
    public String toString() {
      StringJoiner text = new StringJoiner(", ", "{", "}");
      for (int i = 0; i < keys.length; i++) {
        text.add(keys[i] + "=" + children[i]);
      }
      return text.toString();
    }
  }

  /** An array of objects; its element class is part of the structure. */
  static final class ArrayElements extends TreeCollection {
    private final Class<?> type;

    private ArrayElements(Class<?> type, TreeNode[] children) {
      super(type, children);
      this.type = type;
    }

    static TreeNode flatten(Object[] array, List<Tensor> leaves) {
      return new ArrayElements(array.getClass(), flattenAll(array, leaves, ArrayElements::index));
    }

    static String index(int element) {
      return "[" + element + "]";
    }

    @Override
    Object build(Leaves leaves) {
      return Arrays.copyOf(buildChildren(leaves), children.length, type.asSubclass(Object[].class));
    }

    @Override
    public String childName(int child) {
      return index(child);
    }

    @Override
    public String toString() {
      return join("[", children, "]");
    }
  }

  /** An Optional that holds a tree, or none. */
  static final class Option extends TreeCollection {
    private Option(TreeNode[] children) {
      super(null, children);
    }

    static TreeNode flatten(Optional<?> optional, List<Tensor> leaves) {
      return new Option(flattenAll(optional.stream().toArray(), leaves, i -> "value"));
    }

    @Override
    Object build(Leaves leaves) {
      return children.length == 0 ? Optional.empty() : Optional.of(children[0].build(leaves));
    }

    @Override
    public String childName(int child) {
      return "value";
    }

    @Override
    public String toString() {
      return join("Optional(", children, ")");
    }
  }

  private static String join(String prefix, TreeNode[] children, String suffix) {
    StringJoiner text = new StringJoiner(", ", prefix, suffix);
    for (TreeNode child : children) {
      text.add(child.toString());
    }
    return text.toString();
  }
}
