import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { memoryDestination } from '../../services/delivery/memory.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { deadLetters, webinars } from '../../topology/topics.ts'
import { startTestSystem } from '../system.ts'
import { joined, registered, started } from '../webinars/events.ts'
import { checkLaws } from './laws.ts'
import { folderFor, walkThrough } from './readme.ts'

const { source } = walkThrough()
const folder = folderFor(source)
const companyWebsite = await folder.load()
after(folder.remove)

const aliases = ['zoom:registrant:r-ada', 'email:ada@brightwater.example.com'] as const

/** The whole map with the consumer in it, and what the destination holds after these events. */
const websitesAfter = async (...events: readonly ReturnType<typeof registered>[]): Promise<readonly unknown[]> => {
  const topology = { ...pipeline, consumers: [...pipeline.consumers, companyWebsite] }
  const destination = memoryDestination({
    clock: { now: () => 0, sleep: async () => {} },
    name: 'hubspot',
  })
  const system = await startTestSystem(topology, { destinations: new Map([['hubspot', destination]]) })
  try {
    for (const event of events) {
      if (event.aliases.length > 0) await system.claim({ id: event.eventId, aliases: event.aliases })
      await system.given(webinars, event)
    }
    assert.deepEqual(await system.records(deadLetters.name), [])
    return [...destination.records.values()].map(({ addresses, fields }) => [addresses, fields['website']])
  } finally {
    await system.close()
  }
}

describe('the walk-through "Add a consumer" in README.md', () => {
  it('K6 takes ten lines besides the imports', () => {
    const lines = source.split('\n').filter(line => line.trim() !== '' && !line.startsWith('import '))
    assert.equal(lines.length, 10)
  })

  it('K6 ends in a delivered write', async () => {
    const websites = await websitesAfter(registered(aliases), started(), joined(aliases, 's1', 1))
    assert.deepEqual(websites, [[['ada@brightwater.example.com'], 'https://brightwater.example.com']])
  })

  it('K6 leaves a contact with a free mailbox alone', async () => {
    assert.deepEqual(await websitesAfter(registered(['email:ada@gmail.com'])), [[['ada@gmail.com'], undefined]])
  })
})

checkLaws(companyWebsite, [registered(aliases), started(), joined(aliases, 's1', 1)])
