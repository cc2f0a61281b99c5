package org.barnraiser.worker.node;

import de.kherud.llama.LlamaModel;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The program that {@link SchemaConverter} runs: a JSON schema on standard input, GBNF on standard output. */
final class SchemaConverterProcess {
    private SchemaConverterProcess() {}

    public static void main(String[] args) throws IOException {
        PrintStream output = System.out;
        System.setOut(System.err); // the library's loader talks on standard output
        String schema = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        output.write(LlamaModel.jsonSchemaToGrammar(schema).getBytes(StandardCharsets.UTF_8));
        output.flush();
    }
}
