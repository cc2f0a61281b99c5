package org.barnraiser.testing.models;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads numbers of parameters as people write them: {@code 250M}, {@code 1.5B}, {@code 4096}. */
final class ParameterCount implements ITypeConverter<Long> {

    private static final Pattern FORMAT = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)([KMB]?)");

    @Override
    public Long convert(String text) {
        Matcher matcher = FORMAT.matcher(text);
        if (!matcher.matches()) {
            throw new TypeConversionException("'" + text + "' is not a number of parameters such as 250M or 1.5B");
        }
        int exponent = switch (matcher.group(2)) {
            case "K" -> 3;
            case "M" -> 6;
            case "B" -> 9;
            default -> 0;
        };
        return new BigDecimal(matcher.group(1)).scaleByPowerOfTen(exponent).longValue();
    }
}
