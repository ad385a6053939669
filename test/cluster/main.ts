// `npm run cluster`: three brokers and a registry on this machine until Ctrl-C, for tests (TRIBUTARY_TEST_CLUSTER) and for trying things out by hand.
import { endWithParent } from '../../services/platform/parent.ts'
import { serveControl } from './control.ts'
import { startEmbeddedCluster } from './embedded.ts'

endWithParent()
const cluster = await startEmbeddedCluster(line => process.stderr.write(`${line}\n`))
await cluster.heal()
const { url, server } = await serveControl(cluster)
process.stdout.write(
  [
    `KAFKA_BROKERS=${cluster.brokers}`,
    `SCHEMA_REGISTRY_URL=${cluster.registryUrl}`,
    `TRIBUTARY_TEST_CLUSTER=${url}`,
    '',
  ].join('\n'),
)
const end = async (): Promise<void> => {
  server.close()
  server.closeAllConnections()
  await cluster.stop()
  process.exit(0)
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end())
