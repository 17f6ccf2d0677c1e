package dev.lockstep.bindings;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.error.NativeLibraryException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Loads liblockstep.so once: from the file or folder that {@code -Dlockstep.library.path} names,
 * else unpacked from the jars of this build into the user's cache folder.
 *
 * <p>It is opened with dlopen and not through {@link System#load}, which would refuse the second
 * class loader that wants it.
 */
public final class NativeLibrary {
  private static final String FILE_NAME = "liblockstep.so";

  private static volatile SymbolLookup symbols;

  private NativeLibrary() {}

  /**
   * Loads the library unless it is loaded already.
   *
   * @throws dev.lockstep.error.UnsupportedPlatformException if no library is built for this machine
   * @throws NativeLibraryException if it cannot be found, unpacked or loaded
   */
  public static void load() {
    if (symbols == null) {
      loadOnce();
    }
  }

  /** The library's symbols, loading it if needed. */
  public static SymbolLookup symbols() {
    load();
    return symbols;
  }

  private static synchronized void loadOnce() {
    if (symbols == null) {
      Path file = locate();
      SymbolLookup opened = open(file);
      requireVersion(opened, file);
      symbols = opened;
    }
  }

  private static Path locate() {
    String chosen = System.getProperty("lockstep.library.path");
    if (chosen == null) {
      LibraryManifest manifest = manifestOf(Platform.current());
      return LibraryCache.ofUser()
          .folderOf(manifest)
          .resolve(manifest.libraries().getFirst().fileName());
    }
    Path path = Path.of(chosen).toAbsolutePath();
    Path file = Files.isDirectory(path) ? path.resolve(FILE_NAME) : path;
    if (!Files.isRegularFile(file)) {
      throw new NativeLibraryException(
          "Loading Lockstep: -Dlockstep.library.path names "
              + path
              + ", but there is no file "
              + file
              + ". Name the folder that holds "
              + FILE_NAME
              + " and the libraries it needs, or leave the property out.");
    }
    return file;
  }

  private static LibraryManifest manifestOf(Platform platform) {
    String resource = "dev/lockstep/native/" + platform.name() + "/libraries";
    try {
      var found =
          LibraryResources.find(resource)
              .orElseThrow(() ->
                  new NativeLibraryException(
                      "Loading Lockstep: "
                          + resource
                          + " is neither on the class path nor on the module path. Add the"
                          + " runtime dependency dev.lockstep:lockstep-native with classifier "
                          + platform.name()
                          + ", in the version of lockstep-bindings."));
      try (var in = LibraryResources.open(found)) {
        return LibraryManifest.parse(in.readAllBytes());
      }
    } catch (IOException e) {
      throw new NativeLibraryException(
          "Loading Lockstep: cannot read " + resource + " (" + e + ").", e);
    }
  }

  @SuppressWarnings("restricted")
  private static SymbolLookup open(Path file) {
    try {
      return SymbolLookup.libraryLookup(file, Arena.global());
    } catch (IllegalArgumentException e) {
      throw new NativeLibraryException(
          "Loading Lockstep: the system cannot load "
              + file
              + ": "
              + reasonOf(file)
              + ". It must stand in one folder with the libraries it needs.",
          e);
    }
  }

  /** The dynamic linker's own words, which only this way of loading passes on. */
  @SuppressWarnings("restricted")
  private static String reasonOf(Path file) {
    try {
      System.load(file.toString());
      return "no reason given";
    } catch (UnsatisfiedLinkError e) {
      return e.getMessage();
    }
  }

  @SuppressWarnings("restricted")
  private static void requireVersion(SymbolLookup opened, Path file) {
    int version = -1;
    var function = opened.find("ls_abi_version");
    if (function.isPresent()) {
      var call =
          Linker.nativeLinker().downcallHandle(function.get(), FunctionDescriptor.of(JAVA_INT));
      try {
        version = (int) call.invokeExact();
      } catch (Throwable e) {
        throw new AssertionError("ls_abi_version throws nothing", e);
      }
    }
    if (version != lockstep_h.LS_ABI_VERSION()) {
      throw new NativeLibraryException(
          "Loading Lockstep: expected ABI version "
              + lockstep_h.LS_ABI_VERSION()
              + ", got "
              + (version == -1 ? "a library without one" : version)
              + " from "
              + file
              + ". Use lockstep-native and lockstep-bindings of one version.");
    }
  }
}
