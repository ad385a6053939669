import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minute, recorded, startReporting, webhooksOf } from './reporting.ts'

const emea = { zoom: { emea: { webinars: 'all', panelists: ['ada.lindgren@brightwater.example.com'] } } } as const

test('Z11 the report of a named account’s run is read with that account, and all that it tells is named after it', async context => {
  const reporting = await startReporting(context, { account: 'emea', selection: emea })
  const running = await reporting.start()
  await reporting.take(...webhooksOf('webinar.ended'))
  await reporting.until(async () => (await reporting.told('SETTLED')).length === 2, 'both runs settled')
  const events = (await reporting.events()).filter(({ kind }) => kind !== 'ENDED')
  assert.deepEqual([...new Set(events.map(({ account, source }) => `${account} ${source}`))], ['emea zoom:emea'])
  assert.ok((await reporting.told('SETTLED')).every(({ reported }) => reported))
  assert.ok((await reporting.claims()).every(({ source }) => source === 'zoom:emea'))
  const hosts = (await reporting.told('REPORTED')).filter(({ participant }) => participant?.host)
  assert.ok(
    hosts.some(({ participant }) => participant?.name === 'Ada Lindgren'),
    'panelists of its own',
  )
  assert.equal(running.status().reason, undefined, 'nobody asked the other account')
})

test('Z11 an account whose Zoom cannot be reached does not keep the sweep from the others', async context => {
  const reporting = await startReporting(context, { account: 'emea', selection: emea, sweepEveryMs: 60 * minute })
  const running = await reporting.start()
  await reporting.until(async () => (await reporting.told('SETTLED')).length === 2, 'both runs settled')
  assert.deepEqual((await reporting.told('SETTLED')).map(({ instance }) => instance).toSorted(), [
    ...[...recorded.runs].toSorted(),
  ])
  assert.match(running.status().reason ?? '', /^ZOOM_UNREACHABLE/)
})
