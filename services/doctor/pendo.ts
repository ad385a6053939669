import { readCatalogue } from '../producers/pendo/catalogue.ts'
import type { PendoClient } from '../producers/pendo/rest/client.ts'
import type { Finding } from './finding.ts'

/**
 * Whether Pendo can be read, and its webhooks are taken. Throws a `PendoError` when it cannot be read.
 * @param webhookUrl where Pendo must send its webhooks; null when that is not known
 */
export const examinePendo = async (
  {
    client,
    takesWebhooks,
    webhookUrl,
  }: { readonly client: PendoClient; readonly takesWebhooks: boolean; readonly webhookUrl: string | null },
  signal: AbortSignal,
): Promise<readonly Finding[]> => {
  const { size } = await readCatalogue(client, signal)
  return [size > 0 ? readable : withoutItems, takesWebhooks ? taken(webhookUrl) : withoutWebhooks]
}

const readable: Finding = {
  area: 'pendo',
  level: 'fine',
  code: 'PENDO_READABLE',
  message: 'Pendo lets usage and metadata be read.',
}

const withoutItems: Finding = {
  area: 'pendo',
  level: 'warning',
  code: 'PENDO_EMPTY',
  message:
    'Expected pages, features or track events in Pendo, but it lists none: nothing can be a Core Event. Tag them in Pendo, and check that PENDO_INTEGRATION_KEY is of the right subscription.',
}

const taken = (url: string | null): Finding => ({
  area: 'pendo',
  level: 'fine',
  code: 'PENDO_WEBHOOKS_TAKEN',
  message: `Webhooks of Pendo are taken at ${url ?? 'INGEST_PUBLIC_URL/webhooks/pendo'}. Whether Pendo sends them cannot be seen from here.`,
})

const withoutWebhooks: Finding = {
  area: 'pendo',
  level: 'warning',
  code: 'PENDO_WEBHOOKS_REFUSED',
  message:
    'Expected PENDO_WEBHOOK_SECRET to be set, but it is not: webhooks of Pendo are not taken, and usage is told by the sweep, hours later.',
}
