package dev.lariat.internal.protocol;

import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.StreamFailed;
import java.io.IOException;
import java.util.Iterator;
import java.util.function.Predicate;

/**
 * How a command is answered that cannot be carried out, in every engine and state alike: nothing
 * that was asked for is lost in silence.
 */
public final class Refusals {
  private Refusals() {}

  /**
   * Answers a command that cannot be carried out: a stream that it would have begun ends; any other
   * command is rejected.
   */
  public static void refuse(Command.OfStream command, Reason reason, Teller out) {
    refuse(command, reason, reason, out);
  }

  /** Why nothing more is sent where it was to come from a file. */
  public static Reason unreadable(IOException e) {
    return new Reason.BodyUnfinished("its file cannot be read: " + e.getMessage());
  }

  /**
   * Answers a command that cannot be carried out.
   *
   * @param reason what a message tells: that this cannot be asked for now
   * @param why what a {@code Fate} is told: why that is so, such as that the connection was lost
   */
  public static void refuse(Command.OfStream command, Reason reason, Reason why, Teller out) {
    Stream stream = command.stream();
    switch (command) {
      case Command.Request request -> fail(stream, reason, out);
      case Command.Upgrade upgrade -> fail(stream, reason, out);
      case Command.Raw raw -> fail(stream, reason, out);
      case Command.Connect connect -> fail(stream, reason, out);
      case Command.Send send -> {
        send.gate().left(send.bytes());
        Fate fate = send.fate();
        if (fate == null) {
          reject(command, reason, out);
        } else {
          fate.refused(why);
        }
      }
      case Command.Data data -> {
        data.gate().left(data.bytes());
        Fate fate = data.fate();
        if (fate == null) {
          reject(command, reason, out);
        } else {
          fate.refused(why);
        }
      }
      case Command.SendFile file -> file.fate().refused(why);
      case Command.Cancel cancel -> {} // what has ended needs none
      case Command.SendPart part -> {
        part.message().lose(why); // before there is room for another part
        part.message().gate().left(part.bytes());
      }
      case Command.GiveUp(var target, var message) -> message.lose(why); // parts of it may be held
      case Command.Credit credit -> {
        if (reason instanceof Reason.Limit) { // or nothing more can come that it could be for
          reject(credit, reason, out);
        }
      }
      case Command.SetKeepalive keepalive -> reject(keepalive, reason, out);
      case Command.SetPriority priority -> {
        if (reason instanceof Reason.Limit) { // or what has ended needs none
          reject(priority, reason, out);
        }
      }
    }
  }

  /** Tells that this is not done. */
  public static void reject(Command.OfStream command, Reason reason, Teller out) {
    Stream stream = command.stream();
    out.tell(stream.inbox(), new Rejected(stream.ref(), command.operation(), reason));
  }

  /** Answers those of these commands that cannot be carried out, and takes them away. */
  public static <T extends Command.OfStream> void refuseAll(
      Iterable<T> commands, Predicate<T> which, Reason reason, Reason why, Teller out) {
    for (Iterator<T> i = commands.iterator(); i.hasNext(); ) {
      T command = i.next();
      if (which.test(command)) {
        i.remove();
        refuse(command, reason, why, out);
      }
    }
  }

  /** Gives a stream its final message when it failed. */
  public static void fail(Stream stream, Reason reason, Teller out) {
    stream.gate().ended();
    stream.trace().failed(reason);
    out.tell(stream.inbox(), new StreamFailed(stream.ref(), reason));
  }
}
