import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type Platform as StartedPlatform, startPlatform } from '../../services/platform/platform.ts'
import { atEnd } from './at-end.ts'
import { applyTopology, type Cluster, connectCluster, type Platform, sharingSettings } from './cluster.ts'
import {
  type EmulatedHubSpot,
  type EmulatedSalesforce,
  type EmulatedVendor,
  type EmulatedZoom,
  emulatedHubSpot,
  emulatedSalesforce,
  emulatedVendor,
  emulatedZoom,
} from './sandboxes.ts'
import { ownSettings, type Settings } from './settings.ts'

/** A system of its own on a cluster: its topics are made, its ports chosen; what runs is for the test to start. */
export interface System {
  readonly settings: Settings
  readonly cluster: Cluster
  readonly hubspot: EmulatedHubSpot
  readonly salesforce: EmulatedSalesforce
  readonly zoom: EmulatedZoom
  readonly pendo: EmulatedVendor
}

/** Makes the topics; the system shares nothing else with others on this cluster. */
export const openSystem = async (context: TestContext, platform: Platform): Promise<System> => {
  const sharing = sharingSettings(platform)
  const settings = { ...(await ownSettings(context)), ...sharing }
  await applyTopology(context, settings)
  const cluster = await connectCluster(context, platform, sharing.TOPIC_PREFIX)
  return { settings, cluster, ...emulatedVendors(settings) }
}

/** Where the emulated vendors of these settings are, once they run. */
const emulatedVendors = (settings: Settings): Pick<System, 'hubspot' | 'salesforce' | 'zoom' | 'pendo'> => {
  const first = Number(settings['SANDBOX_PORT_BASE'])
  return {
    hubspot: emulatedHubSpot(`http://127.0.0.1:${first}`),
    salesforce: emulatedSalesforce(`http://127.0.0.1:${first + 1}`),
    zoom: emulatedZoom(`http://127.0.0.1:${first + 2}`),
    pendo: emulatedVendor(`http://127.0.0.1:${first + 3}`),
  }
}

/** Kafka and the registry for one test alone, which may kill them. */
export const ownPlatform = async (context: TestContext): Promise<StartedPlatform> => {
  const { TRIBUTARY_DATA = '', KAFKA_PORT, REGISTRY_PORT } = await ownSettings(context)
  const platform = await startPlatform({
    dataFolder: join(TRIBUTARY_DATA, 'platform'),
    kafkaPort: Number(KAFKA_PORT),
    registryPort: Number(REGISTRY_PORT),
    onProgress: () => undefined,
  })
  atEnd(context, () => platform.stop())
  return platform
}
