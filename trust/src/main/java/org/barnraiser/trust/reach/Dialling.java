package org.barnraiser.trust.reach;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.LinkedHashMap;
import java.util.Map;

/** Which addresses can be dialled from here: looked at anew, but not all the time. Thread-safe. */
final class Dialling {
    private static final int CONNECT_MILLIS = 400;
    private static final long GOOD_NANOS = 1_000_000_000;
    private static final long BAD_NANOS = 10_000_000_000L;
    private static final int MOST = 1_024;

    /** The oldest first; guarded by itself. */
    private final Map<String, Seen> seen = new LinkedHashMap<>();

    private record Seen(boolean reached, long nanos) {}

    /** Blocks, for less than half a second. */
    boolean reaches(String address) {
        Seen last;
        synchronized (seen) {
            last = seen.get(address);
        }
        if (last != null && System.nanoTime() - last.nanos() < (last.reached() ? GOOD_NANOS : BAD_NANOS)) {
            return last.reached();
        }
        return look(address);
    }

    private boolean look(String address) {
        boolean reached;
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(Whereabouts.host(address), Whereabouts.port(address)), CONNECT_MILLIS);
            reached = true;
        } catch (IOException _) {
            reached = false;
        }
        synchronized (seen) {
            seen.remove(address);
            seen.put(address, new Seen(reached, System.nanoTime()));
            if (seen.size() > MOST) {
                seen.remove(seen.keySet().iterator().next());
            }
        }
        return reached;
    }
}
