import { createSalesforceClient, type SalesforceClientOptions } from '../sinks/salesforce/api/client.ts'
import type { SalesforceDestinationOptions } from '../sinks/salesforce/destination.ts'
import { checkTaskFields, neededFields } from '../sinks/salesforce/tasks/fields.ts'
import type { SetupReport, VendorSetup } from './vendor-setup.ts'

/** The field by which tasks are found again. Only an admin makes fields: the integration user should not be allowed to. */
export const salesforceVendor = (
  options: SalesforceClientOptions & Pick<SalesforceDestinationOptions, 'activities'>,
): VendorSetup => {
  const client = createSalesforceClient(options)
  const needed = neededFields(options.activities)
  const check = async (signal: AbortSignal): Promise<SetupReport> => {
    const checked = await checkTaskFields(client, needed, signal)
    if (checked.kind !== 'checked') return { kind: 'unknown', code: checked.code, message: checked.message }
    const gaps = checked.differences.map(({ field, remedy }) => ({
      what: `field Task.${field}`,
      by: 'admin' as const,
      message: remedy,
    }))
    return { kind: 'known', gaps }
  }
  return { vendor: 'salesforce', notes: [], check, make: async signal => ({ made: [], left: await check(signal) }) }
}
