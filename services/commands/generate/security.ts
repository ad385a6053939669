import { readFileSync } from 'node:fs'
import type { Topic } from '../../../topology/define.ts'
import { pipeline } from '../../../topology/pipeline.ts'
import { type TopicSpec, topicSpecs } from '../../../topology/topic-specs.ts'
import { settings } from '../../runtime/config/settings.ts'
import { loggedFields } from '../../runtime/log.ts'
import { code, table } from './markdown.ts'
import { personalDataOf } from './personal-data.ts'

/** `docs/security.md`: what people write there stays, its blocks `<!-- generated: … -->` follow the sources. */
export const generateSecurity = (): string => {
  const document = readFileSync(new URL('../../../docs/security.md', import.meta.url), 'utf8')
  const unmade = new Set(Object.keys(blocks))
  const made = document.replace(
    /(<!-- generated: ([\w-]+) -->\n).*?(<!-- end -->)/gs,
    (_, begin: string, name: string, end: string) => {
      unmade.delete(name)
      const make = blocks[name]
      if (!make) throw new Error(`docs/security.md has a block ${name} that nothing makes`)
      return `${begin}\n${make()}\n\n${end}`
    },
  )
  if (unmade.size > 0) throw new Error(`docs/security.md lacks the generated blocks ${[...unmade].join(', ')}`)
  return made
}

const blocks: Readonly<Record<string, () => string>> = {
  listening: () =>
    table(
      ['what', 'listens on', 'asks for'],
      [
        [
          'ingest',
          place('INGEST_HOST', 'INGEST_PORT'),
          "the vendor's signature, in every webhook; a write key, in what Segment SDKs send",
        ],
        ['console', place('CONSOLE_HOST', 'CONSOLE_PORT'), token('CONSOLE_TOKEN')],
        ['sandbox', place('SANDBOX_HOST', 'SANDBOX_PORT_BASE'), token('SANDBOX_TOKEN')],
        ['embedded Kafka', `127.0.0.1, ${port('KAFKA_PORT')}`, 'nothing'],
        ['embedded registry', `127.0.0.1, ${port('REGISTRY_PORT')}`, 'nothing'],
      ],
    ),
  fields: () => loggedFields.map(code).join(', '),
  topics: () => {
    const specs = topicSpecs(pipeline.topics)
    return table(
      ['topic', 'personal data', 'gone'],
      pipeline.topics.map((topic, index) => [
        code(topic.name),
        personalDataOf(topic.name),
        ending(topic, specs[index]),
      ]),
    )
  },
}

const place = (host: 'INGEST_HOST' | 'CONSOLE_HOST' | 'SANDBOX_HOST', name: Parameters<typeof port>[0]): string =>
  `${settings[host].default} (${code(host)}), ${port(name)}`

const port = (name: 'INGEST_PORT' | 'CONSOLE_PORT' | 'SANDBOX_PORT_BASE' | 'KAFKA_PORT' | 'REGISTRY_PORT'): string =>
  `${settings[name].default} (${code(name)})`

const token = (name: 'CONSOLE_TOKEN' | 'SANDBOX_TOKEN'): string =>
  `${code(name)} when it is set, and it must be when it listens for other machines`

const dayMs = 86_400_000

const ending = (topic: Topic, spec: TopicSpec | undefined): string => {
  if (personalDataOf(topic.name) === nothing) return ''
  const retention = spec?.config['retention.ms']
  return retention === undefined ? 'with the erasure' : `after ${Number(retention) / dayMs} days`
}

const nothing = personalDataOf('accounts')
