import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import { pipeline } from '../../topology/pipeline.ts'
import { identities, identityClaims } from '../../topology/topics.ts'
import { parseAlias } from '../identity/aliases.ts'
import { createDirectory } from '../identity/directory.ts'
import { aliasesToErase } from '../identity/erasure.ts'
import { systemClock as clock } from '../runtime/clock.ts'
import { type Codec, createCodec } from '../runtime/codec.ts'
import { createMetrics } from '../runtime/metrics.ts'
import { startTables } from '../runtime/process/tables.ts'
import { addressesOf, type Connections, connect, readConfig } from './connections.ts'
import { printJson, printLines } from './output.ts'

export const addEraseCommand = (program: Command): void => {
  program
    .command('erase')
    .argument('<alias...>', 'whom: email:ada@example.com, user:42, hubspot:contact:501, zoom:registrant:…')
    .description('forget a person everywhere in Kafka and stop later writes')
    .option(
      '--lift',
      'take these aliases again after an erasure, and only these: which others went with them is not kept',
    )
    .option('--json', 'print the result as JSON')
    .action((aliases: readonly string[], flags: EraseFlags) => erase(aliases, flags))
}

interface EraseFlags {
  readonly lift?: boolean
  readonly json?: boolean
}

const erase = async (given: readonly string[], { lift = false, json = false }: EraseFlags): Promise<void> => {
  const named = given.map(parseAlias)
  const config = readConfig()
  const connections = connect(config, addressesOf(config), 'tributary-erase')
  const { kafka, registry } = connections
  try {
    const { topics } = pipeline
    const codec = await createCodec({ registry, topics, clock, topicPrefix: config.topicPrefix, register: false })
    const aliases = lift ? named : await allToErase(named, { ...connections, codec }, config.erasureSecret)
    await claim(kafka, codec, aliases, lift ? 'LIFT' : 'ERASE')
    if (json) printJson({ claim: lift ? 'LIFT' : 'ERASE', aliases })
    else
      printLines(
        `${lift ? 'Taken again' : 'Forgotten'} as soon as the resolver has taken the claim: ${aliases.join(', ')}`,
      )
  } finally {
    await kafka.close()
  }
}

const claim = async (
  kafka: Connections['kafka'],
  codec: Codec,
  aliases: readonly string[],
  kind: 'ERASE' | 'LIFT',
): Promise<void> => {
  const time = clock.now()
  const id = `operator:${kind.toLowerCase()}:${randomUUID()}`
  const value = codec.encode(identityClaims, { id, time, kind, aliases, attributes: {}, source: 'operator' })
  const publisher = await kafka.publisher('erase')
  await publisher.publish([{ topic: identityClaims.name, partition: 0, key: aliases[0] ?? id, value }])
  await publisher.close()
}

/** Whom the aliases lead to now: a weak one (a device) is erased together with the person behind it. */
const allToErase = async (
  named: readonly string[],
  parts: Connections & { readonly codec: Codec },
  secret: string,
): Promise<readonly string[]> => {
  const directory = createDirectory(secret)
  let broken: Error | undefined
  const onFatal = (error: Error): void => {
    broken = error
  }
  const tables = await startTables({ ...parts, directory, metrics: createMetrics(), state: new Map(), onFatal })
  await tables.caughtUp(identities.name)
  await tables.close()
  if (broken) throw broken
  return [...new Set(named.flatMap(alias => aliasesToErase(alias, directory.find(alias))))]
}
