import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fetchArtifacts } from '../../services/platform/artifacts.ts'
import { clusterId, kafkaBroker } from '../../services/platform/kafka-broker.ts'
import { HOST } from '../../services/platform/ports.ts'
import { registryUrl, schemaRegistry } from '../../services/platform/schema-registry.ts'
import { startServer } from '../../services/platform/server.ts'
import { freePorts } from '../scenarios/settings.ts'
import type { ClusterTrap, TestCluster, TestNode } from './cluster.ts'
import { controlledCluster } from './control.ts'
import { examine } from './examine.ts'
import { Link } from './link.ts'
import { BrokerNode } from './node.ts'

const NODES = 3
/** For its clients, for the other brokers, for the controllers. */
const LISTENERS = 3

/** The cluster that the test runner shares (TRIBUTARY_TEST_CLUSTER), else one of its own. @param say receives lines for a person to read */
export const startTestCluster = (say: (line: string) => void = () => undefined): Promise<TestCluster> => {
  const shared = process.env['TRIBUTARY_TEST_CLUSTER']
  return shared ? controlledCluster(shared) : startEmbeddedCluster(say)
}

/** Starts three brokers and a registry as processes of this machine, in a folder that is removed at the end. They end with this process, however it ends. */
export const startEmbeddedCluster = async (say: (line: string) => void): Promise<TestCluster> => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-cluster-'))
  const opened: (() => Promise<void>)[] = [() => Promise.resolve(rmSync(folder, { recursive: true, force: true }))]
  const stop = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close()
  }
  try {
    const artifacts = await fetchArtifacts(say)
    const first = await freePorts(NODES * LISTENERS + 1)
    const nodes = await makeNodes(folder, artifacts, first)
    for (const node of nodes)
      opened.push(
        () => node.link.close(),
        () => node.end('SIGTERM'),
      )
    for (const node of nodes) await node.start()
    const port = first + NODES * LISTENERS
    const outputFile = join(folder, 'registry.log')
    const definition = schemaRegistry({ artifacts, folder: join(folder, 'registry'), outputFile, port })
    const raise = (error: Error) => {
      throw error
    }
    const registry = await startServer(definition, { onProgress: say, onRun: () => undefined, onFailure: raise })
    opened.push(() => registry.stop())
    await Promise.all(nodes.map(node => node.serves()))
    return clusterOf(nodes, registryUrl(port), () => endAll(nodes).then(stop))
  } catch (error) {
    await stop()
    throw error
  }
}

const makeNodes = (
  folder: string,
  artifacts: Parameters<typeof kafkaBroker>[0]['artifacts'],
  firstPort: number,
): Promise<readonly BrokerNode[]> => {
  const id = clusterId()
  const portsOf = (node: number) => firstPort + (node - 1) * LISTENERS
  const numbers = Array.from({ length: NODES }, (_, index) => index + 1)
  const voters = numbers.map(node => `${node}@${HOST}:${portsOf(node) + 2}`).join()
  return Promise.all(
    numbers.map(async node => {
      const port = portsOf(node)
      const link = await Link.open(0, port)
      const settings = {
        ...CLUSTER_SETTINGS,
        'node.id': node,
        'controller.quorum.voters': voters,
        'listener.security.protocol.map': 'CLIENTS:PLAINTEXT,BROKERS:PLAINTEXT,CONTROLLER:PLAINTEXT',
        'inter.broker.listener.name': 'BROKERS',
        listeners: `CLIENTS://${HOST}:${port},BROKERS://${HOST}:${port + 1},CONTROLLER://${HOST}:${port + 2}`,
        'advertised.listeners': `CLIENTS://${HOST}:${link.port},BROKERS://${HOST}:${port + 1}`,
      }
      const place = {
        artifacts,
        folder: join(folder, `node-${node}`),
        outputFile: join(folder, `node-${node}.log`),
        port,
      }
      return new BrokerNode(node, kafkaBroker({ ...place, member: { clusterId: id, settings } }), link)
    }),
  )
}

/** What a production cluster is asked for in README.md, and short times, so that a test need not wait for long. */
const CLUSTER_SETTINGS = {
  'default.replication.factor': 3,
  'min.insync.replicas': 2,
  'offsets.topic.replication.factor': 3,
  'transaction.state.log.replication.factor': 3,
  'transaction.state.log.min.isr': 2,
  'share.coordinator.state.topic.replication.factor': 3,
  'share.coordinator.state.topic.min.isr': 2,
  'replica.lag.time.max.ms': 5_000,
  'controller.quorum.election.timeout.ms': 1_000,
  'controller.quorum.fetch.timeout.ms': 2_000,
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1_000,
  'group.min.session.timeout.ms': 1_000,
}

const clusterOf = (nodes: readonly BrokerNode[], url: string, stop: () => Promise<void>): TestCluster => {
  const brokers = nodes.map(({ link }) => `${HOST}:${link.port}`)
  const testNodes = nodes.map(testNodeOf)
  const nodeOf = (id: number): TestNode => {
    const found = testNodes.find(node => node.id === id)
    if (!found) throw new Error(`There is no broker ${id}`)
    return found
  }
  const cluster = examine(brokers)
  return {
    ...{ brokers, registryUrl: url, nodes: testNodes },
    trap: wanted => Promise.resolve(trapOf(nodes.map(({ link }) => link.trap(wanted)))),
    leaderOf: async (topic, partition) => nodeOf(await cluster.leaderOf(topic, partition)),
    coordinatorOf: async (kind, name) => nodeOf(await cluster.coordinatorOf(kind, name)),
    heal: async () => {
      for (const node of nodes) {
        node.link.heal()
        node.thaw()
      }
      await Promise.all(nodes.map(node => node.start().then(() => node.serves())))
      await cluster.inSync(NODES)
    },
    stop,
  }
}

/** One of the links springs it; then the others let go. */
const trapOf = (traps: readonly ReturnType<Link['trap']>[]): ClusterTrap => ({
  sprung: () => Promise.race(traps.map(trap => trap.sprung)),
  release: () => {
    for (const trap of traps) trap.release()
    return Promise.resolve()
  },
})

const testNodeOf = (node: BrokerNode): TestNode => ({
  id: node.id,
  kill: () => node.end('SIGKILL'),
  shutDown: () => node.end('SIGTERM'),
  start: () => node.start().then(() => node.serves()),
  fillDisk: () => node.fillDisk(),
  freeze: () => Promise.resolve(node.freeze()),
  thaw: () => Promise.resolve(node.thaw()),
  link: (state, delayMs) => Promise.resolve(node.link.set(state, delayMs)),
})

/** All at once: one that is left alone waits for a quorum which does not come back. */
const endAll = async (nodes: readonly BrokerNode[]): Promise<void> => {
  await Promise.all(nodes.map(node => node.end('SIGKILL')))
}
