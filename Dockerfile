# The services of Tributary. Kafka and the schema registry are containers of their own: docker-compose.yml.
FROM node:24-slim
ENV NODE_ENV=production TRIBUTARY_DATA=/data
WORKDIR /app
# The image's own Node 24 runs the services, so no package needs its install script.
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && npm cache clean --force
COPY . .
# A named volume takes over this folder's owner.
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
# As bin/hand-over.mjs starts them.
ENTRYPOINT ["node", "--disable-warning=TimeoutNegativeWarning", "--max-semi-space-size=64", "services/commands/main.ts"]
CMD ["start"]
