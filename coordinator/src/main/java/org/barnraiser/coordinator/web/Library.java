package org.barnraiser.coordinator.web;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * A file of a library that pages may load. It comes out of a WebJar, or mvnpm's jar, on the class path; what is not listed here is not served.
 *
 * @param name what modules import it by, or resolve it by when it is a classic script
 * @param group Maven group of the jar
 * @param artifact its artifact
 * @param file the file in it
 */
record Library(String name, String group, String artifact, String file) {
    /** Jars that are made of npm packages sooner than WebJars are, and keep their files in a folder of another name. */
    static final String MVNPM = "org.mvnpm";

    /** Served below the first name as {@code /lib/ARTIFACT/VERSION/FILE}; the version in the path lets clients keep it for ever. */
    String path() {
        return "/lib/" + artifact + "/" + version() + "/" + file;
    }

    byte[] content() {
        return Resource
                .read("/META-INF/resources/" + (group.equals(MVNPM) ? "_static" : "webjars") + "/" + artifact + "/"
                        + version() + "/" + file)
                .orElseThrow(() -> new IllegalStateException("the library " + artifact + " has no file " + file));
    }

    private String version() {
        String path = "/META-INF/maven/" + group + "/" + artifact + "/pom.properties";
        Properties properties = new Properties();
        try {
            properties.load(new ByteArrayInputStream(Resource.read(path)
                    .orElseThrow(() -> new IllegalStateException("the library " + artifact + " is missing"))));
        } catch (IOException e) {
            throw new UncheckedIOException(path, e);
        }
        return properties.getProperty("version");
    }
}
