import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import Rudder from '@rudderstack/rudder-sdk-node'
import { Analytics } from '@segment/analytics-node'
import { contentOf } from '../../../structure/repository.ts'
import { type Serving, writeKey } from '../serving.ts'
import { assertStory, startToday, story } from './story.ts'

const { userId, traits, groupId, groupTraits, event, properties, page } = story

/** What the README tells to write for the SDK, with our address and key. */
const asInReadme = <Client>(name: string, Class: new (...options: never[]) => Client, url: string): Client => {
  const line = contentOf('README.md').match(new RegExp(`^(new .*\\)) +// ${name}$`, 'm'))?.[1]
  assert.ok(line, `README.md shows how ${name} is pointed here`)
  const expression = line.replace('https://hooks.example.com', url).replace('KEY2', writeKey)
  return new Function('Analytics', 'Rudder', `return ${expression}`)(Class, Class) as Client
}

describe('S5 a server that sends with a real SDK', () => {
  let serving: Serving
  beforeEach(async () => {
    serving = await startToday()
  })
  afterEach(() => serving.close())

  it('@segment/analytics-node, pointed here as the README says', async () => {
    const analytics = asInReadme('@segment/analytics-node', Analytics, serving.url)
    analytics.identify({ userId, traits })
    analytics.group({ userId, groupId, traits: groupTraits })
    analytics.track({ userId, event, properties })
    analytics.page({ userId, name: page })
    await analytics.closeAndFlush()
    await assertStory(serving, { page: true })
  })

  it('@rudderstack/rudder-sdk-node, pointed here as the README says', async () => {
    const rudder = asInReadme('@rudderstack/rudder-sdk-node', Rudder, serving.url)
    rudder.identify({ userId, traits })
    rudder.group({ userId, groupId, traits: groupTraits })
    rudder.track({ userId, event, properties })
    rudder.page({ userId, name: page })
    await new Promise<void>(resolve => rudder.flush(() => resolve()))
    await assertStory(serving, { page: true })
  })
})
