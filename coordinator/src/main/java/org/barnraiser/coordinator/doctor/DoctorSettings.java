package org.barnraiser.coordinator.doctor;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What to look at.
 *
 * @param data the data folder
 * @param llamaLibrary folder of a llama.cpp build; empty: the one that comes along
 * @param zooKeeper connect string of the cluster's; empty when none is known
 * @param url an endpoint that is to answer; empty: the one on this machine, if there is one
 * @param port where this machine's readers are answered
 * @param java the program to try llama.cpp with
 * @param workerClasspath of the worker's program; empty when it is not known
 * @param time that all of it may take
 */
public record DoctorSettings(Path data, Optional<Path> llamaLibrary, Optional<String> zooKeeper, Optional<URI> url,
        int port, String java, String workerClasspath, Duration time) {}
