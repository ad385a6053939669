import type { Command } from 'commander'
import { pipeline } from '../../topology/pipeline.ts'
import { examineEventBudget } from '../doctor/event-budget.ts'
import { examineEventDefinitions } from '../doctor/event-definitions.ts'
import type { Area, Finding } from '../doctor/finding.ts'
import { examineHubSpot } from '../doctor/hubspot.ts'
import { examinePendo } from '../doctor/pendo.ts'
import { examinePendoFields } from '../doctor/pendo-fields.ts'
import { examineChangeEvents } from '../doctor/salesforce-events.ts'
import { examineIdentities } from '../doctor/same-person.ts'
import { areaOf, examineVendor } from '../doctor/vendors.ts'
import { examineZoomApp } from '../doctor/zoom-app.ts'
import { salesforceObjects } from '../producers/salesforce/objects.ts'
import { systemClock as clock } from '../runtime/clock.ts'
import { createCodec } from '../runtime/codec.ts'
import type { Config } from '../runtime/config/config.ts'
import { TributaryError } from '../runtime/errors.ts'
import { createMetrics } from '../runtime/metrics.ts'
import { vendorSetups } from '../setup/vendors.ts'
import { createPendoClient } from '../sinks/pendo/client.ts'
import { createSalesforceClient } from '../sinks/salesforce/api/client.ts'
import { addressesOf, type Connections, connect, readConfig } from './connections.ts'
import { printJson, printLines } from './output.ts'
import { hubSpotReaderOf, hubSpotTaskReadingOf } from './start/hubspot.ts'
import { pendoClientOf } from './start/pendo.ts'
import { clusterDifferences } from './topology.ts'
import { reachableVendors } from './vendors.ts'

const foundSomething = 2
const marks: Readonly<Record<Finding['level'], string>> = { fine: '✓', warning: '!', problem: '✗' }

export const addDoctorCommand = (program: Command): void => {
  program
    .command('doctor')
    .description('examine configuration, credentials, permissions and conflicts; exit code 2 when something was found')
    .option('--json', 'print the findings as JSON')
    .action(({ json = false }: { json?: boolean }) => examine(json))
}

const examine = async (json: boolean): Promise<void> => {
  const config = readConfig()
  const findings = [
    ...modesOf(config),
    ...(await attempt('kafka', () => examineCluster(config))),
    ...(await examineVendors(config)),
  ]
  if (json) printJson(findings)
  else printLines(...findings.map(({ area, level, code, message }) => `${marks[level]} ${area}  ${code}  ${message}`))
  if (findings.some(({ level }) => level !== 'fine')) process.exitCode = foundSomething
}

/** What is real, emulated and off: the first thing to know of a configuration. */
const modesOf = ({ hubspot, salesforce, zoom, segment, pendo }: Config): readonly Finding[] => {
  const modes = {
    hubspot: hubspot.mode,
    salesforce: salesforce.mode,
    zoom: zoom.mode,
    segment: segment.mode,
    pendo: pendo.mode,
  }
  return Object.entries(modes).map(([vendor, mode]) => ({
    area: 'vendors',
    level: 'fine',
    code: `VENDOR_${mode.toUpperCase()}`,
    message: `${vendor} is ${mode === 'sandbox' ? 'emulated' : mode}.`,
  }))
}

const examineCluster = async (config: Config): Promise<readonly Finding[]> => {
  const { topicPrefix } = config
  const connections = connect(config, addressesOf(config), 'tributary-doctor')
  try {
    const differences = await clusterDifferences({ ...connections, topicPrefix })
    if (differences.length > 0)
      return differences.map(message => ({
        area: 'kafka',
        level: 'problem',
        code: 'CLUSTER_DIFFERS',
        message: `${message}. Run \`tributary topology apply\`.`,
      }))
    const message = 'Kafka and the registry answer, and are as the map says.'
    return [
      { area: 'kafka', level: 'fine', code: 'CLUSTER_AS_PLANNED', message },
      ...(await examineContent(connections, config)),
    ]
  } finally {
    await connections.kafka.close()
  }
}

/** What lies in Kafka, beside what the vendors hold: people, what was used of the month's budget, and traits that Pendo has no field for. */
const examineContent = async ({ kafka, registry }: Connections, config: Config): Promise<readonly Finding[]> => {
  const { topicPrefix, hubspot } = config
  const codec = await createCodec({ registry, topics: pipeline.topics, clock, topicPrefix, register: false })
  const { pendo } = reachableVendors(config)
  const ofPendo = async (): Promise<readonly Finding[]> => {
    if (!pendo) return []
    const { baseUrl, integrationKey: key } = pendo
    const client = createPendoClient({ baseUrl, key, clock, secret: 'PENDO_INTEGRATION_KEY' })
    return await examinePendoFields({ kafka, codec }, client, new AbortController().signal)
  }
  return [
    ...(await examineIdentities(kafka, codec)),
    ...(await examineEventBudget({ kafka, codec, clock }, hubspot.eventBudget)),
    ...(await attempt('pendo', ofPendo)),
  ]
}

const examineVendors = async (config: Config): Promise<readonly Finding[]> => {
  const parts = { clock, metrics: createMetrics() }
  const vendors = reachableVendors(config)
  const never = new AbortController().signal
  const findings: Finding[] = []
  for (const setup of vendorSetups(vendors, parts)) {
    findings.push(...(await attempt(areaOf(setup.vendor), () => examineVendor(setup, never))))
  }
  const client = pendoClientOf(config, {}, parts.metrics)
  if (client) {
    const { publicUrl } = config.ingest
    const takesWebhooks = config.pendo.webhookSecret !== null
    const webhookUrl = publicUrl === null ? null : `${publicUrl}/webhooks/pendo`
    const pendo = { client, takesWebhooks, webhookUrl }
    findings.push(...(await attempt('pendo', () => examinePendo(pendo, never))))
  }
  const reader = hubSpotReaderOf(config, {}, parts.metrics)
  if (reader) {
    const { clientSecret, appId, mode } = config.hubspot
    const reception = { takesWebhooks: clientSecret !== null, appId, isEmulated: mode === 'sandbox' }
    const hubspot = { ...reception, publicUrl: config.ingest.publicUrl }
    const tasks = hubSpotTaskReadingOf(config, {}, parts.metrics)
    findings.push(...(await attempt('hubspot', () => examineHubSpot(reader, hubspot, never, tasks))))
  }
  if (vendors.salesforce && followsChangeEvents(config)) {
    const client = createSalesforceClient({ ...vendors.salesforce, ...parts })
    const objects = salesforceObjects.map(({ type }) => type)
    findings.push(...(await attempt('salesforce', () => examineChangeEvents(client, objects, never))))
  }
  const { hubspot } = vendors
  if (!hubspot) return findings
  const options = { ...hubspot, ...parts, ownAppId: config.hubspot.appId }
  return [
    ...findings,
    ...(await attempt('hubspot', () => examineZoomApp(options, never))),
    ...(await attempt('hubspot', () => examineEventDefinitions(options, never))),
  ]
}

/** By the standard channels: what others are made of is their makers' business. */
const followsChangeEvents = ({ tasks, salesforce }: Config): boolean =>
  tasks.enabled && salesforce.sweepEveryMs > 0 && salesforce.changeEvents === 'on'

/** One patient's failure keeps no other from being examined. */
const attempt = async (area: Area, work: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> => {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof TributaryError)) throw error
    return [{ area, level: 'problem', code: error.code, message: error.message }]
  }
}
