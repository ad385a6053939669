import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { HubSpotSandboxOptions } from '../../services/sandbox/hubspot/start.ts'
import { type Account, openAccount } from './hubspot.ts'
import { type HubSpotReceiver, openHubSpotReceiver, type ReceivedEvent } from './hubspot-receiver.ts'
import { until } from './zoom-receiver.ts'

export interface Told extends Account {
  readonly receiver: HubSpotReceiver
  /** Waits for events of this type about this property, and gives them. */
  told(type: string, propertyName?: string): Promise<ReceivedEvent[]>
  /** A person sends a form of the page. */
  form(path: string, fields?: Record<string, string>): Promise<string>
  create(objectType: string, properties: Record<string, string>): Promise<string>
}

/** An account that sends what changes to a receiver soon, each event once. Both end with the test. */
export const openTold = async (context: TestContext, options: HubSpotSandboxOptions = {}): Promise<Told> => {
  const receiver = await openHubSpotReceiver(context)
  const { webhooks, ...rest } = options
  const settings = { gatherMs: 5, duplicates: 0, ...webhooks }
  const account = await openAccount(context, { ingestUrl: receiver.url, webhooks: settings, ...rest })
  return {
    ...account,
    receiver,
    told: async (type, propertyName) => {
      const found = () =>
        receiver.events().filter(one => one.subscriptionType === type && one.propertyName === propertyName)
      await until(() => found().length > 0, `${type} ${propertyName ?? ''}`)
      return found()
    },
    form: async (path, fields = {}) => {
      const body = new URLSearchParams(fields)
      const response = await fetch(account.url + path, { method: 'POST', body, redirect: 'manual' })
      assert.equal(response.status, 303)
      return response.headers.get('location') ?? ''
    },
    create: async (objectType, properties) =>
      (await account.call('POST', `/crm/v3/objects/${objectType}`, { properties })).body.id,
  }
}

export const CONTACT = { email: 'ada@example.com', firstname: 'Ada' }
export const COMPANY = { name: 'Lumen', domain: 'lumen.example' }
