package org.barnraiser.coordinator.doctor;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;

/** Whether a process may open files and connections for many readers. */
final class OpenFilesCheck implements Check {
    private static final long COMFORTABLE = 4096;

    @Override
    public String subject() {
        return "open files";
    }

    @Override
    public List<Finding> findings() {
        if (!(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system)) {
            return List.of();
        }
        return List.of(of(system.getMaxFileDescriptorCount()));
    }

    Finding of(long limit) {
        return limit >= COMFORTABLE
                ? Finding.ok(subject(), "A process may open " + limit + " files and connections.")
                : Finding.warning(subject(), "A process may open only " + limit + " files and connections.",
                        "Raise the limit to " + COMFORTABLE + " or more: 'ulimit -n', or LimitNOFILE= in a service.");
    }
}
