package dev.lockstep;

import dev.lockstep.runtime.Backend;
import dev.lockstep.runtime.Backends;
import dev.lockstep.runtime.NativeBackend;
import dev.lockstep.runtime.ReferenceBackend;
import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs each test of a class on the reference backend and on the native one. */
@ParameterizedClass(name = "{0}")
@EnumSource(EveryBackend.Choice.class)
@ExtendWith(EveryBackend.Bind.class)
abstract class EveryBackend {
  @Parameter Choice backend;

  /** The backends. */
  enum Choice {
    REFERENCE {
      @Override
      Backend backend() {
        return ReferenceBackend.INSTANCE;
      }
    },
    NATIVE {
      @Override
      Backend backend() {
        return NativeBackend.INSTANCE;
      }
    };

    abstract Backend backend();
  }

  static final class Bind implements InvocationInterceptor {
    @Override
    public void interceptTestMethod(
        Invocation<Void> invocation,
        ReflectiveInvocationContext<Method> method,
        ExtensionContext context)
        throws Throwable {
      run(invocation, context);
    }

    @Override
    public void interceptTestTemplateMethod(
        Invocation<Void> invocation,
        ReflectiveInvocationContext<Method> method,
        ExtensionContext context)
        throws Throwable {
      run(invocation, context);
    }

    private static void run(Invocation<Void> invocation, ExtensionContext context)
        throws Throwable {
      EveryBackend test = (EveryBackend) context.getRequiredTestInstance();
      Backends.with(test.backend.backend(), () -> invocation.proceed());
    }
  }
}
