package dev.lariat.client;

import java.nio.file.FileSystemException;

/** The folder of an {@link HttpCache} is in use: by another cache, here or in another process. */
public final class FolderInUseException extends FileSystemException {
  private static final long serialVersionUID = 1;

  FolderInUseException(String folder) {
    super(folder, null, "another HttpCache uses this folder, in this process or in another one");
  }
}
