package org.barnraiser.coordinator.doctor;

/** How much a finding matters. */
enum Level {
    OK,
    /** Works, but something is not as it should be. */
    WARNING,
    /** Does not work. */
    BROKEN;

    /** As people and programs read it. */
    String word() {
        return switch (this) {
            case OK -> "ok";
            case WARNING -> "warning";
            case BROKEN -> "broken";
        };
    }
}
