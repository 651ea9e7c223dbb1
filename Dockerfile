# Debian and not Alpine: the core of the Temporal SDK is built for glibc.
FROM node:22.22.1-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# The package's own script needs the sources, and no dependency needs a script.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build

FROM node:22.22.1-bookworm-slim
ENV NODE_ENV=production
# For the memo of every run: docker build --build-arg GIT_COMMIT=$(git rev-parse HEAD)
ARG GIT_COMMIT=
ENV GIT_COMMIT=$GIT_COMMIT
WORKDIR /app
# The slim image has no root certificates, and the worker needs them for a Temporal server with TLS.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force
COPY --from=build /app/dist ./dist
# For sample data, artifacts and state. A new volume mounted here gets this owner.
RUN mkdir .local && chown node:node .local
USER node
# The worker finishes what it has begun, or hands it over: give it WORKER_GRACE_SECONDS and ten seconds more.
STOPSIGNAL SIGTERM
CMD ["node", "dist/cli.js", "worker"]
