package dev.lockstep.bench.driver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** The driver's end of {@link Rounds}: runs the peers' rounds whenever a fork connects. */
final class RoundServer implements AutoCloseable {
  private final Path folder;
  private final Path socket;
  private final ServerSocketChannel server;
  private volatile Runnable round = () -> {};

  RoundServer() throws IOException {
    folder = Files.createTempDirectory("lockstep-bench");
    socket = folder.resolve("rounds");
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Thread.ofPlatform().daemon().name("rounds").start(this::serve);
  }

  Path socket() {
    return socket;
  }

  /** Sets what runs before each of our rounds. */
  void onRound(Runnable peers) {
    round = peers;
  }

  private void serve() {
    while (true) {
      try (SocketChannel channel = server.accept()) {
        round.run();
        channel.write(ByteBuffer.wrap(new byte[1]));
      } catch (ClosedChannelException _) {
        return;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    Files.deleteIfExists(socket);
    Files.deleteIfExists(folder);
  }
}
