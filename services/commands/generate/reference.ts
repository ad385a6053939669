import { advices, refusedByVendor } from '../../dead-letters/advice.ts'
import { type Setting, settingsReference } from '../../runtime/config/settings.ts'
import { metricDefinitions } from '../../runtime/metrics.ts'

const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, header.map(() => '---'), ...rows]
    .map(cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`)
    .join('\n')

/** `docs/reference.md`: every setting, every metric and every code of dead letters. */
export const generateReference = (): string =>
  [
    '# Reference',
    '',
    'Generated from `services/runtime/config/settings.ts`, `services/runtime/metrics.ts` and `services/dead-letters/advice.ts` by `npm run generate`. Do not edit.',
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
    '## Dead letters',
    '',
    'What the codes of `tributary dead-letters list` mean, and what to do.',
    '',
    table(
      ['code', 'meaning', 'what to do'],
      [
        ...Object.entries(advices).map(([code, { meaning, advice }]) => [`\`${code}\``, meaning, advice]),
        ['any other of a sink', refusedByVendor.meaning, refusedByVendor.advice],
      ],
    ),
    '',
  ].join('\n')

const settingRow = (setting: Setting & { readonly name: string }): string[] => [
  `\`${setting.name}\`${setting.secret ? ' (secret)' : ''}`,
  setting.meaning,
  setting.default === undefined ? '' : `\`${setting.default}\``,
]
