import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findJava, findMaven } from '../../services/platform/java.ts'
import { runProgram } from '../children.ts'

const source = fileURLToPath(new URL('KafkaStreamsJoin.java', import.meta.url))
const pom = fileURLToPath(new URL('pom.xml', import.meta.url))
const library = fileURLToPath(new URL('../../.tributary/bench/', import.meta.url))

/** The Kafka Streams program, ready to run. */
export interface StreamsProgram {
  /** Joins all tracks; gives records per second from the first to the last. */
  run(broker: string, threads: number, tracks: number): Promise<number>
}

/** Fetches the jars with Maven and compiles the program, once. */
export const prepareStreams = async (say: (line: string) => void): Promise<StreamsProgram> => {
  const jars = join(library, 'jars')
  const classes = join(library, 'classes')
  if (!existsSync(jars)) {
    say('fetching Kafka Streams with Maven (once) …')
    mkdirSync(library, { recursive: true })
    await runProgram(findMaven(), ['-B', '-q', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`])
  }
  const classPath = [classes, join(jars, '*')].join(':')
  await runProgram(findJava().replace(/java$/, 'javac'), ['-cp', classPath, '-d', classes, source])
  return {
    run: async (broker, threads, tracks) => {
      const port = broker.slice(broker.lastIndexOf(':') + 1)
      const settings = ['-Xmx2g', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', classPath]
      const args = [...settings, 'KafkaStreamsJoin', port, String(threads), 'exactly_once_v2', String(tracks)]
      const rate = /= ([\d,.]+)\/s/.exec(await runProgram(findJava(), args))?.[1]
      if (rate === undefined) throw new Error('KafkaStreamsJoin printed no rate')
      return Number(rate.replaceAll(',', ''))
    },
  }
}
