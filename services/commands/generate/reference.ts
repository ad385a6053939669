import { advices, refusedByVendor } from '../../dead-letters/advice.ts'
import type { Setting } from '../../runtime/config/settings/setting.ts'
import { settingsReference } from '../../runtime/config/settings.ts'
import { metricDefinitions } from '../../runtime/metrics.ts'
import { tributaryProgram } from '../program.ts'
import { commandReference } from './command-reference.ts'
import { crmNames } from './crm-names.ts'
import { hubspotReference } from './hubspot.ts'
import { code, table } from './markdown.ts'
import { pendoReference } from './pendo.ts'
import { productEventsReference } from './product-events.ts'
import { salesforceReference } from './salesforce.ts'
import { segmentReference } from './segment.ts'
import { sharedMetadataReference } from './shared-metadata.ts'

/** `docs/reference.md`: every command, setting, name in a CRM, metric and code of dead letters. */
export const generateReference = (): string =>
  [
    '# Reference',
    '',
    'Generated from the sources by `npm run generate` (`services/commands/generate/reference.ts`). Do not edit.',
    '',
    '[Commands](#commands) · [Settings](#settings) · [Names in the CRMs](#names-in-the-crms) · [Metrics](#metrics) · [Dead letters](#dead-letters) · [Segment](#segment) · [Pendo](#pendo) · [HubSpot](#hubspot) · [Salesforce](#salesforce) · [Product events](#product-events) · [Metadata of Pendo and HubSpot](#metadata-of-pendo-and-hubspot)',
    '',
    '## Commands',
    '',
    'Exit codes: 0 done, 1 failed, 2 a change is pending or a check found something.',
    '',
    ...commandReference(tributaryProgram()),
    '## Settings',
    '',
    'Environment variables. Any secret may be given as a file instead: `<NAME>_FILE` holds the path.',
    '',
    table(['name', 'meaning', 'default'], settingsReference().map(settingRow)),
    '',
    '## Names in the CRMs',
    '',
    ...crmNames(),
    '## Metrics',
    '',
    'In the Prometheus text format at `/metrics` of the console.',
    '',
    table(
      ['name', 'kind', 'labels', 'meaning'],
      Object.entries(metricDefinitions).map(([name, { kind, labels, help }]) => [
        code(name),
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
        ...Object.entries(advices).map(([name, { meaning, advice }]) => [code(name), meaning, advice]),
        ['any other of a sink', refusedByVendor.meaning, refusedByVendor.advice],
      ],
    ),
    '',
    ...segmentReference(),
    ...pendoReference(),
    ...hubspotReference(),
    ...salesforceReference(),
    ...productEventsReference(),
    ...sharedMetadataReference(),
  ].join('\n')

const settingRow = (setting: Setting & { readonly name: string }): string[] => [
  `${code(setting.name)}${setting.secret ? ' (secret)' : ''}`,
  setting.meaning,
  setting.default === undefined ? '' : code(setting.default),
]
