# syntax=docker/dockerfile:1
# The command alone on distroless Node: no shell, no package manager, no node_modules, not root. docs/kubernetes.md
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY build.mjs tsconfig.json ./
COPY lib ./lib
COPY bin ./bin
COPY functions ./functions
COPY page ./page
RUN node build.mjs && rm -r dist/functions && find dist -name '*.map' -delete

FROM gcr.io/distroless/nodejs24-debian12:nonroot
LABEL org.opencontainers.image.title="egress-scout" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /src/dist /app
# By number, so that Kubernetes can tell that it is not root (runAsNonRoot).
USER 65532:65532
# Where state goes that is named by a relative path; the only place that is written to, but for /tmp.
WORKDIR /var/lib/egress-scout
# Each container begins with an empty /tmp: what V8 compiled would be written there and never read.
ENV NODE_ENV=production XDG_CACHE_HOME=/tmp NODE_DISABLE_COMPILE_CACHE=1
ENTRYPOINT ["/nodejs/bin/node", "/app/egress-scout.mjs"]
CMD ["--help"]
