/*
 * Guard: services/runtime/codec.ts
 * -     if (decoded.offset !== value.length) {
 * +     if (decoded.offset < 0) {
 */
import assert from 'node:assert/strict'
import { partitionFor } from '../../../services/kafka/publishing/partitioner.ts'
import { sharedPartitions, webinars } from '../../../topology/topics.ts'
import { registered, webinarNumber } from '../../webinars/events.ts'
import {
  append,
  contactServices,
  type Letter,
  lettersIn,
  openSharedSystem,
  untilContactsAreQuiet,
} from '../contact-services.ts'
import { startHere } from '../here.ts'
import { publishTraffic } from '../publishing.ts'
import { scenario } from '../scenario.ts'

const READERS = ['webinar-attendance', 'webinar-registrations']

/** What is done to a record that could be read, and what the letter says came. */
const breakages: readonly (readonly [bytes: (good: Buffer) => Buffer, said: RegExp])[] = [
  [() => Buffer.alloc(0), /expected at least 5 bytes, came 0\.$/],
  [good => good.subarray(0, 4), /expected at least 5 bytes, came 4\.$/],
  [good => Buffer.concat([Buffer.of(1), good.subarray(1)]), /expected a first byte of 0 .*, came 1\.$/],
  [() => Buffer.from('{"kind":"REGISTERED"}'), /expected a first byte of 0 .*, came 123\.$/],
  [good => good.subarray(0, 5), /came fewer than it needs\.$|came other bytes\.$/],
  [good => good.subarray(0, -1), /came fewer than it needs\.$|came other bytes\.$/],
  [good => Buffer.concat([good, Buffer.of(0)]), /came bytes left over\.$/],
  [good => Buffer.concat([good.subarray(0, 5), Buffer.alloc(40, 0xff)]), /came .*\.$/],
]

scenario(
  {
    id: '23',
    sentence:
      'bytes that are no record are set aside with the reason, byte for byte as they came, and what is behind them goes on',
    faults:
      'records with a wrong first byte, of fewer than five bytes, cut short, with bytes left over, and of something else',
  },
  async context => {
    const { settings, cluster, hubspot } = await openSharedSystem(context)
    const { fatal } = await startHere(context, contactServices, settings)
    const ada = registered(['zoom:registrant:ada', 'email:ada@example.com'])
    const good = cluster.codec.encode(webinars, ada)
    const partition = partitionFor(webinarNumber, sharedPartitions)
    const broken = breakages.map(([bytes], index) => ({
      ...{ topic: webinars.name, partition, key: Buffer.of(0xff, index), value: bytes(good) },
      headers: { trace: Buffer.of(0xfe, index) },
    }))
    await append(cluster, broken)
    await publishTraffic(cluster, [ada])
    await untilContactsAreQuiet(cluster)

    const letters = await lettersIn(cluster)
    for (const service of READERS) {
      const own = letters.filter(letter => letter.service === service)
      assert.deepEqual(own.map(asItCame), broken.map(asItCame), service)
      for (const [index, { code, message }] of own.entries()) {
        assert.equal(code, 'UNDECODABLE')
        assert.match(message, breakages[index]?.[1] ?? /never/)
        assert.doesNotMatch(message, /ada@example/)
      }
    }
    assert.equal((await hubspot.contacts()).length, 1)
    assert.deepEqual(fatal, [])
    const wanted = broken.length * READERS.length
    return { events: broken.length + 1, lost: 0, duplicated: letters.length - wanted }
  },
)

const asItCame = ({ key, value, headers }: Pick<Letter, 'key' | 'value' | 'headers'>) => ({
  key: key?.toString('hex'),
  value: value?.toString('hex'),
  trace: headers['trace']?.toString('hex'),
})
