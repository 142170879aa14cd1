# syntax=docker/dockerfile:1

FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends libcurl4-openssl-dev libsqlite3-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.* ./
# Apart from the sources, so that a change of them alone does not fetch the packages again.
RUN swift package resolve
COPY Sources Sources
COPY Tests Tests
RUN swift build -c release --product procession --static-swift-stdlib \
    && install -D -m 0755 "$(swift build -c release --static-swift-stdlib --show-bin-path)/procession" /out/procession \
    && strip /out/procession

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="Procession" \
    org.opencontainers.image.description="A durable process manager: events in, tasks out, outcomes back." \
    org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim"
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libcurl4 libsqlite3-0 tzdata \
    && rm -rf /var/lib/apt/lists/* \
    # The volume takes its owner from this folder.
    && install -d -o 10001 -g 10001 -m 0750 /data
COPY --from=build /out/procession /opt/procession/procession
ENV PATH="/opt/procession:${PATH}" \
    PROCESSION_STORE="sqlite:/data/procession.db" \
    PROCESSION_LISTEN="0.0.0.0:7070" \
    PROCESSION_LOG_FORMAT="json"
# A published port leads to the container's own address, never to its loopback, so the service has to listen on all
# addresses. It refuses that until there is a key, made with the same volume:
#   docker run --rm -v procession:/data --entrypoint procession procession keys create --name root --scope admin \
#     --store sqlite:/data/procession.db
# or unless it is told with --insecure (PROCESSION_INSECURE=true) that nobody has to show one. The image does not say so on
# its own; whoever starts it does, and publishes the port where only friends are:
#   docker run -e PROCESSION_INSECURE=true -p 127.0.0.1:7070:7070 -v procession:/data procession
# A number, so that an orchestrator can see that this is not root.
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 7070
# By loopback inside the container; the port is that of PROCESSION_LISTEN.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
    CMD ["/opt/procession/procession", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/procession/procession", "serve"]
