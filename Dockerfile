# Built in one stage, run in another that has Node.js and the bundle and nothing else of ours.
FROM docker.io/library/node:22-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json LICENSE ./
COPY scripts/bundle.js scripts/bill-of-materials.js scripts/page.js scripts/
COPY src src
RUN npm run bundle

FROM docker.io/library/node:22-bookworm-slim
WORKDIR /app
COPY --from=build /build/dist dist
COPY --from=build /build/package.json /build/LICENSE ./
# The one V8 flag that matters here: a small young generation keeps the process about 20 MB smaller.
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-semi-space-size=1 \
    HTTP_HOST=127.0.0.1 \
    HTTP_PORT=8092
RUN install -d -o 1000 -g 1000 /data
VOLUME /data
USER 1000:1000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["node", "dist/probe.js"]
ENTRYPOINT ["node", "--enable-source-maps", "dist/main.js"]
