import type { Destination, DestinationObject } from '../../services/delivery/destination.ts'
import { type MemoryDestination, memoryDestination } from '../../services/delivery/memory.ts'
import type { Clock } from '../../services/runtime/clock.ts'
import { hubspotProductEvent, hubspotWebinarEvents } from '../../services/sinks/hubspot/objects.ts'
import type { FieldValue, Person } from '../../topology/define.ts'
import type { Setup } from './commands.ts'
import { email, names } from './happenings.ts'

/** Something that was asked of a vendor for a person. */
export interface Asked {
  readonly vendor: string
  readonly what: string
  readonly person: Person
}

/** The two CRMs in memory, and all that was asked of them for persons, in order. */
export interface Vendors {
  readonly hubspot: MemoryDestination
  readonly salesforce: MemoryDestination
  readonly asked: Asked[]
  /** By contact of HubSpot: what it had not itself, and has from contacts that were merged into it. */
  readonly inherited: ReadonlyMap<string, Readonly<Record<string, FieldValue>>>
  /** Numbers of effects in HubSpot when a request ended without an answer: of what it did, the sink does not know. */
  readonly unanswered: readonly number[]
  /** By contact of HubSpot that somebody merged into another: that other one. */
  readonly mergedInto: ReadonlyMap<string, string>
  /** Contacts of HubSpot that somebody deleted there, with all that they were told. */
  readonly deleted: ReadonlySet<string>
  /** By the sink's name, for the pipeline. */
  readonly destinations: ReadonlyMap<string, Destination>
  /** Somebody merges the contact of one address into that of another, if there are two. */
  mergeContacts(from: string, into: string): void
  /** Somebody deletes the contact of the address, if there is one. */
  deleteContact(address: string): void
}

/** Longer than any fault of a history lasts. */
const patience = 600_000

export const vendorsOf = (setup: Setup, clock: Clock): Vendors => {
  const hubspot = memoryDestination({
    ...{ clock, name: 'hubspot', batchSize: 3, concurrency: 2 },
    dependents: {
      marketing_participation: { kind: 'keyed', of: ['contact'], waitForRecordMs: patience },
      ...Object.fromEntries(
        [...hubspotWebinarEvents, hubspotProductEvent].map(({ object }) => [
          object,
          { kind: 'appended' as const, of: ['contact'], waitForRecordMs: patience },
        ]),
      ),
    },
  })
  const salesforce = memoryDestination({
    ...{ clock, name: 'salesforce', batchSize: 3, concurrency: 2 },
    idOf: number => `${String(number).padStart(15, '0')}AAA`,
    dependents: { task: { kind: 'keyed', of: ['contact', 'lead'], waitForRecordMs: 0 } },
  })
  fill(setup, hubspot, salesforce)
  if (setup.refuses) hubspot.refuse(({ company }) => company === 'Globex')
  const asked: Asked[] = []
  const inherited = new Map<string, Readonly<Record<string, FieldValue>>>()
  const mergedInto = new Map<string, string>()
  const deleted = new Set<string>()
  const contact = (address: string): string | undefined =>
    [...hubspot.records].find(([, { addresses }]) => addresses.includes(address))?.[0]
  const unanswered: number[] = []
  const recordedHubspot = recorded(hubspot, asked, () => unanswered.push(hubspot.effects.length))
  const recordedSalesforce = recorded(salesforce, asked, () => undefined)
  return {
    ...{ hubspot, salesforce, asked, unanswered, inherited, mergedInto, deleted },
    destinations: new Map([
      ['hubspot', recordedHubspot],
      ['hubspot-marketing', recordedHubspot],
      ['hubspot-events', recordedHubspot],
      ['salesforce', recordedSalesforce],
    ]),
    mergeContacts: (from, into) => {
      const [gone, kept] = [contact(from), contact(into)]
      if (gone === undefined || kept === undefined || gone === kept) return
      const own = hubspot.records.get(kept)?.fields ?? {}
      const others = Object.entries(hubspot.records.get(gone)?.fields ?? {}).filter(([name]) => !(name in own))
      inherited.set(kept, { ...inherited.get(kept), ...Object.fromEntries(others) })
      mergedInto.set(gone, kept)
      hubspot.merge(gone, kept)
    },
    deleteContact: address => {
      const id = contact(address)
      if (id === undefined) return
      deleted.add(id)
      hubspot.remove(id)
    },
  }
}

const fill = (setup: Setup, hubspot: MemoryDestination, salesforce: MemoryDestination): void => {
  for (const [index, name] of names.slice(0, setup.people).entries()) {
    const [work, home] = [email(name, 'work'), email(name, 'home')]
    const known = setup.hubspot[index]
    if (known === 'work' || known === 'home') hubspot.add([email(name, known)])
    if (known === 'both') hubspot.add([work, home])
    if (known === 'apart') for (const address of [work, home]) hubspot.add([address])
    const of = setup.salesforce[index]
    if (of === 'contact' || of === 'lead') salesforce.add([work], {}, of)
  }
}

/** The same destination; what is asked of it for a person is written down first, and that an answer did not come at last. */
const recorded = (destination: MemoryDestination, asked: Asked[], onSilence: () => void): Destination => {
  const note = (what: string, persons: readonly Person[]): void => {
    for (const person of persons) asked.push({ vendor: destination.name, what, person })
  }
  const persons = (inputs: readonly { readonly person: Person }[]): readonly Person[] =>
    inputs.map(({ person }) => person)
  const heard = <Result extends { readonly kind: string; readonly limited?: boolean }>(
    results: readonly Result[],
  ): readonly Result[] => {
    if (results.some(({ kind, limited }) => kind === 'retry' && !limited)) onSilence()
    return results
  }
  const objects = Object.entries(destination.objects).map(([name, object]): [string, DestinationObject] => {
    if (object.kind === 'record') {
      const send: typeof object.send = async (inputs, signal) => {
        note(name, persons(inputs))
        return heard(await object.send(inputs, signal))
      }
      return [name, { ...object, send }]
    }
    if (object.of === null) return [name, object]
    const put: typeof object.put = async (inputs, signal) => {
      note(name, persons(inputs))
      return heard(await object.put(inputs, signal))
    }
    return [name, { ...object, put }]
  })
  return {
    name: destination.name,
    objects: Object.fromEntries(objects),
    lookUpSize: destination.lookUpSize,
    concurrency: destination.concurrency,
    waitMs: () => destination.waitMs(),
    prepare: signal => destination.prepare(signal),
    resolve: (kinds, whom, signal) => {
      note('look-up', whom)
      return destination.resolve(kinds, whom, signal)
    },
  }
}
