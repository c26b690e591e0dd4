# Built in one stage, run in another that has Node.js and the bundle and nothing else of ours. The bundle is the same for
# every processor and the second stage only copies, so images for other processors need no emulation: scripts/image
# builds them, and pins the base by its digest.
FROM docker.io/library/node:22-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json LICENSE ./
COPY scripts/bundle.js scripts/bill-of-materials.js scripts/core-chunk.js scripts/lean-packages.js scripts/page.js scripts/
COPY src src
RUN npm run bundle && mkdir data

FROM docker.io/library/node:22-bookworm-slim
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="evse-mqtt-bridge" \
      org.opencontainers.image.description="Daemon between a WARP EV charger and an MQTT broker" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="docker.io/library/node:22-bookworm-slim" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
WORKDIR /app
COPY --from=build /build/dist dist
COPY --from=build /build/package.json /build/LICENSE ./
COPY --from=build --chown=1000:1000 /build/data /data
ENV NODE_ENV=production \
    HTTP_HOST=127.0.0.1 \
    HTTP_PORT=8092
VOLUME /data
USER 1000:1000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["node", "dist/probe.js"]
ENTRYPOINT ["node", "--enable-source-maps", "dist/main.js"]
