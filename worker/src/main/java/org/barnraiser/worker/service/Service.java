package org.barnraiser.worker.service;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;

/**
 * A worker that runs without anybody who looks after it.
 *
 * @param worker its name
 * @param barn the script that starts it, absolute
 * @param arguments of the script, {@code worker} first
 * @param javaHome of the JDK that it is to find
 */
public record Service(String worker, Path barn, ImmutableList<String> arguments, Path javaHome) {
    public Service {
        if (!worker.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,62}")) {
            throw new IllegalArgumentException(worker + " is no worker's name");
        }
        if (arguments.stream().anyMatch(argument -> argument.chars().anyMatch(Character::isISOControl))) {
            throw new IllegalArgumentException("an option holds a control character; leave it out");
        }
    }

    /** Script and arguments, as they are run. */
    ImmutableList<String> command() {
        return ImmutableList.<String>builder().add(barn.toString()).addAll(arguments).build();
    }
}
