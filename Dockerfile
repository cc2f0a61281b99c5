# Images of Barnraiser's parts: docker build --target coordinator|worker|worker-gpu|operator .
# All run as user 1000 with a root file system that may be read-only; /data and /tmp are written.
ARG JAVA=25.0.3_9
ARG LLAMA_IMAGE=ghcr.io/ggml-org/llama.cpp:server-cuda13-v0.5.0

FROM maven:3.9.11-eclipse-temurin-25 AS build
WORKDIR /src
COPY . .
RUN mvn -q -B package -Dmaven.test.skip=true -Dspotless.check.skip=true -pl coordinator,worker,operator -am

FROM eclipse-temurin:${JAVA}-jre-noble AS java
RUN install -d -o 1000 -g 1000 /data
COPY barn helm/images/health /barn/
ENV BARN_DATA=/data
WORKDIR /barn
USER 1000:1000
ENTRYPOINT ["/barn/barn"]
CMD ["help"]

FROM java AS coordinator
COPY coordinator/src/main/resources/org/barnraiser/coordinator/cli/barnraiser-demo.gguf /barn/models/
COPY --from=build /src/coordinator/target/lib /barn/coordinator/target/lib
COPY --from=build /src/coordinator/target/*.jar /barn/coordinator/target/
EXPOSE 8080 9091
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s CMD ["/barn/health", "http", "127.0.0.1", "8080", "/healthz"]

FROM java AS operator
COPY --from=build /src/operator/target/lib /barn/operator/target/lib
COPY --from=build /src/operator/target/*.jar /barn/operator/target/
EXPOSE 8081
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s CMD ["/barn/health", "http", "127.0.0.1", "8081", "/healthz"]

# A worker on an official llama.cpp image (CUDA, ROCm, Vulkan, …): --build-arg LLAMA_IMAGE=… names one whose build Barnraiser knows.
FROM ${LLAMA_IMAGE} AS worker-gpu
USER 0:0
RUN install -d -o 1000 -g 1000 /data
COPY --from=java /opt/java/openjdk /opt/java/openjdk
COPY barn helm/images/health /barn/
COPY --from=build /src/worker/target/lib /barn/worker/target/lib
COPY --from=build /src/worker/target/*.jar /barn/worker/target/
ENV JAVA_HOME=/opt/java/openjdk BARN_DATA=/data BARN_LLAMA_LIB=/app
WORKDIR /barn
USER 1000:1000
EXPOSE 9090
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s CMD ["/barn/health", "worker"]
ENTRYPOINT ["/barn/barn"]
CMD ["help"]

# A worker with the llama.cpp that comes along, which computes on processors.
FROM java AS worker
USER 0:0
# What the bundled llama.cpp links to; security fixes of the base's own archive are wanted, so no versions are named.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 libstdc++6 && rm -rf /var/lib/apt/lists/*
COPY --from=build /src/worker/target/lib /barn/worker/target/lib
COPY --from=build /src/worker/target/*.jar /barn/worker/target/
USER 1000:1000
EXPOSE 9090
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s CMD ["/barn/health", "worker"]
