import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Artifacts } from './artifacts.ts'
import { classArchive } from './class-archive.ts'
import { findJava, plainEnvironment } from './java.ts'
import { HOST } from './ports.ts'
import type { ServerDefinition } from './server.ts'

/** The program is small and short of work: quick to start beats quick in the long run. */
const JAVA_OPTIONS = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Djava.net.preferIPv4Stack=true']
const ANSWER_PATIENCE_MS = 2_000

export interface SchemaRegistryOptions {
  readonly artifacts: Artifacts
  readonly folder: string
  readonly outputFile: string
  readonly port: number
}

/** Where clients find the registry's Confluent-compatible interface. */
export function registryUrl(port: number): string {
  return `http://${HOST}:${port}/apis/ccompat/v7`
}

/** Apicurio Registry on 127.0.0.1, keeping its schemas in a file of its folder. */
export function schemaRegistry({ artifacts, folder, outputFile, port }: SchemaRegistryOptions): ServerDefinition {
  const java = findJava()
  const archive = classArchive(artifacts.folder, 'registry', java)
  // Without WRITE_DELAY=0 a kill -9 loses the schemas of the last half second, and records keep ids that nobody knows.
  const database = `jdbc:h2:file:${join(folder, 'registry')};WRITE_DELAY=0`
  return {
    name: 'The schema registry',
    failureCode: 'REGISTRY_NOT_STARTED',
    prepare: () => {
      mkdirSync(folder, { recursive: true })
      return Promise.resolve({
        program: java,
        args: [...JAVA_OPTIONS, ...archive.options(), '-jar', join(artifacts.registryFolder, artifacts.registryJar)],
        folder,
        env: {
          ...plainEnvironment(),
          QUARKUS_HTTP_HOST: HOST,
          QUARKUS_HTTP_PORT: `${port}`,
          REGISTRY_DATASOURCE_URL: database,
          QUARKUS_DATASOURCE_JDBC_URL: database,
        },
        outputFile,
      })
    },
    isReady: () => listsSubjects(port),
    onStopped: archive.keep,
  }
}

async function listsSubjects(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`${registryUrl(port)}/subjects`, { signal: AbortSignal.timeout(ANSWER_PATIENCE_MS) })
    return Array.isArray(await answer.json()) && answer.ok
  } catch {
    return false
  }
}
