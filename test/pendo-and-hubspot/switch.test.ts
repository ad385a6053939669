import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { visitorContactBy } from '../../services/consumers/visitor-contact.ts'
import { visitorProfilesBy } from '../../services/consumers/visitor-profiles.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { hubspotWrites, visitors } from '../../topology/topics.ts'
import { startTestSystem } from '../system.ts'
import { mappingOf, visitor, wholeContact } from './sides.ts'

describe('the switch of the metadata that Pendo and HubSpot share', () => {
  it('P7 once it is on, all that was told while it was off counts', async context => {
    let enabled = false
    const mapping = () => mappingOf({ enabled })
    const consumers = [visitorProfilesBy(mapping), visitorContactBy(mapping)]
    const system = await startTestSystem({ ...pipeline, consumers })
    context.after(() => system.close())
    await system.person('user:42', 'hubspot:contact:501')
    await system.given(visitors, visitor({ 'custom.title': 'Analyst' }, { time: 1 }), wholeContact({}, { time: 2 }))
    assert.deepEqual(
      system.pipeline.status().filter(({ kind }) => kind === 'consumer'),
      [],
    )
    assert.deepEqual(await system.values(hubspotWrites), [])
    enabled = true
    await system.restart()
    await system.settle()
    assert.deepEqual(
      (await system.values(hubspotWrites)).map(({ fields, shared }) => [fields, shared]),
      [[{ jobtitle: 'Analyst' }, true]],
    )
  })
})
