package org.barnraiser.coordinator.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableTable;
import com.google.common.net.HttpHeaders;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.barnraiser.coordinator.fit.FitCheck;
import org.barnraiser.coordinator.fit.Model;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.plan.QuickestPlanner;

/** The pages for people and all that they load. Answers come out of memory. */
public final class WebSite implements AutoCloseable {
    /** Browsers ask each time whether they still have the newest; the answer is a few bytes. */
    private static final String REVALIDATED = "no-cache";
    /** The version is a part of the path. */
    private static final String FOR_EVER = "public, max-age=31536000, immutable";
    private static final Pattern OWN_FILE = Pattern.compile("[a-z0-9-]+/[a-z0-9-]+\\.(js|css|json|svg|md)");

    private final WebSettings settings;
    private final Languages languages = new Languages();
    private final Libraries libraries = new Libraries();
    private final SecurityHeaders security = new SecurityHeaders(libraries.importMapHash());
    private final Branding branding;
    private final StaticFile brandingStyle;
    private final ClusterStream stream;
    private final ActivitySampler sampler;
    private final PlanHandler plans;
    private final ImmutableTable<Page, String, StaticFile> pages;
    /** Only files that exist get in, so it is bounded by this program. */
    private final Map<String, StaticFile> ownFiles = new ConcurrentHashMap<>();

    /** Makes the pages; they show the cluster as that source has it. */
    public WebSite(WebSettings settings, ClusterStatus.Source cluster) {
        this.settings = settings;
        branding = settings.dataDirectory().map(BrandingFile::read).orElse(Branding.STANDARD);
        brandingStyle = StaticFile.of("branding.css", branding.css().getBytes(StandardCharsets.UTF_8));
        stream = new ClusterStream(cluster);
        sampler = ActivitySampler.start(cluster);
        plans = new PlanHandler(new FitCheck(new QuickestPlanner()),
                settings.hosted().map(needs -> new Model(needs, false)), cluster);
        pages = pages(new PageTemplate(languages, libraries, branding, settings.kioskMinutes()));
    }

    private static ImmutableTable<Page, String, StaticFile> pages(PageTemplate template) {
        ImmutableTable.Builder<Page, String, StaticFile> filled = ImmutableTable.builder();
        for (Page page : Page.values()) {
            for (String language : Languages.ALL) {
                filled.put(page, language, template.fill(page, language));
            }
        }
        return filled.buildOrThrow();
    }

    public void register(RoutesConfig routes) {
        for (Page page : Page.values()) {
            routes.get(page.path(), ctx -> page(ctx, page));
        }
        routes.get("/assets/branding.css", ctx -> send(ctx, brandingStyle, REVALIDATED));
        routes.get("/assets/<file>", this::ownFile);
        routes.get("/lib/<file>", this::library);
        routes.get("/api/branding", ctx -> Json.send(ctx, 200, branding.toJson()));
        routes.get("/api/settings", this::settings);
        routes.get("/api/cluster/stream", stream::watch);
        routes.get("/api/cluster/history", ctx -> Json.send(ctx, 200, sampler.history().toJson()));
        routes.get("/api/lend", ctx -> Json.send(ctx, 200, lending()));
        routes.post("/api/plan", plans::answer);
    }

    private void page(Context ctx, Page page) {
        String language = languages.choose(ctx.header(HttpHeaders.ACCEPT_LANGUAGE));
        ctx.res().addHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT_LANGUAGE);
        ctx.header(HttpHeaders.CONTENT_LANGUAGE, language);
        StaticFile file = pages.get(page, language);
        if (file == null) {
            throw new NotFoundResponse();
        }
        send(ctx, file, REVALIDATED);
    }

    private void ownFile(Context ctx) {
        String path = ctx.pathParam("file");
        if (!OWN_FILE.matcher(path).matches()) {
            throw new NotFoundResponse();
        }
        StaticFile file = ownFiles.get(path);
        if (file == null) {
            file = StaticFile.of(path, Resource.own(path).orElseThrow(NotFoundResponse::new));
            ownFiles.put(path, file);
        }
        send(ctx, file, REVALIDATED);
    }

    private void library(Context ctx) {
        Optional<StaticFile> file = libraries.file(ctx.path());
        send(ctx, file.orElseThrow(NotFoundResponse::new), FOR_EVER);
    }

    private void settings(Context ctx) {
        ObjectNode body = Json.object().put("kiosk", settings.kioskMinutes().isPresent());
        settings.kioskMinutes().ifPresent(minutes -> body.put("idleMinutes", minutes));
        Json.send(ctx, 200, body);
    }

    private ObjectNode lending() {
        return Json.object().put("zooKeeper", settings.zooKeeper()).put("reachable", settings.reachable());
    }

    private void send(Context ctx, StaticFile file, String cacheControl) {
        security.set(ctx);
        file.send(ctx, cacheControl);
    }

    /** Ends the streams of those who watch. */
    @Override
    public void close() {
        stream.close();
        sampler.close();
    }
}
