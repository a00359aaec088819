package dev.lariat.internal.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Eight bytes at a time. */
final class ByteArrays {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private ByteArrays() {}

  static long longAt(byte[] array, int index) {
    return (long) LONG.get(array, index);
  }

  static int intAt(byte[] array, int index) {
    return (int) INT.get(array, index);
  }
}
