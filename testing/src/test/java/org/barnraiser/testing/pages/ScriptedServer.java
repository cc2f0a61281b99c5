package org.barnraiser.testing.pages;

import com.google.common.primitives.ImmutableIntArray;
import com.google.protobuf.ByteString;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.barnraiser.coordinator.api.HttpServer;
import org.barnraiser.coordinator.api.HttpServerConfig;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.coordinator.model.TextPart;
import org.barnraiser.coordinator.web.WebSettings;
import org.barnraiser.proto.SampledToken;

/** The coordinator's own server and pages, in front of a model that says what a test wants. A token is a character. */
final class ScriptedServer implements AutoCloseable {
    static final int CONTEXT_TOKENS = 20_000;
    /** Repeats the question. */
    static final Script ECHO = (prompt, voice) -> voice.say("You said: ").say(lastQuestion(prompt)).say(".");
    private static final String DIGEST = "0123456789abcdef".repeat(4);

    /** What the model says to a prompt; runs on a thread of its own. */
    interface Script {
        void answer(String prompt, Voice voice) throws InterruptedException;
    }

    private final HttpServer server;
    private volatile Script script;

    ScriptedServer(Script script) {
        this(script, WebSettings.standard());
    }

    ScriptedServer(Script script, WebSettings pages) {
        this.script = script;
        server = new HttpServer(HttpServerConfig.onPort(0), new Model(), ScriptedServer::status, pages).start();
    }

    /** Answers by another script from now on. */
    void follow(Script other) {
        script = other;
    }

    /** What the reader asked last, in a prompt of ChatML. */
    static String lastQuestion(String prompt) {
        String from = prompt.substring(prompt.lastIndexOf("<|im_start|>user\n") + "<|im_start|>user\n".length());
        return from.substring(0, from.indexOf("<|im_end|>"));
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    @Override
    public void close() {
        server.close();
    }

    private static ClusterStatus status() {
        List<ClusterStatus.Stage> stages = List.of(new ClusterStatus.Stage("oak", 0, 12, 1, "10.0.0.1:9000", 0, 0, 0),
                new ClusterStatus.Stage("ash", 12, 20, 2, "10.0.0.2:9000", 0, 0, 0),
                new ClusterStatus.Stage("elm", 20, 32, 3, "10.0.0.3:9000", 0, 0, 0));
        List<ClusterStatus.Worker> workers = List.of(worker("oak", "reading-room"), worker("ash", "office"),
                worker("elm", "cellar"));
        return new ClusterStatus(new ClusterStatus.Model("barn-model", DIGEST, true, ""),
                new ClusterStatus.Plan(3, List.of(new ClusterStatus.Pipeline(1, 1, stages))), workers, List.of(),
                ClusterStatus.Activity.NONE, List.of());
    }

    private static ClusterStatus.Worker worker(String name, String host) {
        return new ClusterStatus.Worker(name, "10.0.0.1:9000", 1, "b4916", 1L << 30, Map.of(), host, "stage", "",
                "");
    }

    /** One answer that is being given. */
    static final class Voice implements Generation {
        private final GenerationListener listener;
        private final CountDownLatch cancelled = new CountDownLatch(1);
        private int position;

        private Voice(GenerationListener listener) {
            this.listener = listener;
        }

        /** Says a piece as one token. */
        Voice say(String piece) {
            listener.onToken(SampledToken.newBuilder().setToken(position).setPosition(position++)
                    .setPiece(ByteString.copyFromUtf8(piece)).build());
            return this;
        }

        /** Says a text in tokens of this many characters, so many a second, until it is said or nobody listens. */
        void say(String text, int charactersPerToken, int tokensPerSecond) throws InterruptedException {
            for (int from = 0; from < text.length() && !pause(1000 / tokensPerSecond); from += charactersPerToken) {
                say(text.substring(from, Math.min(text.length(), from + charactersPerToken)));
            }
        }

        /** Waits, and tells whether the reader has gone meanwhile. */
        boolean pause(int millis) throws InterruptedException {
            return cancelled.await(millis, TimeUnit.MILLISECONDS);
        }

        /** Tells that the machines are gone for the moment. */
        void lose(String reason) {
            listener.onPause(reason);
        }

        /** Tells that others have taken over. */
        void speakOn() {
            listener.onResume();
        }

        /** Breaks off. */
        void fail(String reason) {
            throw new Failure(reason);
        }

        @Override
        public void cancel() {
            cancelled.countDown();
        }
    }

    private static final class Failure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Failure(String reason) {
            super(reason);
        }
    }

    private final class Model implements HostedModel {
        @Override
        public ModelDescription description() {
            return new ModelDescription("barn-model", DIGEST, "llama", CONTEXT_TOKENS, 0x110000, 1_700_000_000,
                    Optional.empty(), "", "");
        }

        @Override
        public Readiness readiness() {
            return new Readiness.Ready();
        }

        @Override
        public ImmutableIntArray tokenize(List<TextPart> parts, boolean addSpecial) {
            return ImmutableIntArray.copyOf(parts.stream().flatMapToInt(part -> part.text().codePoints()));
        }

        @Override
        public ByteString detokenize(ImmutableIntArray tokens) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Generation generate(GenerationRequest request, GenerationListener listener) {
            int[] prompt = request.promptTokens().toArray();
            Voice voice = new Voice(listener);
            Thread.ofVirtual().start(() -> speak(new String(prompt, 0, prompt.length), voice, listener));
            return voice;
        }

        private void speak(String prompt, Voice voice, GenerationListener listener) {
            GenerationEnd end = new GenerationEnd.EndOfGeneration();
            try {
                script.answer(prompt, voice);
            } catch (Failure failure) {
                end = new GenerationEnd.Failed(String.valueOf(failure.getMessage()), true);
            } catch (InterruptedException interrupted) {
                end = new GenerationEnd.Failed("interrupted", false);
            }
            listener.onEnd(voice.cancelled.getCount() == 0 ? new GenerationEnd.Cancelled() : end);
        }
    }
}
