/*
 * Guard: services/kafka/publishing/publisher.ts
 * -       this.sending ??= this.sendWaiting()
 * +       this.sending = this.sendWaiting()
 */
import assert from 'node:assert/strict'
import { startTestCluster } from '../../cluster/embedded.ts'
import { atEnd } from '../at-end.ts'
import { openRelay, readAll } from '../relay.ts'
import { scenario } from '../scenario.ts'

scenario(
  {
    id: '7',
    sentence: 'a record whose acknowledgement comes too late is there once, and so is the one that is sent meanwhile',
    faults: 'the answer to a produce request is held back until it has timed out, while more is published',
  },
  async context => {
    const cluster = await startTestCluster()
    atEnd(context, () => cluster.stop())
    const { kafka, options } = await openRelay(context, cluster)
    const publisher = await kafka.publisher('test')
    const publish = (key: string) => publisher.publish([{ topic: 'in', partition: 0, key, value: null }])
    await publish('before')
    const topic = `${options.topicPrefix}in`
    const answer = await cluster.trap({ api: 'Produce', hold: 'answer', containing: topic })
    const first = publish('A')
    await answer.sprung()
    const next = await cluster.trap({ api: 'Produce', hold: 'request', containing: topic })
    const rest = ['B', 'C', 'D'].map(publish)
    // Whatever the client sends once it has waited in vain.
    await next.sprung()
    await next.release()
    await answer.release()
    const places = (await Promise.all([first, ...rest])).flat().map(({ offset }) => offset)
    const keys = (await readAll(kafka, 'in')).map(({ key }) => String(key))
    assert.deepEqual(keys, ['before', 'A', 'B', 'C', 'D'])
    assert.deepEqual(places, [1, 2, 3, 4])
    return { events: keys.length, lost: 0, duplicated: 0 }
  },
)
