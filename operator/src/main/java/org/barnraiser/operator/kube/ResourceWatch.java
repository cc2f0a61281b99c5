package org.barnraiser.operator.kube;

import com.google.gson.JsonParseException;
import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a copy of all objects of one kind up to date: lists, watches, and lists again whenever the watch cannot go on where it was
 * (410, a gap, nonsense). A listener is told keys ({@code namespace/name}), of which it finds the newest object here. One thread of its
 * own; the rest from any thread.
 */
public final class ResourceWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ResourceWatch.class);
    private static final int WATCH_SECONDS = 240;
    private static final int WATCH_SECONDS_WITHOUT_PINGS = 20;
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final KubeApi api;
    private final String path;
    private final Consumer<String> listener;
    private final Map<String, Tree> objects = new ConcurrentHashMap<>();
    private final Thread thread;
    /** Before the thread starts. */
    private String begin = "";
    private volatile boolean synced;
    private volatile boolean closed;
    private volatile long heardNanos = System.nanoTime();
    private volatile @Nullable Response stream;
    private final AtomicInteger lists = new AtomicInteger();
    private boolean pings = true;

    /** @param path of the collection; nothing happens before {@link #start} */
    public ResourceWatch(KubeApi api, String path, Consumer<String> listener) {
        this.api = api;
        this.path = path;
        this.listener = listener;
        this.thread = Thread.ofVirtual().name("watch").unstarted(this::run);
    }

    /** Lists, and watches from there. */
    public ResourceWatch start() {
        return startFrom("");
    }

    /** Watches from a version on; an empty one lists first. */
    public ResourceWatch startFrom(String version) {
        begin = version;
        thread.start();
        return this;
    }

    public Optional<Tree> get(String key) {
        return Optional.ofNullable(objects.get(key));
    }

    public Set<String> keys() {
        return Set.copyOf(objects.keySet());
    }

    /** Whether all objects were heard of at least once. */
    public boolean isSynced() {
        return synced;
    }

    /** How long ago the server last said anything about these objects. */
    public Duration silence() {
        return Duration.ofNanos(System.nanoTime() - heardNanos);
    }

    /** How often everything was listed. */
    public int lists() {
        return lists.get();
    }

    private void run() {
        String version = begin;
        while (!closed) {
            try {
                if (version.isEmpty()) {
                    version = list();
                }
                version = watch(version);
            } catch (KubeException e) {
                if (!closed) {
                    LOG.warn("{}", e.getMessage());
                    version = e.status() == 0 ? version : "";
                    pause();
                }
            }
        }
    }

    private String list() throws KubeException {
        Tree listing = api.listing(path);
        lists.incrementAndGet();
        Set<String> gone = new HashSet<>(objects.keySet());
        for (Tree item : listing.at("items").items()) {
            gone.remove(key(item));
            put(item);
        }
        gone.forEach(this::remove);
        heardNanos = System.nanoTime();
        synced = true;
        return listing.at("metadata", "resourceVersion").text();
    }

    /** Returns the version to go on from; empty to list first. */
    private String watch(String from) throws KubeException {
        String version = from;
        try (Response response = api.watch(path, version, pings ? WATCH_SECONDS : WATCH_SECONDS_WITHOUT_PINGS);
                BufferedReader lines = new BufferedReader(response.body().charStream())) {
            stream = response;
            pings = KubeApi.pings(response);
            String line;
            while (!closed && (line = lines.readLine()) != null) {
                heardNanos = System.nanoTime();
                Tree event = Tree.parse(line);
                Tree object = event.at("object");
                switch (event.at("type").text()) {
                    case "ADDED", "MODIFIED" -> put(object);
                    case "DELETED" -> remove(key(object));
                    case "BOOKMARK" -> {
                    }
                    default -> {
                        LOG.info("The watch of {} begins anew: {}", path,
                                object.at("message").text("an unknown event"));
                        return "";
                    }
                }
                version = object.at("metadata", "resourceVersion").text(version);
            }
            heardNanos = System.nanoTime();
            return version;
        } catch (IOException | JsonParseException | IllegalArgumentException e) {
            if (!closed) {
                LOG.info("The watch of {} broke ({}) and begins anew.", path, e.getMessage());
                pause();
            }
            return version;
        }
    }

    private void put(Tree object) {
        String key = key(object);
        Tree before = objects.put(key, object);
        if (!object.equals(before)) {
            listener.accept(key);
        }
    }

    private void remove(String key) {
        if (objects.remove(key) != null) {
            listener.accept(key);
        }
    }

    private static String key(Tree object) {
        return object.at("metadata", "namespace").text() + "/" + object.at("metadata", "name").text();
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException _) {
            closed = true;
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        Response open = stream;
        if (open != null) {
            open.close();
        }
    }
}
