package org.barnraiser.coordinator.web;

/** The pages there are, those of the navigation in its order. */
enum Page {
    CHAT("/", "chat"),
    CLUSTER("/cluster", "cluster"),
    FIT("/fit", "fit"),
    LEND("/lend", "lend"),
    QUESTIONS("/questions", "questions"),
    /** For admins, and not in the navigation. */
    MEMBERS("/members", "members");

    private final String path;
    private final String folder;

    Page(String path, String folder) {
        this.path = path;
        this.folder = folder;
    }

    String path() {
        return path;
    }

    /** Key of its name in the catalogues. */
    String titleKey() {
        return "nav." + folder;
    }

    /** The module that fills the page. */
    String module() {
        return "/assets/" + folder + "/" + folder + ".js";
    }

    /** Its style sheet. */
    String style() {
        return "/assets/" + folder + "/" + folder + ".css";
    }
}
