import type { TestContext } from 'node:test'
import type { OutgoingRecord } from '../../services/kafka/kafka.ts'
import { deadLetters } from '../../topology/topics.ts'
import { startTestKafka } from '../kafka.ts'
import { atEnd } from './at-end.ts'
import type { Cluster } from './cluster.ts'
import { openSystem, type System } from './system.ts'

/** All that stands between the topic of webinars and a contact in the emulated HubSpot. */
export const contactServices: readonly string[] = [
  ...['sandbox-hubspot', 'identity-resolver', 'webinar-registrations', 'webinar-attendance', 'webinar-contact'],
  'hubspot',
]

/** A system of its own on the cluster that tests share. Nothing runs yet. */
export const openSharedSystem = async (context: TestContext): Promise<System & { readonly registryUrl: string }> => {
  const kafka = await startTestKafka()
  atEnd(context, () => kafka.stop())
  return { ...(await openSystem(context, kafka)), registryUrl: kafka.registryUrl }
}

/** Resolves when `contactServices` have nothing left to do. */
export const untilContactsAreQuiet = (cluster: Cluster): Promise<void> =>
  cluster.quiet(['hubspot-events', 'hubspot-marketing', 'salesforce', 'zoom-reports'])

/** Appends the records as they are, in this order. */
export const append = async ({ kafka }: Cluster, records: readonly OutgoingRecord[]): Promise<void> => {
  const publisher = await kafka.publisher('scenario')
  await publisher.publish(records)
  await publisher.close()
}

/** A record that was set aside, with the reason. */
export interface Letter {
  readonly service: string
  readonly code: string
  readonly message: string
  /** As the record came. */
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer>>
}

export const lettersIn = async (cluster: Cluster): Promise<readonly Letter[]> =>
  (await cluster.records(deadLetters.name)).map(({ key, value, headers }) => {
    const text = (name: string): string => headers[name]?.toString() ?? ''
    return {
      ...{ key, value },
      ...{ service: text('error.service'), code: text('error.code'), message: text('error.message') },
      headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('error.'))),
    }
  })
