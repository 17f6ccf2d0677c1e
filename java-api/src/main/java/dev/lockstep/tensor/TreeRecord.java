package dev.lockstep.tensor;

import dev.lockstep.error.TreeException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.IntFunction;

/** A record in a tree's structure: its children are the components. */
final class TreeRecord extends TreeNode {
  private final Form form;

  private TreeRecord(Form form, TreeNode[] children) {
    super(form.type, children);
    this.form = form;
  }

  static TreeNode flatten(Record value, List<Tensor> leaves) {
    Form form = Form.OF.get(value.getClass());
    if (form.obstacle != null) {
      throw new Misfit(form.obstacle);
    }
    Object[] components = form.components(value);
    for (Object component : components) {
      if (!(component instanceof Tensor)) {
        return new TreeRecord(form, flattenAll(components, leaves, form.componentName));
      }
    }
    for (Object component : components) {
      leaves.add((Tensor) component);
    }
    return form.ofLeaves;
  }

  @Override
  Object build(Leaves leaves) {
    return form.construct(buildChildren(leaves));
  }

  @Override
  public String childName(int child) {
    return form.componentName.apply(child);
  }

  @Override
  public String toString() {
    StringJoiner text = new StringJoiner(", ", form.type.getSimpleName() + "(", ")");
    for (int i = 0; i < children.length; i++) {
      text.add(form.names[i] + "=" + children[i]);
    }
    return text.toString();
  }

  /** How the records of one class are read and made. */
  private static final class Form {
    static final ClassValue<Form> OF =
        new ClassValue<>() {
          @Override
          protected Form computeValue(Class<?> type) {
            return new Form(type);
          }
        };

    final Class<?> type;
    final String[] names;
    final IntFunction<String> componentName;

    /** Why the class cannot be used, or null. */
    final String obstacle;

    private final MethodHandle[] accessors;
    private final MethodHandle constructor;

    /** The structure if all components are tensors, which most are. */
    final TreeNode ofLeaves;

    private Form(Class<?> type) {
      RecordComponent[] components = type.getRecordComponents();
      this.type = type;
      names = Arrays.stream(components).map(RecordComponent::getName).toArray(String[]::new);
      componentName = i -> "component " + names[i];
      accessors = new MethodHandle[components.length];
      MethodHandle found = null;
      String refused = null;
      try {
        MethodHandles.Lookup lookup = lookup(type);
        for (int i = 0; i < components.length; i++) {
          accessors[i] =
              lookup
                  .unreflect(components[i].getAccessor())
                  .asType(MethodType.methodType(Object.class, Object.class));
        }
        found =
            lookup
                .unreflectConstructor(canonical(type, components))
                .asSpreader(Object[].class, components.length)
                .asType(MethodType.methodType(Object.class, Object[].class));
      } catch (IllegalAccessException e) {
        refused = explain(type);
      }
      constructor = found;
      obstacle = refused;
      TreeNode[] leaves = new TreeNode[components.length];
      Arrays.fill(leaves, LEAF);
      ofLeaves = new TreeRecord(this, leaves);
    }

    private static MethodHandles.Lookup lookup(Class<?> type) throws IllegalAccessException {
      Module own = Tree.class.getModule();
      own.addReads(type.getModule());
      if (type.getModule().isOpen(type.getPackageName(), own)) {
        return MethodHandles.privateLookupIn(type, MethodHandles.lookup());
      }
      return MethodHandles.publicLookup();
    }

    private static Constructor<?> canonical(Class<?> type, RecordComponent[] components) {
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      try {
        return type.getDeclaredConstructor(types);
      } catch (NoSuchMethodException e) {
        throw new IllegalStateException("a record has its canonical constructor: " + type, e);
      }
    }

    private static String explain(Class<?> type) {
      Module own = Tree.class.getModule();
      return ("the record %s cannot be read, because module %s does not open its package. Add"
              + " `opens %s%s;` to its module-info.java.")
          .formatted(
              type.getName(),
              type.getModule().getName(),
              type.getPackageName(),
              own.isNamed() ? " to " + own.getName() : "");
    }

    Object[] components(Record value) {
      Object[] components = new Object[accessors.length];
      try {
        for (int i = 0; i < components.length; i++) {
          components[i] = (Object) accessors[i].invokeExact((Object) value);
        }
      } catch (Throwable e) {
        throw rethrown(e, "an accessor");
      }
      return components;
    }

    Object construct(Object[] components) {
      try {
        return (Object) constructor.invokeExact(components);
      } catch (Throwable e) {
        throw rethrown(e, "the constructor");
      }
    }

    private RuntimeException rethrown(Throwable e, String what) {
      if (e instanceof RuntimeException unchecked) {
        return unchecked;
      }
      if (e instanceof Error error) {
        throw error;
      }
      return new TreeException("Tree: " + what + " of the record " + type.getName() + " failed", e);
    }
  }
}
