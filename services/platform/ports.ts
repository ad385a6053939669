import { connect, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { TributaryError } from '../runtime/errors.ts'

export const HOST = '127.0.0.1'
const POLL_MS = 100

/** A port that something of ours will listen on, the thing, and the setting by which people move it. */
export interface WantedPort {
  readonly port: number
  readonly purpose: string
  readonly setting: string
}

/**
 * Waits until all the ports are free, for what was stopped a moment ago may still hold them.
 * @throws TributaryError PORT_IN_USE naming each port that stays in use, and the setting that changes it
 */
export async function waitUntilFree(wanted: readonly WantedPort[], patienceMs: number): Promise<void> {
  const giveUpAt = performance.now() + patienceMs
  for (;;) {
    const taken = await takenOf(wanted)
    if (taken.length === 0) return
    if (performance.now() > giveUpAt) throw portInUse(taken)
    await delay(POLL_MS)
  }
}

/** A port that nothing uses now. Another program may take it before we do; then the server's start is tried again. */
export function chooseFreePort(): Promise<number> {
  return listenOnce(0)
}

/** Whether something accepts connections on this port of the local machine. */
export function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host: HOST, port })
    const settle = (answered: boolean) => {
      socket.destroy()
      resolve(answered)
    }
    socket.setTimeout(1_000, () => settle(false))
    socket.on('connect', () => settle(true)).on('error', () => settle(false))
  })
}

async function takenOf(wanted: readonly WantedPort[]): Promise<WantedPort[]> {
  const taken: WantedPort[] = []
  for (const one of wanted) {
    const problem = await listenOnce(one.port).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error,
    )
    if (problem?.code === 'EADDRINUSE') taken.push(one)
    else if (problem)
      throw new TributaryError(
        'PORT_REFUSED',
        `Expected ${HOST}:${one.port} to be usable for ${one.purpose}; the system says ${problem.code}. Set ${one.setting} to another port.`,
        { cause: problem },
      )
  }
  return taken
}

function portInUse(taken: readonly WantedPort[]): TributaryError {
  const lines = taken.map(
    ({ port, purpose, setting }) =>
      `Port ${port} on ${HOST}, wanted for ${purpose}, is in use by another program: stop that program, or set ${setting} to a free port.`,
  )
  return new TributaryError('PORT_IN_USE', lines.join('\n'))
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen({ host: HOST, port, exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port))
    })
  })
}
