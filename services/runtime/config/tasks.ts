import type { Emulation } from './emulation.ts'
import type { HubspotConfig } from './hubspot.ts'
import type { Mistakes } from './mistakes.ts'
import type { SettingValues } from './settings.ts'

/** Of tasks between HubSpot and Salesforce. */
export interface TasksConfig {
  readonly enabled: boolean
}

/**
 * Whether tasks are shared (TASK_SYNC). On where both CRMs are emulated; it writes into two systems in which people work, so with real ones only when somebody chose it.
 */
export const tasksConfig = (
  values: SettingValues,
  { vendors }: Emulation,
  { appId }: Pick<HubspotConfig, 'appId'>,
  mistakes: Mistakes,
): TasksConfig => {
  const both = [vendors.hubspot, vendors.salesforce]
  if (values.TASK_SYNC === undefined) return { enabled: both.every(mode => mode === 'sandbox') }
  if (!values.TASK_SYNC) return { enabled: false }
  if (both.includes('off'))
    mistakes.add('TASK_SYNC is true, so both HubSpot and Salesforce must be connected: set the credentials of both.')
  else if (appId === null)
    mistakes.add(
      "HUBSPOT_APP_ID must be set because TASK_SYNC is true: by it Tributary knows its own writes from people's. It is in the settings of the app in HubSpot.",
    )
  return { enabled: true }
}
