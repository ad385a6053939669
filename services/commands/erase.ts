import type { Command } from 'commander'
import { pipeline } from '../../topology/pipeline.ts'
import { identityClaims } from '../../topology/topics.ts'
import { parseAlias } from '../identity/aliases.ts'
import { systemClock } from '../runtime/clock.ts'
import { createCodec } from '../runtime/codec.ts'
import { addressesOf, connect, readConfig } from './connections.ts'
import { printJson, printLines } from './output.ts'

export const addEraseCommand = (program: Command): void => {
  program
    .command('erase')
    .argument('<alias>', 'whom: email:ada@example.com, user:42, hubspot:contact:501, zoom:registrant:…')
    .description('forget a person everywhere in Kafka and stop later writes')
    .option('--lift', 'take this alias again after an erasure')
    .option('--json', 'print the result as JSON')
    .action((alias: string, flags: { readonly lift?: boolean; readonly json?: boolean }) => erase(alias, flags))
}

const erase = async (
  given: string,
  { lift = false, json = false }: { lift?: boolean; json?: boolean },
): Promise<void> => {
  const alias = parseAlias(given)
  const config = readConfig()
  const { kafka, registry } = connect(config, addressesOf(config), 'tributary-erase')
  try {
    const topics = pipeline.topics
    const codec = await createCodec({
      registry,
      topics,
      clock: systemClock,
      topicPrefix: config.topicPrefix,
      register: false,
    })
    const publisher = await kafka.publisher('erase')
    const time = systemClock.now()
    const kind = lift ? ('LIFT' as const) : ('ERASE' as const)
    const claim = {
      id: `operator:${kind.toLowerCase()}:${time}`,
      time,
      kind,
      aliases: [alias],
      attributes: {},
      source: 'operator',
    }
    await publisher.publish([
      { topic: identityClaims.name, partition: 0, key: alias, value: codec.encode(identityClaims, claim) },
    ])
    await publisher.close()
    if (json) printJson({ alias, claim: kind, acknowledged: true })
    else if (lift) printLines('The claim is acknowledged: events of this alias are taken again.')
    else printLines('The claim is acknowledged: the person is forgotten as soon as the running services have taken it.')
  } finally {
    await kafka.close()
  }
}
