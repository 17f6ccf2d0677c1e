package dev.lockstep.bindings;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, in hexadecimal. */
final class Hash {
  private Hash() {}

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  static String of(byte[] content) {
    return text(digest().digest(content));
  }

  static String text(byte[] hash) {
    return HexFormat.of().formatHex(hash);
  }
}
