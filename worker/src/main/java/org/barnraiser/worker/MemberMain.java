package org.barnraiser.worker;

import org.barnraiser.trust.Discretion;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code barn join} and {@code barn leave}. */
@Command(name = "barn", subcommands = {JoinCommand.class, LeaveCommand.class})
public final class MemberMain {
    MemberMain() {}

    public static void main(String[] arguments) {
        Discretion.keep();
        System.exit(commandLine().execute(arguments));
    }

    /** Every failure is one sentence. */
    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new MemberMain());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler((e, _) -> {
            line.getErr().println("barn " + e.getCommandLine().getCommandName() + ": " + e.getMessage());
            line.getErr().flush();
            return CommandLine.ExitCode.USAGE;
        });
        line.setExecutionExceptionHandler((e, command, _) -> {
            line.getErr().println("barn " + command.getCommandName() + ": " + e.getMessage());
            line.getErr().flush();
            return CommandLine.ExitCode.SOFTWARE;
        });
        return line;
    }
}
