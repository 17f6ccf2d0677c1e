package dev.lockstep.bench.driver;

import dev.lockstep.tensor.NativeMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;
import org.openjdk.jmh.runner.IterationType;

/**
 * Runs in JMH's fork: before each measured round of ours it lets the driver run a round of each
 * peer and waits, so that other load on the machine hits all alike. It also reports the most native
 * memory that a round held beyond what was live before.
 */
public final class Rounds implements InternalProfiler {
  /** The name of the reported number of bytes. */
  static final String PEAK_BYTES = "peak.bytes";

  private final String socket;
  private long live;

  /**
   * @param socket the path of the driver's socket
   */
  public Rounds(String socket) {
    this.socket = socket;
  }

  @Override
  public String getDescription() {
    return "alternates rounds with other systems";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    if (iteration.getType() == IterationType.MEASUREMENT) {
      peers();
      NativeMemory.resetPeak();
      live = NativeMemory.statistics().live();
    }
  }

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    if (iteration.getType() != IterationType.MEASUREMENT) {
      return List.of();
    }
    long bytes = NativeMemory.statistics().peak() - live;
    return List.of(new ScalarResult(PEAK_BYTES, bytes, "B", AggregationPolicy.MAX));
  }

  private void peers() {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.read(ByteBuffer.allocate(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
