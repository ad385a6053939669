import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { Analytics } from '@segment/analytics-node'
import { contentOf } from '../../../structure/repository.ts'
import { type Serving, writeKey } from '../serving.ts'
import { fetched, run } from './fetched.ts'
import { assertStory, startToday, story } from './story.ts'

const RUDDER = '@rudderstack/rudder-sdk-node'
const VERSION = '3.0.13'
// It comes with a queue for Redis and native code for that, of which we want none among our own packages.
const rudder = await fetched(`rudder-sdk-node-${VERSION}`, folder =>
  run('npm', ['install', '--prefix', folder, '--ignore-scripts', '--omit=optional', `${RUDDER}@${VERSION}`]),
)

interface Sending {
  identify(message: object): unknown
  group(message: object): unknown
  track(message: object): unknown
  page(message: object): unknown
}
interface RudderSdk extends Sending {
  flush(done: () => void): void
}

/** What the README tells to write for the SDK, with our address and key. */
const asInReadme = <Client>(name: string, Class: unknown, url: string): Client => {
  const line = contentOf('README.md').match(new RegExp(`^(new .*\\)) +// ${name}$`, 'm'))?.[1]
  assert.ok(line, `README.md shows how ${name} is pointed here`)
  const expression = line.replace('https://hooks.example.com', url).replace('KEY2', writeKey)
  return new Function('Analytics', 'Rudder', `return ${expression}`)(Class, Class) as Client
}

const tell = (sdk: Sending): void => {
  const { userId, traits, groupId, groupTraits, event, properties, page } = story
  sdk.identify({ userId, traits })
  sdk.group({ userId, groupId, traits: groupTraits })
  sdk.track({ userId, event, properties })
  sdk.page({ userId, name: page })
}

describe('S5 a server that sends with a real SDK', () => {
  let serving: Serving
  beforeEach(async () => {
    serving = await startToday()
  })
  afterEach(() => serving.close())

  it('@segment/analytics-node, pointed here as the README says', async () => {
    const analytics = asInReadme<Analytics>('@segment/analytics-node', Analytics, serving.url)
    tell(analytics as Sending)
    await analytics.closeAndFlush()
    await assertStory(serving, { page: true })
  })

  it('@rudderstack/rudder-sdk-node, pointed here as the README says', { skip: rudder.skip }, async () => {
    const Rudder: unknown = createRequire(join(rudder.folder, 'package.json'))(RUDDER)
    const sdk = asInReadme<RudderSdk>(RUDDER, Rudder, serving.url)
    tell(sdk)
    await new Promise<void>(resolve => sdk.flush(() => resolve()))
    await assertStory(serving, { page: true })
  })
})
