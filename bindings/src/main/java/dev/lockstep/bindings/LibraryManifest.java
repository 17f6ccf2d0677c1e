package dev.lockstep.bindings;

import dev.lockstep.error.NativeLibraryException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The native libraries of one build, written when it was built: SHA-256, size, resource and Maven
 * coordinates of each, Lockstep's own first.
 */
record LibraryManifest(String hash, List<Library> libraries) {

  /** One library; {@code artifact} is {@code group:artifact:version:classifier}. */
  record Library(String hash, long size, String resource, String artifact) {
    String fileName() {
      return resource.substring(resource.lastIndexOf('/') + 1);
    }
  }

  static LibraryManifest parse(byte[] content) {
    List<Library> libraries = new ArrayList<>();
    for (String line : new String(content, StandardCharsets.UTF_8).lines().toList()) {
      String[] fields = line.split(" ");
      if (fields.length != 4) {
        throw new NativeLibraryException(
            "Loading Lockstep: expected a manifest line of 4 fields, got \"" + line + "\".");
      }
      libraries.add(new Library(fields[0], Long.parseLong(fields[1]), fields[2], fields[3]));
    }
    if (libraries.isEmpty()) {
      throw new NativeLibraryException(
          "Loading Lockstep: the manifest of native libraries is empty.");
    }
    return new LibraryManifest(Hash.of(content), List.copyOf(libraries));
  }

  /** The name of the folder that holds these libraries once unpacked: version and content. */
  String folderName() {
    return libraries.getFirst().artifact().split(":")[2] + "-" + hash.substring(0, 16);
  }
}
