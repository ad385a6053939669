import { sharedMetadata } from '../../../pendo-and-hubspot/mapping.ts'
import { neededProperties, type SharedProperties } from '../../../pendo-and-hubspot/needed.ts'
import { createHubSpotClient, type HubSpotClientOptions } from '../client.ts'
import {
  contactProperties,
  contactPropertyGroup,
  customContactProperties,
  standardContactProperties,
} from '../contact-properties.ts'
import { eventDefinitions } from '../event-definitions.ts'
import { scopes } from '../scopes.ts'
import { taskKeyProperty, taskPropertyGroup } from '../tasks/property.ts'
import { contactSetup } from './contact-setup.ts'
import { eventSetup } from './event-setup.ts'
import { marketingSetup } from './marketing-setup.ts'
import { type SetupPart, together } from './setup.ts'
import { sharedPropertiesSetup } from './shared-properties.ts'
import { taskSetup } from './task-setup.ts'

/** All that must exist in an account, as data. Tributary makes `contactPropertyGroup`, `contactProperties`, `taskPropertyGroup`, `taskKeyProperty` and `eventDefinitions`. */
export const required = {
  contactPropertyGroup,
  contactProperties,
  customContactProperties,
  standardContactProperties,
  taskPropertyGroup,
  taskKeyProperty,
  eventDefinitions,
  scopes,
} as const

export interface HubSpotSetupOptions extends HubSpotClientOptions {
  /** Properties that are shared with Pendo; those of the repository's mapping unless given. */
  readonly shared?: SharedProperties
  /** Whether tasks are shared with another CRM. */
  readonly sharesTasks?: boolean
}

/** Compares an account with what must exist and makes what is missing, part by part: an account without custom events still gets its contact properties. */
export const hubSpotSetup = (options: HubSpotSetupOptions): readonly SetupPart[] => {
  const client = createHubSpotClient(options)
  const shared = options.shared ?? neededProperties(sharedMetadata())
  return [
    together(contactSetup(client), sharedPropertiesSetup(client, 'contacts', shared.contacts)),
    ...(shared.companies.length > 0 ? [sharedPropertiesSetup(client, 'companies', shared.companies)] : []),
    ...(options.sharesTasks ? [taskSetup(client)] : []),
    marketingSetup(client),
    eventSetup(client),
  ]
}
