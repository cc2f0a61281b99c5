package org.barnraiser.coordinator.cluster;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.barnraiser.proto.DescribeRequest;
import org.barnraiser.proto.JsonSchemaToGrammarRequest;
import org.barnraiser.proto.JsonSchemaToGrammarResponse;
import org.barnraiser.proto.LoadProgress;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.TokenizeRequest;
import org.barnraiser.proto.TokenizeResponse;
import org.barnraiser.proto.UnloadRequest;
import org.barnraiser.proto.UnloadResponse;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.proto.WorkerRecord;

/** The control calls of a {@link ScriptedWorker}: remembers what it was asked, and loads as the script of the moment says. */
final class ScriptedControl extends WorkerControlGrpc.WorkerControlImplBase {
    /** Loads at once. */
    static final Consumer<StreamObserver<LoadProgress>> LOADS = progress -> {
        progress.onNext(LoadProgress.newBuilder().setPhase(LoadProgress.Phase.READY).build());
        progress.onCompleted();
    };

    private final ScriptedStage stage;
    private final List<LoadShardRequest> loads = new CopyOnWriteArrayList<>();
    private final List<UnloadRequest> unloads = new CopyOnWriteArrayList<>();
    private volatile WorkerRecord record = WorkerRecord.getDefaultInstance();
    private volatile Consumer<StreamObserver<LoadProgress>> script = LOADS;

    ScriptedControl(ScriptedStage stage) {
        this.stage = stage;
    }

    void describeAs(WorkerRecord worker) {
        record = worker;
    }

    /** What the next loads do. */
    void onLoad(Consumer<StreamObserver<LoadProgress>> next) {
        script = next;
    }

    /** Refuses the next loads. */
    void refuseLoads(Status status) {
        onLoad(progress -> progress.onError(status.asRuntimeException()));
    }

    List<LoadShardRequest> loads() {
        return loads;
    }

    List<UnloadRequest> unloads() {
        return unloads;
    }

    @Override
    public void describe(DescribeRequest request, StreamObserver<WorkerRecord> answer) {
        answer.onNext(record);
        answer.onCompleted();
    }

    @Override
    public void loadShard(LoadShardRequest request, StreamObserver<LoadProgress> progress) {
        loads.add(request);
        if (!stage.load(request)) {
            progress.onError(
                    Status.FAILED_PRECONDITION.withDescription("a newer plan is loaded here").asRuntimeException());
            return;
        }
        script.accept(progress);
    }

    @Override
    public void unload(UnloadRequest request, StreamObserver<UnloadResponse> answer) {
        unloads.add(request);
        answer.onNext(UnloadResponse.newBuilder().setUnloaded(true).build());
        answer.onCompleted();
    }

    /** A token per character: 1 for a, 2 for b and so on. */
    @Override
    public void tokenize(TokenizeRequest request, StreamObserver<TokenizeResponse> answer) {
        TokenizeResponse.Builder response = TokenizeResponse.newBuilder();
        request.getPartsList().forEach(part -> part.getText().chars().forEach(c -> response.addTokens(c - 'a' + 1)));
        answer.onNext(response.build());
        answer.onCompleted();
    }

    @Override
    public void jsonSchemaToGrammar(JsonSchemaToGrammarRequest request,
            StreamObserver<JsonSchemaToGrammarResponse> answer) {
        if (!request.getJsonSchema().startsWith("{")) {
            answer.onError(Status.INVALID_ARGUMENT.withDescription("a schema is an object").asRuntimeException());
            return;
        }
        answer.onNext(JsonSchemaToGrammarResponse.newBuilder().setGrammar("root ::= \"{}\"").build());
        answer.onCompleted();
    }
}
