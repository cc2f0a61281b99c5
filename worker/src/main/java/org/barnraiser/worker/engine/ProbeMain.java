package org.barnraiser.worker.engine;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import java.nio.file.Path;
import java.util.Optional;
import org.barnraiser.worker.llama.Devices;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.node.EngineDescription;

/**
 * Tries a llama.cpp: opens it as a worker would and prints what it is, as the JSON of a worker's record. A
 * process of its own, because native code can end one.
 */
public final class ProbeMain {
    private ProbeMain() {}

    /** @param args nothing for the llama.cpp that comes along, or a folder with another one */
    public static void main(String[] args) throws InvalidProtocolBufferException {
        try {
            LlamaLibrary library = LlamaLibrary
                    .open(args.length == 0 ? Optional.empty() : Optional.of(Path.of(args[0])));
            System.out.println(JsonFormat.printer().omittingInsignificantWhitespace()
                    .print(EngineDescription.of(library, Devices.all(library))));
            System.exit(0);
        } catch (LlamaException e) {
            String reason = String.valueOf(e.getMessage());
            System.err.println(Character.toUpperCase(reason.charAt(0)) + reason.substring(1) + ".");
            System.exit(1);
        }
    }
}
