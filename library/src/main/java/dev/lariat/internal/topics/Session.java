package dev.lariat.internal.topics;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** A session of a socket, with what was said on it. */
final class Session<R, S> {
  final S handle;
  final Socket<R, S> socket;
  final long since;
  final Map<String, Said<R, S>> said = new LinkedHashMap<>();
  final Map<Object, Said<R, S>> channels = new HashMap<>();
  final Set<String> toSay = new LinkedHashSet<>(); // wanted, and not said
  final Set<String> toUnsay = new LinkedHashSet<>(); // said and acknowledged, and not wanted
  boolean full; // whether it has no room to send
  boolean dead;

  Session(S handle, Socket<R, S> socket, long since) {
    this.handle = handle;
    this.socket = socket;
    this.since = since;
  }
}
