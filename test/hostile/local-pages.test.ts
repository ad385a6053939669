import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startHubSpotSandbox } from '../../services/sandbox/hubspot/start.ts'
import { startSalesforceSandbox } from '../../services/sandbox/salesforce/start.ts'
import { oddTexts } from './hostile-values.ts'
import { statusesOf } from './raw-http.ts'

const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
const bodies = [
  '',
  '{',
  deep,
  `{"properties":${deep}}`,
  `{"inputs":${deep}}`,
  ...oddTexts.map(text => `{"inputs":[${text}],"properties":${text}}`),
]

const sandboxes = {
  HubSpot: {
    start: startHubSpotSandbox,
    paths: [
      ...['/crm/v3/objects/contacts', '/crm/v3/objects/contacts/batch/upsert', '/crm/v3/objects/contacts/search'],
      ...['/events/v3/send', '/crm/v3/properties/contacts', '/_sandbox/faults', '/_sandbox/play'],
    ],
  },
  Salesforce: {
    start: startSalesforceSandbox,
    paths: [
      '/services/data/v60.0/sobjects/Task',
      '/services/data/v60.0/composite/sobjects/Task/Tributary_Id__c',
      '/_sandbox/faults',
    ],
  },
} as const

describe('an emulated vendor', () => {
  for (const [name, { start, paths }] of Object.entries(sandboxes)) {
    it(`${name} refuses bodies of any kind with 4xx, and goes on`, async context => {
      const sandbox = await start({})
      context.after(() => sandbox.close())
      const failed: string[] = []
      for (const path of paths) {
        for (const body of bodies) {
          const answer = await fetch(sandbox.url + path, {
            ...{ method: 'POST', body },
            headers: { authorization: 'Bearer sandbox', 'content-type': 'application/json' },
          })
          const text = await answer.text()
          if (answer.status >= 500) failed.push(`${path} ${answer.status} ${body.slice(0, 80)} ${text.slice(0, 200)}`)
        }
      }
      assert.deepEqual(failed, [])
      assert.equal((await fetch(`${sandbox.url}/_sandbox/state`)).status, 200)
      assert.deepEqual(await statusesOf(sandbox.port, 'NONSENSE\r\n\r\n'), [400])
    })
  }
})
