package org.barnraiser.coordinator.cli;

import org.barnraiser.coordinator.bench.BenchCommand;
import org.barnraiser.trust.Discretion;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The entry point of {@code ./barn} for everything that is not a worker. */
@Command(name = "barn", description = "One large language model, hosted by many machines of a community.", subcommands = {
        UpCommand.class, CoordinatorCommand.class, StatusCommand.class, DoctorCommand.class, DrainCommand.class,
        InviteCommand.class, RemoveCommand.class, RelayCommand.class,
        ReclaimCommand.class, LendCommand.class, BenchCommand.class, ModelCommand.class, AdapterCommand.class,
        PlanCommand.class, KeyCommand.class, LedgerCommand.class, VerifyCommand.class})
public final class Barn {

    Barn() {}

    public static void main(String[] arguments) {
        Discretion.keep();
        System.exit(commandLine(new Barn()).execute(arguments));
    }

    /** A command line that answers every failure with one sentence instead of a stack trace. */
    public static CommandLine commandLine(Object command) {
        CommandLine line = new CommandLine(command);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler((exception, _) -> {
            line.getErr().println("barn: " + exception.getMessage());
            line.getErr().println("Try 'barn " + exception.getCommandLine().getCommandName() + " --help'.");
            return CommandLine.ExitCode.USAGE;
        });
        line.setExecutionExceptionHandler((exception, _, _) -> {
            line.getErr().println("barn: " + sentence(exception));
            return CommandLine.ExitCode.SOFTWARE;
        });
        return line;
    }

    private static String sentence(Exception exception) {
        String message = exception.getMessage();
        return message == null ? exception.getClass().getSimpleName() : message;
    }
}
