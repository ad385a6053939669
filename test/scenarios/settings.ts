import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { atEnd } from './at-end.ts'

/** Environment variables of the program, by name. */
export type Settings = Readonly<Record<string, string>>

/** Below those that the system gives to outgoing connections, which could take a port while a killed service is away. */
const LOWEST_PORT = 10_000
const HIGHEST_PORT = 32_000
const PORTS_OF_A_SYSTEM = 9

/** Settings under which nothing is shared with any other system: ports that are free, and a data folder that is removed after the test. */
export const ownSettings = async (context: TestContext): Promise<Settings> => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-scenario-'))
  atEnd(context, () => rmSync(folder, { recursive: true, force: true }))
  const first = await freePorts(PORTS_OF_A_SYSTEM)
  const names = ['INGEST_PORT', 'CONSOLE_PORT', 'KAFKA_PORT', 'REGISTRY_PORT', 'SANDBOX_PORT_BASE']
  return {
    TRIBUTARY_DATA: folder,
    // The emulated Zoom has its reports at once; of webinars that it does not hold there will never be one.
    ZOOM_REPORT_AFTER: '1s',
    ZOOM_REPORT_WAIT: '2s',
    ...Object.fromEntries(names.map((name, index) => [name, String(first + index)])),
  }
}

/** The first of so many ports in a row that are free. */
export const freePorts = async (count: number): Promise<number> => {
  for (;;) {
    const first = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT))
    const ports = Array.from({ length: count }, (_, index) => first + index)
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)))
  })
