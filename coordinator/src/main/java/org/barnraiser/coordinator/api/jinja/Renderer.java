package org.barnraiser.coordinator.api.jinja;

import java.util.ArrayList;
import java.util.List;

/** Carries out statements. */
final class Renderer {
    private final Budget budget;
    private final Evaluator evaluator;
    private final Iteration iteration;

    /** What comes after a statement. */
    private enum Next {
        STATEMENT, BREAK, CONTINUE
    }

    Renderer(Budget budget) {
        this.budget = budget;
        this.evaluator = new Evaluator(budget);
        this.iteration = new Iteration(budget);
    }

    Text render(List<Statement> statements, Scope scope) {
        Text.Builder out = new Text.Builder();
        run(statements, scope, out);
        return out.build();
    }

    private Next run(List<Statement> statements, Scope scope, Text.Builder out) {
        for (Statement statement : statements) {
            budget.enter();
            Next next = run(statement, scope, out);
            budget.leave();
            if (next != Next.STATEMENT) {
                return next;
            }
        }
        return Next.STATEMENT;
    }

    private Next run(Statement statement, Scope scope, Text.Builder out) {
        switch (statement) {
            case Statement.Data data -> put(data.text(), out);
            case Statement.Output output -> put(evaluator.print(evaluator.evaluate(output.expression(), scope)), out);
            case Statement.If choice -> {
                return run(branch(choice, scope), scope, out);
            }
            case Statement.Group group -> {
                return run(group.body(), scope, out);
            }
            case Statement.For loop -> run(loop, scope, out);
            case Statement.Set set -> scope.setAll(set.targets(), evaluator.evaluate(set.value(), scope));
            case Statement.SetAttribute set -> set(set, scope);
            case Statement.SetBlock set -> scope.set(set.target(), render(set.body(), scope));
            case Statement.FilterBlock filter -> put(evaluator.print(
                    evaluator.filter(filter.name(), render(filter.body(), scope), filter.arguments(), scope)), out);
            case Statement.Macro macro -> scope.set(macro.name(), callable(macro, scope));
            case Statement.Break _ -> {
                return Next.BREAK;
            }
            case Statement.Continue _ -> {
                return Next.CONTINUE;
            }
        }
        return Next.STATEMENT;
    }

    private void put(Text text, Text.Builder out) {
        budget.characters(text.length());
        out.append(text);
    }

    private List<Statement> branch(Statement.If choice, Scope scope) {
        for (Statement.Branch branch : choice.branches()) {
            if (evaluator.evaluate(branch.condition(), scope).isTrue()) {
                return branch.body();
            }
        }
        return choice.otherwise();
    }

    private void run(Statement.For loop, Scope scope, Text.Builder out) {
        List<Value> items = items(loop, scope);
        if (items.isEmpty()) {
            run(loop.otherwise(), new Scope(scope), out);
        }
        for (int i = 0; i < items.size(); i++) {
            Scope turn = new Scope(scope);
            turn.setAll(loop.targets(), items.get(i));
            turn.set("loop", new Value.Loop(items, i));
            if (run(loop.body(), turn, out) == Next.BREAK) {
                break;
            }
        }
    }

    private List<Value> items(Statement.For loop, Scope scope) {
        List<Value> items = iteration.items(evaluator.evaluate(loop.iterable(), scope));
        if (loop.filter().isEmpty()) {
            return items;
        }
        List<Value> kept = new ArrayList<>();
        for (Value item : items) {
            Scope turn = new Scope(scope);
            turn.setAll(loop.targets(), item);
            if (evaluator.evaluate(loop.filter().get(), turn).isTrue()) {
                kept.add(item);
            }
        }
        return kept;
    }

    private void set(Statement.SetAttribute set, Scope scope) {
        if (!(scope.get(set.target()) instanceof Value.Namespace namespace)) {
            throw new TemplateException("the chat template sets '" + set.target() + "." + set.attribute()
                    + "', which is not in a namespace");
        }
        namespace.entries().put(set.attribute(), evaluator.evaluate(set.value(), scope));
    }

    private Value.Callable callable(Statement.Macro macro, Scope definition) {
        return arguments -> {
            Scope call = new Scope(definition);
            List<Statement.Parameter> parameters = macro.parameters();
            for (int i = 0; i < parameters.size(); i++) {
                Statement.Parameter parameter = parameters.get(i);
                Value given = arguments.get(i, parameter.name(), Value.Undefined.VALUE);
                call.set(parameter.name(), given instanceof Value.Undefined && parameter.defaultValue().isPresent()
                        ? evaluator.evaluate(parameter.defaultValue().get(), call)
                        : given);
            }
            return render(macro.body(), call);
        };
    }
}
