import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { HOST } from '../../services/platform/ports.ts'
import type { ClusterTrap, TestCluster } from './cluster.ts'
import type { LinkState } from './link.ts'
import type { Wanted } from './trap.ts'

interface Asked {
  readonly node?: number
  readonly state?: LinkState
  readonly delayMs?: number
  readonly wanted?: Wanted
  readonly trap?: number
  readonly topic?: string
  readonly partition?: number
  readonly kind?: 'group' | 'transaction'
  readonly name?: string
}

/** Lets other processes of this machine do to the cluster what this one can. Gives the address for TRIBUTARY_TEST_CLUSTER. */
export const serveControl = async (
  cluster: TestCluster,
): Promise<{ readonly url: string; readonly server: Server }> => {
  const actions = actionsOn(cluster)
  const server = createServer((request, response) => {
    const action = actions[(request.url ?? '').slice(1)]
    void (action ? bodyOf(request).then(action) : Promise.reject(new Error(`The cluster has no ${request.url}`))).then(
      result => response.end(JSON.stringify(result ?? null)),
      error => response.writeHead(500).end(String((error as Error).stack)),
    )
  }).listen({ host: HOST, port: 0 })
  await once(server, 'listening')
  const address = server.address()
  return { url: `http://${HOST}:${typeof address === 'object' ? address?.port : ''}`, server }
}

const actionsOn = (cluster: TestCluster): Readonly<Record<string, (asked: Asked) => Promise<unknown>>> => {
  const traps: ClusterTrap[] = []
  const node = ({ node: id }: Asked) => {
    const found = cluster.nodes.find(each => each.id === id)
    if (!found) throw new Error(`There is no broker ${id}`)
    return found
  }
  return {
    describe: async () => ({
      brokers: cluster.brokers,
      registryUrl: cluster.registryUrl,
      nodes: cluster.nodes.map(({ id }) => id),
    }),
    kill: asked => node(asked).kill(),
    'shut-down': asked => node(asked).shutDown(),
    start: asked => node(asked).start(),
    'fill-disk': asked => node(asked).fillDisk(),
    freeze: asked => node(asked).freeze(),
    thaw: asked => node(asked).thaw(),
    link: asked => node(asked).link(asked.state ?? 'open', asked.delayMs),
    heal: () => cluster.heal(),
    'leader-of': async ({ topic = '', partition = 0 }) => (await cluster.leaderOf(topic, partition)).id,
    'coordinator-of': async ({ kind = 'group', name = '' }) => (await cluster.coordinatorOf(kind, name)).id,
    trap: async ({ wanted }) => wanted && traps.push(await cluster.trap(wanted)) - 1,
    sprung: async ({ trap = 0 }) => traps[trap]?.sprung(),
    release: async ({ trap = 0 }) => traps[trap]?.release(),
  }
}

/** The cluster of another process. Stopping it ends its faults only. */
export const controlledCluster = async (url: string): Promise<TestCluster> => {
  const ask = async (action: string, asked: Asked = {}): Promise<unknown> => {
    const answer = await fetch(`${url}/${action}`, { method: 'POST', body: JSON.stringify(asked) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(text)
    return JSON.parse(text)
  }
  const done = async (action: string, asked: Asked): Promise<void> => void (await ask(action, asked))
  const { nodes: ids, ...reach } = (await ask('describe')) as {
    brokers: string[]
    registryUrl: string
    nodes: number[]
  }
  const nodes = ids.map(node => ({
    id: node,
    kill: () => done('kill', { node }),
    shutDown: () => done('shut-down', { node }),
    start: () => done('start', { node }),
    fillDisk: () => done('fill-disk', { node }),
    freeze: () => done('freeze', { node }),
    thaw: () => done('thaw', { node }),
    link: (state: LinkState, delayMs = 0) => done('link', { node, state, delayMs }),
  }))
  const nodeOf = (id: unknown) =>
    nodes.find(node => node.id === id) ?? Promise.reject(new Error(`There is no broker ${id}`))
  return {
    ...reach,
    nodes,
    heal: () => done('heal', {}),
    stop: () => done('heal', {}),
    leaderOf: async (topic, partition) => nodeOf(await ask('leader-of', { topic, partition })),
    coordinatorOf: async (kind, name) => nodeOf(await ask('coordinator-of', { kind, name })),
    trap: async wanted => {
      const trap = (await ask('trap', { wanted })) as number
      return { sprung: () => done('sprung', { trap }), release: () => done('release', { trap }) }
    },
  }
}

const bodyOf = async (request: IncomingMessage): Promise<Asked> =>
  JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString()) as Asked
