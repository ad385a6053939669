import { type Setting, settingsReference } from '../../runtime/config/settings.ts'
import { metricDefinitions } from '../../runtime/metrics.ts'

const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, header.map(() => '---'), ...rows]
    .map(cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`)
    .join('\n')

/** `docs/reference.md`: every setting and every metric. */
export const generateReference = (): string =>
  [
    '# Reference',
    '',
    'Generated from `services/runtime/config/settings.ts` and `services/runtime/metrics.ts` by `npm run generate`. Do not edit.',
    '',
    '## Settings',
    '',
    'Environment variables. Any secret may be given as a file instead: `<NAME>_FILE` holds the path.',
    '',
    table(['name', 'meaning', 'default'], settingsReference().map(settingRow)),
    '',
    '## Metrics',
    '',
    'In the Prometheus text format at `/metrics` of the console.',
    '',
    table(
      ['name', 'kind', 'labels', 'meaning'],
      Object.entries(metricDefinitions).map(([name, { kind, labels, help }]) => [
        `\`${name}\``,
        kind,
        labels.join(', '),
        help,
      ]),
    ),
    '',
  ].join('\n')

const settingRow = (setting: Setting & { readonly name: string }): string[] => [
  `\`${setting.name}\`${setting.secret ? ' (secret)' : ''}`,
  setting.meaning,
  setting.default === undefined ? '' : `\`${setting.default}\``,
]
