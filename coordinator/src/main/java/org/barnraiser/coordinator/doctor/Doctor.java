package org.barnraiser.coordinator.doctor;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.doctor.Report.Section;
import org.barnraiser.trust.Links;

/** Looks at this machine and, when one is known, at a cluster, side by side. */
public final class Doctor {
    private final DoctorSettings settings;
    private final Links links;
    private final Endpoint here;

    /** Looks at a cluster without certificates. */
    public Doctor(DoctorSettings settings) {
        this(settings, Links.PLAIN);
    }

    /** @param links by which machines of the cluster are reached */
    public Doctor(DoctorSettings settings, Links links) {
        this.settings = settings;
        this.links = links;
        here = new Endpoint(URI.create("http://localhost:" + settings.port()));
    }

    /** Blocks, no longer than the time in the settings. Changes nothing that lasts. */
    public Report examine() throws InterruptedException {
        try (Examination examination = new Examination(settings.time());
                Connections connections = new Connections(links)) {
            Examination.Begun machine = examination.begin(machineChecks());
            Optional<Endpoint> url = settings.url().map(Endpoint::new)
                    .or(() -> here.answer() instanceof Endpoint.Cluster ? Optional.of(here) : Optional.empty());
            List<Finding> cluster = new ClusterExamination(examination, new Endpoints(url), connections)
                    .findings(settings.zooKeeper(), url);
            List<Section> sections = new ArrayList<>();
            sections.add(new Section("This machine", examination.await(machine)));
            if (!cluster.isEmpty()) {
                sections.add(new Section("The cluster", cluster));
            }
            return new Report(sections);
        }
    }

    private List<Check> machineChecks() {
        var worker = new WorkerProgram(settings.java(), settings.workerClasspath());
        return List.of(new JdkCheck(Runtime.version()),
                new EngineCheck(settings.llamaLibrary(), worker, settings.time().minusSeconds(1)),
                new EngineChoiceCheck(settings.data(), settings.llamaLibrary(), worker,
                        settings.time().minusSeconds(1)),
                new MemoryCheck(MachineMemory.read(Path.of("/"))), new DiskCheck(settings.data()),
                new PortCheck(settings.port(), here), new OpenFilesCheck(), new NamesCheck());
    }
}
