package lakehouse;

import io.delta.storage.HadoopFileSystemLogStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.util.Arrays;
import java.util.Iterator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Delta's log on S3, safe for writers in several drivers: a commit is a PUT with {@code If-None-Match: *}, which S3
 * refuses when the version exists. Needs S3A of Hadoop 3.4.2 or newer; an older one fails on the first commit.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html">Conditional writes</a>
 */
public class S3ConditionalPutLogStore extends HadoopFileSystemLogStore {
  private static final String IF_NONE_MATCH = "fs.option.create.conditional.overwrite";

  public S3ConditionalPutLogStore(Configuration hadoopConf) {
    super(hadoopConf);
  }

  @Override
  public void write(Path path, Iterator<String> actions, Boolean overwrite, Configuration hadoopConf)
      throws IOException {
    FileSystem fs = path.getFileSystem(hadoopConf);
    FSDataOutputStreamBuilder<?, ?> file = fs.createFile(path).overwrite(true).recursive();
    byte[] content = lines(actions);
    if (overwrite) {
      put(file, content);
      return;
    }
    file.must(IF_NONE_MATCH, true);
    try {
      put(file, content);
    } catch (IOException refusedOrUnanswered) {
      settle(fs, path, content, refusedOrUnanswered);
    }
  }

  @Override
  public Boolean isPartialWriteVisible(Path path, Configuration hadoopConf) {
    return false;
  }

  /**
   * Tells whether a PUT without a success took effect: S3A sends it again when the reply is lost, and then meets its
   * own write. A commit names its transaction, so equal bytes are ours.
   */
  private static void settle(FileSystem fs, Path path, byte[] content, IOException cause) throws IOException {
    byte[] found;
    try {
      found = read(fs, path);
    } catch (FileNotFoundException nothingThere) {
      throw cause;
    }
    if (!Arrays.equals(found, content)) {
      FileAlreadyExistsException taken = new FileAlreadyExistsException(path.toString());
      taken.initCause(cause);
      throw taken;
    }
  }

  private static byte[] read(FileSystem fs, Path path) throws IOException {
    FileStatus status = fs.getFileStatus(path);
    byte[] found = new byte[Math.toIntExact(status.getLen())];
    try (FSDataInputStream in = fs.open(path)) {
      in.readFully(found);
    }
    return found;
  }

  private static void put(FSDataOutputStreamBuilder<?, ?> builder, byte[] content) throws IOException {
    try (OutputStream out = builder.build()) {
      out.write(content);
    }
  }

  private static byte[] lines(Iterator<String> actions) {
    StringBuilder text = new StringBuilder();
    while (actions.hasNext()) {
      text.append(actions.next()).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
