package dev.lockstep.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.TreeException;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A record in another module, which is compiled here. */
class TreeModuleTest {
  @TempDir private Path folder;

  @Test
  void closedPackageNamesTheMissingLine() throws Exception {
    Object record = recordOfModule("");
    assertThatThrownBy(() -> Tree.flatten("jit", record))
        .isInstanceOf(TreeException.class)
        .hasMessageStartingWith(
            "jit: the record com.acme.Model cannot be read, because module com.acme does not open"
                + " its package. Add `opens com.acme")
        .hasMessageEndingWith(";` to its module-info.java.");
  }

  @Test
  void openPackageIsEnough() throws Exception {
    roundTrip(recordOfModule("opens com.acme;"));
  }

  @Test
  void exportedPackageIsEnoughForPublicRecords() throws Exception {
    roundTrip(recordOfModule("exports com.acme;"));
  }

  private static void roundTrip(Object record) {
    Tree.Structure structure = Tree.flatten(record).structure();
    assertThat(structure).hasToString("Model(name=\"text\")");
    assertThat(structure.<Object>unflatten(List.of())).isEqualTo(record).isNotSameAs(record);
  }

  private Object recordOfModule(String directive) throws Exception {
    Path source = folder.resolve("source");
    write(source, "module-info", "module com.acme { exports com.acme.api; " + directive + " }");
    write(source, "com/acme/Model", "package com.acme; public record Model(String name) {}");
    write(
        source,
        "com/acme/api/Factory",
        "package com.acme.api; public class Factory {"
            + " public static Object create() { return new com.acme.Model(\"text\"); } }");
    Path classes = folder.resolve("classes");
    int status =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(
                System.out,
                System.err,
                "-d",
                classes.toString(),
                source.resolve("module-info.java").toString(),
                source.resolve("com/acme/Model.java").toString(),
                source.resolve("com/acme/api/Factory.java").toString());
    assertThat(status).isZero();
    Configuration configuration =
        ModuleLayer.boot()
            .configuration()
            .resolve(ModuleFinder.of(classes), ModuleFinder.of(), Set.of("com.acme"));
    Class<?> factory =
        ModuleLayer.boot()
            .defineModulesWithOneLoader(configuration, ClassLoader.getSystemClassLoader())
            .findLoader("com.acme")
            .loadClass("com.acme.api.Factory");
    TreeModuleTest.class.getModule().addReads(factory.getModule());
    return factory.getMethod("create").invoke(null);
  }

  private static void write(Path folder, String name, String text) throws Exception {
    Path file = folder.resolve(name + ".java");
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
