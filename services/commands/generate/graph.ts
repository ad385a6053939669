import type { Topology } from '../../../topology/define.ts'
import { topologyAsMermaid } from '../../../topology/describe.ts'
import { topicSpecs } from '../../../topology/topic-specs.ts'

/** `topology/graph.md`: the diagram and the table of topics with their reasons. */
export const generateGraph = (topology: Topology): string =>
  [
    '# The topology',
    '',
    'Generated from `topology/pipeline.ts` by `npm run generate`. Do not edit.',
    '',
    '```mermaid',
    topologyAsMermaid(topology).trimEnd(),
    '```',
    '',
    '## Topics',
    '',
    '| topic | kind | partitions | key | purpose | owner | cleanup and its reason |',
    '|---|---|---|---|---|---|---|',
    ...topology.topics.map((topic, index) => {
      const spec = topicSpecs(topology.topics)[index]
      const cells = [
        `\`${topic.name}\``,
        topic.kind,
        String(spec?.partitions),
        topic.key,
        topic.purpose,
        topic.owner,
        `${spec?.config['cleanup.policy']}: ${spec?.retentionReason}`,
      ]
      return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
    }),
    '',
  ].join('\n')
