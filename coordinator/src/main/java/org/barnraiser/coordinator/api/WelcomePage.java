package org.barnraiser.coordinator.api;

import org.barnraiser.coordinator.model.ModelDescription;

/** The first page: what this is, and how to ask it something. */
final class WelcomePage {
    private static final String HTML = """
                                       <!doctype html>
                                       <html lang="en">
                                       <meta charset="utf-8">
                                       <title>Barnraiser</title>
                                       <h1>Barnraiser</h1>
                                       <p>Several machines of this community host one language model together: <b>MODEL_NAME</b>.
                                       Programs ask it through the OpenAI API. Nothing that is asked or answered is stored or logged.</p>
                                       <pre>curl http://localhost:8080/v1/chat/completions -H 'Content-Type: application/json' \\
                                         -d '{"messages":[{"role":"user","content":"Hello!"}]}'</pre>
                                       <p>(Put this page's own address in place of localhost:8080.)</p>
                                       <ul>
                                       <li><a href="/api/cluster">Which machines run which layers</a></li>
                                       <li><a href="/v1/models">The model</a></li>
                                       <li><a href="/metrics">Counts for monitoring</a></li>
                                       </ul>
                                       </html>
                                       """;

    private WelcomePage() {}

    static String html(ModelDescription model) {
        return HTML.replace("MODEL_NAME", escape(model.name()));
    }

    /** A model's name comes from its file, so it may hold anything. */
    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
