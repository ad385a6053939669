/*
 * Guard: services/delivery/requests/failures.ts
 * -     if (lane.unexpected >= mostUnexpected) this.rejectEach(lane, lane.next(), { code, message })
 * +     if (lane.unexpected < 0) this.rejectEach(lane, lane.next(), { code, message })
 * Guard: services/runtime/process/handle-event.ts
 * -     runtime.setAsideFor(step, input.record, error)
 * +     throw error
 */
import assert from 'node:assert/strict'
import type { Destination } from '../../../services/delivery/destination.ts'
import { memoryDestination } from '../../../services/delivery/memory.ts'
import { systemClock as clock } from '../../../services/runtime/clock.ts'
import { deadLetters } from '../../../topology/topics.ts'
import { startTestKafka } from '../../kafka.ts'
import { atEnd } from '../at-end.ts'
import { eventually } from '../eventually.ts'
import { openPipeline, trackEvents, trackOf } from '../pipeline-on-kafka.ts'
import { scenario } from '../scenario.ts'

const VENOM = 'venom'

scenario(
  {
    id: 'poison pill',
    sentence:
      'an event or a write that crashes its handler becomes a dead letter after few attempts, and the rest goes on',
    faults: 'an event whose handler throws; a write at which the destination throws each time',
  },
  async context => {
    const cluster = await startTestKafka()
    atEnd(context, () => cluster.stop())
    const vendor = memoryDestination({ clock, name: 'hubspot' })
    let crashes = 0
    const fragile = crashingAt(vendor, () => {
      crashes += 1
    })
    const destinations = new Map([['hubspot', fragile]])
    const system = await openPipeline(context, { brokers: cluster.brokers, destinations })
    const good = trackEvents(8, 4)
    const venom = trackOf(1_000, 8, VENOM)
    const poison = trackOf(2_000, 1, 'poison')
    await system.publish([...good.slice(0, 16), poison, venom, ...good.slice(16)])
    await system.start()

    const letters = async () =>
      (await system.records(deadLetters.name)).map(({ headers }) => ({
        code: headers['error.code']?.toString(),
        service: headers['error.service']?.toString(),
        attempts: Number(headers['error.attempt']?.toString() ?? 1),
      }))
    await eventually(async () => assert.equal((await letters()).length, 2, JSON.stringify(await letters())))
    for (const service of ['last-track', 'hubspot'])
      await eventually(async () => assert.equal(await system.waitingFor(service), 0))
    const [ofHandler, ofSink] = (await letters()).sort((a, b) => a.attempts - b.attempts)
    assert.deepEqual(ofHandler, { code: 'HANDLER_FAILED', service: 'last-track', attempts: 1 })
    assert.deepEqual([ofSink?.code, ofSink?.service], ['DELIVERY_FAILED', 'hubspot'])
    assert.ok(crashes <= 5, `the destination was asked ${crashes} times for the write at which it crashes`)
    const held = [...vendor.records.values()].map(({ fields }) => fields['zoom_webinar_comments']).sort()
    const latest = good.slice(-8).map(({ name }) => name)
    assert.deepEqual(held, [...latest].sort())
    assert.deepEqual(system.fatal, [])
    const { lost, duplicated } = await system.written([...good, venom])
    return { events: good.length + 2, lost, duplicated }
  },
)

const crashingAt = (destination: Destination, onCrash: () => void): Destination => {
  const { contact } = destination.objects
  if (contact?.kind !== 'record') throw new Error('The destination in memory has contacts')
  const send: typeof contact.send = (inputs, signal) => {
    if (!inputs.some(({ fields }) => fields['zoom_webinar_comments'] === VENOM)) return contact.send(inputs, signal)
    onCrash()
    throw new RangeError('a defect of the destination')
  }
  return {
    ...{ name: destination.name, lookUpSize: destination.lookUpSize, concurrency: destination.concurrency },
    ...{ waitMs: () => destination.waitMs(), prepare: signal => destination.prepare(signal) },
    resolve: (objects, persons, signal) => destination.resolve(objects, persons, signal),
    objects: { contact: { ...contact, send } },
  }
}
