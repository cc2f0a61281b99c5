package org.barnraiser.testing.bench;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barnraiser.testing.faults.FaultProxy;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Links as they are between houses.
 *
 * @param roundTrip there and back
 * @param bytesPerSecond in each direction
 */
record Emulation(Duration roundTrip, long bytesPerSecond) {
    private static final Pattern PART = Pattern.compile("(rtt)=([0-9.]+)ms|(rate)=([0-9.]+)([mg])bit");
    /** More than any link of this machine carries. */
    private static final long NO_LIMIT = 100_000_000_000L;

    /** Reads {@code rtt=20ms,rate=100mbit}. */
    static final class Converter implements ITypeConverter<Emulation> {
        @Override
        public Emulation convert(String text) {
            Duration roundTrip = Duration.ZERO;
            long bytesPerSecond = NO_LIMIT;
            for (String part : text.toLowerCase(Locale.ROOT).split(",", -1)) {
                Matcher match = PART.matcher(part);
                if (!match.matches()) {
                    throw new TypeConversionException(
                            "'" + part + "' is no property of a link; write for example rtt=20ms,rate=100mbit");
                }
                if (match.group(1) != null) {
                    roundTrip = Duration.ofNanos((long) (Double.parseDouble(match.group(2)) * 1e6));
                } else {
                    bytesPerSecond = (long) (Double.parseDouble(match.group(4))
                            * (match.group(5).equals("g") ? 125e6 : 125e3));
                }
            }
            return new Emulation(roundTrip, Math.max(1, bytesPerSecond));
        }
    }

    void applyTo(FaultProxy link) {
        link.far(roundTrip.dividedBy(2), bytesPerSecond);
    }

    /** Of one way. */
    double delayMillis() {
        return roundTrip.toNanos() / 2e6;
    }
}
