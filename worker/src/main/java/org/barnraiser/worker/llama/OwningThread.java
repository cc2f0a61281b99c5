package org.barnraiser.worker.llama;

import org.jspecify.annotations.Nullable;

/** The one thread that may use an object: the first that does. */
final class OwningThread {
    private final String name;
    private @Nullable Thread owner;

    OwningThread(String name) {
        this.name = name;
    }

    /** Before every use. */
    synchronized void check() {
        if (owner == null) {
            owner = Thread.currentThread();
        }
        requireCurrent(owner);
    }

    /** Before the last use, which is anyone's when the owner is no more. */
    synchronized void checkClose() {
        if (owner != null && owner.isAlive()) {
            requireCurrent(owner);
        }
    }

    private void requireCurrent(Thread thread) {
        if (!thread.equals(Thread.currentThread())) {
            throw new IllegalStateException("%s belongs to thread %s and cannot be used by thread %s".formatted(name,
                    thread.getName(), Thread.currentThread().getName()));
        }
    }
}
