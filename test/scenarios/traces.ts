import assert from 'node:assert/strict'
import { attendances, delivered, identities, parked, webinarHistories } from '../../topology/topics.ts'
import type { Cluster } from './cluster.ts'
import type { EmulatedHubSpot } from './sandboxes.ts'
import type { Attendee } from './webinar-in-zoom.ts'

const TABLES = [identities, attendances, webinarHistories, parked, delivered].map(({ name }) => name)

/** By what rows could tell of the person: name, address, and the ids by which the systems know them. */
export const tracesOf = async (
  { email, lastName, registrantId }: Pick<Attendee, 'email' | 'lastName' | 'registrantId'>,
  cluster: Cluster,
  hubspot: EmulatedHubSpot,
): Promise<readonly string[]> => {
  const person = (await cluster.rows(identities)).get(`email:${email}`)?.person
  const contact = (await hubspot.contact(email))?.id
  assert.ok(person && contact)
  return [email, lastName, registrantId, person, `hubspot:contact:${contact}`]
}

/** Topic and key of each row that holds one of these texts, in key or value. */
export const rowsWith = async (cluster: Cluster, texts: readonly string[]): Promise<readonly string[]> => {
  const found = TABLES.map(async table =>
    [...(await cluster.latest(table))]
      .filter(([key, { value }]) => value !== null && texts.some(text => key.includes(text) || value.includes(text)))
      .map(([key]) => `${table} ${key}`),
  )
  return (await Promise.all(found)).flat()
}
