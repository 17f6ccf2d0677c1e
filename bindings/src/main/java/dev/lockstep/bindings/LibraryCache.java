package dev.lockstep.bindings;

import dev.lockstep.error.NativeLibraryException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.util.Comparator;
import java.util.Set;

/**
 * A private folder in which native libraries are unpacked once for each content. A folder appears
 * by one rename when all its files are written and their hashes checked, so a reader sees a whole
 * folder or none; a file lock lets many JVMs that start together unpack once.
 */
final class LibraryCache {
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final String UNFINISHED = ".unpack-";

  private final Path base;

  LibraryCache(Path base) {
    this.base = base;
  }

  /** The folder of {@code -Dlockstep.cache}, else {@code lockstep} in the user's cache folder. */
  static LibraryCache ofUser() {
    String chosen = System.getProperty("lockstep.cache");
    if (chosen != null) {
      return new LibraryCache(Path.of(chosen).toAbsolutePath());
    }
    String caches = System.getenv("XDG_CACHE_HOME");
    Path folder =
        caches != null && Path.of(caches).isAbsolute()
            ? Path.of(caches)
            : Path.of(System.getProperty("user.home"), ".cache");
    return new LibraryCache(folder.resolve("lockstep").toAbsolutePath());
  }

  /** Returns the folder that holds the manifest's libraries, unpacking them if needed. */
  Path folderOf(LibraryManifest manifest) {
    Path folder = base.resolve(manifest.folderName());
    try {
      createBase();
      if (!isComplete(folder, manifest)) {
        unpackLocked(folder, manifest);
      }
      return folder;
    } catch (IOException e) {
      throw new NativeLibraryException(
          "Loading Lockstep: cannot unpack the native libraries into "
              + folder
              + " ("
              + e
              + "). Name a writable folder with -Dlockstep.cache=FOLDER.",
          e);
    }
  }

  private void createBase() throws IOException {
    if (!Files.isDirectory(base)) {
      Files.createDirectories(base.getParent());
      Files.createDirectories(base, PRIVATE);
    }
    requirePrivate(base);
  }

  /** Refuses a folder into which someone else could put a library. */
  private static void requirePrivate(Path folder) throws IOException {
    Object self = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    Object owner = Files.getAttribute(folder, "unix:uid");
    if (!self.equals(owner)) {
      throw new NativeLibraryException(
          "Loading Lockstep: expected "
              + folder
              + " to belong to user id "
              + self
              + ", it belongs to "
              + owner
              + ". Name a folder of your own with -Dlockstep.cache=FOLDER.");
    }
    var permissions = Files.getPosixFilePermissions(folder);
    if (permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new NativeLibraryException(
          "Loading Lockstep: expected that only its owner can write to "
              + folder
              + ", its permissions are "
              + PosixFilePermissions.toString(permissions)
              + ". Run: chmod 700 "
              + folder);
    }
  }

  private static boolean isComplete(Path folder, LibraryManifest manifest) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    requirePrivate(folder);
    for (var library : manifest.libraries()) {
      Path file = folder.resolve(library.fileName());
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          || Files.readAttributes(file, BasicFileAttributes.class).size() != library.size()) {
        return false;
      }
    }
    return true;
  }

  private void unpackLocked(Path folder, LibraryManifest manifest) throws IOException {
    try (var channel =
            FileChannel.open(
                base.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var _ = lock(channel)) {
      if (isComplete(folder, manifest)) {
        return;
      }
      deleteUnfinished();
      Path unfinished = Files.createTempDirectory(base, UNFINISHED, PRIVATE);
      try {
        for (var library : manifest.libraries()) {
          unpack(library, unfinished.resolve(library.fileName()));
        }
        if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
          Path damaged = Files.createTempDirectory(base, UNFINISHED, PRIVATE);
          Files.move(folder, damaged, StandardCopyOption.ATOMIC_MOVE);
          delete(damaged);
        }
        Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        delete(unfinished);
      }
    }
  }

  /** Waits for the lock; another class loader of this JVM may hold it, which throws at once. */
  private static FileLock lock(FileChannel channel) throws IOException {
    while (true) {
      try {
        return channel.lock();
      } catch (OverlappingFileLockException _) {
        try {
          Thread.sleep(10);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IOException("interrupted while another class loader unpacks", e);
        }
      }
    }
  }

  private static void unpack(LibraryManifest.Library library, Path file) throws IOException {
    var resource =
        LibraryResources.find(library.resource())
            .orElseThrow(() ->
                new NativeLibraryException(
                    "Loading Lockstep: "
                        + library.resource()
                        + " is neither on the class path nor on the module path. Add the"
                        + " runtime dependency "
                        + library.artifact()));
    var digest = Hash.digest();
    long size;
    try (var in = new DigestInputStream(LibraryResources.open(resource), digest)) {
      size = Files.copy(in, file);
    }
    String hash = Hash.text(digest.digest());
    if (size != library.size() || !hash.equals(library.hash())) {
      throw new NativeLibraryException(
          "Loading Lockstep: expected "
              + library.resource()
              + " with "
              + library.size()
              + " bytes and SHA-256 "
              + library.hash()
              + ", got "
              + size
              + " bytes and "
              + hash
              + " from "
              + resource
              + ". Set the dependency to "
              + library.artifact());
    }
  }

  private void deleteUnfinished() throws IOException {
    try (var leftovers = Files.newDirectoryStream(base, UNFINISHED + "*")) {
      for (Path leftover : leftovers) {
        delete(leftover);
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
