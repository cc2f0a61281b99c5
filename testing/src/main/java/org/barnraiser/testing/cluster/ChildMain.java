package org.barnraiser.testing.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Method;
import java.util.Arrays;

/** Runs another program's main method, and ends the process when whoever started it is gone: no test leaves anything behind. */
public final class ChildMain {

    private ChildMain() {}

    /** @param args the class to run, and its own arguments */
    public static void main(String[] args) throws ReflectiveOperationException {
        Thread.ofPlatform().daemon().name("parent").start(ChildMain::haltAtEndOfInput);
        Method main = Class.forName(args[0]).getMethod("main", String[].class);
        main.invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
    }

    private static void haltAtEndOfInput() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException _) {
            // As good as an end.
        }
        Runtime.getRuntime().halt(1);
    }
}
