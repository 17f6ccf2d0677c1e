package dev.lockstep.bindings;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;

/** What {@link NativeLibraryTest} runs in Java processes of its own. */
final class Loading {
  private Loading() {}

  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "load" -> System.out.println(loadInThisClassLoader());
      case "load-twice" -> {
        String[] entries = System.getProperty("java.class.path").split(":");
        URL[] urls = new URL[entries.length];
        for (int i = 0; i < entries.length; i++) {
          urls[i] = Path.of(entries[i]).toUri().toURL();
        }
        System.out.println(loadInThisClassLoader());
        try (var other = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
          var method =
              other.loadClass(Loading.class.getName()).getDeclaredMethod("loadInThisClassLoader");
          method.setAccessible(true);
          System.out.println(method.invoke(null));
        }
      }
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  static String loadInThisClassLoader() {
    try {
      return "loaded " + Native.version();
    } catch (RuntimeException e) {
      return e.toString();
    }
  }
}
