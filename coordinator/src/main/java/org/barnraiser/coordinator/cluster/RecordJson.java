package org.barnraiser.coordinator.cluster;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.nio.charset.StandardCharsets;

/** Records as they lie in ZooKeeper: protobuf's own JSON, UTF-8. */
final class RecordJson {
    /** ZooKeeper holds small state only; whatever is larger is no record of ours. */
    static final int MAX_BYTES = 64 * 1024;

    private static final JsonFormat.Printer PRINTER = JsonFormat.printer().omittingInsignificantWhitespace();
    // A newer program of the cluster may say more than this one knows.
    private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

    private RecordJson() {}

    static byte[] encode(Message message) {
        try {
            return PRINTER.print(message).getBytes(StandardCharsets.UTF_8);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("a record holds an Any that cannot be printed", e);
        }
    }

    /**
     * Reads a record into a fresh builder.
     *
     * @throws InvalidRecordException when the bytes are too many or no such record
     */
    static <B extends Message.Builder> B decode(byte[] data, B builder) throws InvalidRecordException {
        if (data.length > MAX_BYTES) {
            throw new InvalidRecordException("it has " + data.length + " bytes, more than " + MAX_BYTES);
        }
        try {
            PARSER.merge(new String(data, StandardCharsets.UTF_8), builder);
        } catch (InvalidProtocolBufferException e) {
            throw new InvalidRecordException(
                    "it is no " + builder.getDescriptorForType().getName() + ": " + e.getMessage());
        }
        return builder;
    }
}
