# Debian and not Alpine: the core of the Temporal SDK is built for glibc.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# The package's own script needs the sources, and no dependency needs a script.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build

FROM node:24.21.0-bookworm-slim
WORKDIR /app
# The slim image has no root certificates, and the worker needs them for a Temporal server with TLS.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force
COPY --from=build /app/dist ./dist
# All that a worker writes is here and in /tmp: the rest of the file system may be read-only.
RUN mkdir .local && chown node:node .local
# For the memo of every run: docker build --build-arg GIT_COMMIT=$(git rev-parse HEAD)
ARG GIT_COMMIT=
ENV NODE_ENV=production GIT_COMMIT=$GIT_COMMIT METRICS_PORT=9464
# So that glibc gives freed memory back: see src/cli/local/worker.ts.
ENV MALLOC_MMAP_THRESHOLD_=1048576 MALLOC_TRIM_THRESHOLD_=1048576 MALLOC_ARENA_MAX=2
LABEL org.opencontainers.image.title="imdb-temporal" \
      org.opencontainers.image.description="Worker: CSV, Kafka, random forest, stream of predictions" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.revision=$GIT_COMMIT
# The user "node", as a number: Kubernetes must see that it is not root.
USER 1000:1000
EXPOSE 9464
# The slim image has no curl.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.METRICS_PORT}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# The worker finishes what it has begun, or hands it over: give it WORKER_GRACE_SECONDS and ten seconds more.
STOPSIGNAL SIGTERM
CMD ["node", "dist/cli.js", "worker"]
